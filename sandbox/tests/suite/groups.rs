//! Tenants by the integer ids of older services.

use crate::support::{Caller, SandboxFixture, id};
use serde_json::json;

fn group(group: impl std::fmt::Display) -> String {
    format!("/api/1/groups/{group}")
}

#[test]
fn group_is_found_by_uuid_and_by_number() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.bearer(), fixture.partner());
    let customer = fixture.tenant(&me, &top, "customer", "C");

    let found = fixture.get(&me, &group(id(&customer))).ok();

    assert!(found["id"].is_i64(), "{found}");
    assert_eq!(found["name"], "C");
    assert_eq!(found["version"], customer["version"]);
    assert_eq!(found["uuid"], customer["id"]);
    assert_eq!(fixture.get(&me, &group(&found["id"])).ok(), found);
    assert_eq!(fixture.get(&me, &group("self")).ok()["uuid"], json!(top));
}

#[test]
fn group_kind_is_a_number() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.bearer(), fixture.partner());
    let mut kinds = vec![];
    for kind in ["partner", "folder", "customer"] {
        let tenant = id(&fixture.tenant(&me, &top, kind, kind));
        kinds.push(fixture.get(&me, &group(tenant)).ok()["kind"].clone());
    }
    assert_eq!(kinds, [31, 32, 33]);
}

#[test]
fn rejects_unknown_and_inaccessible_groups() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.bearer(), fixture.partner());
    let one = id(&fixture.tenant(&me, &top, "customer", "C"));
    let other = id(&fixture.tenant(&me, &top, "customer", "D"));
    let beside = fixture.bearer_for(&other);
    let number = fixture.get(&me, &group(&one)).ok()["id"].clone();

    for nothing in [
        "99999999-9999-4999-8999-999999999999",
        "999999999",
        "-1",
        "x",
        "1.5",
    ] {
        assert_eq!(fixture.get(&me, &group(nothing)).status, 404, "{nothing}");
    }
    assert_eq!(fixture.get(&beside, &group(&one)).status, 403);
    assert_eq!(fixture.get(&beside, &group(&number)).status, 403);
    assert_eq!(fixture.get(&beside, &group(&other)).status, 200);
    assert_eq!(fixture.get(&Caller::Nobody, &group(&one)).status, 401);
}
