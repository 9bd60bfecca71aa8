//! Tests of alerts: raising, filtering, paging, counting and dismissing.

#![allow(clippy::indexing_slicing, reason = "a panic is how a test fails")]

use crate::support::{By, SandboxFixture};
use serde_json::{Value, json};

const ALERTS: &str = "/api/alert_manager/v1/alerts";
const V1: &str = "/api/alert_manager/v1";

fn fixture(seed: sandbox::Seed) -> (SandboxFixture, By) {
    let fixture = SandboxFixture::with(sandbox::Options {
        seed,
        ..sandbox::Options::default()
    });
    let partner = fixture.partner();
    let (id, secret) = fixture.client(&fixture.admin(), &partner);
    let token = fixture.token(&id, &secret).body["access_token"].clone();
    let by = By::Token(token.as_str().expect("a token").to_owned());
    (fixture, by)
}

fn items(fixture: &SandboxFixture, by: &By, path: &str) -> Vec<Value> {
    let response = fixture.get(by, path);
    assert_eq!(response.status, 200, "{path}: {response:?}");
    response.body["items"].as_array().expect("items").clone()
}

fn raise(fixture: &SandboxFixture, by: &By, body: Value) -> String {
    let response = fixture.post(by, ALERTS, body);
    assert_eq!(response.status, 200, "{response:?}");
    response.body["id"].as_str().expect("an id").to_owned()
}

#[test]
fn alert_is_raised_read_and_dismissed() {
    let (fixture, by) = fixture(sandbox::Seed::Empty);
    let id = raise(
        &fixture,
        &by,
        json!({ "type": "DrStorageHardQuotaExceeds" }),
    );
    let one = format!("{ALERTS}/{id}");
    let alert = fixture.get(&by, &one).body;
    assert_eq!(alert["severity"], "critical");
    assert_eq!(alert["createdAt"], alert["receivedAt"]);
    assert_eq!(alert["details"], json!({}));
    assert_eq!(fixture.get(&by, &format!("{V1}/stats")).body["count"], 1);

    assert_eq!(fixture.delete(&by, &one).status, 204);
    assert_eq!(fixture.get(&by, &one).status, 404);
    assert_eq!(fixture.delete(&by, &one).status, 404);
    let dismissed = fixture.get(&by, &format!("{one}?show_deleted=true")).body;
    assert_eq!(dismissed["deletedAt"], dismissed["updatedAt"]);
    assert!(items(&fixture, &by, ALERTS).is_empty());
    assert_eq!(
        items(&fixture, &by, &format!("{ALERTS}?show_deleted_only=true")).len(),
        1
    );

    assert_eq!(fixture.get(&by, &format!("{ALERTS}/x")).status, 400);
    assert_eq!(
        fixture
            .post(&by, ALERTS, json!({ "type": "NoBackupForXDays" }))
            .status,
        400
    );
    assert_eq!(
        fixture
            .post(&by, ALERTS, json!({ "type": "X", "severity": "bad" }))
            .status,
        400
    );
    assert_eq!(fixture.get(&By::Nobody, ALERTS).status, 401);
}

