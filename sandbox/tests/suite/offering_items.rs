//! Offering items: what there is, who may have what, quotas and refusals.

use crate::support::demo::{BACKUP, DemoFixture, GOOGLE, demo, item, names, pretty, send};
use reqwest::Method;
use serde_json::{Value, json};

#[test]
fn a_partner_gets_every_item_of_an_edition() {
    let fixture = DemoFixture::new();
    let items = fixture.available(&fixture.me, "partner", "pck_per_gigabyte");
    // 27 items, five of them on two storages, and seven without an edition.
    assert_eq!(items.len(), 27 + 5 + 7);
    assert!(items.iter().all(|item| item["status"] == 1));

    let partner = fixture.tenant_with(&fixture.me, "partner", "pck_per_gigabyte");
    let path = format!("tenants/{partner}/offering_items?edition=pck_per_gigabyte");
    let has = fixture.get(&path).items();
    assert_eq!(names(&has), names(&items));
    assert!(has.iter().all(|item| item["tenant_id"] == *partner));
}

#[test]
fn an_item_looks_as_on_the_platform() {
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
fn without_an_edition_the_standard_one_is_meant() {
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
fn filters_narrow_the_list() {
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
    let refused = |query: &str| {
        fixture
            .get(&format!("tenants/{}/offering_items?{query}", fixture.me))
            .refusal()
    };
    assert_eq!(refused("status=2"), (400, 400));
    assert_eq!(refused("type=other"), (400, 400));
    assert_eq!(refused("infra_uuid=x"), (400, 400));
    assert_eq!(refused("available_only=perhaps"), (400, 400));
}

#[test]
fn a_kind_has_its_own_items() {
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
        let answer = fixture.get(&format!("{path}?kind={kind}"));
        assert_eq!(answer.refusal(), (400, 400));
    }
}

#[test]
fn only_what_is_on_can_be_handed_on() {
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
        fixture.set(&customer, &[item("servers", 1)]).refusal(),
        (400, 1021)
    );
    assert_eq!(
        fixture.set(&customer, &[item("workstations", 1)]).refusal(),
        (400, 1021)
    );
    fixture.set(&customer, &[item("vms", 1)]).ok();
    // Of what a tenant could have, it has one.
    let path = format!("tenants/{customer}/offering_items?available_only=true");
    let possible = fixture.get(&path).items();
    assert_eq!(names(&possible), ["vms"]);
}

#[test]
fn the_answer_has_what_was_sent_in_that_order() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant(&fixture.me, "partner");
    let sent = [item("workstations", 1), item("vms", 1), item("servers", 0)];
    let answer = fixture.set(&partner, &sent).ok();
    assert!(
        answer["timestamp"]
            .as_str()
            .is_some_and(|time| time.len() == 19)
    );
    let items = answer["items"].as_array().expect("items");
    assert_eq!(names(items), ["workstations", "vms", "servers"]);
    assert_eq!(items[2]["status"], 0);
    // What never was on is not listed as off.
    let path = format!("tenants/{partner}/offering_items");
    assert_eq!(names(&fixture.get(&path).items()), ["workstations", "vms"]);
    // What once was is.
    fixture.set(&partner, &[item("vms", 0)]).ok();
    let off = fixture.get(&format!("{path}?status=0")).items();
    assert_eq!(names(&off), ["vms"]);
    assert_eq!(off[0].get("quota"), None);
}

#[test]
fn all_is_changed_or_nothing() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant(&fixture.me, "partner");
    let answer = fixture.set(&partner, &[item("vms", 1), item("no_such_item", 1)]);
    assert_eq!(answer.refusal(), (400, 1021));
    let path = format!("tenants/{partner}/offering_items?edition=*");
    assert!(fixture.get(&path).items().is_empty());
}

#[test]
fn whole_items_may_come_back_with_all_their_fields() {
    let fixture = DemoFixture::new();
    let customer = fixture.tenant_with(&fixture.me, "customer", "pck_per_gigabyte");
    let path = format!("tenants/{customer}/offering_items?edition=*");
    let before = fixture.get(&path).items();
    fixture.set(&customer, &before).ok();
    assert_eq!(fixture.get(&path).items(), before);
}

