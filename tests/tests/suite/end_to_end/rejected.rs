//! Calls that the sandbox rejects.

use serde_json::{Value, json};
use tests::{SandboxProcess, redactions};

use super::{CUSTOMER, GRACE, PARTNER, USER, with_client, with_customer, with_user};

const UNKNOWN: &str = "99999999-9999-4999-8999-999999999999";

#[test]
fn an_unknown_login_and_a_wrong_password_are_rejected() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = sandbox.home().secret("wr0ng-password");
    for login in [sandbox.login.as_str(), "nobody"] {
        let outcome = home
            .example("create_api_client")
            .input(format!("{login}\nwr0ng-password\n"))
            .refused(1);

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome.error(), @"sign in: GET /api/2/users/me: 401 Unauthorized (There is no user with this login and password.) [request ID]");
            insta::assert_snapshot!(sandbox.conversation(), @"GET /api/2/users/me 401");
        }
    }
}

#[test]
fn a_login_that_is_taken_is_rejected_before_the_user_is_created() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_customer(&sandbox);

    let outcome = home
        .example(USER)
        .input(format!("{}\nadmin@example.com\n", sandbox.login))
        .refused(1);

    insta::assert_snapshot!(outcome.error(), @"check whether the login admin is available: GET /api/2/users/check_login: 409 Conflict (The login admin is taken.) [request ID]");
    insta::assert_snapshot!(sandbox.conversation(), @"GET /api/2/users/check_login 409");
}

#[test]
fn a_deleted_api_client_is_rejected_after_its_token() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox);
    home.run("issue_access_token").success();
    let token = home.file("api_token.json")["access_token"].clone();
    let client = home.file("api_client.json")["client_id"].clone();
    let (Some(token), Some(client)) = (token.as_str(), client.as_str()) else {
        panic!("the files contain strings");
    };
    sandbox.call(
        "DELETE",
        &format!("/api/2/clients/{client}"),
        &[("Authorization", &format!("Bearer {token}"))],
    );
    sandbox.skip();

    // The saved token looks valid, so it is used before a new one is issued.
    let outcome = home.example("get_tenant_usage").refused(1);

    insta::assert_snapshot!(outcome.error(), @"read the usage: issue an access token: POST /api/2/idp/token: 401 Unauthorized, code invalid_client, invalid client credentials: no such client, or the secret is wrong [request ID]");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/tenants/ID/usages 401
    POST /api/2/idp/token 401
    ");
}

#[test]
fn an_api_client_of_another_sandbox_is_rejected() {
    let _redacted = redactions::sandbox();
    let earlier = SandboxProcess::start();
    let home = with_client(&earlier);
    let sandbox = SandboxProcess::start();

    let outcome = home
        .example("get_tenant_usage")
        .env("CYBER_PLATFORM_BASE_URL", &sandbox.url)
        .refused(1);

    insta::assert_snapshot!(outcome.error(), @"issue an access token: POST /api/2/idp/token: 401 Unauthorized, code invalid_client, invalid client credentials: no such client, or the secret is wrong [request ID]");
    insta::assert_snapshot!(sandbox.conversation(), @"POST /api/2/idp/token 401");
}

