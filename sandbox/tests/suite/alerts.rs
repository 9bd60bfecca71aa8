//! Tests of alerts: raising, filtering, paging, counting and dismissing.

#![allow(clippy::indexing_slicing, reason = "a panic is how a test fails")]

use crate::support::{Caller, SandboxFixture};
use serde_json::{Value, json};

const ALERTS: &str = "/api/alert_manager/v1/alerts";
const V1: &str = "/api/alert_manager/v1";

fn fixture(seed: sandbox::Seed) -> (SandboxFixture, Caller) {
    let fixture = SandboxFixture::with(sandbox::Options {
        seed: Some(seed),
        ..sandbox::Options::default()
    });
    let caller = fixture.bearer();
    (fixture, caller)
}

fn items(fixture: &SandboxFixture, caller: &Caller, path: &str) -> Vec<Value> {
    fixture.get(caller, path).items()
}

fn raise(fixture: &SandboxFixture, caller: &Caller, body: Value) -> String {
    let response = fixture.post(caller, ALERTS, body);
    assert_eq!(response.status, 200, "{response:?}");
    response.body["id"].as_str().expect("an id").to_owned()
}

#[test]
fn alert_is_raised_read_and_dismissed() {
    let (fixture, caller) = fixture(sandbox::Seed::Empty);
    let id = raise(
        &fixture,
        &caller,
        json!({ "type": "DrStorageHardQuotaExceeds" }),
    );
    let path = format!("{ALERTS}/{id}");
    let alert = fixture.get(&caller, &path).body;
    assert_eq!(alert["severity"], "critical");
    assert_eq!(alert["createdAt"], alert["receivedAt"]);
    assert_eq!(alert["details"], json!({}));
    assert_eq!(
        fixture.get(&caller, &format!("{V1}/stats")).body["count"],
        1
    );

    assert_eq!(fixture.delete(&caller, &path).status, 204);
    assert_eq!(fixture.get(&caller, &path).status, 404);
    assert_eq!(fixture.delete(&caller, &path).status, 404);
    let dismissed = fixture
        .get(&caller, &format!("{path}?show_deleted=true"))
        .body;
    assert_eq!(dismissed["deletedAt"], dismissed["updatedAt"]);
    assert!(items(&fixture, &caller, ALERTS).is_empty());
    assert_eq!(
        items(
            &fixture,
            &caller,
            &format!("{ALERTS}?show_deleted_only=true")
        )
        .len(),
        1
    );

    assert_eq!(fixture.get(&caller, &format!("{ALERTS}/x")).status, 400);
    assert_eq!(
        fixture
            .post(&caller, ALERTS, json!({ "type": "NoBackupForXDays" }))
            .status,
        400
    );
    assert_eq!(
        fixture
            .post(&caller, ALERTS, json!({ "type": "X", "severity": "bad" }))
            .status,
        400
    );
    assert_eq!(fixture.get(&Caller::Nobody, ALERTS).status, 401);
}

#[test]
fn filters_compare_severities_and_nanoseconds() {
    let (fixture, caller) = fixture(sandbox::Seed::Empty);
    for (number, severity) in ["ok", "information", "warning", "error", "critical"]
        .iter()
        .enumerate()
    {
        raise(
            &fixture,
            &caller,
            json!({
                "type": "Test", "severity": severity, "createdAt": format!("2026-01-01T00:00:00.00000000{number}Z"),
                "details": { "planName": format!("Plan {number}"), "resourceId": "AbC" },
            }),
        );
    }
    let found = |query: &str| {
        let items = items(
            &fixture,
            &caller,
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
            fixture.get(&caller, &format!("{ALERTS}?{bad}")).status,
            400,
            "{bad}"
        );
    }
}

#[test]
fn pages_go_forward_and_back_while_alerts_are_raised() {
    let (fixture, caller) = fixture(sandbox::Seed::Empty);
    let ids: Vec<String> = (0..7)
        .map(|_| raise(&fixture, &caller, json!({ "type": "Test" })))
        .collect();
    let shown = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().expect("items");
        items
            .iter()
            .map(|alert| alert["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    let single = fixture
        .get(&caller, &format!("{ALERTS}?limit=7&order=created_at"))
        .body;
    assert_eq!(single["paging"], json!({ "cursors": {} }));

    let page = |query: &str| {
        fixture
            .get(&caller, &format!("{ALERTS}?limit=3&type=Test{query}"))
            .body
    };
    let mut seen = Vec::new();
    let first = page("");
    assert!(first["paging"]["cursors"].get("before").is_none());
    seen.extend(shown(&first));
    raise(&fixture, &caller, json!({ "type": "Test" }));
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
    let (fixture, caller) = fixture(sandbox::Seed::Demo);
    let types = items(&fixture, &caller, &format!("{V1}/types"));
    let id = types[0]["id"].as_str().expect("an id");
    assert_eq!(
        fixture.get(&caller, &format!("{V1}/types/{id}")).body,
        types[0]
    );
    assert!(
        items(&fixture, &caller, &format!("{V1}/categories"))
            .contains(&json!({ "name": "Backup" }))
    );

    let all = items(&fixture, &caller, ALERTS);
    assert!(all.len() > 10);
    let count = fixture
        .get(
            &caller,
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
            .get(
                &caller,
                &format!("{V1}/count?embed_types=1&embed_categories=1")
            )
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
            .delete(&caller, &format!("{V1}/types/BackupFailed"))
            .status,
        204
    );
    assert_eq!(items(&fixture, &caller, ALERTS).len(), all.len() - failed);
    let resource = all[0]["details"]["resourceId"]
        .as_str()
        .expect("a resource");
    let status = items(
        &fixture,
        &caller,
        &format!("{V1}/resource_status?id={resource}&id=none"),
    );
    assert_eq!(status[1], json!({ "id": "none", "severity": "ok" }));
    assert_eq!(fixture.delete(&caller, ALERTS).status, 204);
    assert!(items(&fixture, &caller, ALERTS).is_empty());
}

#[test]
fn registered_type_has_defaults_and_can_be_disabled() {
    let (fixture, caller) = fixture(sandbox::Seed::Empty);
    let types = format!("{V1}/types");
    let new = json!({ "id": "DiskFull", "severity": "error", "category": "Storage", "alias": "Full",
                      "exportable": [{ "name": "disk", "acep_name": "disk_id" }], "other": 1 });
    let registered = fixture.post(&caller, &types, json!({ "items": [new] }));
    assert_eq!(registered.status, 204, "{registered:?}");

    let path = format!("{types}/DiskFull");
    let mut expected = json!({
        "id": "DiskFull", "severity": "error", "enabled": true, "category": "Storage",
        "contextKeys": [], "searchableDetails": [], "supportedOS": ["ios", "linux", "macos", "windows"],
        "exportable": [{ "name": "disk", "acep_name": "disk_id" }], "alias": "Full",
    });
    assert_eq!(fixture.get(&caller, &path).body, expected);
    assert_eq!(fixture.delete(&caller, &path).status, 204);
    expected["enabled"] = false.into();
    assert_eq!(fixture.get(&caller, &path).body, expected);

    for invalid in [
        json!({ "id": "", "severity": "error", "category": "Storage" }),
        json!({ "id": "DiskFull", "severity": "error" }),
        json!({ "id": "DiskFull", "severity": "fatal", "category": "Storage" }),
        json!({ "id": "DiskFull", "severity": "error", "category": "Storage", "contextKeys": 1 }),
    ] {
        let body = json!({ "items": [invalid] });
        assert_eq!(fixture.post(&caller, &types, body).status, 400, "{invalid}");
    }
}
