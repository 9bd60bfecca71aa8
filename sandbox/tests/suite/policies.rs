//! Tests of protection plans: creating, listing, changing, deleting.

use reqwest::Method;
use sandbox::Id;
use serde_json::{Value, json};

use crate::support::Response;
use crate::support::demo::{DemoFixture, demo, send};
use crate::support::plans::{plan, policy_id, rejection};

const POLICIES: &str = "/api/policy_management/v4/policies";

fn create_plan(fixture: &DemoFixture, name: &str) -> Value {
    let plan = plan(name);
    fixture.post(POLICIES, &plan).ok();
    plan
}

/// The names of the plans in a list that this test created.
fn names(response: Response) -> Vec<String> {
    response
        .items()
        .iter()
        .filter_map(|item| item.pointer("/policy/0/name")?.as_str())
        .map(str::to_owned)
        .filter(|name| name.starts_with("Test "))
        .collect()
}

#[test]
fn plan_of_the_tutorial_is_returned_as_sent() {
    let fixture = DemoFixture::new();
    let plan = plan("Test plan");
    let created = fixture.post(POLICIES, &plan);
    assert_eq!(created.status, 200);
    let (root, child) = (policy_id(&plan, 0), policy_id(&plan, 1));
    assert_eq!(
        created.body,
        json!({ "result": [
            format!("{root}@policy.protection.total"),
            format!("{child}@policy.backup.machine"),
        ] })
    );

    let one = fixture.get(&format!("{POLICIES}/{root}")).ok();
    assert_eq!(one["policy"].as_array().map(Vec::len), Some(1));
    assert_eq!(one["policy"][0].get("settings"), None);
    let complete = fixture
        .get(&format!(
            "{POLICIES}/{root}?full_composite=true&include_settings=true"
        ))
        .ok();
    let settings = &plan["subject"]["policy"][1]["settings"];
    assert_eq!(&complete["policy"][1]["settings"], settings);
    assert_eq!(complete["policy"][1]["parent_ids"], json!([root]));
    assert_eq!(complete["policy"][1]["settings_schema"], "2.0");
    let text = complete.to_string();
    assert!(text.contains(r#""size":9223372036854775807"#), "{text}");
    // A child without its plan stays a child.
    let alone = fixture
        .get(&format!("{POLICIES}/{child}?full_composite=true"))
        .ok();
    assert_eq!(alone["policy"].as_array().map(Vec::len), Some(1));
    assert_eq!(alone["policy"][0]["id"], child);
}

#[test]
fn accepts_a_double_slash_in_the_path() {
    let fixture = DemoFixture::new();
    create_plan(&fixture, "Test plan");
    let url = format!(
        "{}/api/policy_management/v4/policies?type=any",
        fixture.sandbox().url()
    );
    let original = fixture
        .call(Method::GET, POLICIES)
        .build()
        .expect("a request");
    let authorization = original.headers()["authorization"].clone();
    let http = crate::support::http();
    let request = http.get(url).header("authorization", authorization);
    assert_eq!(names(send(request)), ["Test plan"]);
}

#[test]
fn rejects_ids_for_only_some_policies() {
    let fixture = DemoFixture::new();
    let mut without_ids = plan("Test plan");
    for policy in without_ids["subject"]["policy"]
        .as_array_mut()
        .expect("policies")
    {
        let policy = policy.as_object_mut().expect("a policy");
        policy.remove("id");
        policy.remove("parent_ids");
    }
    let result = fixture.post(POLICIES, &without_ids).ok();
    let first = result["result"][0].as_str().expect("a text");
    assert!(first.ends_with("@policy.protection.total"), "{first}");

    let mut half = plan("Test plan");
    half["subject"]["policy"][1]
        .as_object_mut()
        .expect("a policy")
        .remove("id");
    let rejected = fixture.post(POLICIES, &half);
    assert_eq!(rejection(&rejected), (400, "BadRequestError"));

    // The ids are replaced on request.
    let mut fresh = plan("Test plan");
    fresh["ignore_policy_and_tenant_ids"] = true.into();
    let result = fixture.post(POLICIES, &fresh).ok();
    assert!(!result.to_string().contains(&policy_id(&fresh, 0)));
}

#[test]
fn posting_a_known_plan_replaces_it() {
    let fixture = DemoFixture::new();
    let mut plan = create_plan(&fixture, "Test plan");
    let root = policy_id(&plan, 0);
    plan["subject"]["policy"][0]["name"] = "Test plan, renamed".into();
    plan["subject"]["policy"][1]["settings"]["compression"] = "max".into();
    fixture.post(POLICIES, &plan).ok();
    assert_eq!(names(fixture.get(POLICIES)), ["Test plan, renamed"]);

    // A child that is not sent is deleted.
    plan["subject"]["policy"]
        .as_array_mut()
        .expect("policies")
        .pop();
    fixture.post(POLICIES, &plan).ok();
    let remaining = fixture
        .get(&format!("{POLICIES}/{root}?full_composite=true"))
        .ok();
    assert_eq!(remaining["policy"].as_array().map(Vec::len), Some(1));

    // The id is taken for other tenants, too.
    let customer = demo("Alder Dental Practice");
    plan["override_tenant_id"] = customer.into();
    let rejected = fixture.post(POLICIES, &plan);
    assert_eq!(rejection(&rejected), (403, "AccessDeniedError"));
    assert!(rejected.body["context"]["required_scope"].is_string());
}

#[test]
fn rejects_invalid_plans() {
    let fixture = DemoFixture::new();
    let create_with = |change: &dyn Fn(&mut Value)| {
        let mut plan = plan("Test plan");
        change(&mut plan);
        let rejected = fixture.post(POLICIES, &plan);
        let (status, code) = rejection(&rejected);
        (status, code.to_owned())
    };
    let bad_request = (400, "BadRequestError".to_owned());
    let blocked = |code: &str| (422, code.to_owned());
    let policy = |number: usize, field: &'static str, value: Value| {
        create_with(&move |plan| plan["subject"]["policy"][number][field] = value.clone())
    };
    let setting = |pointer: &'static str, value: Value| {
        create_with(&move |plan| {
            *plan
                .pointer_mut(&format!("/subject/policy/1/settings{pointer}"))
                .expect(pointer) = value.clone();
        })
    };

    assert_eq!(
        create_with(&|plan| plan["subject"] = json!({})),
        bad_request
    );
    assert_eq!(policy(0, "enabled", "true".into()), bad_request);
    assert_eq!(policy(0, "enabled", Value::Null), bad_request);
    assert_eq!(policy(0, "origin", "elsewhere".into()), bad_request);
    assert_eq!(policy(0, "name", "".into()), bad_request);
    assert_eq!(policy(0, "id", "x".into()), bad_request);
    assert_eq!(policy(0, "tags", json!([])), bad_request);
    assert_eq!(policy(0, "type", Value::Null), bad_request);
    assert_eq!(policy(1, "settings_schema", "1.0".into()), bad_request);
    assert_eq!(policy(1, "settings_schema", "two".into()), bad_request);
    assert_eq!(policy(1, "settings", Value::Null), bad_request);
    assert_eq!(
        policy(1, "type", "policy.magic".into()),
        blocked("UnsupportedPolicyType")
    );
    let dependency = blocked("DependencyValidationError");
    assert_eq!(policy(1, "parent_ids", json!([])), dependency);
    assert_eq!(policy(1, "parent_ids", json!([Id::random()])), dependency);
    assert_eq!(
        create_with(&|plan| plan["subject"]["policy"] = json!([])),
        dependency
    );

    let schema = blocked("SchemaValidationError");
    assert_eq!(setting("/scheduling/scheme", "sometimes".into()), schema);
    assert_eq!(setting("/scheduling/enabled", "yes".into()), schema);
    assert_eq!(setting("/vault/type", "attic".into()), schema);
    assert_eq!(setting("/splitting/size", json!(9.5)), schema);
    assert_eq!(
        setting("/retention/rules/0/max_age/type", "moons".into()),
        schema
    );
    assert_eq!(setting("/cbt", "maybe".into()), schema);
    assert_eq!(
        setting(
            "/scheduling/backup_sets/0/schedule/alarms/time/weekdays",
            json!(["monday"])
        ),
        schema
    );
    assert!(
        names(fixture.get(POLICIES)).is_empty(),
        "nothing was created"
    );
}