#[test]
fn filters_compare_severities_and_nanoseconds() {
    let (fixture, by) = fixture(sandbox::Seed::Empty);
    for (number, severity) in ["ok", "information", "warning", "error", "critical"]
        .iter()
        .enumerate()
    {
        raise(
            &fixture,
            &by,
            json!({
                "type": "Test", "severity": severity, "createdAt": format!("2026-01-01T00:00:00.00000000{number}Z"),
                "details": { "planName": format!("Plan {number}"), "resourceId": "AbC" },
            }),
        );
    }
    let found = |query: &str| {
        let items = items(
            &fixture,
            &by,
            &format!("{ALERTS}?order=asc(created_at)&{query}"),
        );
        items
            .iter()
            .map(|alert| alert["severity"].as_str().expect("it").to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let start = 1_767_225_600_000_000_000_i64;
    assert_eq!(
        found(&format!("created_at=gt({})", start + 2)),
        "error critical"
    );
    assert_eq!(found(&format!("created_at={start}")), "ok");
    assert_eq!(found("severity=ge(error)"), "error critical");
    assert_eq!(found("severity=lt(warning)"), "ok information");
    assert_eq!(found("severity=or(ok,critical)"), "ok critical");
    assert_eq!(found("planName=plan%203"), "error");
    assert_eq!(
        found("planName=eq(Plan%202)&planName=4"),
        "warning critical"
    );
    assert_eq!(found("query=PLAN%201"), "information");
    assert_eq!(
        found("resourceId=or(aBc,x)&category=Other&type=Test"),
        "ok information warning error critical"
    );
    for bad in [
        "severity=worst",
        "created_at=gt(2026-01-01T00:00:00Z)",
        "order=size",
        "id=x",
        "limit=x",
    ] {
        assert_eq!(
            fixture.get(&by, &format!("{ALERTS}?{bad}")).status,
            400,
            "{bad}"
        );
    }
}

#[test]
fn pages_go_forward_and_back_while_alerts_are_raised() {
    let (fixture, by) = fixture(sandbox::Seed::Empty);
    let ids: Vec<String> = (0..7)
        .map(|_| raise(&fixture, &by, json!({ "type": "Test" })))
        .collect();
    let shown = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().expect("items");
        items
            .iter()
            .map(|alert| alert["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    let single = fixture
        .get(&by, &format!("{ALERTS}?limit=7&order=created_at"))
        .body;
    assert_eq!(single["paging"], json!({ "cursors": {} }));

    let page = |query: &str| {
        fixture
            .get(&by, &format!("{ALERTS}?limit=3&type=Test{query}"))
            .body
    };
    let mut seen = Vec::new();
    let first = page("");
    assert!(first["paging"]["cursors"].get("before").is_none());
    seen.extend(shown(&first));
    raise(&fixture, &by, json!({ "type": "Test" }));
    let second = page(&format!(
        "&after={}",
        first["paging"]["cursors"]["after"]
            .as_str()
            .expect("a cursor")
    ));
    seen.extend(shown(&second));
    let third = page(&format!(
        "&after={}",
        second["paging"]["cursors"]["after"]
            .as_str()
            .expect("a cursor")
    ));
    seen.extend(shown(&third));
    assert!(third["paging"]["cursors"].get("after").is_none());
    let mut expected = ids;
    expected.sort();
    seen.sort();
    assert_eq!(seen, expected);
    let back = page(&format!(
        "&before={}",
        third["paging"]["cursors"]["before"]
            .as_str()
            .expect("a cursor")
    ));
    assert_eq!(shown(&back), shown(&second));
}

#[test]
fn types_categories_and_counts_are_listed() {
    let (fixture, by) = fixture(sandbox::Seed::Demo);
    let types = items(&fixture, &by, &format!("{V1}/types"));
    let id = types[0]["id"].as_str().expect("an id");
    assert_eq!(fixture.get(&by, &format!("{V1}/types/{id}")).body, types[0]);
    assert!(
        items(&fixture, &by, &format!("{V1}/categories")).contains(&json!({ "name": "Backup" }))
    );

    let all = items(&fixture, &by, ALERTS);
    assert!(all.len() > 10);
    let count = fixture
        .get(
            &by,
            &format!("{V1}/count?embed_severities=true&embed_tenants=true"),
        )
        .body;
    assert_eq!(count["total"], all.len());
    let critical = all
        .iter()
        .filter(|alert| alert["severity"] == "critical")
        .count();
    assert_eq!(count["severities"]["critical"], critical);
    assert!(count["tenants"].as_array().expect("tenants").len() > 1);
    assert_eq!(
        fixture
            .get(&by, &format!("{V1}/count?embed_types=1&embed_categories=1"))
            .status,
        400
    );

    let failed = all
        .iter()
        .filter(|alert| alert["type"] == "BackupFailed")
        .count();
    assert!(failed > 0);
    assert_eq!(
        fixture
            .delete(&by, &format!("{V1}/types/BackupFailed"))
            .status,
        204
    );
    assert_eq!(items(&fixture, &by, ALERTS).len(), all.len() - failed);
    let resource = all[0]["details"]["resourceId"]
        .as_str()
        .expect("a resource");
    let status = items(
        &fixture,
        &by,
        &format!("{V1}/resource_status?id={resource}&id=none"),
    );
    assert_eq!(status[1], json!({ "id": "none", "severity": "ok" }));
    assert_eq!(fixture.delete(&by, ALERTS).status, 204);
    assert!(items(&fixture, &by, ALERTS).is_empty());
}

#[test]
fn registered_type_has_defaults_and_can_be_disabled() {
    let (fixture, by) = fixture(sandbox::Seed::Empty);
    let types = format!("{V1}/types");
    let new = json!({ "id": "DiskFull", "severity": "error", "category": "Storage", "alias": "Full",
                      "exportable": [{ "name": "disk", "acep_name": "disk_id" }], "other": 1 });
    let registered = fixture.post(&by, &types, json!({ "items": [new] }));
    assert_eq!(registered.status, 204, "{registered:?}");

    let path = format!("{types}/DiskFull");
    let mut expected = json!({
        "id": "DiskFull", "severity": "error", "enabled": true, "category": "Storage",
        "contextKeys": [], "searchableDetails": [], "supportedOS": ["ios", "linux", "macos", "windows"],
        "exportable": [{ "name": "disk", "acep_name": "disk_id" }], "alias": "Full",
    });
    assert_eq!(fixture.get(&by, &path).body, expected);
    assert_eq!(fixture.delete(&by, &path).status, 204);
    expected["enabled"] = false.into();
    assert_eq!(fixture.get(&by, &path).body, expected);

    for invalid in [
        json!({ "id": "", "severity": "error", "category": "Storage" }),
        json!({ "id": "DiskFull", "severity": "error" }),
        json!({ "id": "DiskFull", "severity": "fatal", "category": "Storage" }),
        json!({ "id": "DiskFull", "severity": "error", "category": "Storage", "contextKeys": 1 }),
    ] {
        let body = json!({ "items": [invalid] });
        assert_eq!(fixture.post(&by, &types, body).status, 400, "{invalid}");
    }
}
