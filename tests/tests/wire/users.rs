//! How a user comes to be.

use serde_json::json;
use tests::{Answer, Server, Stage};

const USER: &str = "create_user_for_customer_activate_assign_backup_user_role";

#[test]
fn a_user_is_made_activated_and_given_a_role() {
    let server = Server::new([
        Answer::empty(204),
        Answer::text(
            200,
            r#"{"version":1,"id":"user-1","login":"jo+hn","personal_tenant_id":"p-1","zeta":18446744073709551617,"alpha":0.10}"#,
        ),
        Answer::empty(204),
        Answer::no_items(),
    ]);
    let stage = Stage::new(&server.url())
        .signed_in()
        .put("customer.json", json!({ "id": "customer-1" }));

    let outcome = stage
        .example(USER)
        .input("jo+hn@x y\njohn@example.com\n")
        .end()
        .success();

    insta::assert_snapshot!(outcome, @"
    jo+hn@x y is a user with the role backup_user and mail at john@example.com, kept in user.json
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
    insta::assert_snapshot!(stage.text("user.json"), @r#"
    {
      "version": 1,
      "id": "user-1",
      "login": "jo+hn",
      "personal_tenant_id": "p-1",
      "zeta": 18446744073709551617,
      "alpha": 0.10
    }
    "#);
    insta::assert_snapshot!(stage.names(), @"
    api_client.json
    api_token.json
    customer.json
    cyber.platform.cfg.json
    user.json
    ");
}

#[test]
fn a_login_that_cannot_be_had_is_not_made() {
    for (status, message) in [
        (409, "Login is already taken."),
        (406, "Login is not valid."),
    ] {
        let server = Server::new([Answer::json(
            status,
            json!({ "error": { "code": status, "message": message } }),
        )]);
        let stage = Stage::new(&server.url())
            .signed_in()
            .put("customer.json", json!({ "id": "customer-1" }));

        let outcome = stage
            .example(USER)
            .input("john\njohn@example.com\n")
            .refused(1);

        assert!(
            outcome.stderr.contains("the login john is not available"),
            "{outcome}"
        );
        assert!(outcome.stderr.contains(message), "{outcome}");
        assert_eq!(server.calls().len(), 1);
    }
}
