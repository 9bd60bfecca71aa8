//! Offering items: available items, quotas and rejections.

use crate::support::demo::{BACKUP, DemoFixture, GOOGLE, demo, item, names, pretty, send};
use reqwest::Method;
use serde_json::{Value, json};

#[test]
fn partner_gets_every_item_of_an_edition() {
    let fixture = DemoFixture::new();
    let items = fixture.available(&fixture.me, "partner", "pck_per_gigabyte");
    // 27 items, five of them on two storages, plus seven items without an edition.
    assert_eq!(items.len(), 27 + 5 + 7);
    assert!(items.iter().all(|item| item["status"] == 1));

    let partner = fixture.tenant_with(&fixture.me, "partner", "pck_per_gigabyte");
    let path = format!("tenants/{partner}/offering_items?edition=pck_per_gigabyte");
    let has = fixture.get(&path).items();
    assert_eq!(names(&has), names(&items));
    assert!(has.iter().all(|item| item["tenant_id"] == *partner));
}

#[test]
fn item_has_the_fields_of_the_platform() {
    let fixture = DemoFixture::new();
    let items = fixture.available(&fixture.me, "customer", "pck_per_workload");
    let shown = |name: &str| {
        let mut item = items
            .iter()
            .find(|item| item["name"] == name)
            .expect("the item")
            .clone();
        item["updated_at"] = "TIME".into();
        item["tenant_id"] = "TENANT".into();
        item
    };
    insta::assert_snapshot!(pretty(&shown("pw_base_storage")), @r#"
    {
      "application_id": "6e6d758d-8e74-3ae3-ac84-50eb0dff12eb",
      "name": "pw_base_storage",
      "edition": "pck_per_workload",
      "usage_name": "storage",
      "tenant_id": "TENANT",
      "updated_at": "TIME",
      "deleted_at": null,
      "status": 1,
      "locked": false,
      "type": "infra",
      "infra_id": "e72104a3-c013-4e18-bb71-7bce1dcdcaf2",
      "measurement_unit": "bytes",
      "quota": {
        "value": null,
        "overage": null,
        "version": 0
      }
    }
    "#);
    let feature = shown("pw_base_dr_base");
    assert_eq!(feature["type"], "feature");
    assert_eq!(feature["measurement_unit"], "n/a");
    assert_eq!(feature.get("quota"), None);
    assert!(feature["infra_id"].is_string());
    assert_eq!(shown("pw_base_vms")["infra_id"], Value::Null);
}

#[test]
fn edition_defaults_to_standard() {
    let fixture = DemoFixture::new();
    let path = format!("tenants/{}/offering_items", fixture.me);
    let standard = fixture.get(&path).items();
    assert!(standard.iter().any(|item| item["name"] == "vms"));
    assert!(standard.iter().any(|item| item["name"] == "local_storage"));
    assert!(
        standard
            .iter()
            .all(|item| item["edition"] == "standard" || item["edition"].is_null())
    );
    let all = fixture.get(&format!("{path}?edition=*")).items();
    assert_eq!(all.len(), 313);
    let unknown = fixture
        .get(&format!("{path}?edition=pck_per_gigabite"))
        .items();
    assert_eq!(unknown.len(), 7);
}

#[test]
fn filters_limit_the_list() {
    let fixture = DemoFixture::new();
    let list = |query: &str| {
        fixture
            .get(&format!("tenants/{}/offering_items?{query}", fixture.me))
            .items()
    };
    assert!(
        list("edition=*&type=infra")
            .iter()
            .all(|item| item["type"] == "infra")
    );
    let google = list(&format!("edition=*&infra_uuid={GOOGLE}"));
    assert_eq!(google.len(), 37);
    let some = list("edition=pck_per_workload&usage_names=vms,servers");
    assert_eq!(names(&some), ["pw_base_servers", "pw_base_vms"]);
    assert_eq!(list("edition=*&status=0").len(), 0);
    let rejected = |query: &str| {
        fixture
            .get(&format!("tenants/{}/offering_items?{query}", fixture.me))
            .rejection()
    };
    assert_eq!(rejected("status=2"), (400, 400));
    assert_eq!(rejected("type=other"), (400, 400));
    assert_eq!(rejected("infra_uuid=x"), (400, 400));
    assert_eq!(rejected("available_only=perhaps"), (400, 400));
}

#[test]
fn available_items_depend_on_the_kind() {
    let fixture = DemoFixture::new();
    let of_kind = |kind: &str| fixture.available(&fixture.me, kind, "standard");
    let partners = ["child_storages", "dr_child_storages"];
    for kind in ["partner", "folder"] {
        let items = of_kind(kind);
        assert!(
            partners.iter().all(|name| names(&items).contains(name)),
            "{kind}"
        );
    }
    for kind in ["customer", "unit"] {
        let items = of_kind(kind);
        assert!(
            !partners.iter().any(|name| names(&items).contains(name)),
            "{kind}"
        );
    }
    let path = format!("tenants/{}/offering_items/available_for_child", fixture.me);
    assert_eq!(
        names(&fixture.get(&path).items()),
        names(&of_kind("partner"))
    );
    for kind in ["root", "planet"] {
        let response = fixture.get(&format!("{path}?kind={kind}"));
        assert_eq!(response.rejection(), (400, 400));
    }
}

#[test]
fn only_enabled_items_are_available_to_children() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant(&fixture.me, "partner");
    assert!(fixture.available(&partner, "customer", "*").is_empty());
    fixture
        .set(&partner, &[item("vms", 1), item("servers", 1)])
        .ok();
    fixture.set(&partner, &[item("servers", 0)]).ok();
    assert_eq!(
        names(&fixture.available(&partner, "customer", "*")),
        ["vms"]
    );

    let customer = fixture.tenant(&partner, "customer");
    assert_eq!(
        fixture.set(&customer, &[item("servers", 1)]).rejection(),
        (400, 1021)
    );
    assert_eq!(
        fixture
            .set(&customer, &[item("workstations", 1)])
            .rejection(),
        (400, 1021)
    );
    fixture.set(&customer, &[item("vms", 1)]).ok();
    // The tenant has one of the available items.
    let path = format!("tenants/{customer}/offering_items?available_only=true");
    let possible = fixture.get(&path).items();
    assert_eq!(names(&possible), ["vms"]);
}

