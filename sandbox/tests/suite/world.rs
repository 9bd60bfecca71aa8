//! The seeds: deterministic, and of the documented size.

use crate::support::demo::{DemoFixture, GOOGLE, demo};
use sandbox::{Options, Seed};
use serde_json::Value;

fn with_seed(seed: Seed) -> DemoFixture {
    DemoFixture::with(Options {
        seed: Some(seed),
        ..Options::default()
    })
}

/// The ids of a tenant and all its descendants, including personal tenants.
fn subtree(fixture: &DemoFixture, root: &str) -> Vec<Value> {
    fixture
        .get(&format!("tenants?subtree_root_id={root}&limit=5000"))
        .items()
}

#[test]
fn demo_seed_is_deterministic() {
    let world = || {
        let fixture = DemoFixture::new();
        let tenants = subtree(&fixture, &fixture.me);
        let shown = |tenant: &Value| {
            [
                "id",
                "parent_id",
                "name",
                "kind",
                "pricing_mode",
                "brand_id",
            ]
            .map(|field| tenant[field].clone())
        };
        tenants.iter().map(shown).collect::<Vec<_>>()
    };
    let once = world();
    assert!(once.len() > 10);
    assert_eq!(once, world());
}

#[test]
fn demo_seed_has_a_match_for_each_filter() {
    let fixture = DemoFixture::new();
    let items = fixture
        .get(&format!("tenants/{}/offering_items?edition=*", fixture.me))
        .items();
    assert!(items.len() >= 40);
    for edition in ["pck_per_gigabyte", "pck_per_workload", "standard"] {
        assert!(
            items.iter().any(|item| item["edition"] == edition),
            "{edition}"
        );
    }
    let google = |kind: &str| {
        items
            .iter()
            .any(|item| item["infra_id"] == GOOGLE && item["type"] == kind)
    };
    assert!(google("infra") && google("feature"));
    let modes = ["Alder Dental Practice", "Birch Logistics"].map(|name| {
        let pricing = fixture.get(&format!("tenants/{}/pricing", demo(name)));
        pricing.ok()["mode"].clone()
    });
    assert_eq!(modes, ["production", "trial"]);
    // A pack that a partner disabled can be enabled again.
    let path = format!(
        "tenants/{}/offering_items?edition=pck_per_gigabyte&status=0",
        demo("Blue Harbour Cloud")
    );
    let mut disabled = fixture.get(&path).items();
    assert_eq!(disabled.len(), 2);
    for item in &mut disabled {
        item["status"] = 1.into();
    }
    fixture.set(&demo("Blue Harbour Cloud"), &disabled).ok();
}

#[test]
fn every_demo_customer_obeys_the_rules() {
    let fixture = DemoFixture::new();
    for tenant in subtree(&fixture, &fixture.me) {
        if tenant["kind"] != "customer" {
            continue;
        }
        let id = tenant["id"].as_str().expect("an id");
        let items = fixture
            .get(&format!("tenants/{id}/offering_items?edition=*"))
            .items();
        assert!(items.len() > 20, "{}", tenant["name"]);
        // The rules of the API accept what the seed created.
        fixture.set(id, &items).ok();
        // Disabling and enabling applies each rule.
        let mut disabled = items.clone();
        for item in &mut disabled {
            item["status"] = 0.into();
        }
        fixture.set(id, &disabled).ok();
        fixture.set(id, &items).ok();
    }
}

#[test]
fn partner_seed_has_the_size_of_a_real_partner() {
    let fixture = with_seed(Seed::Partner);
    let tenants = subtree(&fixture, &fixture.me);
    let customers = tenants.iter().filter(|tenant| tenant["kind"] == "customer");
    assert_eq!(customers.count(), 74);
    assert_eq!(tenants.len(), 175);
    // The tree and the health check do not count the personal tenants of users.
    let health: Value = fixture.get("/_sandbox/health").ok();
    assert_eq!(health["counts"]["tenants"], 102);
    let items = fixture
        .get(&format!("tenants/{}/offering_items?edition=*", fixture.me))
        .items();
    assert_eq!(items.len(), 264);
    let ids: Vec<&str> = tenants
        .iter()
        .filter_map(|tenant| tenant["id"].as_str())
        .collect();
    let usages: usize = ids
        .chunks(100)
        .flat_map(|ids| {
            fixture
                .get(&format!("tenants/usages?tenants={}", ids.join(",")))
                .items()
        })
        .map(|tenant| tenant["usages"].as_array().expect("usages").len())
        .sum();
    assert_eq!(usages, 6_300);

    let agents: Value = fixture.get("/api/agent_manager/v2/agents?limit=1000").ok();
    assert_eq!(agents["items"].as_array().map(Vec::len), Some(342));
    // The number depends slightly on the time of day.
    for (list, size) in [("tasks", 40_000), ("activities", 55_000)] {
        let count: Value = fixture
            .get(&format!("/api/task_manager/v2/{list}?lod=count"))
            .ok();
        let count = count["size"].as_i64().expect("a number");
        assert!((count - size).abs() * 50 < size, "{list}: {count}");
    }
}

#[test]
fn seed_has_the_requested_number_of_tenants() {
    let fixture = DemoFixture::with(Options {
        seed: Some(Seed::Tenants(120)),
        ..Options::default()
    });
    assert_eq!(subtree(&fixture, &fixture.me).len(), 1 + 120);
}

#[test]
fn tenants_can_be_created_in_an_empty_world() {
    let fixture = with_seed(Seed::Empty);
    assert_eq!(subtree(&fixture, &fixture.me).len(), 1);
    let partner = fixture.tenant_with(&fixture.me, "partner", "pck_per_gigabyte");
    fixture.tenant_with(&partner, "customer", "pck_per_gigabyte");
}
