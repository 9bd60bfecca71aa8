//! Agents.

use tests::{SandboxProcess, redactions};

use super::with_user;

#[test]
fn a_registration_token_is_issued_for_the_personal_tenant() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_user(&sandbox);

    insta::assert_snapshot!(home.run("get_agent_installation_token").success(), @"Registration token saved in agent_installation_token.json, valid until TIME");
    insta::assert_snapshot!(sandbox.conversation(), @"POST /api/2/tenants/ID/registration_tokens 200");

    let token = home.file("agent_installation_token.json");
    assert_eq!(
        token["tenant_uuid"],
        home.file("user.json")["personal_tenant_id"]
    );
}

#[test]
fn a_personal_tenant_that_does_not_exist_is_rejected() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_user(&sandbox).put(
        "user.json",
        serde_json::json!({ "id": "u", "personal_tenant_id": "99999999-9999-4999-8999-999999999999" }),
    );

    insta::assert_snapshot!(home.example("get_agent_installation_token").refused(1).error(), @r#"issue the registration token: POST /api/2/tenants/ID/registration_tokens: 404 Not Found, code 1005, No such tenant. (There is no tenant ID.; {"id":"ID"}) [request ID]"#);
}

#[test]
fn agents_are_listed_for_all_customers_and_for_one() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_user(&sandbox);
    home.run("get_agent_installation_token").success();
    sandbox.skip();

    home.run("get_all_agents_info").success();
    insta::assert_snapshot!(sandbox.conversation(), @"GET /api/agent_manager/v2/agents 200");
    let all = home.file("all_agents.json");
    assert!(
        all["items"]
            .as_array()
            .is_some_and(|items| items.len() > 20)
    );

    insta::assert_snapshot!(home.run("get_all_agents_info_for_customer").success(), @"
    host                    system                    version  online  tenant
    test-machine-1.example  Microsoft Windows 11 Pro  25.41    yes     grace.hopper

    1 agent saved in customer_agents.json
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/1/groups/ID 200
    GET /api/agent_manager/v2/agents 200
    ");
}
