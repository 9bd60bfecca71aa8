//! What the sandbox refuses, and what the examples make of it.

use serde_json::json;
use tests::{SandboxProcess, redactions};

use super::with_client;

const PARTNER: &str = "create_partner_tenant_and_assign_specific_edition";
const CUSTOMER: &str = "create_customer_tenant_and_assign_specific_edition";
const USER: &str = "create_user_for_customer_activate_assign_backup_user_role";
const NOBODY: &str = "99999999-9999-4999-8999-999999999999";

#[test]
fn a_wrong_login_or_password() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = sandbox.home().secret("wr0ng-password");
    for login in [sandbox.login.as_str(), "nobody"] {
        let outcome = home
            .example("create_api_client")
            .input(format!("{login}\nwr0ng-password\n"))
            .refused(1);

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome, @"
            ! Login:
            ! Password:
            ! error: sign in: GET /api/2/users/me: 401 Unauthorized, code 401, Unauthorized (There is no user with this login and password.) [request ID]
            ! help: Check login and password. The account must be an administrator account without two-factor authentication.
            exit 1
            ");
            insta::assert_snapshot!(sandbox.conversation(), @"GET /api/2/users/me 401");
        }
    }
}

#[test]
fn a_login_that_is_taken() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox);
    home.run(PARTNER).success();
    home.run(CUSTOMER).success();
    sandbox.skip();

    let outcome = home
        .example(USER)
        .input(format!("{}\nadmin@example.com\n", sandbox.login))
        .refused(1);

    insta::assert_snapshot!(outcome, @"
    ! Login of the new user:
    ! E-mail address of the new user:
    ! error: the login admin is not available: GET /api/2/users/check_login: 409 Conflict, code 409, Conflict (The login admin is taken.) [request ID]
    ! help: An object with this name already exists, or the object was changed in the meantime. Run the example again, with another name if you chose one.
    exit 1
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"GET /api/2/users/check_login 409");
}

#[test]
fn an_api_client_that_was_deleted() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox);
    home.run("issue_access_token").success();
    let token = home.file("api_token.json")["access_token"].clone();
    let client = home.file("api_client.json")["client_id"].clone();
    let (Some(token), Some(client)) = (token.as_str(), client.as_str()) else {
        panic!("the files hold texts");
    };
    sandbox.call(
        "DELETE",
        &format!("/api/2/clients/{client}"),
        &[("Authorization", &format!("Bearer {token}"))],
    );
    sandbox.skip();

    // The kept token looks valid. It is tried, then a new one is asked for.
    let outcome = home.example("get_tenant_usage").refused(1);

    insta::assert_snapshot!(outcome, @"
    ! error: read the usage: issue an access token: POST /api/2/idp/token: 401 Unauthorized, code invalid_client, invalid client credentials: no such client, or the secret is wrong [request ID]
    ! help: The API client was deleted or disabled, or its secret was reset: move api_client.json away and run `cargo run -p authorization --bin create_api_client`.
    exit 1
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/tenants/ID/usages 401
    POST /api/2/idp/token 401
    ");
}

#[test]
fn a_client_of_an_earlier_sandbox() {
    let _redacted = redactions::sandbox();
    let earlier = SandboxProcess::start();
    let home = with_client(&earlier);
    let sandbox = SandboxProcess::start();

    let outcome = home
        .example("get_tenant_usage")
        .env("CYBER_PLATFORM_BASE_URL", &sandbox.url)
        .refused(1);

    insta::assert_snapshot!(outcome, @"
    ! error: issue an access token: POST /api/2/idp/token: 401 Unauthorized, code invalid_client, invalid client credentials: no such client, or the secret is wrong [request ID]
    ! help: The API client was deleted or disabled, or its secret was reset: move api_client.json away and run `cargo run -p authorization --bin create_api_client`.
    exit 1
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"POST /api/2/idp/token 401");
}

#[test]
fn a_token_that_looks_valid_is_replaced() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox).token("api_token.json", "no-t0ken-of-this-sandbox", 7200);
    sandbox.skip();

    home.run("get_tenant_usage").success();

    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/tenants/ID/usages 401
    POST /api/2/idp/token 200
    GET /api/2/tenants/ID/usages 200
    ");
}

#[test]
fn a_partner_and_a_customer_that_are_not_there() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox)
        .put("partner.json", json!({ "id": NOBODY }))
        .put("customer.json", json!({ "id": NOBODY }));
    home.run("issue_access_token").success();
    sandbox.skip();

    let mut told = String::new();
    for name in [CUSTOMER, USER, "issue_customer_scoped_token_for_bc"] {
        let outcome = home
            .example(name)
            .input("ada\nada@example.com\n")
            .refused(1);
        told += &format!("{name}\n{outcome}{}\n\n", sandbox.conversation());
    }
    insta::assert_snapshot!(told, @r#"
    create_customer_tenant_and_assign_specific_edition
    ! error: create the customer: POST /api/2/tenants: 404 Not Found, code 1005, No such tenant. (There is no tenant ID.; {"id":"ID"}) [request ID]
    ! help: The object does not exist, or this API client cannot see it. Check base_url. A saved file may belong to another account or an earlier sandbox, or the object it describes was deleted.
    exit 1
    POST /api/2/tenants 404

    create_user_for_customer_activate_assign_backup_user_role
    ! Login of the new user:
    ! E-mail address of the new user:
    ! error: create the user: POST /api/2/users: 404 Not Found, code 1005, No such tenant. (There is no tenant ID.; {"id":"ID"}) [request ID]
    ! help: The object does not exist, or this API client cannot see it. Check base_url. A saved file may belong to another account or an earlier sandbox, or the object it describes was deleted.
    exit 1
    GET /api/2/users/check_login 204
    POST /api/2/users 404

    issue_customer_scoped_token_for_bc
    ! error: issue a customer-scoped token: POST /api/2/idp/token: 403 Forbidden, code access_denied, There is no tenant ID. [request ID]
    ! help: The API client is not allowed to do this here. It has the rights of its creator, in its tenant and everything below.
    exit 1
    POST /api/2/idp/token 403
    "#);
}

#[test]
fn a_search_for_too_little() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox);
    home.run("issue_access_token").success();
    sandbox.skip();

    let outcome = home
        .example("tenants/search_for_tenant_or_user")
        .input("ab\n")
        .refused(1);

    insta::assert_snapshot!(outcome, @"
    ! Text to search for:
    ! error: search: GET /api/2/search: 400 Bad Request, code 400, Bad Request (text: shorter than 3 characters.) [request ID]
    ! help: Read the platform's message above and run it again with other input. Kinds and editions are set in cyber.platform.cfg.json.
    exit 1
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"GET /api/2/search 400");
}

#[test]
fn a_kind_that_there_is_not() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox);
    home.run("issue_access_token").success();
    sandbox.skip();

    let outcome = home
        .example(PARTNER)
        .env("CYBER_PLATFORM_PARTNER_TENANT", "planet")
        .refused(1);
    insta::assert_snapshot!(outcome, @"
    ! error: create the partner: POST /api/2/tenants: 400 Bad Request, code 400, Bad Request (The body is invalid: unknown variant `planet`, expected one of `root`, `partner`, `folder`, `customer`, `unit` at line 1 column 101.) [request ID]
    ! help: Read the platform's message above and run it again with other input. Kinds and editions are set in cyber.platform.cfg.json.
    exit 1
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"POST /api/2/tenants 400");
}
