//! Tasks and activities: filters, order, level of detail, pages.

#![allow(clippy::indexing_slicing, reason = "a panic is how a test fails")]

use std::collections::HashSet;

use crate::support::{Caller, SandboxFixture};
use serde_json::{Value, json};

const TASKS: &str = "/api/task_manager/v2/tasks";
const ACTIVITIES: &str = "/api/task_manager/v2/activities";

/// A sandbox with the demo data, and a caller with a token.
fn demo() -> (SandboxFixture, Caller) {
    let fixture = SandboxFixture::with(sandbox::Options::default());
    let caller = fixture.bearer();
    (fixture, caller)
}

fn items(fixture: &SandboxFixture, caller: &Caller, path: &str) -> Vec<Value> {
    fixture.get(caller, path).items()
}

#[test]
fn tasks_of_a_month_are_consistent() {
    let (fixture, caller) = demo();
    let tasks = items(&fixture, &caller, TASKS);
    assert!(tasks.len() > 300, "{}", tasks.len());
    let results: HashSet<&str> = tasks
        .iter()
        .filter_map(|task| task["result"]["code"].as_str())
        .collect();
    assert_eq!(results, HashSet::from(["ok", "warning", "error"]));
    let task = &tasks[0];
    for field in [
        "state",
        "tenant",
        "queue",
        "id",
        "idString",
        "uuid",
        "issuer",
        "cancelRequested",
        "enqueuedAt",
        "updatedAt",
        "type",
        "assignCount",
        "priority",
    ] {
        assert!(!task[field].is_null(), "{field}: {task}");
    }
    let id = task["idString"].as_str().expect("an id");
    assert_eq!(task["id"].to_string(), id);
    let activities = items(&fixture, &caller, &format!("{ACTIVITIES}?taskId={id}"));
    assert!(!activities.is_empty());
    assert_eq!(activities[0]["taskIdString"], json!(id));
    assert_eq!(activities[0]["resource"], task["resource"]);
    for key in [id, task["uuid"].as_str().expect("a UUID")] {
        assert_eq!(fixture.get(&caller, &format!("{TASKS}/{key}")).body, *task);
    }
    assert_eq!(fixture.get(&caller, &format!("{TASKS}/1")).status, 404);
    assert_eq!(fixture.get(&caller, &format!("{TASKS}/x")).status, 400);
    assert_eq!(fixture.get(&Caller::Nobody, TASKS).status, 401);
}

#[test]
fn filters_return_the_matching_tasks() {
    let (fixture, caller) = demo();
    let all = items(&fixture, &caller, TASKS);
    let task = &all[all.len() / 2];
    let completed = task["completedAt"].as_str().expect("a time");
    let count = |query: &str| items(&fixture, &caller, &format!("{TASKS}?{query}")).len();
    let expected = |test: &dyn Fn(&Value) -> bool| all.iter().filter(|task| test(task)).count();

    assert_eq!(
        count(&format!("completedAt=gt({completed})"))
            + count(&format!("completedAt=le({completed})")),
        all.len()
    );
    assert_eq!(
        count(&format!(
            "completedAt=ge({completed})&completedAt=le({completed})"
        )),
        expected(&|other| other["completedAt"] == task["completedAt"])
    );
    assert_eq!(
        count("resultCode=error"),
        expected(&|task| task["result"]["code"] == "error")
    );
    assert_eq!(
        count("resultCode=error&resultCode=warning&policyType=backup"),
        expected(&|task| task["policy"]["type"] == "backup" && task["result"]["code"] != "ok")
    );
    let name = task["resource"]["name"].as_str().expect("a name");
    let same = expected(&|other| other["resource"]["name"] == name);
    assert_eq!(count(&format!("resourceName={name}")), same);
    assert_eq!(
        count(&format!("resourceName=like({})", name.to_uppercase())),
        same
    );
    assert_eq!(count("state=completed"), all.len());
    assert_eq!(count("state=started&state=paused"), 0);
    assert_eq!(count("unknown=1"), all.len());
    for bad in [
        "state=nonsense",
        "completedAt=gt(yesterday)",
        "id=x",
        "order=size",
        "lod=huge",
        "limit=-1",
        "after=x",
        "completedAt=or(1,2)",
        "policyName=hlike(x)",
    ] {
        let response = fixture.get(&caller, &format!("{TASKS}?{bad}"));
        assert_eq!(response.status, 400, "{bad}");
        assert_eq!(response.body["domain"], "TaskManager", "{bad}");
    }
}

#[test]
fn order_and_level_of_detail_apply() {
    let (fixture, caller) = demo();
    let sorted = |order: &str, field: &str| {
        let items = items(
            &fixture,
            &caller,
            &format!("{TASKS}?order={order}&limit=50"),
        );
        items
            .iter()
            .map(|task| task[field].as_str().expect(field).to_owned())
            .collect::<Vec<_>>()
    };
    let up = sorted("asc(completedAt)", "completedAt");
    assert!(up.is_sorted());
    let down = sorted("desc(enqueuedAt)", "enqueuedAt");
    assert!(down.is_sorted_by(|one, other| one >= other));
    let tiny = &items(&fixture, &caller, &format!("{TASKS}?lod=tiny&limit=1"))[0];
    assert!(tiny["result"].is_null() && tiny["policy"].is_null());
    let short = &items(&fixture, &caller, &format!("{TASKS}?lod=short&limit=1"))[0];
    assert!(short["result"].is_object() && short["policy"].is_null());
    let count = fixture
        .get(&caller, &format!("{TASKS}?lod=count&resultCode=ok"))
        .body;
    let ok = items(&fixture, &caller, &format!("{TASKS}?resultCode=ok")).len();
    assert_eq!(count, json!({ "items": [], "size": ok }));
}

#[test]
fn pages_contain_every_task_once() {
    let (fixture, caller) = demo();
    for list in [TASKS, ACTIVITIES] {
        let all = items(&fixture, &caller, &format!("{list}?resultCode=error"));
        let mut seen = Vec::new();
        let mut query = "limit=3&resultCode=error".to_owned();
        loop {
            let page = fixture.get(&caller, &format!("{list}?{query}")).body;
            seen.extend(page["items"].as_array().expect("items").clone());
            assert_eq!(page["size"], page["items"].as_array().map_or(0, Vec::len));
            // Without a next page there is no `paging`.
            let Some(paging) = page.get("paging") else {
                break;
            };
            query = format!(
                "limit=3&after={}",
                paging["cursors"]["after"].as_str().expect("a cursor")
            );
        }
        assert_eq!(seen, all, "{list}");
    }
}

#[test]
fn caller_sees_only_accessible_tasks() {
    let (fixture, caller) = demo();
    let all = items(&fixture, &caller, TASKS);
    let customer = all[0]["tenant"]["uuid"]
        .as_str()
        .expect("a tenant")
        .to_owned();
    let (id, secret) = fixture.client(&fixture.admin(), &customer);
    let token = fixture.token(&id, &secret).body["access_token"].clone();
    let theirs = Caller::Token(token.as_str().expect("a token").to_owned());
    let own = items(&fixture, &theirs, TASKS);
    assert!(!own.is_empty() && own.len() < all.len());
    assert!(
        own.iter()
            .all(|task| task["tenant"]["uuid"] == json!(customer))
    );
    let other = all
        .iter()
        .find(|task| task["tenant"]["uuid"] != json!(customer))
        .expect("another");
    assert_eq!(
        fixture
            .get(&theirs, &format!("{TASKS}/{}", other["id"]))
            .status,
        404
    );
}