#[test]
fn response_keeps_the_order_of_the_sent_items() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant(&fixture.me, "partner");
    let sent = [item("workstations", 1), item("vms", 1), item("servers", 0)];
    let response = fixture.set(&partner, &sent).ok();
    assert!(
        response["timestamp"]
            .as_str()
            .is_some_and(|time| time.len() == 19)
    );
    let items = response["items"].as_array().expect("items");
    assert_eq!(names(items), ["workstations", "vms", "servers"]);
    assert_eq!(items[2]["status"], 0);
    // An item that was never enabled is not listed.
    let path = format!("tenants/{partner}/offering_items");
    assert_eq!(names(&fixture.get(&path).items()), ["workstations", "vms"]);
    // One that was enabled is listed as disabled.
    fixture.set(&partner, &[item("vms", 0)]).ok();
    let off = fixture.get(&format!("{path}?status=0")).items();
    assert_eq!(names(&off), ["vms"]);
    assert_eq!(off[0].get("quota"), None);
}

#[test]
fn change_is_all_or_nothing() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant(&fixture.me, "partner");
    let response = fixture.set(&partner, &[item("vms", 1), item("no_such_item", 1)]);
    assert_eq!(response.rejection(), (400, 1021));
    let path = format!("tenants/{partner}/offering_items?edition=*");
    assert!(fixture.get(&path).items().is_empty());
}

#[test]
fn accepts_items_with_read_only_fields() {
    let fixture = DemoFixture::new();
    let customer = fixture.tenant_with(&fixture.me, "customer", "pck_per_gigabyte");
    let path = format!("tenants/{customer}/offering_items?edition=*");
    let before = fixture.get(&path).items();
    fixture.set(&customer, &before).ok();
    assert_eq!(fixture.get(&path).items(), before);
}

#[test]
fn customer_can_have_only_one_storage_per_capability() {
    let fixture = DemoFixture::new();
    let customer = fixture.tenant(&fixture.me, "customer");
    let items = fixture.available(&fixture.me, "customer", "pck_per_gigabyte");
    assert!(items.iter().any(|item| item["infra_id"] == GOOGLE));
    assert_eq!(fixture.set(&customer, &items).rejection(), (400, 1027));
    let one: Vec<Value> = items
        .into_iter()
        .filter(|item| item["infra_id"] != GOOGLE)
        .collect();
    fixture.set(&customer, &one).ok();
}

#[test]
fn customer_has_a_service_in_one_edition() {
    let fixture = DemoFixture::new();
    let customer = fixture.tenant_with(&fixture.me, "customer", "pck_per_gigabyte");
    let other = fixture.set(&customer, &[item("pw_base_vms", 1)]);
    assert_eq!(other.rejection(), (400, 1027));
    // One call disables the old item and enables the new one.
    let path = format!("tenants/{customer}/offering_items?edition=pck_per_gigabyte");
    let mut items = fixture.get(&path).items();
    items.retain(|item| item["edition"] == "pck_per_gigabyte");
    for item in &mut items {
        item["status"] = 0.into();
    }
    items.push(item("pw_base_vms", 1));
    fixture.set(&customer, &items).ok();
}

