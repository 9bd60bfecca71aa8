//! Tenants: hierarchy, versions, locks, moves, deletion, lists.

use crate::support::{SandboxFixture, id, text};
use serde_json::{Value, json};

#[test]
fn tenant_is_created_and_read() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.bearer(), fixture.partner());
    let contact = json!({ "email": "a@b.example", "firstname": "A", "login": "x", "city": null });
    let created = fixture.post(
        &me,
        "/api/2/tenants",
        json!({ "name": "Acme", "parent_id": top, "kind": "customer", "contact": contact,
                "customer-id": null, "internal_tag": "t" }),
    );
    assert_eq!(created.status, 201, "{created:?}");
    let tenant = &created.body;
    assert_eq!(tenant["version"], 1);
    assert_eq!(tenant["pricing_mode"], "trial");
    assert_eq!(tenant["contact"]["email"], "a@b.example");
    assert_eq!(tenant["contact"]["lastname"], "");
    assert_eq!(tenant["has_children"], false);
    assert_eq!(
        tenant["update_lock"],
        json!({"enabled": false, "owner_id": null})
    );
    let read = fixture.get(&me, &format!("/api/2/tenants/{}", id(tenant)));
    assert_eq!(read.body, *tenant);
    let parent = fixture.get(&me, &format!("/api/2/tenants/{top}"));
    assert_eq!(parent.body["has_children"], true);
}

#[test]
fn rejects_parents_not_allowed_for_the_kind() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.admin(), fixture.partner());
    let mut by_kind = std::collections::BTreeMap::new();
    for kind in ["partner", "folder", "customer"] {
        by_kind.insert(kind, id(&fixture.tenant(&me, &top, kind, kind)));
    }
    by_kind.insert(
        "unit",
        id(&fixture.tenant(&me, &by_kind["customer"], "unit", "unit")),
    );
    let allowed = |kind: &str, parent: &str| match kind {
        "root" => false,
        "unit" => ["customer", "unit"].contains(&parent),
        _ => ["partner", "folder"].contains(&parent),
    };
    for kind in ["root", "partner", "folder", "customer", "unit"] {
        for (parent, parent_id) in &by_kind {
            let new = json!({ "name": format!("{kind} in {parent}"), "parent_id": parent_id, "kind": kind });
            let created = fixture.post(&me, "/api/2/tenants", new);
            let expected = if allowed(kind, parent) { 201 } else { 400 };
            assert_eq!(created.status, expected, "{kind} in {parent}: {created:?}");
        }
    }
}

#[test]
fn rejects_invalid_tenants() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.admin(), fixture.partner());
    let partner = fixture.tenant(&me, &top, "partner", "P");
    let new =
        |name: &str, parent: &str| json!({ "name": name, "parent_id": parent, "kind": "customer" });
    let rejected = fixture.post(&me, "/api/2/tenants", new("P", &top));
    assert_eq!((rejected.status, rejected.code()), (409, 1004));
    let unknown_tenant = "00000000-0000-4000-8000-000000000000";
    let missing = fixture.post(&me, "/api/2/tenants", new("X", unknown_tenant));
    assert_eq!((missing.status, missing.code()), (404, 1005));
    for name in ["", "   ", "tab\tin it", &"x".repeat(256)] {
        assert_eq!(
            fixture.post(&me, "/api/2/tenants", new(name, &top)).status,
            400
        );
    }
    let path = format!("/api/2/tenants/{}", id(&partner));
    fixture.put(&me, &path, json!({ "version": 1, "enabled": false }));
    let disabled = fixture.post(&me, "/api/2/tenants", new("X", &id(&partner)));
    assert_eq!((disabled.status, disabled.code()), (400, 1003));
}

#[test]
fn update_requires_the_current_version() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.admin(), fixture.partner());
    let path = format!(
        "/api/2/tenants/{}",
        id(&fixture.tenant(&me, &top, "customer", "C"))
    );
    assert_eq!(fixture.put(&me, &path, json!({ "name": "D" })).status, 400);
    // Older scripts send every value as a string.
    let loose = json!({ "version": "1", "enabled": "true", "contact": { "city": "Bern" } });
    let updated = fixture.put(&me, &path, loose);
    assert_eq!((updated.status, &updated.body["version"]), (200, &json!(2)));
    assert_eq!(updated.body["contact"]["city"], "Bern");
    let stale = fixture.put(&me, &path, json!({ "version": 1, "name": "D" }));
    assert_eq!((stale.status, stale.code()), (409, 1001));
    let merged = fixture.put(
        &me,
        &path,
        json!({ "version": 2, "contact": { "phone": "1" } }),
    );
    assert_eq!(merged.body["contact"]["city"], "Bern");
    assert_eq!(merged.body["contact"]["phone"], "1");
    assert_eq!(merged.body["name"], "C");
}

