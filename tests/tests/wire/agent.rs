//! The token with which an agent registers.

use serde_json::json;
use tests::{Answer, Server, Stage};

const TOKEN: &str = "get_agent_installation_token";

fn user() -> serde_json::Value {
    json!({ "id": "user-1", "login": "grace", "personal_tenant_id": "personal-1" })
}

#[test]
fn a_token_is_made_in_the_personal_tenant_and_shown_nowhere() {
    let server = Server::new([Answer::text(
        200,
        r#"{"id":2,"token":"27F9-5234-41C3","tenant_id":"11","scopes":[],"zeta":18446744073709551617}"#,
    )]);
    let stage = Stage::new(&server.url())
        .signed_in()
        .put("user.json", user())
        .secret("27F9-5234-41C3");

    let outcome = stage.run(TOKEN).success();

    insta::assert_snapshot!(outcome, @"A token for agents, good for an hour, is in agent_installation_token.json");
    insta::assert_snapshot!(server.conversation(), @r#"
    POST /api/2/tenants/personal-1/registration_tokens
      authorization: Bearer kept-t0ken
      content-type: application/json
      {"expires_in":3600,"scopes":["urn:acronis.com:tenant-id::backup_agent_admin"]}
    "#);
    insta::assert_snapshot!(stage.text("agent_installation_token.json"), @r#"
    {
      "id": 2,
      "token": "27F9-5234-41C3",
      "tenant_id": "11",
      "scopes": [],
      "zeta": 18446744073709551617
    }
    "#);
    #[cfg(unix)]
    assert_eq!(stage.mode("agent_installation_token.json"), "600");
}

#[test]
fn an_answer_without_a_token_is_not_kept() {
    for answer in [
        Answer::empty(204),
        Answer::json(200, json!({ "id": 2, "token": "" })),
        Answer::json(200, json!({ "id": 2, "token": null })),
    ] {
        let server = Server::new([answer]);
        let stage = Stage::new(&server.url())
            .signed_in()
            .put("user.json", user());

        let outcome = stage.example(TOKEN).refused(1);

        assert!(outcome.stderr.contains("no text in `token`"), "{outcome}");
        server.calls();
    }
}

#[test]
fn a_user_of_a_partner_has_no_machines() {
    let server = Server::unused();
    for personal in [json!(null), json!("")] {
        let stage = Stage::new(&server.url()).signed_in().put(
            "user.json",
            json!({ "id": "user-1", "login": "grace", "personal_tenant_id": personal }),
        );

        let outcome = stage.example(TOKEN).refused(2);

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
    let server = Server::unused();
    let stage = Stage::new(&server.url()).signed_in();

    insta::assert_snapshot!(stage.example(TOKEN).refused(2), @"
    ! error: only a user of a customer has machines, in a personal tenant: HOME/user.json is missing
    ! help: Run `cargo run -p users --bin create_user_for_customer_activate_assign_backup_user_role` first: it makes user.json.
    exit 2
    ");
    server.calls();
}
