//! Infrastructure components (storages).

use crate::support::demo::{DemoFixture, GOOGLE, demo};
use serde_json::json;

const BACKUP_STORAGE: &str = "e72104a3-c013-4e18-bb71-7bce1dcdcaf2";

#[test]
fn storages_are_read_by_id() {
    let fixture = DemoFixture::new();
    let unknown = "00000000-0000-4000-8000-000000000000";
    let both = fixture
        .get(&format!(
            "infra?uuids={BACKUP_STORAGE}%2C{GOOGLE},{unknown}"
        ))
        .items();
    assert_eq!(both.len(), 2);
    assert_eq!(both[0]["capabilities"], json!(["backup"]));
    assert_eq!(both[1]["capabilities"], json!(["disaster_recovery"]));
    assert_eq!(both[1]["backend_type"], "google");
    assert_eq!(both[1]["owner_tenant_id"], *demo("root"));
    assert_eq!(both[1]["readonly"], true);
    assert_eq!(fixture.get(&format!("infra/{GOOGLE}")).ok(), both[1]);
    assert_eq!(
        fixture.get(&format!("infra/{unknown}")).rejection(),
        (404, 404)
    );
    assert_eq!(fixture.get("infra").rejection(), (400, 400));
    assert_eq!(fixture.get("infra?uuids=all").rejection(), (400, 400));
}

#[test]
fn tenant_has_the_storages_of_its_items() {
    let fixture = DemoFixture::new();
    let infra =
        |tenant: &str| fixture.get(&format!("tenants/{tenant}/infra")).ok()["infras"].clone();
    assert_eq!(infra(&fixture.me).as_array().map(Vec::len), Some(4));
    let customer = infra(&demo("Cedar Law Office"));
    assert_eq!(customer, json!([GOOGLE, BACKUP_STORAGE]));
}
