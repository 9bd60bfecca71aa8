//! Reports.

use tests::{SandboxProcess, redactions};

use super::with_client;

#[test]
fn a_report_with_skus_has_a_sku_in_each_row() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox);
    sandbox.skip();

    let outcome = home.run("create_sku_report_retrieve").success();

    assert!(outcome.stdout.starts_with("Report from "), "{outcome}");
    insta::assert_snapshot!(sandbox.conversation(), @"
    POST /api/2/idp/token 200
    POST /api/2/reports 200
    GET /api/2/reports/ID/stored 200
    GET /api/2/reports/ID/stored/ID 200
    ");
    let me = home.file("api_client.json")["tenant_id"].clone();
    let report = home.text(&format!(
        "sku_report_for_tenant_{}.csv",
        me.as_str().expect("an id")
    ));
    let mut lines = report.lines();
    let columns: Vec<_> = lines.next().expect("a header").split(',').collect();
    assert_eq!(columns.last(), Some(&"sku"));
    let skus: Vec<_> = lines
        .map(|line| line.rsplit(',').next().expect("a field"))
        .collect();
    assert!(skus.len() > 10, "{report}");
    assert!(
        skus.iter().all(|sku| sku.starts_with("SANDBOX-")),
        "{report}"
    );
}