#[test]
fn rejects_partner_items_for_customers() {
    let fixture = DemoFixture::new();
    let customer = fixture.tenant(&fixture.me, "customer");
    let response = fixture.set(&customer, &[item("child_storages", 1)]);
    assert_eq!(response.rejection(), (400, 1027));
}

#[test]
fn rejects_an_item_without_its_dependencies() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant(&fixture.me, "partner");
    let alone = fixture.set(&partner, &[item("o365_mailboxes", 1)]);
    assert_eq!(alone.rejection(), (400, 1023));
    // The order of the items does not matter.
    fixture
        .set(&partner, &[item("o365_mailboxes", 1), item("mailboxes", 1)])
        .ok();
    let needed = fixture.set(&partner, &[item("mailboxes", 0)]);
    assert_eq!(needed.rejection(), (400, 1023));
    fixture
        .set(&partner, &[item("mailboxes", 0), item("o365_mailboxes", 0)])
        .ok();
}

#[test]
fn changing_a_quota_requires_the_current_version() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant(&fixture.me, "partner");
    let with_quota = |value: Value, overage: Value, version: &Value| {
        let mut item = item("vms", 1);
        item["quota"] = json!({ "value": value, "overage": overage, "version": version });
        fixture.set(&partner, &[item])
    };
    let set = with_quota(10.into(), 5.into(), &0.into()).ok();
    let version = set["items"][0]["quota"]["version"].clone();
    assert!(
        version
            .as_i64()
            .is_some_and(|stamp| stamp > 1_500_000_000_000)
    );
    assert_eq!(
        with_quota(20.into(), 5.into(), &0.into()).rejection(),
        (426, 426)
    );
    let again = with_quota(20.into(), 5.into(), &version).ok();
    let newer = again["items"][0]["quota"]["version"].clone();
    assert!(newer.as_i64() > version.as_i64());
    assert_eq!(
        with_quota(20.into(), 5.into(), &version).rejection(),
        (426, 426)
    );
    let unlimited = with_quota(Value::Null, Value::Null, &newer).ok();
    assert_eq!(unlimited["items"][0]["quota"]["version"], 0);
}

#[test]
fn rejects_invalid_quotas() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant(&fixture.me, "partner");
    let with = |name: &str, quota: Value| {
        let mut item = item(name, 1);
        item["quota"] = quota;
        fixture.set(&partner, &[item]).rejection()
    };
    let quota =
        |value: Value, overage: Value| json!({ "value": value, "overage": overage, "version": 0 });
    assert_eq!(with("vms", quota((-1).into(), Value::Null)), (400, 400));
    assert_eq!(with("vms", quota(Value::Null, 5.into())), (400, 400));
    assert_eq!(with("vms", quota(1.5.into(), Value::Null)), (400, 400));
    assert_eq!(
        with("vms", json!({ "value": 1, "overage": null })),
        (400, 400)
    );
    assert_eq!(
        with("google_team_drive", quota(5.into(), 0.into())),
        (400, 1027)
    );
}

#[test]
fn child_is_limited_by_the_quota_of_its_parent() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant(&fixture.me, "partner");
    let limited = |value: i64, overage: i64| {
        let mut item = item("vms", 1);
        item["quota"] = json!({ "value": value, "overage": overage, "version": 0 });
        item
    };
    fixture.set(&partner, &[limited(10, 2)]).ok();
    let customer = fixture.tenant(&partner, "customer");
    assert_eq!(
        fixture.set(&customer, &[limited(10, 3)]).rejection(),
        (400, 1022)
    );
    fixture.set(&customer, &[limited(10, 2)]).ok();
}

#[test]
fn disabling_includes_descendants_except_storages_in_use() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant_with(&fixture.me, "partner", "pck_per_gigabyte");
    let customer = fixture.tenant_with(&partner, "customer", "pck_per_gigabyte");
    fixture.set(&partner, &[item("pg_base_vms", 0)]).ok();
    let path = format!("tenants/{customer}/offering_items?edition=*&status=0");
    assert_eq!(names(&fixture.get(&path).items()), ["pg_base_vms"]);

    let mut storage = item("pg_base_storage", 0);
    storage["infra_id"] = "e72104a3-c013-4e18-bb71-7bce1dcdcaf2".into();
    assert_eq!(
        fixture.set(&partner, &[storage.clone()]).rejection(),
        (400, 1016)
    );
    fixture.set(&customer, &[storage.clone()]).ok();
    fixture.set(&partner, &[storage]).ok();
}

