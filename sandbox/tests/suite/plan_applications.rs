//! Protection plans on machines: applied, run, revoked.

use std::time::{Duration, Instant};

use reqwest::Method;
use sandbox::Id;
use sandbox::Options;
use serde_json::{Value, json};

use crate::support::Response;
use crate::support::demo::{DemoFixture, demo, send};
use crate::support::plans::{plan, policy_id, rejection};

const POLICIES: &str = "/api/policy_management/v4/policies";
const APPLICATIONS: &str = "/api/policy_management/v4/applications";
const CUSTOMER: &str = "Alder Dental Practice";

fn named(name: &str) -> String {
    Id::named(name).to_string()
}

/// The machines of the demo customer: those with the plan, and one without.
fn machines() -> [String; 3] {
    ["ws01", "ws02", "srv01"].map(|it| named(&format!("machine alder-{it}.alder.example")))
}

/// A new plan of the demo customer: its id and that of its child.
fn create_plan(fixture: &DemoFixture, name: &str) -> (String, String) {
    let mut plan = plan(name);
    plan["override_tenant_id"] = demo(CUSTOMER).into();
    fixture.post(POLICIES, &plan).ok();
    (policy_id(&plan, 0), policy_id(&plan, 1))
}

fn apply(fixture: &DemoFixture, plan: &str, machines: &[&str]) -> Response {
    let request = json!({ "policy_id": plan, "context": { "items": machines } });
    fixture.post(APPLICATIONS, &request)
}

fn run(fixture: &DemoFixture, state: &str, plan: &str, machines: &[&str]) -> Response {
    let order = json!({ "state": state, "policy_id": plan, "context_ids": machines });
    fixture.put(&format!("{APPLICATIONS}/run"), &order)
}

/// The backup of a plan on a machine.
fn backup(fixture: &DemoFixture, machine: &str) -> Value {
    let items = fixture
        .get(&format!(
            "{APPLICATIONS}?context_id={machine}&policy_type=policy.backup.machine"
        ))
        .items();
    items
        .first()
        .and_then(|item| item.get(0))
        .expect("an application")
        .clone()
}

#[test]
fn demo_customer_has_an_applied_and_an_unapplied_plan() {
    let fixture = DemoFixture::new();
    for customer in [CUSTOMER, "Cedar Law Office", "Dune Architects"] {
        let tenant = demo(customer);
        let plans = fixture
            .get(&format!(
                "{POLICIES}?tenant_id={tenant}&include_applied_context=true"
            ))
            .items();
        let applied: Vec<usize> = plans
            .iter()
            .map(|plan| plan["context"]["items"].as_array().map_or(0, Vec::len))
            .collect();
        assert_eq!(applied.len(), 2, "{customer}");
        assert!(applied[0] > 1 && applied[1] == 0, "{customer}: {applied:?}");
    }
    let [first, _, unprotected] = machines();
    let application = backup(&fixture, &first);
    for time in ["last_run_time", "last_success_time", "next_run_time"] {
        assert!(
            application[time]
                .as_str()
                .is_some_and(|time| time.ends_with('Z')),
            "{application}"
        );
    }
    assert_eq!(application["running"]["state"], "idle");
    assert_eq!(
        application["policy"]["parent_ids"].as_array().map(Vec::len),
        Some(1)
    );
    let none = fixture
        .get(&format!("{APPLICATIONS}?context_id={unprotected}"))
        .items();
    assert!(none.is_empty());
}

#[test]
fn plan_is_applied_and_revoked() {
    let fixture = DemoFixture::new();
    let [_, _, machine] = machines();
    let (root, child) = create_plan(&fixture, "Mine");
    let applicable = || -> Vec<Value> {
        let query = format!("applicable_to_context_id={machine}&type=policy.protection.total");
        let plans = fixture.get(&format!("{POLICIES}?{query}")).items();
        plans
            .iter()
            .map(|plan| plan["policy"][0]["id"].clone())
            .collect()
    };
    assert_eq!(applicable()[0], json!(root), "the newest is first");
    assert_eq!(applicable().len(), 3);

    assert_eq!(apply(&fixture, &root, &[&machine]).status, 204);
    // Repeating it succeeds.
    assert_eq!(apply(&fixture, &root, &[&machine]).status, 204);
    assert!(
        !applicable().contains(&json!(root)),
        "it is already applied"
    );

    let items = fixture
        .get(&format!("{APPLICATIONS}?context_id={machine}"))
        .items();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0][0]["policy"]["id"], json!(root));
    assert_eq!(
        items[0][0].get("status"),
        None,
        "the plan itself has no state"
    );
    assert_eq!(items[0][1]["policy"]["id"], json!(child));
    assert_eq!(items[0][1]["status"], "scheduled");
    assert_eq!(items[0][1]["deployment"]["state"], "deployed");
    assert_eq!(items[0][0]["origin_contexts"], json!([machine]));

    let query = format!("{APPLICATIONS}?context_id={machine}&policy_id={root}");
    assert_eq!(fixture.delete(&query).status, 204);
    assert_eq!(fixture.delete(&query).status, 204);
    assert!(fixture.get(&query).items().is_empty());
    let plans = fixture.get(&format!("{POLICIES}/{root}"));
    assert_eq!(plans.status, 200, "the plan stays");
    assert_eq!(
        rejection(&fixture.delete(APPLICATIONS)),
        (400, "BadRequestError")
    );
}

