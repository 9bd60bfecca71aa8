//! Protection plans.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tests::{SandboxProcess, TestHome, redactions};

use super::{with_client, with_user};

/// A home with a customer-scoped token. The customer has one machine, registered with an installation token.
fn with_machine(sandbox: &SandboxProcess) -> TestHome {
    let home = with_user(sandbox);
    home.run("get_agent_installation_token").success();
    home.run("issue_customer_scoped_token_for_bc").success();
    sandbox.advance("1s");
    sandbox.skip();
    home
}

/// A home with a token for a new customer without machines and plans.
fn with_customer_token(sandbox: &SandboxProcess) -> TestHome {
    let home = with_client(sandbox);
    for name in [
        "create_partner_tenant_and_assign_specific_edition",
        "create_customer_tenant_and_assign_specific_edition",
        "issue_customer_scoped_token_for_bc",
    ] {
        home.run(name).success();
    }
    sandbox.skip();
    home
}

#[test]
fn a_plan_is_created_and_listed() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_customer_token(&sandbox);

    let none = home.run("get_all_plans_info").success();
    assert_eq!(none.stdout, "0 plans saved in all_plans_info.json\n");
    sandbox.skip();

    insta::assert_snapshot!(home.run("create_a_backup_plan").success().stdout, @"Plan ID created with 2 policies, saved in plan_creation_response.json");
    insta::assert_snapshot!(sandbox.conversation(), @"POST /api/policy_management/v4/policies 200");
    let created = home.file("plan_creation_response.json");
    assert_eq!(
        created["result"].as_array().map(Vec::len),
        Some(2),
        "{created}"
    );

    insta::assert_snapshot!(home.run("get_all_plans_info").success().stdout, @"
    plan                  id                                    enabled  policies
    Rust Protection Plan  ID  yes      policy.backup.machine

    1 plan saved in all_plans_info.json
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"GET /api/policy_management/v4/policies 200");
    let saved = home.file("all_plans_info.json");
    let tenant = &saved["items"][0]["policy"][0]["tenant_id"];
    assert!(tenant.is_string(), "{saved}");
}

#[test]
fn without_a_machine_no_plan_is_applied_started_or_revoked() {
    let sandbox = SandboxProcess::start();
    let home = with_customer_token(&sandbox);
    for name in ["apply_plan", "start_plan_execution", "revoke_plan"] {
        home.example(name).refused(1);
    }
}

#[test]
fn a_plan_is_created_applied_started_and_revoked() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_machine(&sandbox);

    insta::assert_snapshot!(home.run("create_a_backup_plan").success().stdout, @"Plan ID created with 2 policies, saved in plan_creation_response.json");
    insta::assert_snapshot!(sandbox.conversation(), @"POST /api/policy_management/v4/policies 200");
    let created = home.file("plan_creation_response.json");
    assert_eq!(
        created["result"].as_array().map(Vec::len),
        Some(2),
        "{created}"
    );

    insta::assert_snapshot!(home.run("apply_plan").success().stdout, @"Plan ID applied to machine ID");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/resource_management/v4/resources 200
    GET /api/policy_management/v4/policies 200
    POST /api/policy_management/v4/applications 204
    ");

    insta::assert_snapshot!(home.run("start_plan_execution").success().stdout, @"Plan ID started on machine ID");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/resource_management/v4/resources 200
    GET /api/policy_management/v4/applications 200
    PUT /api/policy_management/v4/applications/run 202
    ");

    wait_for_the_backup(&sandbox, &home);
    sandbox.skip();

    insta::assert_snapshot!(home.run("revoke_plan").success().stdout, @"Plan ID revoked from machine ID");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/resource_management/v4/resources 200
    GET /api/policy_management/v4/applications 200
    DELETE /api/policy_management/v4/applications 204
    ");

    // No plan is applied now, and this one can be applied again.
    insta::assert_snapshot!(home.example("revoke_plan").refused(1).error(), @"no plan is applied to machine ID");
    home.example("start_plan_execution").refused(1);
    home.run("apply_plan").success();
}

