//! Tests of reports: ordering, polling, downloading, parsing.

#![expect(clippy::indexing_slicing, reason = "a panic is how a test fails")]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::support::demo::{DemoFixture, assert_same, demo, pretty, send};
use reqwest::Method;
use sandbox::Options;
use serde_json::{Value, json};

/// A sandbox in which a report takes milliseconds.
fn fast() -> DemoFixture {
    DemoFixture::with(Options {
        speed: 400.0,
        ..Options::default()
    })
}

fn report_request(tenant: &str, kind: &str, level: &str) -> Value {
    json!({
        "parameters": { "kind": kind, "tenant_id": tenant, "level": level, "formats": ["csv_v2_0"] },
        "schedule": { "type": "once" },
        "result_action": "save",
    })
}

/// Orders a report, waits until its first file is saved and returns its path.
fn create_report(fixture: &DemoFixture, request: &Value) -> String {
    let report = fixture.post("reports", request).ok();
    let id = report["id"].as_str().expect("an id");
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let files = fixture.get(&format!("reports/{id}/stored")).items();
        if files[0]["status"] == "saved" {
            let file = files[0]["id"].as_str().expect("an id");
            return format!("reports/{id}/stored/{file}");
        }
        assert!(
            Instant::now() < deadline,
            "the report is not saved: {files:?}"
        );
    }
}

/// The lines of a CSV file as maps from column to value.
fn lines(csv: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let lines = reader.deserialize().collect::<Result<_, _>>();
    lines.expect("lines")
}

fn read(fixture: &DemoFixture, request: &Value) -> Vec<HashMap<String, String>> {
    let file = create_report(fixture, request);
    let body = fixture.get(&file).ok();
    lines(body.as_str().expect("text"))
}

#[test]
fn report_is_in_progress_at_first() {
    let fixture = DemoFixture::with(Options {
        speed: 0.01,
        ..Options::default()
    });
    let report = fixture.post(
        "reports",
        &report_request(&fixture.me, "usage_current", "accounts"),
    );
    assert_eq!(report.status, 200);
    let id = report.body["id"].as_str().expect("an id").to_owned();
    let files = fixture.get(&format!("reports/{id}/stored")).items();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0]["status"], "in_progress");
    assert_eq!(files[0]["report_format"], "csv_v2_0");
    assert_eq!(files[0].get("size"), None);
    let file = files[0]["id"].as_str().expect("an id");
    let early = fixture.get(&format!("reports/{id}/stored/{file}"));
    assert_eq!(early.rejection(), (404, 404));
}

