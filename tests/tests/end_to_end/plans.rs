//! Protection plans on the real sandbox.

use tests::{Live, Stage, mask};

use crate::with_client;

/// A home with a token for a new customer, who has neither a machine nor a plan.
fn with_customer_token(live: &Live) -> Stage {
    let stage = with_client(live);
    for name in [
        "create_partner_tenant_and_assign_specific_edition",
        "create_customer_tenant_and_assign_specific_edition",
        "issue_customer_scoped_token_for_bc",
    ] {
        stage.run(name).success();
    }
    live.skip();
    stage
}

#[test]
fn a_plan_is_made_and_read() {
    let _masked = mask::all();
    let live = Live::start();
    let stage = with_customer_token(&live);

    let none = stage.run("get_all_plans_info").success();
    assert_eq!(none.stdout, "0 plans are in all_plans_info.json\n");
    live.skip();

    insta::assert_snapshot!(stage.run("create_a_backup_plan").success(), @"
    Plan ID is made of 2 policies, kept in plan_creation_response.json
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    insta::assert_snapshot!(live.conversation(), @"POST /api/policy_management/v4/policies 200");
    let made = stage.file("plan_creation_response.json");
    assert_eq!(made["result"].as_array().map(Vec::len), Some(2), "{made}");

    insta::assert_snapshot!(stage.run("get_all_plans_info").success(), @"
    plan                 id                                   enabled policies
    Rust Protection Plan ID yes     policy.backup.machine

    1 plans are in all_plans_info.json
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    insta::assert_snapshot!(live.conversation(), @"GET /api/policy_management/v4/policies 200");
    let kept = stage.file("all_plans_info.json");
    let tenant = &kept["items"][0]["policy"][0]["tenant_id"];
    assert!(tenant.is_string(), "{kept}");
}

#[test]
fn without_a_machine_nothing_is_applied_run_or_revoked() {
    let live = Live::start();
    let stage = with_customer_token(&live);
    for name in ["apply_plan", "start_plan_execution", "revoke_plan"] {
        stage.example(name).refused(1);
    }
}