#[test]
fn lists_are_filtered_and_paged_while_plans_are_created() {
    let fixture = DemoFixture::new();
    let plans: Vec<Value> = (1..=5)
        .map(|number| create_plan(&fixture, &format!("Test {number}")))
        .collect();
    let list = |query: &str| names(fixture.get(&format!("{POLICIES}?{query}")));
    assert_eq!(
        list("search=Test"),
        ["Test 5", "Test 4", "Test 3", "Test 2", "Test 1"]
    );
    assert_eq!(list("search=Test*3"), ["Test 3"]);
    let (one, two) = (policy_id(&plans[0], 0), policy_id(&plans[1], 1));
    assert_eq!(
        list(&format!("policy_id=or({one},{two})")),
        ["Test 2", "Test 1"]
    );
    assert_eq!(
        list("types=policy.security.patch_management&search=Test").len(),
        0
    );
    assert_eq!(list("types=policy.backup.machine&search=Test").len(), 5);
    assert_eq!(list("enabled=false").len(), 0);
    assert_eq!(list("templates_only=true").len(), 0);
    let tenant = fixture.get(&format!("{POLICIES}/{one}")).ok()["policy"][0]["tenant_id"].clone();
    let tenant = tenant.as_str().expect("a number in a text");
    assert_eq!(list(&format!("tenant_id={tenant}&search=Test")).len(), 5);
    assert_eq!(
        list(&format!("tenant_id={}&search=Test", fixture.me)).len(),
        5
    );
    assert!(list(&format!("applicable_to_context_id={}", Id::random())).is_empty());

    let roots = fixture
        .get(&format!("{POLICIES}?parent_ids=&search=Test"))
        .items();
    assert!(
        roots
            .iter()
            .all(|item| item["policy"].as_array().map(Vec::len) == Some(1))
    );

    let mut page = fixture.get(&format!("{POLICIES}?search=Test&limit=2")).ok();
    assert_eq!(page["paging"]["cursors"]["total"], 5);
    assert_eq!(page["paging"]["cursors"].get("before"), None);
    assert!(page["timestamp"].is_string());
    let mut seen = Vec::new();
    loop {
        seen.extend(names(Response {
            status: 200,
            body: page.clone(),
        }));
        create_plan(&fixture, "Test, later");
        let Some(after) = page["paging"]["cursors"]["after"].as_str() else {
            break;
        };
        page = fixture
            .get(&format!("{POLICIES}?limit=2&after={after}"))
            .ok();
    }
    assert_eq!(seen, ["Test 5", "Test 4", "Test 3", "Test 2", "Test 1"]);

    for query in [
        "limit=x",
        "after=x",
        "enabled=maybe",
        "policy_id=x",
        "include_applied_context=true&applicable_to_context_id=00000000-0000-4000-8000-000000000000",
    ] {
        let rejected = fixture.get(&format!("{POLICIES}?{query}"));
        assert_eq!(rejection(&rejected), (400, "BadRequestError"), "{query}");
    }
}

