//! Editions: their names, and switching between them.

use crate::support::demo::{BACKUP, DemoFixture, GOOGLE, demo, item, names};
use serde_json::{Value, json};

const NOTARY: &str = "f9c5744e-bd1a-36b6-b0f0-ecd7483e1796";

fn dry_run(tenant: &str, edition: &str) -> String {
    format!("tenants/{tenant}/edition?application_id={BACKUP}&target_edition={edition}")
}

fn target(edition: &str) -> Value {
    json!({ "application_id": BACKUP, "target_edition": edition })
}

#[test]
fn editions_are_listed_by_name() {
    let fixture = DemoFixture::new();
    let editions = fixture.get("editions").items();
    assert_eq!(editions.len(), 13);
    assert!(editions.contains(&json!("pck_per_gigabyte")));
}

#[test]
fn switching_a_customer_keeps_its_quotas() {
    let fixture = DemoFixture::new();
    let customer = fixture.tenant_with(&fixture.me, "customer", "pck_per_gigabyte");
    let mut limited = [item("pg_base_vms", 1), item("pg_pack_adv_dlp", 1)];
    for item in &mut limited {
        item["quota"] = json!({ "value": 5, "overage": 1, "version": 0 });
    }
    fixture.set(&customer, &limited).ok();

    let warnings = fixture.get(&dry_run(&customer, "pck_per_workload")).ok();
    assert!(
        warnings["warnings"]
            .as_array()
            .is_some_and(|warnings| warnings.contains(&json!("NewFeaturesBecomeAvailable")))
    );
    // A dry run changes nothing.
    let old = format!("tenants/{customer}/offering_items?edition=pck_per_gigabyte&status=1");
    assert_eq!(fixture.get(&old).items().len(), 27 + 7);

    let path = format!("tenants/{customer}/edition");
    let switched = fixture.put(&path, &target("pck_per_workload")).ok();
    assert_eq!(switched["warnings"], warnings["warnings"]);
    assert_eq!(switched["items"].as_array().map(Vec::len), Some(27));
    let new = format!("tenants/{customer}/offering_items?edition=pck_per_workload&status=1");
    let items = fixture.get(&new).items();
    assert_eq!(items.len(), 27 + 7);
    assert!(items.iter().all(|item| item["infra_id"] != GOOGLE));
    let quota = |name: &str| {
        let item = items.iter().find(|item| item["name"] == name);
        item.expect("the item")["quota"]["value"].clone()
    };
    assert_eq!(quota("pw_base_vms"), 5);
    assert_eq!(quota("pw_pack_adv_dlp"), Value::Null);
    // Of the old items only those without an edition remain.
    assert_eq!(fixture.get(&old).items().len(), 7);

    // Switching back works once; a second switch has no items to change.
    fixture.put(&path, &target("pck_per_gigabyte")).ok();
    let same = fixture.put(&path, &target("pck_per_gigabyte")).ok();
    assert_eq!(same["items"], json!([]));
}

#[test]
fn switching_keeps_the_usage() {
    let fixture = DemoFixture::new();
    let customer = demo("Fern Consulting");
    let storage = |fixture: &DemoFixture| {
        let usages = fixture.get(&format!("tenants/{customer}/usages")).items();
        let usage = usages
            .into_iter()
            .find(|usage| usage["usage_name"] == "storage");
        usage.expect("the storage")
    };
    let before = storage(&fixture);
    let path = format!("tenants/{customer}/edition");
    fixture.put(&path, &target("pck_per_workload")).ok();
    let after = storage(&fixture);
    assert_eq!(after["name"], "pw_base_storage");
    assert!(after["value"].as_i64() >= before["value"].as_i64());
}

#[test]
fn switching_from_an_old_edition_enables_required_items() {
    let fixture = DemoFixture::new();
    let customer = fixture.tenant_with(&fixture.me, "customer", "standard");
    let path = format!("tenants/{customer}/edition");
    let switched = fixture.put(&path, &target("pck_per_workload")).ok();
    let items = switched["items"].as_array().expect("items");
    assert!(names(items).contains(&"pw_base_dr_base"));
    assert!(
        switched["warnings"]
            .as_array()
            .is_some_and(|warnings| warnings.contains(&json!("OldFeaturesBecomeUnavailable")))
    );
}

#[test]
fn rejects_an_impossible_switch() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant_with(&fixture.me, "partner", "pck_per_gigabyte");
    let customer = fixture.tenant_with(&partner, "customer", "pck_per_gigabyte");
    let unavailable = fixture.get(&dry_run(&customer, "pck_per_workload"));
    assert_eq!(unavailable.rejection(), (400, 1021));
    let missing = &unavailable.body["error"]["context"]["offering_items"];
    assert!(
        missing
            .as_array()
            .is_some_and(|names| names.contains(&json!("pw_base_vms")))
    );
    let put = fixture.put(
        &format!("tenants/{customer}/edition"),
        &target("pck_per_workload"),
    );
    assert_eq!(put.rejection(), (400, 1021));

    assert_eq!(
        fixture.get(&dry_run(&customer, "gold")).rejection(),
        (400, 1027)
    );
    assert_eq!(
        fixture.get(&dry_run(&partner, "standard")).rejection(),
        (400, 1027)
    );
    assert_eq!(
        fixture.get(&dry_run(&fixture.me, "standard")).rejection(),
        (403, 1002)
    );
    let notary = json!({ "application_id": NOTARY, "target_edition": "standard" });
    let path = format!("tenants/{customer}/edition");
    assert_eq!(fixture.put(&path, &notary).rejection(), (400, 1027));
    assert_eq!(fixture.get(&path).rejection(), (400, 400));
    assert_eq!(fixture.put(&path, &json!({})).rejection(), (400, 400));
}
