//! Pricing: trial, production and versions.

use crate::support::demo::{DemoFixture, demo};
use serde_json::{Value, json};

fn pricing(tenant: &str) -> String {
    format!("tenants/{tenant}/pricing")
}

/// Whether it is the first of a month, at midnight.
fn first_of_month(time: &Value) -> bool {
    time.as_str()
        .is_some_and(|time| time.ends_with("-01T00:00:00"))
}

#[test]
fn new_customer_is_in_trial_until_the_first_of_a_month() {
    let fixture = DemoFixture::new();
    let customer = fixture.tenant(&fixture.me, "customer");
    let trial = fixture.get(&pricing(&customer)).ok();
    assert_eq!(trial["mode"], "trial");
    assert_eq!(trial["currency"], Value::Null);
    assert!(
        trial["version"]
            .as_i64()
            .is_some_and(|stamp| stamp > 1_500_000_000_000)
    );
    assert!(first_of_month(&trial["production_start_date"]));

    let partner = fixture.tenant(&fixture.me, "partner");
    let partner = fixture.get(&pricing(&partner)).ok();
    assert_eq!(partner["production_start_date"], Value::Null);
}

#[test]
fn production_is_final() {
    let fixture = DemoFixture::new();
    let customer = fixture.tenant(&fixture.me, "customer");
    let mut settings = fixture.get(&pricing(&customer)).ok();
    let trial = settings["version"].clone();
    settings["mode"] = "production".into();
    settings["currency"] = "USD".into();
    // The complete response is sent back, including read-only fields.
    let production = fixture.put(&pricing(&customer), &settings).ok();
    assert_eq!(production["mode"], "production");
    assert_eq!(production["currency"], "USD");
    assert!(production["version"].as_i64() > trial.as_i64());
    // Production starts now, not at the end of the trial.
    let start = |settings: &Value| {
        settings["production_start_date"]
            .as_str()
            .map(str::to_owned)
    };
    assert!(start(&production).is_some());
    assert!(start(&production) < start(&settings));
    assert_eq!(fixture.get(&pricing(&customer)).ok(), production);
    let tenant = fixture.get(&format!("tenants/{customer}")).ok();
    assert_eq!(tenant["pricing_mode"], "production");

    let stale = json!({ "version": trial, "mode": "production" });
    assert_eq!(
        fixture.put(&pricing(&customer), &stale).rejection(),
        (409, 1001)
    );
    let back = json!({ "version": production["version"], "mode": "trial" });
    assert_eq!(
        fixture.put(&pricing(&customer), &back).rejection(),
        (400, 1027)
    );
    // Setting the current mode changes nothing; the version may be a string.
    let version = production["version"].to_string();
    let same = json!({ "version": version, "mode": "production" });
    fixture.put(&pricing(&customer), &same).ok();
}

#[test]
fn suspended_tenant_can_return_to_production_but_not_to_trial() {
    let fixture = DemoFixture::new();
    let path = pricing(&demo("Alder Dental Practice"));
    let settings = fixture.get(&path).ok();
    let to = |mode: &str, from: &Value| {
        fixture.put(&path, &json!({ "version": from["version"], "mode": mode }))
    };
    let suspended = to("suspended", &settings).ok();
    assert_eq!(suspended["mode"], "suspended");
    assert_eq!(to("trial", &suspended).rejection(), (400, 1027));
    assert_eq!(to("production", &suspended).ok()["mode"], "production");
}

#[test]
fn partner_may_stay_in_trial() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant(&fixture.me, "partner");
    let version = fixture.get(&pricing(&partner)).ok()["version"].clone();
    let same = json!({ "version": version, "mode": "trial" });
    assert_eq!(fixture.put(&pricing(&partner), &same).ok()["mode"], "trial");
}

#[test]
fn trial_ends_automatically() {
    let fixture = DemoFixture::new();
    let old = fixture.get(&pricing(&demo("Alder Dental Practice"))).ok();
    assert_eq!(old["mode"], "production");
    assert!(first_of_month(&old["production_start_date"]));
    let new = fixture.get(&pricing(&demo("Birch Logistics"))).ok();
    assert_eq!(new["mode"], "trial");
}

#[test]
fn rejects_invalid_pricing() {
    let fixture = DemoFixture::new();
    let path = pricing(&demo("Birch Logistics"));
    let put = |body: Value| fixture.put(&path, &body).rejection();
    assert_eq!(put(json!({ "mode": "production" })), (400, 400));
    assert_eq!(put(json!({ "version": 1, "mode": "gratis" })), (400, 400));
    assert_eq!(put(json!({ "version": 1, "currency": "XXX" })), (400, 400));
    assert_eq!(put(json!({ "version": "new" })), (400, 400));
    assert_eq!(put(json!({ "version": 1 })), (409, 1001));
    let own = fixture.get(&pricing(&fixture.me)).ok();
    assert_eq!(
        fixture.put(&pricing(&fixture.me), &own).rejection(),
        (403, 1002)
    );
    let root = fixture.get(&pricing(&demo("root")));
    assert_eq!(root.rejection(), (403, 1002));
    let unknown = fixture.get(&pricing("00000000-0000-4000-8000-000000000000"));
    assert_eq!(unknown.rejection(), (404, 1005));
}
