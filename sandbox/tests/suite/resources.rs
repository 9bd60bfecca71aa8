//! Resources: machines and groups, filters and searches.

use crate::support::demo::{DemoFixture, demo, send};
use reqwest::Method;
use serde_json::{Value, json};

const RESOURCES: &str = "/api/resource_management/v4/resources";
const STATUSES: &str = "/api/resource_management/v4/resource_statuses";
const WITH_AGENTS: &str = "301d1574-849e-4714-859f-3a2ec12a218b";

fn resources(fixture: &DemoFixture, query: &str) -> Vec<Value> {
    fixture.get(&format!("{RESOURCES}?{query}")).items()
}

fn group(condition: &Value) -> Value {
    json!({
        "type": "resource.group.computers",
        "parent_group_ids": [WITH_AGENTS],
        "group_condition": condition,
        "allowed_member_types": ["resource.machine"],
        "name": "My Dynamic Group",
        "user_defined_name": "My Dynamic Group",
    })
}

fn post(fixture: &DemoFixture, tenant: &str, body: &Value) -> u16 {
    send(
        fixture
            .as_client_of(tenant, Method::POST, RESOURCES)
            .json(body),
    )
    .status
}

#[test]
fn machine_has_the_fields_of_the_platform() {
    let fixture = DemoFixture::new();
    let page = fixture
        .get(&format!("{RESOURCES}?include_attributes=true&limit=1"))
        .ok();
    assert!(page["timestamp"].is_string());
    let machine = &page["items"][0];
    assert_eq!(machine["type"], "resource.machine");
    assert_eq!(machine["parent_group_ids"], json!([WITH_AGENTS]));
    assert_eq!(machine["attributes"][0]["name"], "agent");
    let number = machine["tenant_id"].as_str().expect("a text");
    let id = machine["id"].as_str().expect("a text");
    assert_eq!(machine["external_id"], format!("{id}@{number}"));
    let mut plain = machine.clone();
    plain
        .as_object_mut()
        .expect("an object")
        .remove("attributes");
    assert_eq!(fixture.get(&format!("{RESOURCES}/{id}")).ok(), plain);
    assert_eq!(
        fixture.get(&format!("{RESOURCES}/{id}@{number}")).ok(),
        plain
    );
    let attributes = fixture.get(&format!("{RESOURCES}/{id}/attributes")).ok();
    assert_eq!(attributes["items"], machine["attributes"]);
}

#[test]
fn filters_and_searches_find_the_same() {
    let fixture = DemoFixture::new();
    let tenant = demo("Alder Dental Practice");
    let expected = resources(&fixture, &format!("tenant_id={tenant}"));
    assert!(!expected.is_empty());
    let number = &expected[0]["tenant_id"].as_str().expect("a number");
    for query in [
        format!("tenant_id={number}&type=resource.machine"),
        format!("search=customerUuid = '{tenant}' AND resourceType = 'machine'"),
        format!("parent_id={WITH_AGENTS}&tenant_id={number}"),
        "search=alder*".to_owned(),
        format!("tenant_id={tenant}&is_group=false&unknown=1"),
    ] {
        assert_eq!(resources(&fixture, &query), expected, "{query}");
    }
    let count = fixture
        .get(&format!("{RESOURCES}/count?tenant_id={tenant}"))
        .ok();
    assert_eq!(count, json!({ "count": expected.len() }));
    // The vendor's Python tutorial sends a JSON text as the query.
    assert_eq!(
        fixture
            .get(&format!("{RESOURCES}?%7B%22type%22%3A%22x%22%7D"))
            .status,
        200
    );
    for bad in [
        "limit=x",
        "search=color='red'",
        "parent_id=x",
        "resource_id=x",
        "after=x",
    ] {
        assert_eq!(
            fixture.get(&format!("{RESOURCES}?{bad}")).status,
            400,
            "{bad}"
        );
    }
}

