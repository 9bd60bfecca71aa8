//! Users: an administrator of the partner, and signing in as a user.

use tests::{SandboxProcess, redactions};

use super::{with_partner, with_user};

const ADMINISTRATOR: &str = "create_user_for_partner_activate_assign_admin_role";
const IMPERSONATE: &str = "ipmpersonate_user_call_me";

#[test]
fn an_administrator_of_the_partner_is_created() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_partner(&sandbox);

    let outcome = home
        .example(ADMINISTRATOR)
        .input("ada.lovelace\nada@example.com\n")
        .end()
        .success();

    insta::assert_snapshot!(outcome, @"
    User ada.lovelace created with the role partner_admin, saved in partner_user.json
    ! Login of the new user:
    ! E-mail address of the new user:
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/users/check_login 204
    POST /api/2/users 200
    POST /api/2/users/ID/send-activation-email 204
    PUT /api/2/users/ID/access_policies 200
    ");
    assert_eq!(
        home.file("partner_user.json")["tenant_id"],
        home.file("partner.json")["id"]
    );

    let outcome = home
        .example(ADMINISTRATOR)
        .input("ada.lovelace\nada@example.com\n")
        .refused(1);
    assert!(
        outcome.stderr.contains("ada.lovelace is taken"),
        "{outcome}"
    );
}

#[test]
fn a_user_is_signed_in_with_a_one_time_token_and_signed_out() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_user(&sandbox);

    let outcome = home.run(IMPERSONATE).success();

    insta::assert_snapshot!(sandbox.conversation(), @"
    POST /api/2/idp/ott 200
    POST /api/2/idp/ott/login 200
    GET /api/2/users/me 200
    GET /api/2/idp/logout 200
    ");
    let (me, result) = outcome
        .stdout
        .rsplit_once("}\n")
        .expect("JSON and the result");
    insta::assert_snapshot!(result, @"grace.hopper signed in and out");
    let me: serde_json::Value = serde_json::from_str(&format!("{me}}}")).expect("JSON");
    assert_eq!(me["id"], home.file("user.json")["id"]);
    assert_eq!(me["access_policies"][0]["role_id"], "backup_user");
}

#[test]
fn signing_in_as_an_unknown_user_is_rejected() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_user(&sandbox).put("user.json", serde_json::json!({ "login": "nobody" }));

    insta::assert_snapshot!(home.example(IMPERSONATE).refused(1).error(), @"create a one-time token: POST /api/2/idp/ott: 403 Forbidden, code 1002, Access denied. (There is no such user in the caller's tenant or below it.) [request ID]");
    insta::assert_snapshot!(sandbox.conversation(), @"POST /api/2/idp/ott 403");
}
