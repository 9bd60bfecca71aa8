//! Creating users.

use serde_json::json;
use tests::{Response, ScriptedServer, TestHome};

use super::with_customer;

const USER: &str = "create_user_for_customer_activate_assign_backup_user_role";

#[test]
fn creates_a_user_sends_the_activation_e_mail_and_assigns_the_role() {
    let server = ScriptedServer::new([
        Response::empty(204),
        Response::text(
            200,
            r#"{"version":1,"id":"user-1","login":"jo+hn","personal_tenant_id":"p-1","zeta":18446744073709551617,"alpha":0.10}"#,
        ),
        Response::empty(204),
        Response::no_items(),
    ]);
    let home = with_customer(&server);

    let outcome = home
        .example(USER)
        .input("jo+hn@x y\njohn@example.com\n")
        .end()
        .success();

    insta::assert_snapshot!(outcome, @"
    User jo+hn@x y created with the role backup_user, saved in user.json
    ! Login of the new user:
    ! E-mail address of the new user:
    ");
    insta::assert_snapshot!(server.conversation(), @r#"
    GET /api/2/users/check_login?username=jo%2Bhn%40x%20y
      authorization: Bearer kept-t0ken
    POST /api/2/users
      authorization: Bearer kept-t0ken
      content-type: application/json
      {"tenant_id":"customer-1","login":"jo+hn@x y","contact":{"email":"john@example.com","firstname":"First jo+hn@x y","lastname":"Last jo+hn@x y"}}
    POST /api/2/users/user-1/send-activation-email
      authorization: Bearer kept-t0ken
    PUT /api/2/users/user-1/access_policies
      authorization: Bearer kept-t0ken
      content-type: application/json
      {"items":[{"id":"00000000-0000-0000-0000-000000000000","issuer_id":"00000000-0000-0000-0000-000000000000","role_id":"backup_user","tenant_id":"customer-1","trustee_id":"user-1","trustee_type":"user","version":0}]}
    "#);
    insta::assert_snapshot!(home.text("user.json"), @r#"
    {
      "version": 1,
      "id": "user-1",
      "login": "jo+hn",
      "personal_tenant_id": "p-1",
      "zeta": 18446744073709551617,
      "alpha": 0.10
    }
    "#);
    insta::assert_snapshot!(home.names(), @"
    api_client.json
    api_token.json
    customer.json
    cyber.platform.cfg.json
    user.json
    ");
}

#[test]
fn an_unavailable_login_creates_no_user() {
    for (status, message) in [
        (409, "Login is already taken."),
        (406, "Login is not valid."),
    ] {
        let server = ScriptedServer::new([Response::json(
            status,
            json!({ "error": { "code": status, "message": message } }),
        )]);
        let home = with_customer(&server);

        let outcome = home
            .example(USER)
            .input("john\njohn@example.com\n")
            .refused(1);

        assert!(
            outcome
                .stderr
                .contains("error: check whether the login john is available: "),
            "{outcome}"
        );
        assert!(outcome.stderr.contains(message), "{outcome}");
        assert_eq!(server.calls().len(), 1);
    }
}

const ADMINISTRATOR: &str = "create_user_for_partner_activate_assign_admin_role";

#[test]
fn creates_an_administrator_of_the_partner() {
    let server = ScriptedServer::new([
        Response::empty(204),
        Response::text(
            200,
            r#"{"version":1,"id":"user-2","login":"ada","personal_tenant_id":null}"#,
        ),
        Response::empty(204),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .put("partner.json", json!({ "id": "partner-1" }));

    let outcome = home
        .example(ADMINISTRATOR)
        .input("ada\nada@example.com\n")
        .end()
        .success();

    insta::assert_snapshot!(outcome, @"
    User ada created with the role partner_admin, saved in partner_user.json
    ! Login of the new user:
    ! E-mail address of the new user:
    ");
    insta::assert_snapshot!(server.conversation(), @r#"
    GET /api/2/users/check_login?username=ada
      authorization: Bearer kept-t0ken
    POST /api/2/users
      authorization: Bearer kept-t0ken
      content-type: application/json
      {"tenant_id":"partner-1","login":"ada","contact":{"email":"ada@example.com","firstname":"First ada","lastname":"Last ada"}}
    POST /api/2/users/user-2/send-activation-email
      authorization: Bearer kept-t0ken
    PUT /api/2/users/user-2/access_policies
      authorization: Bearer kept-t0ken
      content-type: application/json
      {"items":[{"id":"00000000-0000-0000-0000-000000000000","issuer_id":"00000000-0000-0000-0000-000000000000","role_id":"partner_admin","tenant_id":"partner-1","trustee_id":"user-2","trustee_type":"user","version":0}]}
    "#);
    insta::assert_snapshot!(home.text("partner_user.json"), @r#"
    {
      "version": 1,
      "id": "user-2",
      "login": "ada",
      "personal_tenant_id": null
    }
    "#);
    insta::assert_snapshot!(home.names(), @"
    api_client.json
    api_token.json
    cyber.platform.cfg.json
    partner.json
    partner_user.json
    ");
}

#[test]
fn a_taken_login_creates_no_administrator() {
    let server = ScriptedServer::new([Response::json(
        409,
        json!({ "error": { "code": 409, "message": "Login is already taken." } }),
    )]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .put("partner.json", json!({ "id": "partner-1" }));

    let outcome = home
        .example(ADMINISTRATOR)
        .input("ada\nada@example.com\n")
        .refused(1);

    let expected = "error: check whether the login ada is available: GET /api/2/users/check_login: 409 Conflict, \
                    Login is already taken.";
    assert!(outcome.stderr.contains(expected), "{outcome}");
    server.calls();
}

#[test]
fn an_administrator_needs_a_partner_a_login_and_an_email_address() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url()).signed_in();
    let run = home.example(ADMINISTRATOR).input("ada\nada@example.com\n");
    let outcome = run.refused(2);
    let expected = "partner.json is missing";
    assert!(outcome.stderr.contains(expected), "{outcome}");

    let home = home.put("partner.json", json!({ "id": "partner-1" }));
    for input in ["", "\n", "ada\n", "ada\n \n"] {
        home.example(ADMINISTRATOR).input(input).refused(2);
    }
    server.calls();
}