#[test]
fn lock_rejects_other_callers() {
    let fixture = SandboxFixture::new();
    let (admin, top) = (fixture.admin(), fixture.partner());
    let partner = id(&fixture.tenant(&admin, &top, "partner", "P"));
    let customer = id(&fixture.tenant(&admin, &partner, "customer", "C"));
    let own = fixture.bearer_for(&partner);
    let path = format!("/api/2/tenants/{customer}");
    let lock = json!({ "version": 1, "update_lock": { "owner_id": top, "enabled": "true" } });
    let locked = fixture.put(&admin, &path, lock);
    assert_eq!(
        locked.body["update_lock"],
        json!({ "enabled": true, "owner_id": top })
    );
    let rejected = fixture.put(&own, &path, json!({ "version": 2, "name": "D" }));
    assert_eq!((rejected.status, rejected.code()), (403, 1012));
    let rejected = fixture.delete(&own, &format!("{path}?version=2"));
    assert_eq!((rejected.status, rejected.code()), (403, 1012));
    assert_eq!(fixture.get(&own, &path).status, 200);
    let open = json!({ "version": 2, "update_lock": { "enabled": false } });
    let unlocked = fixture.put(&admin, &path, open);
    assert_eq!(
        unlocked.body["update_lock"],
        json!({ "enabled": false, "owner_id": null })
    );
    let renamed = fixture.put(&own, &path, json!({ "version": 3, "name": "D" }));
    assert_eq!(renamed.status, 200);
}

#[test]
fn tenant_is_disabled_deleted_and_restored() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.admin(), fixture.partner());
    let partner = id(&fixture.tenant(&me, &top, "partner", "P"));
    let customer = id(&fixture.tenant(&me, &partner, "customer", "C"));
    let path = format!("/api/2/tenants/{partner}");
    assert_eq!(fixture.delete(&me, &path).status, 400);
    let enabled = fixture.delete(&me, &format!("{path}?version=1"));
    assert_eq!((enabled.status, enabled.code()), (400, 1006));
    fixture.put(&me, &path, json!({ "version": 1, "enabled": "false" }));
    let stale = fixture.delete(&me, &format!("{path}?version=1"));
    assert_eq!((stale.status, stale.code()), (409, 1001));
    let deleted = fixture.delete(&me, &format!("{path}?version=2"));
    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    for gone in [&partner, &customer] {
        assert_eq!(
            fixture.get(&me, &format!("/api/2/tenants/{gone}")).status,
            404
        );
        let found = fixture.get(&me, &format!("/api/2/tenants/{gone}?allow_deleted=true"));
        assert!(found.body["deleted_at"].is_string());
    }
    // The name is free again. If it is taken, the tenant cannot be restored.
    fixture.tenant(&me, &top, "partner", "P");
    let restore = format!("{path}/restore");
    assert_eq!(fixture.post(&me, &restore, Value::Null).status, 409);
    assert_eq!(
        fixture
            .post(&me, &format!("{restore}?force=true"), Value::Null)
            .status,
        204
    );
    assert!(text(&fixture.get(&me, &path).body, "name").starts_with("P ("));
    assert_eq!(
        fixture
            .get(&me, &format!("/api/2/tenants/{customer}"))
            .status,
        200
    );
}

#[test]
fn moving_a_tenant_checks_kind_and_cycles() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.admin(), fixture.partner());
    let a = id(&fixture.tenant(&me, &top, "partner", "A"));
    let b = id(&fixture.tenant(&me, &top, "partner", "B"));
    let folder = id(&fixture.tenant(&me, &a, "folder", "F"));
    let customer = id(&fixture.tenant(&me, &folder, "customer", "C"));
    let other = id(&fixture.tenant(&me, &b, "customer", "D"));
    let unit = id(&fixture.tenant(&me, &customer, "unit", "U"));
    let move_to = |tenant: &str, to: &str| {
        let path = format!("/api/2/tenants/{tenant}");
        let version = fixture.get(&me, &path).body["version"].clone();
        fixture.put(&me, &path, json!({ "version": version, "parent_id": to }))
    };
    assert_eq!(move_to(&a, &folder).code(), 1007);
    assert_eq!(move_to(&customer, &other).code(), 1008);
    assert_eq!(move_to(&unit, &other).code(), 1008);
    let moved = move_to(&folder, &b);
    assert_eq!((moved.status, &moved.body["parent_id"]), (200, &json!(b)));
    let below = fixture.get(&me, &format!("/api/2/tenants?subtree_root_id={b}"));
    assert_eq!(below.body["items"].as_array().map(Vec::len), Some(5));
    assert_eq!(
        fixture.get(&me, &format!("/api/2/tenants/{a}")).body["has_children"],
        false
    );
    let path = format!("/api/2/tenants/{a}");
    fixture.put(&me, &path, json!({ "version": 1, "enabled": false }));
    assert_eq!(move_to(&folder, &a).code(), 1013);
    assert_eq!(move_to(&top, &a).status, 403);
}