#[test]
fn a_customer_has_one_storage_of_a_kind() {
    let fixture = DemoFixture::new();
    let customer = fixture.tenant(&fixture.me, "customer");
    let items = fixture.available(&fixture.me, "customer", "pck_per_gigabyte");
    assert!(items.iter().any(|item| item["infra_id"] == GOOGLE));
    assert_eq!(fixture.set(&customer, &items).refusal(), (400, 1027));
    let one: Vec<Value> = items
        .into_iter()
        .filter(|item| item["infra_id"] != GOOGLE)
        .collect();
    fixture.set(&customer, &one).ok();
}

#[test]
fn a_customer_has_a_service_in_one_edition() {
    let fixture = DemoFixture::new();
    let customer = fixture.tenant_with(&fixture.me, "customer", "pck_per_gigabyte");
    let other = fixture.set(&customer, &[item("pw_base_vms", 1)]);
    assert_eq!(other.refusal(), (400, 1027));
    // In one call the old goes and the new comes.
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
fn items_that_are_for_partners_are_refused_to_customers() {
    let fixture = DemoFixture::new();
    let customer = fixture.tenant(&fixture.me, "customer");
    let answer = fixture.set(&customer, &[item("child_storages", 1)]);
    assert_eq!(answer.refusal(), (400, 1027));
}

#[test]
fn an_item_needs_what_it_depends_on() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant(&fixture.me, "partner");
    let alone = fixture.set(&partner, &[item("o365_mailboxes", 1)]);
    assert_eq!(alone.refusal(), (400, 1023));
    // The order of the list does not matter.
    fixture
        .set(&partner, &[item("o365_mailboxes", 1), item("mailboxes", 1)])
        .ok();
    let needed = fixture.set(&partner, &[item("mailboxes", 0)]);
    assert_eq!(needed.refusal(), (400, 1023));
    fixture
        .set(&partner, &[item("mailboxes", 0), item("o365_mailboxes", 0)])
        .ok();
}

#[test]
fn a_quota_is_changed_with_its_version() {
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
        with_quota(20.into(), 5.into(), &0.into()).refusal(),
        (426, 426)
    );
    let again = with_quota(20.into(), 5.into(), &version).ok();
    let newer = again["items"][0]["quota"]["version"].clone();
    assert!(newer.as_i64() > version.as_i64());
    assert_eq!(
        with_quota(20.into(), 5.into(), &version).refusal(),
        (426, 426)
    );
    let unlimited = with_quota(Value::Null, Value::Null, &newer).ok();
    assert_eq!(unlimited["items"][0]["quota"]["version"], 0);
}

#[test]
fn a_quota_that_makes_no_sense_is_refused() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant(&fixture.me, "partner");
    let with = |name: &str, quota: Value| {
        let mut item = item(name, 1);
        item["quota"] = quota;
        fixture.set(&partner, &[item]).refusal()
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
fn a_child_cannot_use_more_than_its_parent() {
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
        fixture.set(&customer, &[limited(10, 3)]).refusal(),
        (400, 1022)
    );
    fixture.set(&customer, &[limited(10, 2)]).ok();
}

#[test]
fn what_goes_off_goes_off_below_too_but_a_storage_in_use_stays() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant_with(&fixture.me, "partner", "pck_per_gigabyte");
    let customer = fixture.tenant_with(&partner, "customer", "pck_per_gigabyte");
    fixture.set(&partner, &[item("pg_base_vms", 0)]).ok();
    let path = format!("tenants/{customer}/offering_items?edition=*&status=0");
    assert_eq!(names(&fixture.get(&path).items()), ["pg_base_vms"]);

    let mut storage = item("pg_base_storage", 0);
    storage["infra_id"] = "e72104a3-c013-4e18-bb71-7bce1dcdcaf2".into();
    assert_eq!(
        fixture.set(&partner, &[storage.clone()]).refusal(),
        (400, 1016)
    );
    fixture.set(&customer, &[storage.clone()]).ok();
    fixture.set(&partner, &[storage]).ok();
}

#[test]
fn an_item_in_use_stays_on_if_one_asks_for_that() {
    let fixture = DemoFixture::new();
    let path = format!("tenants/{}/offering_items", demo("Alder Dental Practice"));
    let body = |name: &str, check: bool| json!({ "offering_items": [item(name, 0)], "check_usage": check });
    let used = fixture.put(&path, &body("pg_base_workstations", true));
    assert_eq!(used.refusal(), (400, 1027));
    let mut storage = body("pg_base_storage", true);
    storage["offering_items"][0]["infra_id"] = "e72104a3-c013-4e18-bb71-7bce1dcdcaf2".into();
    assert_eq!(fixture.put(&path, &storage).refusal(), (400, 1009));
    fixture
        .put(&path, &body("pg_base_workstations", false))
        .ok();
}