#[test]
fn item_in_use_stays_enabled_on_request() {
    let fixture = DemoFixture::new();
    let path = format!("tenants/{}/offering_items", demo("Alder Dental Practice"));
    let body = |name: &str, check: bool| json!({ "offering_items": [item(name, 0)], "check_usage": check });
    let rejected = fixture.put(&path, &body("pg_base_workstations", true));
    assert_eq!(rejected.rejection(), (400, 1027));
    let mut storage = body("pg_base_storage", true);
    storage["offering_items"][0]["infra_id"] = "e72104a3-c013-4e18-bb71-7bce1dcdcaf2".into();
    assert_eq!(fixture.put(&path, &storage).rejection(), (400, 1009));
    fixture
        .put(&path, &body("pg_base_workstations", false))
        .ok();
}

#[test]
fn callers_cannot_change_items_of_their_own_tenant() {
    let fixture = DemoFixture::new();
    let response = fixture.set(&fixture.me, &[item("vms", 0)]);
    assert_eq!(response.rejection(), (403, 1002));
}

#[test]
fn locked_tenant_is_changed_only_by_its_owner() {
    let fixture = DemoFixture::new();
    let customer = demo("Alder Dental Practice");
    let version = &fixture.get(&format!("tenants/{customer}")).ok()["version"];
    let lock = json!({ "version": version, "update_lock": { "enabled": true } });
    fixture.put(&format!("tenants/{customer}"), &lock).ok();
    let path = format!("tenants/{customer}/offering_items");
    let body = json!({ "offering_items": [item("pg_base_mobiles", 0)] });
    let partner = demo("Northlight IT Services");
    let parent = send(
        fixture
            .as_client_of(&partner, Method::PUT, &path)
            .json(&body),
    );
    assert_eq!(parent.rejection(), (403, 1012));
    fixture.put(&path, &body).ok();
}

#[test]
fn partner_has_access_only_to_its_customers() {
    let fixture = DemoFixture::new();
    let partner = demo("Northlight IT Services");
    let as_partner = |method: Method, path: &str, body: &Value| {
        send(fixture.as_client_of(&partner, method, path).json(body))
    };
    let body = json!({ "offering_items": [] });
    let put = |tenant: &str| {
        let path = format!("tenants/{tenant}/offering_items");
        as_partner(Method::PUT, &path, &body)
    };
    put(&demo("Alder Dental Practice")).ok();
    for beside in ["Dune Architects", "Blue Harbour Cloud", "Fern Consulting"] {
        let beside = demo(beside);
        assert_eq!(put(&beside).rejection(), (403, 1002));
        for what in [
            "offering_items",
            "pricing",
            "usages",
            "applications",
            "infra",
            "reports",
        ] {
            let read = as_partner(
                Method::GET,
                &format!("tenants/{beside}/{what}"),
                &Value::Null,
            );
            assert_eq!(read.rejection(), (403, 1002), "{what}");
        }
    }
    assert_eq!(put(&fixture.me).rejection(), (403, 1002));
}

#[test]
fn rejects_unknown_and_inaccessible_tenants() {
    let fixture = DemoFixture::new();
    let unknown = "00000000-0000-4000-8000-000000000000";
    for path in ["offering_items", "offering_items/available_for_child"] {
        let unknown = fixture.get(&format!("tenants/{unknown}/{path}"));
        assert_eq!(unknown.rejection(), (404, 1005), "{path}");
        let above = fixture.get(&format!("tenants/{}/{path}", demo("root")));
        assert_eq!(above.rejection(), (403, 1002), "{path}");
        let path = format!("tenants/{}/{path}", fixture.me);
        assert_eq!(
            send(fixture.as_nobody(Method::GET, &path)).rejection(),
            (401, 401),
            "{path}"
        );
    }
    assert_eq!(fixture.set(unknown, &[]).rejection(), (404, 1005));
    assert_eq!(
        fixture.get("tenants/17/offering_items").rejection(),
        (404, 404)
    );
}

