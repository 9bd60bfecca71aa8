//! Protection plans on the real sandbox.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tests::{SandboxProcess, TestHome, redactions};

use super::{with_client, with_user};

/// A home with a token for a customer whose one machine has come by the installation token of its user.
fn with_machine(sandbox: &SandboxProcess) -> TestHome {
    let home = with_user(sandbox);
    home.run("get_agent_installation_token").success();
    home.run("issue_customer_scoped_token_for_bc").success();
    sandbox.advance("1s");
    sandbox.skip();
    home
}

/// A home with a token for a new customer, who has neither a machine nor a plan.
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
fn a_plan_is_made_and_read() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_customer_token(&sandbox);

    let none = home.run("get_all_plans_info").success();
    assert_eq!(none.stdout, "all_plans_info.json holds 0 plans\n");
    sandbox.skip();

    insta::assert_snapshot!(home.run("create_a_backup_plan").success(), @"
    Plan ID is made of 2 policies, kept in plan_creation_response.json
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"POST /api/policy_management/v4/policies 200");
    let made = home.file("plan_creation_response.json");
    assert_eq!(made["result"].as_array().map(Vec::len), Some(2), "{made}");

    insta::assert_snapshot!(home.run("get_all_plans_info").success(), @"
    plan                  id                                    enabled  policies
    Rust Protection Plan  ID  yes      policy.backup.machine

    all_plans_info.json holds 1 plan
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"GET /api/policy_management/v4/policies 200");
    let kept = home.file("all_plans_info.json");
    let tenant = &kept["items"][0]["policy"][0]["tenant_id"];
    assert!(tenant.is_string(), "{kept}");
}

#[test]
fn without_a_machine_nothing_is_applied_run_or_revoked() {
    let sandbox = SandboxProcess::start();
    let home = with_customer_token(&sandbox);
    for name in ["apply_plan", "start_plan_execution", "revoke_plan"] {
        home.example(name).refused(1);
    }
}

#[test]
fn a_plan_is_made_applied_run_and_revoked() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_machine(&sandbox);

    insta::assert_snapshot!(home.run("create_a_backup_plan").success(), @"
    Plan ID created with 2 policies; the response is saved in plan_creation_response.json
    ! warning: calls use the customer-scoped token, which is valid for that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"POST /api/policy_management/v4/policies 200");
    let made = home.file("plan_creation_response.json");
    assert_eq!(made["result"].as_array().map(Vec::len), Some(2), "{made}");

    insta::assert_snapshot!(home.run("apply_plan").success(), @"
    Plan ID applied to machine ID
    ! warning: calls use the customer-scoped token, which is valid for that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/resource_management/v4/resources 200
    GET /api/policy_management/v4/policies 200
    POST /api/policy_management/v4/applications 204
    ");

    insta::assert_snapshot!(home.run("start_plan_execution").success(), @"
    Plan ID started on machine ID
    ! warning: calls use the customer-scoped token, which is valid for that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/resource_management/v4/resources 200
    GET /api/policy_management/v4/applications 200
    PUT /api/policy_management/v4/applications/run 202
    ");

    wait_for_the_run(&sandbox, &home);
    sandbox.skip();

    insta::assert_snapshot!(home.run("revoke_plan").success(), @"
    Plan ID revoked from machine ID
    ! warning: calls use the customer-scoped token, which is valid for that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/resource_management/v4/resources 200
    GET /api/policy_management/v4/applications 200
    DELETE /api/policy_management/v4/applications 204
    ");

    // Nothing is applied any more, and the plan could be applied again.
    insta::assert_snapshot!(home.example("revoke_plan").refused(1), @"
    ! warning: calls use the customer-scoped token, which is valid for that customer only; remove api_customer_scoped_token.json to work as the API client again
    ! error: no plan is applied to machine ID
    ! help: Run `cargo run -p plans --bin apply_plan` first.
    exit 1
    ");
    home.example("start_plan_execution").refused(1);
    home.run("apply_plan").success();
}

/// Waits until the run has ended as it should: a task and an activity that are completed.
fn wait_for_the_run(sandbox: &SandboxProcess, home: &TestHome) {
    let token = home.file("api_customer_scoped_token.json");
    let token = token.get("access_token").and_then(Value::as_str);
    let token = format!("Bearer {}", token.expect("a text"));
    let begun = Instant::now();
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
            assert!(begun.elapsed() < Duration::from_secs(20), "{found}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_second_plan_is_in_the_way_of_the_first() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_machine(&sandbox);
    for _ in 0..2 {
        home.run("create_a_backup_plan").success();
    }
    home.run("apply_plan").success();
    sandbox.skip();

    insta::assert_snapshot!(home.example("apply_plan").refused(1), @r#"
    ! warning: calls use the customer-scoped token, which is valid for that customer only; remove api_customer_scoped_token.json to work as the API client again
    ! error: apply the plan: POST /api/policy_management/v4/applications: 422 Unprocessable Entity, code MultipleApplicationsWithPolicyTypesError, Another plan with policies of the same types is applied to the machine. ({"subject_root_policy_id":"ID","conflicts":[{"subject_policy":"ID@policy.backup.machine","targets":[{"root_policy_id":"ID","policies":["ID@policy.backup.machine"],"resources":[{"id":"ID","type":"resource.machine"}]}]}]}) [request ID]
    ! help: Resolve what the platform's message above names, then run it again.
    exit 1
    "#);
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/resource_management/v4/resources 200
    GET /api/policy_management/v4/policies 200
    POST /api/policy_management/v4/applications 422
    ");
}