#[test]
fn response_repeats_the_order() {
    let fixture = DemoFixture::new();
    let mut request = report_request(&fixture.me, "usage_summary", "direct_partners");
    request["parameters"]["period"] = json!({ "start": "2026-01-01", "end": "2026-01-31" });
    // Older clients send booleans as strings.
    request["parameters"]["show_skus"] = "true".into();
    request["parameters"]["hide_zero_usage"] = "false".into();
    let report = fixture.post("reports", &request).ok();
    let id = report["id"].as_str().expect("an id");
    assert_eq!(fixture.get(&format!("reports/{id}")).ok(), report);
    let mut shown = report.clone();
    shown["id"] = "ID".into();
    shown["generation_date"] = "TODAY".into();
    shown["parameters"]["tenant_id"] = "TENANT".into();
    insta::assert_snapshot!(pretty(&shown), @r#"
    {
      "id": "ID",
      "version": 1,
      "parameters": {
        "kind": "usage_summary",
        "tenant_id": "TENANT",
        "level": "direct_partners",
        "formats": [
          "csv_v2_0"
        ],
        "period": {
          "start": "2026-01-01",
          "end": "2026-01-31"
        },
        "hide_zero_usage": false,
        "show_skus": true
      },
      "schedule": {
        "type": "once",
        "enabled": true
      },
      "result_action": "save",
      "recipients": [],
      "generation_date": "TODAY"
    }
    "#);
}

#[test]
fn report_equals_the_usages() {
    let fixture = fast();
    assert_same(|| {
        let report = read(
            &fixture,
            &report_request(&fixture.me, "usage_current", "accounts"),
        );
        let mut reported = Vec::new();
        let mut used = Vec::new();
        for name in [
            "Alder Dental Practice",
            "Birch Logistics",
            "Northlight IT Services",
        ] {
            let tenant = demo(name);
            for line in report.iter().filter(|line| line["tenant.id"] == tenant) {
                assert_eq!(line["tenant.name"], name);
                let columns = [
                    "name",
                    "application.id",
                    "infra.id",
                    "usage.effective.total",
                    "usage.absolute.total",
                ];
                reported.push(columns.map(|column| line[column].clone()));
            }
            for usage in fixture.get(&format!("tenants/{tenant}/usages")).items() {
                let fields = [
                    "name",
                    "application_id",
                    "infra_id",
                    "value",
                    "absolute_value",
                ];
                used.push(fields.map(|field| plain(&usage[field])));
            }
        }
        assert!(used.len() > 70);
        (reported, used)
    });
}

/// The value as text in a CSV file.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn report_distinguishes_production_from_trial() {
    let fixture = fast();
    let report = read(
        &fixture,
        &report_request(&fixture.me, "usage_current", "all_customers"),
    );
    let number = |line: &HashMap<String, String>, column: &str| -> i64 {
        line[column].parse().expect("a number")
    };
    let mut kinds = 0;
    for line in &report {
        assert_eq!(line["tenant.kind"], "customer");
        for figure in ["absolute", "delta", "effective"] {
            let part = |of: &str| number(line, &format!("usage.{figure}.{of}"));
            assert_eq!(part("total"), part("production") + part("trial"));
            kinds |= i32::from(part("production") > 0) | (i32::from(part("trial") > 0) << 1);
        }
        if line["tenant.name"] == "Birch Logistics" {
            assert_eq!(line["usage.absolute.production"], "0");
        }
        let has_storage = !line["infra.id"].is_empty();
        assert_eq!(line["infra.owner_id"].is_empty(), !has_storage);
        assert_eq!(line["infra.backend_type"].is_empty(), !has_storage);
    }
    assert_eq!(kinds, 3, "both occur");
}

#[test]
fn level_selects_the_tenants() {
    let fixture = fast();
    let tenants = |level: &str| {
        let mut tenants: Vec<String> = read(
            &fixture,
            &report_request(&fixture.me, "usage_current", level),
        )
        .into_iter()
        .map(|line| line["tenant.name"].clone())
        .collect();
        tenants.dedup();
        tenants
    };
    assert_eq!(tenants("itself"), ["Sandbox Partner"]);
    assert_eq!(
        tenants("direct_partners"),
        [
            "Northlight IT Services",
            "Blue Harbour Cloud",
            "Fern Consulting",
            "Grove School"
        ]
    );
    assert_eq!(tenants("all_customers").len(), 7);
    assert_eq!(tenants("all_partners").len(), 9);
    assert_eq!(tenants("accounts").len(), 10);
}

#[test]
fn zeros_can_be_hidden_and_skus_shown() {
    let fixture = fast();
    let mut request = report_request(&fixture.me, "usage_current", "itself");
    let all = read(&fixture, &request);
    assert!(!all[0].contains_key("sku"));
    request["parameters"]["hide_zero_usage"] = true.into();
    request["parameters"]["show_skus"] = true.into();
    let used = read(&fixture, &request);
    assert!(used.len() < all.len());
    assert!(
        used.iter()
            .all(|line| line["usage.absolute.total"] != "0" || line["usage.delta.total"] != "0")
    );
    assert!(used.iter().all(|line| line["sku"].starts_with("SANDBOX-")));
}