#[test]
fn dynamic_group_contains_the_matching_machines() {
    let fixture = DemoFixture::new();
    let customer = demo("Alder Dental Practice");
    let created = send(
        fixture
            .as_client_of(&customer, Method::POST, RESOURCES)
            .json(&group(&json!("alder-ws*"))),
    );
    assert_eq!((created.status, created.body), (204, Value::Null));
    let found = resources(&fixture, "search=My*");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["group_condition"], "alder-ws*");
    assert_eq!(found[0]["is_static"], false);
    let id = found[0]["id"].as_str().expect("an id");
    let members = resources(&fixture, &format!("parent_id={id}"));
    assert_eq!(members.len(), resources(&fixture, "search=alder-ws*").len());
    assert!(
        members
            .iter()
            .all(|one| one["parent_group_ids"] == json!([WITH_AGENTS, id]))
    );
    // A known id changes the group, a new one is rejected, and a dynamic group has no children.
    let mut change = group(&json!("alder-srv*"));
    change["id"] = json!(id);
    assert_eq!(post(&fixture, &customer, &change), 204);
    assert!(resources(&fixture, &format!("parent_id={id}")).len() < members.len());
    change["id"] = json!("99999999-9999-4999-8999-999999999999");
    assert_eq!(post(&fixture, &customer, &change), 400);
    let mut below = group(&Value::Null);
    for parent in [id, "99999999-9999-4999-8999-999999999999"] {
        below["parent_group_ids"] = json!([parent]);
        assert_eq!(post(&fixture, &customer, &below), 400);
    }
    assert_eq!(
        post(&fixture, &customer, &group(&json!("color = 'red'"))),
        400
    );
}

#[test]
fn groups_are_created_for_a_customer() {
    let fixture = DemoFixture::new();
    let body = group(&json!("test*"));
    assert_eq!(
        send(fixture.call(Method::POST, RESOURCES).json(&body)).status,
        403
    );
    assert_eq!(
        send(fixture.as_nobody(Method::POST, RESOURCES).json(&body)).status,
        401
    );
}

#[test]
fn statuses_cover_each_accessible_resource() {
    let fixture = DemoFixture::new();
    let all = fixture.get(STATUSES).items();
    assert_eq!(all.len(), resources(&fixture, "").len());
    for status in &all {
        assert!(status["aggregate"]["status"].is_string(), "{status}");
        assert!(
            status["aggregate"]["running"]["state"].is_string(),
            "{status}"
        );
    }
    let own = demo("Fern Consulting");
    let mine = send(fixture.as_client_of(&own, Method::GET, STATUSES)).items();
    assert!(!mine.is_empty() && mine.len() < all.len());
    let other = all.iter().find(|one| !mine.contains(one)).expect("others");
    let path = format!(
        "{RESOURCES}/{}",
        other["context"]["id"].as_str().expect("an id")
    );
    assert_eq!(
        send(fixture.as_client_of(&own, Method::GET, &path)).status,
        403
    );
}

#[test]
fn rejection_names_the_required_scope() {
    let fixture = DemoFixture::new();
    let created = send(
        fixture
            .call(Method::POST, RESOURCES)
            .json(&group(&json!("test*"))),
    );
    assert_eq!(created.status, 403);
    assert_eq!(
        created.body["context"]["required_scope"],
        "urn:acronis.com::resource_manager::admin"
    );
    let other = resources(
        &fixture,
        &format!("tenant_id={}", demo("Alder Dental Practice")),
    );
    let path = format!("{RESOURCES}/{}", other[0]["id"].as_str().expect("an id"));
    let read = send(fixture.as_client_of(&demo("Fern Consulting"), Method::GET, &path));
    assert_eq!(read.status, 403);
    assert_eq!(
        read.body["context"]["required_scope"],
        "urn:acronis.com::resource_management::read"
    );
}

#[test]
fn group_keeps_additional_fields() {
    let fixture = DemoFixture::new();
    let customer = demo("Alder Dental Practice");
    let mut body = group(&Value::Null);
    let attributes = json!([{ "name": "default", "kvs": [{ "key": "floor", "value": 2 }] }]);
    body["user_defined_name"] = json!("Second floor");
    body["allowed_member_types"] = json!(["resource.machine", "resource.virtual_machine"]);
    body["tag"] = json!("finance");
    body["attributes"] = attributes.clone();
    assert_eq!(post(&fixture, &customer, &body), 204);
    let found = resources(&fixture, "search=My*&include_attributes=true");
    for field in [
        "name",
        "user_defined_name",
        "allowed_member_types",
        "tag",
        "attributes",
    ] {
        assert_eq!(found[0][field], body[field], "{field}");
    }
    let path = format!("{RESOURCES}/{}", found[0]["id"].as_str().expect("an id"));
    assert_eq!(fixture.get(&path).ok()["attributes"], Value::Null);
    assert_eq!(
        fixture.get(&format!("{path}/attributes")).ok()["items"],
        attributes
    );
    for (field, bad) in [
        ("tag", json!(1)),
        ("allowed_member_types", json!("x")),
        ("attributes", json!([1])),
    ] {
        let mut body = body.clone();
        body[field] = bad;
        assert_eq!(post(&fixture, &customer, &body), 400, "{field}");
    }
}
