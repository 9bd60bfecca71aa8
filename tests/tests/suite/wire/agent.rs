//! The token with which an agent registers.

use serde_json::json;
use tests::{Response, ScriptedServer, TestHome};

const TOKEN: &str = "get_agent_installation_token";

fn user() -> serde_json::Value {
    json!({ "id": "user-1", "login": "grace", "personal_tenant_id": "personal-1" })
}

#[test]
fn a_token_is_made_in_the_personal_tenant_and_shown_nowhere() {
    let server = ScriptedServer::new([Response::text(
        200,
        r#"{"id":2,"token":"27F9-5234-41C3","tenant_id":"11","scopes":[],"zeta":18446744073709551617}"#,
    )]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .put("user.json", user())
        .secret("27F9-5234-41C3");

    let outcome = home.run(TOKEN).success();

    insta::assert_snapshot!(outcome, @"A token for agents, good for an hour, is in agent_installation_token.json");
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
fn an_answer_without_a_token_is_not_kept() {
    for answer in [
        Response::empty(204),
        Response::json(200, json!({ "id": 2, "token": "" })),
        Response::json(200, json!({ "id": 2, "token": null })),
    ] {
        let server = ScriptedServer::new([answer]);
        let home = TestHome::new(&server.url())
            .signed_in()
            .put("user.json", user());

        let outcome = home.example(TOKEN).refused(1);

        assert!(outcome.stderr.contains("no text in `token`"), "{outcome}");
        server.calls();
    }
}

#[test]
fn a_user_of_a_partner_has_no_machines() {
    let server = ScriptedServer::unused();
    for personal in [json!(null), json!("")] {
        let home = TestHome::new(&server.url()).signed_in().put(
            "user.json",
            json!({ "id": "user-1", "login": "grace", "personal_tenant_id": personal }),
        );

        let outcome = home.example(TOKEN).refused(2);

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome, @"
            ! error: only a user of a customer has machines, in a personal tenant: HOME/user.json has no text in `personal_tenant_id`
            ! help: Run `cargo run -p users --bin create_user_for_customer_activate_assign_backup_user_role` first: it makes user.json.
            exit 2
            ");
        }
    }
    server.calls();
}

#[test]
fn without_a_user_nothing_is_sent() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url()).signed_in();

    insta::assert_snapshot!(home.example(TOKEN).refused(2), @"
    ! error: only a user of a customer has machines, in a personal tenant: HOME/user.json is missing
    ! help: Run `cargo run -p users --bin create_user_for_customer_activate_assign_backup_user_role` first: it makes user.json.
    exit 2
    ");
    server.calls();
}

#[test]
fn all_agents_are_shown_and_kept_as_they_came() {
    let server = ScriptedServer::new([Response::text(
        200,
        r#"{"items":[{"hostname":"pc-1.example","online":true,"platform":{"name":"Windows 11"},"core_version":{"current":{"release_id":"25.1"}},"tenant":{"id":"64","name":"ACME"},"zeta":18446744073709551617},{"online":"x"}],"paging":{"cursors":{"after":"more"}}}"#,
    )]);
    let home = TestHome::new(&server.url()).signed_in();

    insta::assert_snapshot!(home.run("get_all_agents_info").success(), @"
    host          system      version  online  tenant
    pc-1.example  Windows 11  25.1     yes     ACME


    all_agents.json holds 2 agents
    ! warning: this is the first page only, and the platform has more: follow paging.cursors.after for the rest
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
fn no_agents_are_no_error() {
    for answer in [json!({}), json!({ "items": null }), json!({ "items": [] })] {
        let server = ScriptedServer::new([Response::json(200, answer)]);
        let home = TestHome::new(&server.url()).signed_in();
        insta::allow_duplicates! {
            insta::assert_snapshot!(home.run("get_all_agents_info").success(), @"all_agents.json holds 0 agents");
        }
        server.calls();
    }
}

#[test]
fn the_agents_of_a_customer_are_asked_for_by_its_number() {
    let server = ScriptedServer::new([
        Response::text(200, r#"{"id":9007199254740993,"name":"C"}"#),
        Response::json(200, json!({ "items": [], "paging": { "cursors": {} } })),
    ]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .put("customer.json", json!({ "id": "customer-1" }));

    insta::assert_snapshot!(home.run("get_all_agents_info_for_customer").success(), @"customer_agents.json holds 0 agents");
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
fn a_customer_without_a_number_has_no_list() {
    let server = ScriptedServer::new([Response::json(200, json!({ "id": "x" }))]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .put("customer.json", json!({ "id": "customer-1" }));

    insta::assert_snapshot!(home.example("get_all_agents_info_for_customer").refused(1), @"
    ! error: reading the customer's number: GET /api/1/groups/customer-1: the platform's answer has no whole number in `id`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1
    ");
    server.calls();
}

#[test]
fn without_a_customer_nothing_is_asked() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url()).signed_in();

    insta::assert_snapshot!(home.example("get_all_agents_info_for_customer").refused(2), @"
    ! error: HOME/customer.json is missing
    ! help: Run `cargo run -p tenants --bin create_customer_tenant_and_assign_specific_edition` first: it makes customer.json.
    exit 2
    ");
    server.calls();
}

#[test]
fn a_refused_list_of_agents_is_not_kept() {
    let refused =
        json!({ "code": "ACCESS_DENIED", "domain": "AGENT_MANAGER", "debug": { "msg": "no" } });
    let server = ScriptedServer::new([Response::json(403, refused)]);
    let home = TestHome::new(&server.url()).signed_in();

    insta::assert_snapshot!(home.example("get_all_agents_info").refused(1), @r#"
    ! error: reading the agents: GET /api/agent_manager/v2/agents: 403 Forbidden, code ACCESS_DENIED ({"msg":"no"})
    ! help: The API client may not do this here: it has the rights of its creator, for that tenant and all below it.
    exit 1
    "#);
    server.calls();
}