#[test]
fn report_on_a_past_period_shows_the_usage_at_its_end() {
    let fixture = fast();
    let tenant = demo("Alder Dental Practice");
    let today: Value = fixture
        .post(
            "reports",
            &report_request(&tenant, "usage_current", "itself"),
        )
        .ok();
    let today = today["generation_date"]
        .as_str()
        .expect("a date")
        .to_owned();
    let month = &today[..7];
    let mut request = report_request(&tenant, "usage_daily", "itself");
    request["parameters"]["period"] =
        json!({ "start": format!("{month}-01"), "end": format!("{month}-01") });
    let first = read(&fixture, &request);
    let storage = |lines: &[HashMap<String, String>]| {
        lines
            .iter()
            .find(|line| line["name"] == "pg_base_storage")
            .expect("the storage")
            .clone()
    };
    let day = storage(&first);
    assert_eq!(day["date"], format!("{month}-01"));
    if !today.ends_with("-01") {
        // 4 workstations, 300 MiB each.
        assert_eq!(
            day["usage.delta.total"],
            (4 * 300 * 1024 * 1024_i64).to_string()
        );
    }
    let mut request = report_request(&tenant, "usage_summary", "itself");
    request["parameters"]["period"] =
        json!({ "start": format!("{month}-01"), "end": format!("{month}-01") });
    let summary = storage(&read(&fixture, &request));
    assert_eq!(summary["usage.absolute.total"], day["usage.absolute.total"]);
}

#[test]
fn file_is_compressed_if_the_client_accepts_gzip() {
    let fixture = fast();
    let file = create_report(
        &fixture,
        &report_request(&fixture.me, "usage_current", "itself"),
    );
    let fetch = |encoding: &str| {
        let request = fixture
            .call(Method::GET, &file)
            .header("accept-encoding", encoding);
        let response = request.send().expect("a response");
        assert_eq!(
            response.headers()["content-type"],
            "application/octet-stream"
        );
        let gzipped = response.headers().get("content-encoding").cloned();
        (gzipped, response.bytes().expect("a body"))
    };
    for encoding in ["gzip", "deflate, gzip;q=0.5", "*"] {
        let (gzipped, body) = fetch(encoding);
        assert_eq!(gzipped.expect("an encoding"), "gzip", "{encoding}");
        assert_eq!(&body[..2], b"\x1f\x8b");
    }
    for encoding in ["identity", "gzip;q=0", "br"] {
        let (gzipped, body) = fetch(encoding);
        assert_eq!(gzipped, None, "{encoding}");
        assert!(body.starts_with(b"tenant.id,tenant.name,"));
    }
    let (id, _) = file.split_once("/stored").expect("a file");
    let files = fixture.get(&format!("{id}/stored")).items();
    let size = files[0]["size"].as_u64().expect("a size");
    assert_eq!(size, fetch("gzip").1.len() as u64);
}

#[test]
fn report_can_be_json() {
    let fixture = fast();
    let mut request = report_request(&fixture.me, "usage_current", "accounts");
    request["parameters"]["formats"] = json!(["json_v2_0", "csv_v2_0"]);
    let body = fixture.get(&create_report(&fixture, &request)).ok();
    assert_eq!(body["parameters"]["kind"], "usage_current");
    let tenants = body["tenants"].as_array().expect("tenants");
    assert_eq!(tenants.len(), 10);
    assert_eq!(tenants[0]["name"], "Sandbox Partner");
    assert!(tenants[0]["usages"][0]["absolute"]["total"].is_i64());
}

#[test]
fn format_defaults_to_csv() {
    let fixture = DemoFixture::new();
    let mut request = report_request(&fixture.me, "usage_current", "itself");
    request["parameters"] =
        json!({ "kind": "usage_current", "tenant_id": fixture.me, "level": "itself" });
    let report = fixture.post("reports", &request).ok();
    assert_eq!(report["parameters"]["formats"], json!(["csv_v2_0"]));
}

#[test]
fn deleting_a_report_requires_the_current_version() {
    let fixture = DemoFixture::new();
    let report = fixture
        .post(
            "reports",
            &report_request(&fixture.me, "usage_current", "itself"),
        )
        .ok();
    let id = report["id"].as_str().expect("an id");
    let list = format!("tenants/{}/reports", fixture.me);
    assert_eq!(fixture.get(&list).items(), [json!(id)]);
    assert_eq!(
        fixture.delete(&format!("reports/{id}")).rejection(),
        (400, 400)
    );
    assert_eq!(
        fixture
            .delete(&format!("reports/{id}?version=7"))
            .rejection(),
        (409, 1001)
    );
    assert_eq!(
        fixture.delete(&format!("reports/{id}?version=1")).status,
        204
    );
    assert_eq!(
        fixture
            .delete(&format!("reports/{id}?version=1"))
            .rejection(),
        (404, 404)
    );
    assert_eq!(
        fixture.get(&format!("reports/{id}/stored")).rejection(),
        (404, 404)
    );
    assert!(fixture.get(&list).items().is_empty());
}