/// With the call that the guide shows.
#[test]
fn a_backup_can_be_watched_while_it_runs() {
    let guide = include_str!("../../../../guide/src/plans.md");
    let running = "/api/task_manager/v2/tasks?state=started";
    assert!(guide.contains(running));
    let sandbox = SandboxProcess::start();
    let home = with_machine(&sandbox);
    // A backup takes 60 ms at the speed of the tests. The clock almost stops, and the test advances it.
    let speed = json!({ "speed": 0.001 });
    sandbox.control("PUT", "/_sandbox/clock", &speed);
    for name in ["create_a_backup_plan", "apply_plan", "start_plan_execution"] {
        home.run(name).success();
    }
    let token = home.file("api_customer_scoped_token.json");
    let token = token["access_token"].as_str().expect("a string").to_owned();
    let list = |path: &str| -> Vec<Value> {
        let authorization = format!("Bearer {token}");
        let found = sandbox.call("GET", path, &[("Authorization", &authorization)]);
        let found: Value = serde_json::from_str(&found).expect("JSON");
        found["items"].as_array().expect("a list").clone()
    };

    assert_eq!(list(running).len(), 0);
    assert_eq!(list("/api/task_manager/v2/tasks?state=enqueued").len(), 1);
    sandbox.advance("30ms");
    let [backup] = &list(running)[..] else {
        panic!("one backup");
    };
    assert_eq!(backup["policy"]["name"], "Rust Protection Plan");
    assert_eq!(backup["resource"]["name"], "TEST-MACHINE-1");
    let progress = backup["progress"]["current"].as_i64();
    assert!((1..100).contains(&progress.expect("a number")), "{backup}");
}

/// Waits until a task and an activity of the backup are completed.
fn wait_for_the_backup(sandbox: &SandboxProcess, home: &TestHome) {
    let token = home.file("api_customer_scoped_token.json");
    let token = token.get("access_token").and_then(Value::as_str);
    let token = format!("Bearer {}", token.expect("a string"));
    let started = Instant::now();
    for list in ["tasks", "activities"] {
        loop {
            let path = format!("/api/task_manager/v2/{list}");
            let found = sandbox.call("GET", &path, &[("Authorization", &token)]);
            let found: Value = serde_json::from_str(&found).expect("JSON");
            let items = found.get("items").and_then(Value::as_array);
            let is_completed = |item: &Value| item.get("state") == Some(&"completed".into());
            if items.expect("a list").iter().any(is_completed) {
                break;
            }
            assert!(started.elapsed() < Duration::from_secs(20), "{found}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_second_plan_conflicts_with_the_first() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_machine(&sandbox);
    for _ in 0..2 {
        home.run("create_a_backup_plan").success();
    }
    home.run("apply_plan").success();
    sandbox.skip();

    let outcome = home.example("apply_plan").refused(1);
    let help = "The machine has a plan of this type. To apply another one, revoke it first: run `cargo run -p plans --bin revoke_plan`.";
    assert_eq!(outcome.help(), help);
    insta::assert_snapshot!(outcome.error(), @r#"apply the plan: POST /api/policy_management/v4/applications: 422 Unprocessable Entity, code MultipleApplicationsWithPolicyTypesError, Another plan with policies of the same types is applied to the machine. ({"subject_root_policy_id":"ID","conflicts":[{"subject_policy":"ID@policy.backup.machine","targets":[{"root_policy_id":"ID","policies":["ID@policy.backup.machine"],"resources":[{"id":"ID","type":"resource.machine"}]}]}]}) [request ID]"#);
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/resource_management/v4/resources 200
    GET /api/policy_management/v4/policies 200
    POST /api/policy_management/v4/applications 422
    ");
}
