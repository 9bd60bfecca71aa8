//! Reports on the real sandbox.

use tests::{Live, mask};

use crate::with_client;

#[test]
fn a_report_has_article_numbers() {
    let _masked = mask::all();
    let live = Live::start();
    let stage = with_client(&live);
    live.skip();

    let outcome = stage.run("create_sku_report_retrieve").success();

    assert!(outcome.stdout.starts_with("The report from "), "{outcome}");
    insta::assert_snapshot!(live.conversation(), @"
    POST /api/2/idp/token 200
    POST /api/2/reports 200
    GET /api/2/reports/ID/stored 200
    GET /api/2/reports/ID/stored/ID 200
    ");
    let me = stage.file("api_client.json")["tenant_id"].clone();
    let report = stage.text(&format!(
        "sku_report_for_tenant_{}.csv",
        me.as_str().expect("an id")
    ));
    let mut lines = report.lines();
    let columns: Vec<_> = lines.next().expect("a header").split(',').collect();
    assert_eq!(columns.last(), Some(&"sku"));
    let numbers: Vec<_> = lines
        .map(|line| line.rsplit(',').next().expect("a field"))
        .collect();
    assert!(numbers.len() > 10, "{report}");
    assert!(
        numbers.iter().all(|sku| sku.starts_with("SANDBOX-")),
        "{report}"
    );
}
