//! Applications: the list, those of a tenant, enabling and disabling.

use crate::support::demo::{BACKUP, DemoFixture, demo, item, names, send};
use reqwest::Method;
use serde_json::{Value, json};

const PLATFORM: &str = "7459244f-68f3-3bf4-9f53-5f63ecc1d91f";
const NOTARY: &str = "f9c5744e-bd1a-36b6-b0f0-ecd7483e1796";
const HCI: &str = "cc29685d-a9ca-3e87-a83d-069f18b588f0";

fn binding(application: &str, tenant: &str) -> String {
    format!("applications/{application}/bindings/tenants/{tenant}")
}

#[test]
fn exactly_one_application_is_the_platform() {
    let fixture = DemoFixture::new();
    let items = fixture.get("applications").items();
    let platforms: Vec<_> = items
        .iter()
        .filter(|application| application["type"] == "platform")
        .collect();
    assert_eq!(platforms.len(), 1);
    assert_eq!(platforms[0]["id"], PLATFORM);
    assert_eq!(items.len(), 6);

    let application = fixture.get(&format!("applications/{BACKUP}")).ok();
    assert_eq!(application["type"], "backup");
    assert_eq!(application["api_base_url"], "/bc/");
    assert!(
        application["usages"]
            .as_array()
            .is_some_and(|usages| usages.contains(&json!("storage")))
    );
    let unknown = fixture.get("applications/00000000-0000-4000-8000-000000000000");
    assert_eq!(unknown.rejection(), (404, 404));
    assert_eq!(
        send(fixture.as_nobody(Method::GET, "applications")).rejection(),
        (401, 401)
    );
}

#[test]
fn enabling_an_item_enables_its_application() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant(&fixture.me, "partner");
    let path = format!("tenants/{partner}/applications");
    assert_eq!(fixture.get(&path).items(), [json!(PLATFORM)]);
    fixture.set(&partner, &[item("vms", 1)]).ok();
    assert_eq!(fixture.get(&path).items(), [json!(PLATFORM), json!(BACKUP)]);
}

#[test]
fn disabling_an_application_removes_its_items() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant_with(&fixture.me, "partner", "pck_per_gigabyte");
    let customer = fixture.tenant_with(&partner, "customer", "pck_per_gigabyte");
    let disabled = fixture.delete(&binding(BACKUP, &partner));
    assert_eq!((disabled.status, disabled.body), (204, Value::Null));
    for tenant in [&partner, &customer] {
        let items = fixture
            .get(&format!("tenants/{tenant}/offering_items?edition=*"))
            .items();
        assert!(items.iter().all(|item| item["application_id"] != BACKUP));
        assert!(names(&items).contains(&"notary_storage"));
        let applications = fixture
            .get(&format!("tenants/{tenant}/applications"))
            .items();
        assert!(!applications.contains(&json!(BACKUP)));
    }
}

#[test]
fn application_is_enabled_only_if_the_parent_has_it() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant(&fixture.me, "partner");
    let customer = fixture.tenant(&partner, "customer");
    let on = |application: &str, tenant: &str| {
        // Clients send a Content-Type without a body.
        let request = fixture
            .call(Method::POST, &binding(application, tenant))
            .header("content-type", "application/json");
        send(request)
    };
    assert_eq!(on(NOTARY, &customer).rejection(), (400, 1026));
    assert_eq!(on(NOTARY, &partner).status, 204);
    assert_eq!(on(NOTARY, &customer).status, 204);
    assert_eq!(on(NOTARY, &customer).status, 204);
    assert_eq!(on(PLATFORM, &customer).status, 204);
    assert_eq!(on(HCI, &customer).rejection(), (400, 1026));
    let has = fixture
        .get(&format!("tenants/{customer}/applications"))
        .items();
    assert_eq!(has, [json!(PLATFORM), json!(NOTARY)]);
}

#[test]
fn platform_cannot_be_disabled() {
    let fixture = DemoFixture::new();
    let customer = demo("Elm Bakery");
    assert_eq!(
        fixture.delete(&binding(PLATFORM, &customer)).rejection(),
        (400, 1027)
    );
    let all: Vec<Value> = fixture
        .get(&format!("tenants/{customer}/applications"))
        .items();
    for id in all
        .iter()
        .filter_map(Value::as_str)
        .filter(|id| *id != PLATFORM)
    {
        assert_eq!(fixture.delete(&binding(id, &customer)).status, 204);
    }
    let left = fixture
        .get(&format!("tenants/{customer}/applications"))
        .items();
    assert_eq!(left, [json!(PLATFORM)]);
}

#[test]
fn rejects_callers_without_the_right() {
    let fixture = DemoFixture::new();
    let unknown = "00000000-0000-4000-8000-000000000000";
    assert_eq!(
        fixture.delete(&binding(BACKUP, &fixture.me)).rejection(),
        (403, 1002)
    );
    assert_eq!(
        fixture.delete(&binding(BACKUP, &demo("root"))).rejection(),
        (403, 1002)
    );
    assert_eq!(
        fixture.delete(&binding(BACKUP, unknown)).rejection(),
        (404, 1005)
    );
    assert_eq!(
        fixture
            .delete(&binding(unknown, &demo("Elm Bakery")))
            .rejection(),
        (404, 404)
    );
    assert_eq!(
        fixture
            .get(&format!("tenants/{unknown}/applications"))
            .rejection(),
        (404, 1005)
    );
}

#[test]
fn lock_protects_applications_items_and_edition() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant_with(&fixture.me, "partner", "*");
    let customer = fixture.tenant_with(&partner, "customer", "pck_per_gigabyte");
    let lock = json!({ "version": 1, "update_lock": { "enabled": true } });
    fixture.put(&format!("tenants/{customer}"), &lock).ok();

    let items = json!({ "offering_items": [item("pg_base_vms", 0)] });
    let target = json!({ "application_id": BACKUP, "target_edition": "pck_per_workload" });
    let edition = format!("tenants/{customer}/edition");
    let call = |method: Method, path: &str| fixture.as_client_of(&partner, method, path);
    for request in [
        call(Method::PUT, &format!("tenants/{customer}/offering_items")).json(&items),
        call(Method::PUT, &edition).json(&target),
        call(Method::DELETE, &binding(BACKUP, &customer)),
        call(Method::POST, &binding(NOTARY, &customer)),
    ] {
        assert_eq!(send(request).rejection(), (403, 1012));
    }

    // The owner of the lock may change everything.
    fixture.put(&edition, &target).ok();
    assert_eq!(fixture.delete(&binding(BACKUP, &customer)).status, 204);
}
