//! Ordering a report, waiting for it, downloading it.

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
    Response::items(json!([{ "id": "stored-1", "status": status }]))
}

#[test]
fn waits_for_a_report_and_saves_its_bytes() {
    let server = ScriptedServer::new([
        created(),
        Response::no_items(),
        // The id may be absent, and the status may be a new one, until the file is saved.
        Response::items(json!([{ "status": "in_progress" }])),
        stored("paused"),
        stored("saved"),
        Response::empty(200).body("application/octet-stream", CSV),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.run(REPORT).success();

    insta::assert_snapshot!(outcome, @"Report with 1 row saved in report_for_tenant_my-tenant.csv");
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
fn decompresses_a_report() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed
        .write_all(CSV.as_bytes())
        .expect("memory can be written");
    let packed = packed.finish().expect("memory can be written");
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
fn retries_a_download_with_a_new_token() {
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
fn a_failed_report_ends_the_wait() {
    let server = ScriptedServer::new([created(), stored("failed")]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(REPORT).refused(1);

    insta::assert_snapshot!(outcome, @"
    ! error: wait for the report report-1: the platform could not generate it
    ! help: Run the example again to order a new report.
    ! done: order the report
    ! next: the platform still generates the report; this is harmless. Run the example again for a new one.
    exit 1
    ");
    assert_eq!(server.calls().len(), 2);
}

#[test]
fn a_saved_report_without_an_id_is_an_error() {
    let saved = json!({ "items": [{ "status": "saved" }] });
    let server = ScriptedServer::new([created(), Response::json(200, saved)]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(REPORT).refused(1);

    let expected =
        "GET /api/2/reports/report-1/stored: unexpected response: items[0]: missing field `id`";
    assert!(outcome.stderr.contains(expected), "{outcome}");
    assert_eq!(server.calls().len(), 2);
}

#[test]
fn times_out_if_the_report_is_never_saved() {
    let server = ScriptedServer::new([created()]).from_then_on(stored("in_progress"));
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home
        .example(REPORT)
        .env("CYBER_PLATFORM_WAIT_SECONDS", "1")
        .refused(1);

    insta::assert_snapshot!(outcome, @"
    ! error: wait for the report report-1: timed out after 1 s
    ! help: Try again later, or increase wait_seconds in cyber.platform.cfg.json.
    ! done: order the report
    ! next: the platform still generates the report; this is harmless. Run the example again for a new one.
    exit 1
    ");
    // It polls more than once, with pauses.
    let polls = server.calls().len() - 1;
    assert!((2..10).contains(&polls), "{polls}");
}

const SKU_REPORT: &str = "create_sku_report_retrieve";

#[test]
fn orders_a_sku_report_of_the_last_full_month() {
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

    insta::assert_snapshot!(outcome, @"Report from START to END with 1 row saved in sku_report_for_tenant_my-tenant.csv");
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
fn a_failed_sku_report_ends_the_wait() {
    let server = ScriptedServer::new([created(), Response::no_items(), stored("failed")]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(SKU_REPORT).refused(1);

    assert!(
        outcome
            .stderr
            .contains("wait for the report report-1: the platform could not generate it"),
        "{outcome}"
    );
    server.calls();
}

#[test]
fn a_sku_report_needs_an_api_client() {
    let server = ScriptedServer::unused();

    let outcome = TestHome::new(&server.url()).example(SKU_REPORT).refused(2);

    assert!(
        outcome.stderr.contains("api_client.json is missing"),
        "{outcome}"
    );
    server.calls();
}
