//! The report: made, waited for, downloaded.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use tests::{Response, ScriptedServer, TestHome, test_home::ME};

const REPORT: &str = "create_report_retrieve";
const CSV: &str = "tenant.id,usage\r\n\"a, b\",0.10\r\n";

fn created() -> Response {
    Response::json(201, json!({ "id": "report-1" }))
}

fn stored(status: &str) -> Response {
    Response::json(
        200,
        json!({ "items": [{ "id": "stored-1", "status": status }] }),
    )
}

#[test]
fn a_report_is_awaited_and_kept_byte_by_byte() {
    let server = ScriptedServer::new([
        created(),
        Response::no_items(),
        Response::json(200, json!({ "items": null })),
        stored("in_progress"),
        stored("saved"),
        Response::empty(200).body("application/octet-stream", CSV),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.run(REPORT).success();

    insta::assert_snapshot!(outcome, @"The report is in report_for_tenant_my-tenant.csv, 1 line");
    insta::assert_snapshot!(server.conversation(), @r#"
    POST /api/2/reports
      authorization: Bearer kept-t0ken
      content-type: application/json
      {"parameters":{"kind":"usage_current","tenant_id":"my-tenant","level":"accounts","formats":["csv_v2_0"]},"schedule":{"type":"once"},"result_action":"save"}
    GET /api/2/reports/report-1/stored
      authorization: Bearer kept-t0ken
    GET /api/2/reports/report-1/stored
      authorization: Bearer kept-t0ken
    GET /api/2/reports/report-1/stored
      authorization: Bearer kept-t0ken
    GET /api/2/reports/report-1/stored
      authorization: Bearer kept-t0ken
    GET /api/2/reports/report-1/stored/stored-1
      authorization: Bearer kept-t0ken
    "#);
    assert_eq!(home.text(&format!("report_for_tenant_{ME}.csv")), CSV);
    insta::assert_snapshot!(home.names(), @"
    api_client.json
    api_token.json
    cyber.platform.cfg.json
    report_for_tenant_my-tenant.csv
    ");
}

#[test]
fn a_report_that_comes_packed_is_unpacked() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(CSV.as_bytes()).expect("memory takes it");
    let packed = packed.finish().expect("memory takes it");
    let server = ScriptedServer::new([
        created(),
        stored("saved"),
        Response::empty(200)
            .header("Content-Encoding", "gzip")
            .body("application/octet-stream", packed),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    home.run(REPORT).success();

    assert_eq!(server.calls().len(), 3);
    assert_eq!(home.text(&format!("report_for_tenant_{ME}.csv")), CSV);
}

#[test]
fn a_download_is_tried_again_with_a_new_token() {
    let server = ScriptedServer::new([
        created(),
        stored("saved"),
        Response::empty(401),
        Response::token("new-t0ken"),
        Response::empty(200).body("application/octet-stream", CSV),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    home.run(REPORT).success();

    assert_eq!(server.calls().len(), 5);
    assert_eq!(home.text(&format!("report_for_tenant_{ME}.csv")), CSV);
}

#[test]
fn a_report_that_failed_is_not_waited_for() {
    let server = ScriptedServer::new([created(), stored("failed")]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(REPORT).refused(1);

    insta::assert_snapshot!(outcome, @"
    ! error: looking for the report: the platform could not make the report: its status is failed
    ! help: Run it again for a new report.
    ! done: creating the report
    ! next: the platform makes the report all the same, and it harms nobody. Run it again for another one.
    exit 1
    ");
    assert_eq!(server.calls().len(), 2);
}

#[test]
fn a_report_that_never_comes_is_given_up() {
    let server = ScriptedServer::new([created()]).from_then_on(stored("in_progress"));
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home
        .example(REPORT)
        .env("CYBER_PLATFORM_WAIT_SECONDS", "1")
        .refused(1);

    insta::assert_snapshot!(outcome, @"
    ! error: looking for the report: waited 1 s for the report, in vain
    ! help: Try again later, or wait longer: wait_seconds in cyber.platform.cfg.json.
    ! done: creating the report
    ! next: the platform makes the report all the same, and it harms nobody. Run it again for another one.
    exit 1
    ");
    // It has looked more than once, and not all the time.
    let looks = server.calls().len() - 1;
    assert!((2..10).contains(&looks), "{looks}");
}

const SKU_REPORT: &str = "create_sku_report_retrieve";

#[test]
fn a_report_with_article_numbers_is_about_the_last_whole_month() {
    let server = ScriptedServer::new([
        created(),
        Response::no_items(),
        stored("saved"),
        Response::empty(200).body("application/octet-stream", CSV),
    ]);
    let home = TestHome::new(&server.url()).signed_in();
    let (start, end) = common::last_month();
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(&start.to_string(), "START");
    settings.add_filter(&end.to_string(), "END");
    let _redacted = settings.bind_to_scope();

    let outcome = home.run(SKU_REPORT).success();

    insta::assert_snapshot!(outcome, @"The report from START to END is in sku_report_for_tenant_my-tenant.csv, 1 line");
    insta::assert_snapshot!(server.conversation(), @r#"
    POST /api/2/reports
      authorization: Bearer kept-t0ken
      content-type: application/json
      {"parameters":{"kind":"usage_summary","tenant_id":"my-tenant","level":"direct_partners","show_skus":true,"hide_zero_usage":false,"period":{"start":"START","end":"END"},"formats":["csv_v2_0"]},"schedule":{"type":"once"},"result_action":"save"}
    GET /api/2/reports/report-1/stored
      authorization: Bearer kept-t0ken
    GET /api/2/reports/report-1/stored
      authorization: Bearer kept-t0ken
    GET /api/2/reports/report-1/stored/stored-1
      authorization: Bearer kept-t0ken
    "#);
    assert_eq!(home.text(&format!("sku_report_for_tenant_{ME}.csv")), CSV);
}

#[test]
fn a_report_with_article_numbers_that_failed_is_not_waited_for() {
    let server = ScriptedServer::new([created(), Response::no_items(), stored("failed")]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(SKU_REPORT).refused(1);

    assert!(outcome.stderr.contains("its status is failed"), "{outcome}");
    server.calls();
}

#[test]
fn a_report_with_article_numbers_needs_an_api_client() {
    let server = ScriptedServer::unused();

    let outcome = TestHome::new(&server.url()).example(SKU_REPORT).refused(2);

    assert!(
        outcome.stderr.contains("api_client.json is missing"),
        "{outcome}"
    );
    server.calls();
}
