//! The registration token of an agent, and the lists of agents.

use serde_json::json;
use tests::{Response, ScriptedServer, TestHome};

use super::with_customer;

const TOKEN: &str = "get_agent_installation_token";

fn user() -> serde_json::Value {
    json!({ "id": "user-1", "login": "grace", "personal_tenant_id": "personal-1" })
}

#[test]
fn issues_a_token_in_the_personal_tenant_and_does_not_print_it() {
    let server = ScriptedServer::new([Response::text(
        200,
        r#"{"id":2,"token":"27F9-5234-41C3","tenant_id":"11","scopes":[],"zeta":18446744073709551617}"#,
    )]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .put("user.json", user())
        .secret("27F9-5234-41C3");

    let outcome = home.run(TOKEN).success();

    insta::assert_snapshot!(outcome, @"Registration token saved in agent_installation_token.json");
    insta::assert_snapshot!(server.conversation(), @r#"
    POST /api/2/tenants/personal-1/registration_tokens
      authorization: Bearer kept-t0ken
      content-type: application/json
      {"expires_in":3600,"scopes":["urn:acronis.com:tenant-id::backup_agent_admin"]}
    "#);
    insta::assert_snapshot!(home.text("agent_installation_token.json"), @r#"
    {
      "id": 2,
      "token": "27F9-5234-41C3",
      "tenant_id": "11",
      "scopes": [],
      "zeta": 18446744073709551617
    }
    "#);
    #[cfg(unix)]
    assert_eq!(home.mode("agent_installation_token.json"), "600");
}

#[test]
fn a_response_without_a_token_is_not_saved() {
    for (response, expected) in [
        (Response::empty(204), "empty body"),
        (
            Response::json(200, json!({ "id": 2, "token": "" })),
            "token: expected a non-empty string",
        ),
    ] {
        let server = ScriptedServer::new([response]);
        let home = TestHome::new(&server.url())
            .signed_in()
            .put("user.json", user());

        let outcome = home.example(TOKEN).refused(1);

        assert!(outcome.stderr.contains(expected), "{outcome}");
        server.calls();
    }
}

#[test]
fn a_user_without_a_personal_tenant_is_an_error() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url()).signed_in().put(
        "user.json",
        json!({ "id": "user-1", "login": "grace", "personal_tenant_id": null }),
    );

    insta::assert_snapshot!(home.example(TOKEN).refused(2), @"
    ! error: the user in user.json has no personal tenant, which only users of customers have
    ! help: Run `cargo run -p users --bin create_user_for_customer_activate_assign_backup_user_role` for another user.
    exit 2
    ");
    server.calls();
}

#[test]
fn without_user_json_nothing_is_sent() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(TOKEN).refused(2);

    assert!(outcome.stderr.contains("user.json is missing"), "{outcome}");
    server.calls();
}

#[test]
fn lists_all_agents_and_saves_the_response() {
    let server = ScriptedServer::new([Response::text(
        200,
        r#"{"items":[{"hostname":"pc-1.example","online":true,"platform":{"name":"Windows 11"},"core_version":{"current":{"release_id":"25.1"}},"tenant":{"id":"64","name":"ACME"},"zeta":18446744073709551617},{"hostname":"web-1.example","online":false,"platform":{"name":"Ubuntu"},"core_version":{"current":{"release_id":"25.2"}},"tenant":{"id":"65","name":"Beta"}}],"paging":{"cursors":{"after":"more"}}}"#,
    )]);
    let home = TestHome::new(&server.url()).signed_in();

    insta::assert_snapshot!(home.run("get_all_agents_info").success(), @"
    host           system      version  online  tenant
    pc-1.example   Windows 11  25.1     yes     ACME
    web-1.example  Ubuntu      25.2     no      Beta

    2 agents saved in all_agents.json
    ! warning: this is only the first page of the list; follow paging.cursors.after for the rest
    ");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/agent_manager/v2/agents
      authorization: Bearer kept-t0ken
    ");
    assert!(
        home.text("all_agents.json")
            .contains("18446744073709551617")
    );
}

#[test]
fn an_empty_list_of_agents_is_a_success() {
    for response in [json!({}), json!({ "items": null }), json!({ "items": [] })] {
        let server = ScriptedServer::new([Response::json(200, response)]);
        let home = TestHome::new(&server.url()).signed_in();
        insta::allow_duplicates! {
            insta::assert_snapshot!(home.run("get_all_agents_info").success(), @"0 agents saved in all_agents.json");
        }
        server.calls();
    }
}

#[test]
fn lists_the_agents_of_a_customer_by_its_number() {
    let server = ScriptedServer::new([
        Response::text(200, r#"{"id":9007199254740993,"name":"C"}"#),
        Response::json(200, json!({ "items": [], "paging": { "cursors": {} } })),
    ]);
    let home = with_customer(&server);

    insta::assert_snapshot!(home.run("get_all_agents_info_for_customer").success(), @"0 agents saved in customer_agents.json");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/1/groups/customer-1
      authorization: Bearer kept-t0ken
    GET /api/agent_manager/v2/agents?tenant_id=9007199254740993
      authorization: Bearer kept-t0ken
    ");
    insta::assert_snapshot!(home.text("customer_agents.json"), @r#"
    {
      "items": [],
      "paging": {
        "cursors": {}
      }
    }
    "#);
}

#[test]
fn a_group_without_a_number_is_an_error() {
    let server = ScriptedServer::new([Response::json(200, json!({ "id": "x" }))]);
    let home = with_customer(&server);

    let outcome = home.example("get_all_agents_info_for_customer").refused(1);

    let expected = "error: read the customer's number: GET /api/1/groups/customer-1: unexpected response: id: ";
    assert!(outcome.stderr.contains(expected), "{outcome}");
    server.calls();
}

#[test]
fn without_customer_json_nothing_is_sent() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example("get_all_agents_info_for_customer").refused(2);

    let expected = "customer.json is missing";
    assert!(outcome.stderr.contains(expected), "{outcome}");
    server.calls();
}

#[test]
fn a_rejected_list_of_agents_is_not_saved() {
    let rejection =
        json!({ "code": "ACCESS_DENIED", "domain": "AGENT_MANAGER", "debug": { "msg": "no" } });
    let server = ScriptedServer::new([Response::json(403, rejection)]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example("get_all_agents_info").refused(1);

    let expected = r#"error: list the agents: GET /api/agent_manager/v2/agents: 403 Forbidden, code ACCESS_DENIED ({"msg":"no"})"#;
    assert!(outcome.stderr.contains(expected), "{outcome}");
    server.calls();
}