#[test]
fn nobody_changes_what_their_own_tenant_is_offered() {
    let fixture = DemoFixture::new();
    let answer = fixture.set(&fixture.me, &[item("vms", 0)]);
    assert_eq!(answer.refusal(), (403, 1002));
}

#[test]
fn a_locked_tenant_is_changed_by_the_one_that_locked_it_only() {
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
    assert_eq!(parent.refusal(), (403, 1012));
    fixture.put(&path, &body).ok();
}

#[test]
fn a_partner_reaches_its_own_customers_only() {
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
        assert_eq!(put(&beside).refusal(), (403, 1002));
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
            assert_eq!(read.refusal(), (403, 1002), "{what}");
        }
    }
    assert_eq!(put(&fixture.me).refusal(), (403, 1002));
}

#[test]
fn what_is_not_there_or_not_ones_own_is_refused() {
    let fixture = DemoFixture::new();
    let nobody = "00000000-0000-4000-8000-000000000000";
    for path in ["offering_items", "offering_items/available_for_child"] {
        let unknown = fixture.get(&format!("tenants/{nobody}/{path}"));
        assert_eq!(unknown.refusal(), (404, 1005), "{path}");
        let above = fixture.get(&format!("tenants/{}/{path}", demo("root")));
        assert_eq!(above.refusal(), (403, 1002), "{path}");
        let path = format!("tenants/{}/{path}", fixture.me);
        assert_eq!(
            send(fixture.as_nobody(Method::GET, &path)).refusal(),
            (401, 401),
            "{path}"
        );
    }
    assert_eq!(fixture.set(nobody, &[]).refusal(), (404, 1005));
    assert_eq!(
        fixture.get("tenants/17/offering_items").refusal(),
        (404, 404)
    );
}

#[test]
fn broken_bodies_are_refused() {
    let fixture = DemoFixture::new();
    let path = format!("tenants/{}/offering_items", demo("Elm Bakery"));
    let put = |body: &str, content_type: &str| {
        let request = fixture.call(Method::PUT, &path);
        send(
            request
                .header("content-type", content_type)
                .body(body.to_owned()),
        )
        .refusal()
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
        send(fixture.call(Method::PATCH, &path)).refusal(),
        (405, 405)
    );
}

#[test]
fn a_missing_status_means_on() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant(&fixture.me, "partner");
    let bare = json!({ "application_id": BACKUP, "name": "vms" });
    let answer = fixture.set(&partner, &[bare]).ok();
    assert_eq!(answer["items"][0]["status"], 1);
}

#[test]
fn items_do_not_raise_the_version_of_the_tenant() {
    let fixture = DemoFixture::new();
    let partner = fixture.tenant_with(&fixture.me, "partner", "pck_per_workload");
    assert_eq!(
        fixture.get(&format!("tenants/{partner}")).ok()["version"],
        1
    );
}

#[test]
fn a_subtree_is_read_page_by_page() {
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

    assert_eq!(fixture.get("tenants/offering_items").refusal(), (400, 400));
    assert_eq!(
        fixture.get(&format!("{path}&limit=0")).refusal(),
        (400, 400)
    );
    assert_eq!(
        fixture.get("tenants/offering_items?after=x").refusal(),
        (400, 400)
    );
    let above = format!(
        "tenants/offering_items?subtree_root_tenant_id={}",
        demo("root")
    );
    assert_eq!(fixture.get(&above).refusal(), (403, 1002));
}

#[test]
fn what_is_documented_and_not_there_says_so() {
    let fixture = DemoFixture::new();
    let nobody = "00000000-0000-4000-8000-000000000000";
    assert_eq!(fixture.put("tenants/usages", &json!({})).status, 501);
    assert_eq!(
        fixture.put(&format!("reports/{nobody}"), &json!({})).status,
        501
    );
    assert_eq!(fixture.post("infra", &json!({})).status, 501);
    assert_eq!(fixture.delete(&format!("infra/{GOOGLE}")).status, 501);
}