#[test]
fn replace_repairs_all_files_after_a_reset_of_the_sandbox() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_user(&sandbox);
    home.run("issue_customer_scoped_token_for_bc").success();
    sandbox.control("POST", "/_sandbox/reset", &Value::Null);

    let outcome = home.example("get_tenant_usage").refused(1);
    insta::assert_snapshot!(outcome.help(), @"http://127.0.0.1:PORT does not accept the API client in api_client.json: it was deleted or disabled, its secret was reset, it belongs to another data center, or the sandbox was reset. Check base_url. If it is right, run `cargo run -p authorization --bin create_api_client -- --replace` for a new one.");

    let login = format!("{}\n{}\n", sandbox.login, sandbox.password);
    let replace = || {
        let run = home.example("create_api_client").arg("--replace");
        run.input(&login).end().success().stdout
    };
    insta::assert_snapshot!(replace(), @"
    The previous API client is kept in api_client.1.json
    API client ID created; its id and secret are saved in api_client.json
    The object in partner.json does not exist here; the file was renamed to partner.1.json
    The object in customer.json does not exist here; the file was renamed to customer.1.json
    The object in user.json does not exist here; the file was renamed to user.1.json
    ");

    home.run("get_tenant_usage").success();
    insta::assert_snapshot!(home.example(CUSTOMER).refused(2).error(), @"HOME/partner.json is missing");
    for name in [PARTNER, CUSTOMER] {
        home.run(name).success();
    }
    home.example(USER).input(GRACE).end().success();

    // On the same platform, another client changes nothing else.
    insta::assert_snapshot!(replace(), @"
    The previous API client is kept in api_client.2.json
    API client ID created; its id and secret are saved in api_client.json
    ");
}

#[test]
fn a_rejected_token_is_replaced_once() {
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
fn a_partner_and_a_customer_that_do_not_exist_are_rejected() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox)
        .put("partner.json", json!({ "id": UNKNOWN }))
        .put("customer.json", json!({ "id": UNKNOWN }));
    home.run("issue_access_token").success();
    sandbox.skip();

    let mut all = String::new();
    for name in [
        CUSTOMER,
        USER,
        "issue_customer_scoped_token_for_bc",
        "get_trial_end_date_for_customer",
        "get_all_agents_info_for_customer",
    ] {
        let outcome = home
            .example(name)
            .input("ada\nada@example.com\n")
            .refused(1);
        all += &format!(
            "{name}\n{}\n{}\n{}\n\n",
            outcome.error(),
            outcome.help(),
            sandbox.conversation()
        );
    }
    insta::assert_snapshot!(all, @r#"
    create_customer_tenant_and_assign_specific_edition
    create the customer: POST /api/2/tenants: 404 Not Found, code 1005, No such tenant. (There is no tenant ID.; {"id":"ID"}) [request ID]
    The object in partner.json does not exist on this platform, or this API client cannot see it: it was deleted, or it belongs to another account or an earlier sandbox. Run `cargo run -p tenants --bin create_partner_tenant_and_assign_specific_edition` for a new one.
    GET /api/2/tenants/ID/offering_items/available_for_child 200
    POST /api/2/tenants 404

    create_user_for_customer_activate_assign_backup_user_role
    create the user: POST /api/2/users: 404 Not Found, code 1005, No such tenant. (There is no tenant ID.; {"id":"ID"}) [request ID]
    The object in customer.json does not exist on this platform, or this API client cannot see it: it was deleted, or it belongs to another account or an earlier sandbox. Run `cargo run -p tenants --bin create_customer_tenant_and_assign_specific_edition` for a new one.
    GET /api/2/users/check_login 204
    POST /api/2/users 404

    issue_customer_scoped_token_for_bc
    issue a customer-scoped token: POST /api/2/idp/token: 403 Forbidden, code access_denied, There is no tenant ID. [request ID]
    The API client is not allowed to do this. If the object in customer.json belongs to another account or an earlier sandbox, run `cargo run -p tenants --bin create_customer_tenant_and_assign_specific_edition` for a new one.
    POST /api/2/idp/token 403

    get_trial_end_date_for_customer
    read the pricing: GET /api/2/tenants/ID/pricing: 404 Not Found, code 1005, No such tenant. (There is no tenant ID.; {"id":"ID"}) [request ID]
    The object in customer.json does not exist on this platform, or this API client cannot see it: it was deleted, or it belongs to another account or an earlier sandbox. Run `cargo run -p tenants --bin create_customer_tenant_and_assign_specific_edition` for a new one.
    GET /api/2/tenants/ID/pricing 404

    get_all_agents_info_for_customer
    read the customer's number: GET /api/1/groups/ID: 404 Not Found, code 1005, No such tenant. (There is no tenant ID.; {"id":"ID"}) [request ID]
    The object in customer.json does not exist on this platform, or this API client cannot see it: it was deleted, or it belongs to another account or an earlier sandbox. Run `cargo run -p tenants --bin create_customer_tenant_and_assign_specific_edition` for a new one.
    GET /api/1/groups/ID 404
    "#);
}

#[test]
fn a_search_text_that_is_too_short_is_rejected() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox);
    home.run("issue_access_token").success();
    sandbox.skip();

    let outcome = home
        .example("tenants/search_for_tenant_or_user")
        .input("ab\n")
        .refused(1);

    insta::assert_snapshot!(outcome.error(), @"search: GET /api/2/search: 400 Bad Request (text: shorter than 3 characters.) [request ID]");
    insta::assert_snapshot!(sandbox.conversation(), @"GET /api/2/search 400");
}

#[test]
fn an_unknown_kind_of_tenant_is_rejected() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox);
    home.run("issue_access_token").success();
    sandbox.skip();

    let outcome = home
        .example(PARTNER)
        .env("CYBER_PLATFORM_PARTNER_TENANT", "planet")
        .refused(1);
    insta::assert_snapshot!(outcome.error(), @r#"list the available offering items: GET /api/2/tenants/ID/offering_items/available_for_child: 400 Bad Request (kind: a child cannot have the kind "planet".) [request ID]"#);
    insta::assert_snapshot!(sandbox.conversation(), @"GET /api/2/tenants/ID/offering_items/available_for_child 400");
}