#[test]
fn plan_is_changed_in_part() {
    let fixture = DemoFixture::new();
    let plan = create_plan(&fixture, "Test plan");
    let (root, child) = (policy_id(&plan, 0), policy_id(&plan, 1));
    let patch = |id: &str, policies: Value| {
        let body = json!({ "subject": { "policy": policies } });
        send(
            fixture
                .call(Method::PATCH, &format!("{POLICIES}/{id}"))
                .json(&body),
        )
    };
    assert_eq!(patch(&root, json!([{ "enabled": false }])).status, 204);
    assert_eq!(
        names(fixture.get(&format!("{POLICIES}?enabled=false"))),
        ["Test plan"]
    );
    let settings = json!({ "retention": { "after_backup": false }, "more": { "a": 1 } });
    let changes = json!([{ "name": "Test, changed" }, { "id": child, "settings": settings }]);
    assert_eq!(patch(&root, changes).status, 204);
    let complete = fixture
        .get(&format!(
            "{POLICIES}/{root}?full_composite=true&include_settings=true"
        ))
        .ok();
    assert_eq!(complete["policy"][0]["name"], "Test, changed");
    let merged = &complete["policy"][1]["settings"];
    assert_eq!(merged["retention"]["after_backup"], false);
    assert_eq!(
        merged["retention"]["rules"].as_array().map(Vec::len),
        Some(3)
    );
    assert_eq!(merged["more"], json!({ "a": 1 }));

    let rejected = patch(&child, json!([{ "settings": { "cbt": 1 } }]));
    assert_eq!(rejection(&rejected), (422, "SchemaValidationError"));
    for (id, policies) in [
        (&root, json!([{ "enabled": "no" }])),
        (&root, json!([{ "id": Id::random() }])),
        (&root, json!([1])),
        (&child, json!([{}, {}])),
        (&child, json!([{ "id": root }])),
    ] {
        let rejected = patch(id, policies.clone());
        assert_eq!(rejection(&rejected), (400, "BadRequestError"), "{policies}");
    }
    let rejected = patch(&Id::random().to_string(), json!([]));
    assert_eq!(rejection(&rejected), (404, "NotFoundError"));
}

