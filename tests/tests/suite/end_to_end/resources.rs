//! Machines, groups and their protection.

use tests::{SandboxProcess, redactions};

use super::with_user;

#[test]
fn machines_are_grouped_listed_and_shown_with_their_protection() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_user(&sandbox);

    home.run("get_agent_installation_token").success();
    home.run("issue_customer_scoped_token_for_bc").success();
    sandbox.skip();

    home.run("create_dynamic_group").success();
    insta::assert_snapshot!(sandbox.conversation(), @"POST /api/resource_management/v4/resources 204");
    home.run("get_all_resources_info").success();
    insta::assert_snapshot!(sandbox.conversation(), @"GET /api/resource_management/v4/resources 200");
    insta::assert_snapshot!(home.run("get_all_resources_protection_statuses").success().stdout, @"
    machine           status               plans  last run  next run
    TEST-MACHINE-1    no policies applied         never
    My Dynamic Group  no policies applied         never

    2 protection statuses saved in all_resources_protection_statuses.json
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"GET /api/resource_management/v4/resource_statuses 200");

    let resources = home.file("all_resources_with_attributes.json");
    let items = resources["items"].as_array().expect("a list");
    assert!(items.iter().any(|one| one["group_condition"] == "test*"));
    assert!(items.iter().any(|one| {
        one["parent_group_ids"]
            .as_array()
            .is_some_and(|groups| groups.len() == 2)
    }));
    assert!(items.iter().any(|one| one["type"] == "resource.machine"));
}