#[test]
fn rejects_invalid_orders() {
    let fixture = DemoFixture::new();
    let order_with = |change: &dyn Fn(&mut Value)| {
        let mut request = report_request(&fixture.me, "usage_summary", "itself");
        change(&mut request);
        fixture.post("reports", &request).rejection()
    };
    let period = |start: &str, end: &str| {
        let period = json!({ "start": start, "end": end });
        order_with(&|request| request["parameters"]["period"] = period.clone())
    };
    assert_eq!(period("2026-01-31", "2026-01-01"), (400, 400));
    assert_eq!(period("2026-01-01", "2999-01-01"), (400, 400));
    assert_eq!(period("January", "2026-01-31"), (400, 400));
    assert_eq!(period("2026-02-30", "2026-03-01"), (400, 400));
    assert_eq!(
        order_with(&|request| request["parameters"]["kind"] = "usage_guess".into()),
        (400, 400)
    );
    assert_eq!(
        order_with(&|request| request["parameters"]["level"] = "all".into()),
        (400, 400)
    );
    assert_eq!(
        order_with(&|request| request["parameters"]["formats"] = json!(["xlsx"])),
        (400, 400)
    );
    assert_eq!(
        order_with(&|request| request["parameters"]["show_skus"] = "maybe".into()),
        (400, 400)
    );
    assert_eq!(
        order_with(&|request| request["schedule"]["type"] = "daily".into()),
        (400, 400)
    );
    assert_eq!(
        order_with(&|request| request["generation_date"] = "soon".into()),
        (400, 400)
    );
    assert_eq!(
        order_with(&|request| request["recipients"] = json!([fixture.me])),
        (400, 400)
    );
    assert_eq!(
        order_with(&|request| request["result_action"] = Value::Null),
        (400, 400)
    );
    assert_eq!(
        order_with(&|request| request["parameters"]["tenant_id"] = demo("root").into()),
        (403, 1002)
    );
    let unknown_tenant = "00000000-0000-4000-8000-000000000000";
    assert_eq!(
        order_with(&|request| request["parameters"]["tenant_id"] = unknown_tenant.into()),
        (404, 1005)
    );
    let monthly = |request: &mut Value| {
        request["schedule"]["type"] = "monthly".into();
        request["generation_date"] = "2026-01-01".into();
    };
    assert_eq!(order_with(&monthly), (400, 400));
    let mut daily = report_request(&fixture.me, "usage_daily", "itself");
    daily["parameters"]["period"] = json!({ "start": "2020-01-01", "end": "2026-01-01" });
    assert_eq!(fixture.post("reports", &daily).rejection(), (400, 400));
}

#[test]
fn unsupported_report_returns_501() {
    let fixture = DemoFixture::new();
    let order_with = |change: &dyn Fn(&mut Value)| {
        let mut request = report_request(&fixture.me, "usage_current", "itself");
        change(&mut request);
        fixture.post("reports", &request).rejection()
    };
    for format in ["csv", "html", "json_v1"] {
        let rejected = order_with(&|request| request["parameters"]["formats"] = json!([format]));
        assert_eq!(rejected, (501, 501), "{format}");
    }
    assert_eq!(
        order_with(&|request| request["schedule"]["type"] = "monthly".into()),
        (501, 501)
    );
    assert_eq!(
        order_with(&|request| request["result_action"] = "send".into()),
        (501, 501)
    );
    assert_eq!(
        order_with(&|request| request["parameters"]["kind"] = "usage_breakdown".into()),
        (501, 501)
    );
}

#[test]
fn reports_require_a_token() {
    let fixture = DemoFixture::new();
    let request = report_request(&fixture.me, "usage_current", "itself");
    let rejected = send(fixture.basic(Method::POST, "reports").json(&request));
    assert_eq!(rejected.rejection(), (401, 401));
}