#[test]
fn plans_are_deleted() {
    let fixture = DemoFixture::new();
    let plans: Vec<Value> = (1..=4)
        .map(|number| create_plan(&fixture, &format!("Test {number}")))
        .collect();
    let path = format!("{POLICIES}/{}", policy_id(&plans[0], 0));
    assert_eq!(fixture.delete(&path).status, 204);
    assert_eq!(rejection(&fixture.delete(&path)), (404, "NotFoundError"));
    let child = format!("{POLICIES}/{}", policy_id(&plans[0], 1));
    assert_eq!(rejection(&fixture.get(&child)), (404, "NotFoundError"));

    let (two, three) = (policy_id(&plans[1], 0), policy_id(&plans[2], 0));
    let query = format!("{POLICIES}?policy_id=or({two},{three})");
    assert_eq!(fixture.delete(&query).status, 204);
    assert_eq!(names(fixture.get(POLICIES)), ["Test 4"]);
    assert_eq!(
        rejection(&fixture.delete(POLICIES)),
        (400, "BadRequestError")
    );
}

#[test]
fn rejects_an_eleventh_favorite() {
    let fixture = DemoFixture::new();
    let favorites: Vec<Value> = (1..=11)
        .map(|number| {
            let plan = create_plan(&fixture, &format!("Test {number}"));
            json!({ "id": policy_id(&plan, 0), "favorite": true, "favorite_order": number })
        })
        .collect();
    let set = |favorites: &[Value]| {
        let path = format!("{POLICIES}/favorite");
        send(fixture.call(Method::PATCH, &path).json(&favorites))
    };
    assert_eq!(set(&favorites[..10]).status, 204);
    assert_eq!(rejection(&set(&favorites[10..])), (400, "BadRequestError"));
    assert_eq!(
        names(fixture.get(&format!("{POLICIES}?favorite=true"))).len(),
        10
    );
    assert_eq!(
        rejection(&set(&[json!({ "id": "x" })])),
        (400, "BadRequestError")
    );
}

#[test]
fn plans_of_inaccessible_tenants_are_hidden() {
    let fixture = DemoFixture::new();
    let customer = demo("Alder Dental Practice");
    let mut own = plan("Test plan");
    own["override_tenant_id"] = customer.clone().into();
    fixture.post(POLICIES, &own).ok();
    let path = format!("{POLICIES}/{}", policy_id(&own, 0));
    let other = demo("Dune Architects");
    let of = |tenant: &str, path: &str| send(fixture.as_client_of(tenant, Method::GET, path));
    assert_eq!(of(&customer, &path).status, 200);
    assert_eq!(names(of(&customer, POLICIES)), ["Test plan"]);
    assert_eq!(rejection(&of(&other, &path)), (404, "NotFoundError"));
    assert!(names(of(&other, POLICIES)).is_empty());
    let nobody = send(fixture.as_nobody(Method::GET, POLICIES));
    assert_eq!(rejection(&nobody), (401, "UnauthorizedRequest"));
}

#[test]
fn statuses_of_plans_are_lists_of_lists() {
    let fixture = DemoFixture::new();
    let plan = create_plan(&fixture, "Test plan");
    let path = "/api/policy_management/v4/policy_statuses";
    let one = fixture
        .get(&format!("{path}?policy_id={}", policy_id(&plan, 0)))
        .items();
    assert_eq!(one[0].as_array().map(Vec::len), Some(2));
    assert_eq!(one[0][0]["policy"]["name"], "Test plan");
    assert_eq!(one[0][0]["policy"]["tenant_name"], "Sandbox Partner");
    assert_eq!(one[0][1]["contexts"]["total_number_or_resources"], 0);
    let applied = fixture
        .get(&format!(
            "{path}?policy_id={}&join_not_applied=false",
            policy_id(&plan, 0)
        ))
        .items();
    assert!(applied.is_empty());
    for query in ["order=size", "limit=-1", "join_not_applied=x"] {
        let rejected = fixture.get(&format!("{path}?{query}"));
        assert_eq!(rejection(&rejected), (400, "BadRequestError"), "{query}");
    }
}
