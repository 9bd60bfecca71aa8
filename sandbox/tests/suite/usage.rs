//! Usage: figures that grow, sums of partners, zeros of new tenants.

use std::collections::BTreeMap;

use crate::support::demo::{DemoFixture, assert_same, demo};
use serde_json::Value;

fn usages(fixture: &DemoFixture, tenant: &str) -> Vec<Value> {
    fixture.get(&format!("tenants/{tenant}/usages")).items()
}

/// The value of each item and storage.
fn values(usages: &[Value]) -> BTreeMap<String, i64> {
    usages
        .iter()
        .map(|usage| {
            let key = format!("{} {}", usage["name"], usage["infra_id"]);
            (key, usage["value"].as_i64().expect("an integer"))
        })
        .collect()
}

#[test]
fn usage_has_the_fields_of_the_platform() {
    let fixture = DemoFixture::new();
    let alder = usages(&fixture, &demo("Alder Dental Practice"));
    let storage = alder
        .iter()
        .find(|usage| usage["name"] == "pg_base_storage")
        .expect("the storage");
    assert_eq!(storage["usage_name"], "storage");
    assert_eq!(storage["edition"], "pck_per_gigabyte");
    assert_eq!(storage["type"], "infra");
    assert_eq!(storage["measurement_unit"], "bytes");
    assert_eq!(storage["tenant_uuid"], *demo("Alder Dental Practice"));
    assert!(storage["tenant_id"].is_i64());
    assert!(
        storage["range_start"]
            .as_str()
            .is_some_and(|time| time.ends_with("-01T00:00:00"))
    );
    assert_eq!(storage["absolute_value"], storage["value"]);
    assert_eq!(storage["offering_item"]["status"], 1);
    assert_eq!(storage["offering_item"]["quota"]["version"], 0);
    let seats = alder
        .iter()
        .find(|usage| usage["name"] == "pg_base_m365_mailboxes")
        .expect("the feature");
    assert_eq!(seats.get("infra_id"), None);
    assert_eq!(seats["offering_item"].get("quota"), None);
}

#[test]
fn usage_grows_over_time() {
    assert_same(|| {
        let fixture = DemoFixture::new();
        let alder = values(&usages(&fixture, &demo("Alder Dental Practice")));
        let storage = alder
            .into_iter()
            .find(|(item, _)| item.contains("pg_base_storage"));
        // 4 workstations with 40 GiB each, which grow by 300 MiB per day for 200 days.
        let expected = 4 * (40 * 1024 + 300 * 200) * 1024 * 1024_i64;
        (storage.map(|(_, value)| value), Some(expected))
    });
}

#[test]
fn usage_of_a_partner_is_the_sum_of_its_descendants() {
    let fixture = DemoFixture::new();
    assert_same(|| {
        let customers = [
            "Alder Dental Practice",
            "Birch Logistics",
            "Cedar Law Office",
        ];
        let below = customers.map(|name| values(&usages(&fixture, &demo(name))));
        let partner = values(&usages(&fixture, &demo("Northlight IT Services")));
        assert!(partner.values().any(|value| *value > 0));
        let sums = partner.keys().map(|item| {
            let sum = below.iter().filter_map(|values| values.get(item)).sum();
            (item.clone(), sum)
        });
        (sums.collect(), partner)
    });
}

#[test]
fn new_tenant_has_no_usage() {
    let fixture = DemoFixture::new();
    let customer = fixture.tenant(&fixture.me, "customer");
    assert!(usages(&fixture, &customer).is_empty());
    let customer = fixture.tenant_with(&fixture.me, "customer", "pck_per_workload");
    let fresh = usages(&fixture, &customer);
    assert_eq!(fresh.len(), 38);
    assert!(
        fresh
            .iter()
            .all(|usage| usage["value"] == 0 && usage["absolute_value"] == 0)
    );
}

#[test]
fn filters_limit_the_list() {
    let fixture = DemoFixture::new();
    let list = |query: &str| {
        fixture
            .get(&format!("tenants/{}/usages?{query}", fixture.me))
            .items()
    };
    let named = list("usage_names=storage,vms");
    assert!(named.len() > 10);
    assert!(
        named
            .iter()
            .all(|usage| usage["usage_name"] == "storage" || usage["usage_name"] == "vms")
    );
    let sold = list("editions=standard,pck_per_gigabyte");
    assert!(sold.iter().all(|usage| {
        let edition = &usage["edition"];
        edition.is_null() || edition == "standard" || edition == "pck_per_gigabyte"
    }));
}

#[test]
fn usages_of_many_tenants_are_read_in_one_call() {
    let fixture = DemoFixture::new();
    let (first, second) = (demo("Elm Bakery"), demo("Dune Architects"));
    assert_same(|| {
        let both = fixture
            .get(&format!("tenants/usages?tenants={first},{second}"))
            .items();
        assert_eq!(both.len(), 2);
        assert_eq!(both[1]["tenant"], *second);
        let batched = both[1]["usages"].as_array().expect("usages").clone();
        (batched, usages(&fixture, &second))
    });
    let encoded = fixture
        .get(&format!("tenants/usages?tenants={first}%2C{second}"))
        .items();
    assert_eq!(encoded.len(), 2);

    assert_eq!(fixture.get("tenants/usages").rejection(), (400, 400));
    assert_eq!(
        fixture.get("tenants/usages?tenants=all").rejection(),
        (400, 400)
    );
    let root = fixture.get(&format!("tenants/usages?tenants={first},{}", demo("root")));
    assert_eq!(root.rejection(), (403, 1002));
}

#[test]
fn rejects_usages_of_inaccessible_tenants() {
    let fixture = DemoFixture::new();
    let root = fixture.get(&format!("tenants/{}/usages", demo("root")));
    assert_eq!(root.rejection(), (403, 1002));
    let unknown = fixture.get("tenants/00000000-0000-4000-8000-000000000000/usages");
    assert_eq!(unknown.rejection(), (404, 1005));
}