#[test]
fn rejects_access_to_siblings_and_ancestors() {
    let fixture = SandboxFixture::new();
    let (admin, top) = (fixture.admin(), fixture.partner());
    let mine = id(&fixture.tenant(&admin, &top, "partner", "Mine"));
    let beside = id(&fixture.tenant(&admin, &top, "partner", "Beside"));
    let me = fixture.bearer_for(&mine);
    for foreign in [&beside, &top] {
        let path = format!("/api/2/tenants/{foreign}");
        for rejected in [
            fixture.get(&me, &path),
            fixture.get(&me, &format!("{path}/children")),
            fixture.get(&me, &format!("{path}/users")),
            fixture.put(&me, &path, json!({ "version": 1, "name": "X" })),
            fixture.delete(&me, &format!("{path}?version=1")),
            fixture.post(
                &me,
                "/api/2/tenants",
                json!({ "name": "X", "parent_id": foreign, "kind": "customer" }),
            ),
            fixture.get(&me, &format!("/api/2/tenants?parent_id={foreign}")),
        ] {
            assert_eq!(
                (rejected.status, rejected.code()),
                (403, 1002),
                "{rejected:?}"
            );
        }
    }
    let some = fixture.get(&me, &format!("/api/2/tenants?uuids={mine},{beside}"));
    assert_eq!(some.body["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn disabled_support_access_hides_the_content() {
    let fixture = SandboxFixture::new();
    let (admin, top) = (fixture.admin(), fixture.partner());
    let partner = id(&fixture.tenant(&admin, &top, "partner", "P"));
    let customer = id(&fixture.tenant(&admin, &partner, "customer", "C"));
    let path = format!("/api/2/tenants/{customer}");
    fixture.put(
        &admin,
        &path,
        json!({ "version": 1, "ancestral_access": false }),
    );
    assert_eq!(fixture.get(&admin, &path).status, 200);
    assert_eq!(fixture.get(&admin, &format!("{path}/children")).status, 403);
    let parent = fixture.client(&admin, &partner);
    let token = fixture.token(&parent.0, &parent.1);
    let parent = crate::support::Caller::Token(text(&token.body, "access_token"));
    assert_eq!(
        fixture.get(&parent, &format!("{path}/children")).status,
        200
    );
}

#[test]
fn children_are_sorted() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.admin(), fixture.partner());
    for name in ["beta", "Alpha", "gamma"] {
        fixture.tenant(&me, &top, "customer", name);
    }
    let names = |query: &str| {
        let response = fixture.get(
            &me,
            &format!("/api/2/tenants/{top}/children?include_details=true&{query}"),
        );
        let items = response.body["items"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        items
            .iter()
            .map(|item| text(item, "name"))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(""), ["Alpha", "beta", "gamma"]);
    assert_eq!(names("order=-name"), ["gamma", "beta", "Alpha"]);
    assert_eq!(names("order=as_is"), ["beta", "Alpha", "gamma"]);
    let ids = fixture.get(&me, &format!("/api/2/tenants/{top}/children"));
    assert!(ids.body["items"][0].is_string());
    let bad = fixture.get(&me, &format!("/api/2/tenants/{top}/children?order=size"));
    assert_eq!(bad.status, 400);
}

#[test]
fn next_page_continues_after_the_last_one() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.admin(), fixture.partner());
    for number in 0..7 {
        fixture.tenant(&me, &top, "customer", &format!("C{number}"));
    }
    let mut seen = Vec::new();
    let mut query = format!("subtree_root_id={top}&limit=3&lod=basic");
    loop {
        let page = fixture.get(&me, &format!("/api/2/tenants?{query}"));
        assert_eq!(page.status, 200, "{page:?}");
        let items = page.body["items"].as_array().cloned().unwrap_or_default();
        assert!(items.iter().all(|item| item.get("language").is_none()));
        seen.extend(items.iter().map(id));
        match page.body["paging"]["cursors"]["after"].as_str() {
            Some(after) => query = format!("after={after}"),
            None => break,
        }
        // A row that is added in between is not lost and does not repeat others.
        fixture.tenant(&me, &top, "customer", &format!("New {}", seen.len()));
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), all);
    assert!(all >= 8);
    for bad in [
        "",
        "parent_id=x",
        "after=nonsense",
        "uuids=",
        "limit=0&parent_id=1",
    ] {
        assert_eq!(
            fixture.get(&me, &format!("/api/2/tenants?{bad}")).status,
            400,
            "{bad}"
        );
    }
    let both = format!("/api/2/tenants?parent_id={top}&subtree_root_id={top}");
    assert_eq!(fixture.get(&me, &both).status, 400);
}