#[test]
fn plan_of_a_group_applies_to_its_members() {
    let fixture = DemoFixture::new();
    let [_, _, unprotected] = machines();
    let resources = "/api/resource_management/v4/resources";
    let group = json!({
        "type": "resource.group.computers",
        "parent_group_ids": ["301d1574-849e-4714-859f-3a2ec12a218b"],
        "group_condition": "alder-srv*",
        "allowed_member_types": ["resource.machine"],
        "name": "Servers",
        "user_defined_name": "Servers",
    });
    let request = fixture.as_client_of(&demo(CUSTOMER), Method::POST, resources);
    assert_eq!(send(request.json(&group)).status, 204);
    let groups = fixture.get(&format!("{resources}?is_group=true")).items();
    let group = groups.iter().find(|it| it["name"] == "Servers");
    let group = group.and_then(|it| it["id"].as_str()).expect("a group");
    let (root, _) = create_plan(&fixture, "Mine");
    assert_eq!(apply(&fixture, &root, &[group]).status, 204);
    let items = fixture
        .get(&format!("{APPLICATIONS}?policy_id={root}"))
        .items();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0][0]["context"]["id"], json!(unprotected));
    assert_eq!(items[0][0]["origin_contexts"], json!([group]));
}

#[test]
fn rejects_a_second_backup_plan() {
    let fixture = DemoFixture::new();
    let [first, second, unprotected] = machines();
    let (root, child) = create_plan(&fixture, "Mine");
    let rejected = apply(&fixture, &root, &[&unprotected, &first]);
    assert_eq!(
        rejection(&rejected),
        (422, "MultipleApplicationsWithPolicyTypesError")
    );
    let issue = &rejected.body["issues"][0];
    assert_eq!(
        (&issue["severity"], &issue["link"]),
        (&json!("error"), &json!(""))
    );
    let context = &issue["error"]["context"];
    assert_eq!(context["subject_root_policy_id"], json!(root));
    assert_eq!(
        context["conflicts"][0]["subject_policy"],
        json!(format!("{child}@policy.backup.machine"))
    );
    let target = &context["conflicts"][0]["targets"][0];
    assert_eq!(target["resources"][0]["id"], json!(first));
    let none = fixture
        .get(&format!("{APPLICATIONS}?policy_id={root}"))
        .items();
    assert!(
        none.is_empty(),
        "nothing is applied if one machine has a conflict"
    );

    let request = json!({
        "policy_id": root,
        "context": { "items": [second] },
        "disable_on_conflict": true,
    });
    let done = fixture.post(APPLICATIONS, &request);
    assert_eq!(done.status, 200);
    assert_eq!(done.body["issues"][0]["severity"], "warning");
    let items = fixture
        .get(&format!(
            "{APPLICATIONS}?policy_id={root}&context_id={second}"
        ))
        .items();
    assert_eq!(items[0][0]["enabled"], false);
    let enabled = fixture
        .get(&format!(
            "{APPLICATIONS}?context_id={second}&enabled_only=true"
        ))
        .items();
    assert_eq!(enabled.len(), 1);
}