#[test]
fn rejects_invalid_bodies() {
    let fixture = DemoFixture::new();
    let path = format!("tenants/{}/offering_items", demo("Elm Bakery"));
    let put = |body: &str, content_type: &str| {
        let request = fixture.call(Method::PUT, &path);
        send(
            request
                .header("content-type", content_type)
                .body(body.to_owned()),
        )
        .rejection()
    };
    let json = "application/json";
    assert_eq!(put("{", json), (400, 400));
    assert_eq!(put("[]", json), (400, 400));
    assert_eq!(put("{}", json), (400, 400));
    assert_eq!(put(r#"{"offering_items":{}}"#, json), (400, 400));
    assert_eq!(
        put(r#"{"offering_items":[{"name":"vms"}]}"#, json),
        (400, 400)
    );
    assert_eq!(
        put(
            r#"{"offering_items":[{"application_id":"x","name":"vms"}]}"#,
            json
        ),
        (400, 400)
    );
    assert_eq!(put(r#"{"offering_items":[]}"#, "text/plain"), (415, 415));
    let twice = json!({ "offering_items": [item("vms", 1), item("vms", 0)] });
    assert_eq!(put(&twice.to_string(), json), (400, 400));
    let status = json!({ "offering_items": [item("vms", 7)] });
    assert_eq!(put(&status.to_string(), json), (400, 400));
    let storage = json!({ "offering_items": [item("storage", 1)] });
    assert_eq!(put(&storage.to_string(), json), (400, 400));
    let mut elsewhere = item("storage", 1);
    elsewhere["infra_id"] = GOOGLE.into();
    let elsewhere = json!({ "offering_items": [elsewhere] });
    assert_eq!(put(&elsewhere.to_string(), json), (400, 1021));
    assert_eq!(
        send(fixture.call(Method::PATCH, &path)).rejection(),
        (405, 405)
    );
}

#[test]
fn status_defaults_to_enabled() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant(&fixture.me, "partner");
    let bare = json!({ "application_id": BACKUP, "name": "vms" });
    let response = fixture.set(&partner, &[bare]).ok();
    assert_eq!(response["items"][0]["status"], 1);
}

#[test]
fn changing_items_keeps_the_version_of_the_tenant() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant_with(&fixture.me, "partner", "pck_per_workload");
    assert_eq!(
        fixture.get(&format!("tenants/{partner}")).ok()["version"],
        1
    );
}

#[test]
fn subtree_is_read_page_by_page() {
    let fixture = DemoFixture::new();
    let root = demo("Northlight IT Services");
    let path = format!("tenants/offering_items?subtree_root_tenant_id={root}");
    let all = fixture.get(&path).items();
    assert_eq!(all[0]["tenant_id"], *root);
    assert!(
        all.iter()
            .any(|item| item["tenant_id"] == *demo("Cedar Law Office"))
    );

    let mut pages = Vec::new();
    let mut next = format!("{path}&limit=50");
    loop {
        let page = fixture.get(&next).ok();
        pages.extend(page["items"].as_array().expect("items").clone());
        let Some(after) = page["paging"]["cursors"]["after"].as_str() else {
            break;
        };
        next = format!("tenants/offering_items?limit=50&after={after}");
    }
    assert_eq!(pages, all);

    let some = fixture.get(&format!("{path}&editions=pck_per_workload&usage_names=vms"));
    let some = some.items();
    assert!(some.iter().all(|item| item["name"] == "pw_base_vms"));
    assert_eq!(some.len(), 2);
    let named = fixture.get(&format!(
        "{path}&offering_items=pg_base_vms,pg_base_servers"
    ));
    assert_eq!(named.items().len(), 6);
    let none = fixture.get(&format!("{path}&updated_since=2999-01-01T00:00:00Z"));
    assert!(none.items().is_empty());

    assert_eq!(
        fixture.get("tenants/offering_items").rejection(),
        (400, 400)
    );
    assert_eq!(
        fixture.get(&format!("{path}&limit=0")).rejection(),
        (400, 400)
    );
    assert_eq!(
        fixture.get("tenants/offering_items?after=x").rejection(),
        (400, 400)
    );
    let above = format!(
        "tenants/offering_items?subtree_root_tenant_id={}",
        demo("root")
    );
    assert_eq!(fixture.get(&above).rejection(), (403, 1002));
}

#[test]
fn documented_calls_without_simulation_return_501() {
    let fixture = DemoFixture::new();
    let unknown = "00000000-0000-4000-8000-000000000000";
    assert_eq!(fixture.put("tenants/usages", &json!({})).status, 501);
    assert_eq!(
        fixture
            .put(&format!("reports/{unknown}"), &json!({}))
            .status,
        501
    );
    assert_eq!(fixture.post("infra", &json!({})).status, 501);
    assert_eq!(fixture.delete(&format!("infra/{GOOGLE}")).status, 501);
}