#[test]
fn run_progresses_and_ends() {
    // Two seconds and a half.
    let fixture = DemoFixture::with(Options {
        speed: 24.0,
        ..Options::default()
    });
    let [_, _, machine] = machines();
    let (root, _) = create_plan(&fixture, "Mine");
    apply(&fixture, &root, &[&machine]).ok();
    assert_eq!(backup(&fixture, &machine).get("last_run_time"), None);

    let started = run(&fixture, "running", &root, &[&machine]);
    assert_eq!((started.status, started.body), (202, Value::Null));
    let begun = Instant::now();
    let mut progress = Vec::new();
    loop {
        let application = backup(&fixture, &machine);
        if application["running"]["state"] == "idle" {
            assert_eq!(application["status"], "idle");
            assert_eq!(application["sequenceId"], 1);
            assert!(application["last_success_time"].is_string());
            break;
        }
        assert_eq!(application["status"], "running");
        assert_eq!(application["running"]["activities"], json!(["backup"]));
        assert_eq!(application.get("last_success_time"), None);
        progress.push(
            application["running"]["progress"]
                .as_i64()
                .expect("an integer"),
        );
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "the run does not end"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(progress.is_sorted() && progress.len() > 2, "{progress:?}");
    assert!(
        progress.iter().all(|it| (0..100).contains(it)),
        "{progress:?}"
    );
}

#[test]
fn run_can_be_canceled() {
    let fixture = DemoFixture::new();
    let [_, _, machine] = machines();
    let (root, child) = create_plan(&fixture, "Mine");
    apply(&fixture, &root, &[&machine]).ok();
    assert_eq!(
        run(&fixture, "cancelling", &root, &[&machine]).status,
        204,
        "there is no run to cancel"
    );
    // Start it by the id of the child, and cancel it by the id of the plan.
    assert_eq!(run(&fixture, "running", &child, &[&machine]).status, 202);
    let running = fixture
        .get(&format!(
            "{APPLICATIONS}?policy_id={root}&execution_state=running"
        ))
        .items();
    assert_eq!(running.len(), 1);
    assert_eq!(run(&fixture, "cancelling", &root, &[&machine]).status, 202);
    assert_eq!(backup(&fixture, &machine)["running"]["state"], "idle");

    // Its task and activities were canceled with it.
    for list in ["tasks", "activities"] {
        let of_plan = format!("/api/task_manager/v2/{list}?policyId={child}");
        let ended = fixture.get(&of_plan).items();
        assert!(!ended.is_empty(), "{list}");
        for one in ended {
            assert_eq!(one["state"], "completed", "{one}");
            assert_eq!(one["result"], json!({ "code": "cancelled" }), "{one}");
        }
    }
}

#[test]
fn rejects_invalid_applications() {
    let fixture = DemoFixture::new();
    let [first, _, machine] = machines();
    let (root, child) = create_plan(&fixture, "Mine");
    let unknown_id = Id::random().to_string();
    let bad = (400, "BadRequestError");
    assert_eq!(
        rejection(&run(&fixture, "running", &root, &[&machine])),
        bad
    );
    assert_eq!(
        rejection(&run(&fixture, "running", &unknown_id, &[&machine])),
        bad
    );
    assert_eq!(
        rejection(&run(&fixture, "sprinting", &root, &[&machine])),
        bad
    );
    assert_eq!(rejection(&run(&fixture, "running", "x", &[&machine])), bad);
    assert_eq!(rejection(&apply(&fixture, &child, &[&machine])), bad);
    assert_eq!(rejection(&apply(&fixture, &unknown_id, &[&machine])), bad);
    assert_eq!(rejection(&apply(&fixture, &root, &[&unknown_id])), bad);
    assert_eq!(rejection(&apply(&fixture, &root, &[])), bad);
    let too_many: Vec<String> = (0..101).map(|_| Id::random().to_string()).collect();
    let too_many: Vec<&str> = too_many.iter().map(String::as_str).collect();
    assert_eq!(rejection(&apply(&fixture, &root, &too_many)), bad);
    let stranger = named("machine dune-ws01.dune.example");
    assert_eq!(
        rejection(&apply(&fixture, &root, &[&stranger])),
        bad,
        "a machine of another customer"
    );
    let other = json!({ "policy_id": root, "context": { "items": [first] } });
    let request = fixture.as_client_of(&demo("Dune Architects"), Method::POST, APPLICATIONS);
    assert_eq!(
        rejection(&send(request.json(&other))),
        bad,
        "the caller cannot see the plan"
    );
    assert_eq!(
        rejection(&fixture.get(&format!("{APPLICATIONS}?limit=x"))),
        bad
    );
    let statistics = fixture
        .get(&format!("{APPLICATIONS}/issues/statistics"))
        .ok();
    assert_eq!(statistics, json!([]));
}

#[test]
fn applications_are_paged() {
    let fixture = DemoFixture::new();
    let tenant = demo("Dune Architects");
    let list = |query: &str| {
        fixture
            .get(&format!("{APPLICATIONS}?tenant_id={tenant}{query}"))
            .ok()
    };
    let all = list("");
    let count = all["items"].as_array().map_or(0, Vec::len);
    assert_eq!(all["paging"]["cursors"]["total"], count);
    let mut seen = Vec::new();
    let mut page = list("&limit=3");
    loop {
        seen.extend(page["items"].as_array().expect("items").clone());
        let Some(after) = page["paging"]["cursors"]["after"].as_str() else {
            break;
        };
        page = list(&format!("&limit=3&after={after}"));
    }
    assert_eq!(Value::from(seen), all["items"]);
}
