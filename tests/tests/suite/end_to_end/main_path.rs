//! The main path of the tutorial, from an empty home to a report.

use serde_json::{Value, json};
use tests::{SandboxProcess, TestHome, redactions};

use super::{CUSTOMER, GRACE, PARTNER, USER, with_client, with_customer, with_user};

fn text(home: &TestHome, file: &str, field: &str) -> String {
    let value = home.file(file);
    let text = value.get(field).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("{field} in {value}"))
        .to_owned()
}

#[test]
fn an_administrator_creates_an_api_client_that_signs_in() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = sandbox.home();

    let outcome = home
        .example("create_api_client")
        .input(format!("{}\n{}\n", sandbox.login, sandbox.password))
        .end()
        .success();
    insta::assert_snapshot!(outcome, @"
    API client ID created; its id and secret are saved in api_client.json
    ! Login at http://127.0.0.1:PORT:
    ! Password:
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/users/me 200
    POST /api/2/clients 201
    ");

    let outcome = home.run("issue_access_token").success();
    insta::assert_snapshot!(outcome, @"Access token saved in api_token.json, valid until TIME");
    insta::assert_snapshot!(sandbox.conversation(), @"POST /api/2/idp/token 200");
    insta::assert_snapshot!(home.names(), @"
    api_client.json
    api_token.json
    cyber.platform.cfg.json
    ");
}

#[test]
fn an_api_client_from_the_management_console_needs_only_its_id_and_secret() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox);
    let (id, secret) = (
        text(&home, "api_client.json", "client_id"),
        text(&home, "api_client.json", "client_secret"),
    );
    let home = home.put(
        "api_client.json",
        json!({ "client_id": id, "client_secret": secret }),
    );
    sandbox.skip();

    home.run(PARTNER).success();
    insta::assert_snapshot!(sandbox.conversation(), @"
    POST /api/2/idp/token 200
    GET /api/2/clients/ID 200
    GET /api/2/tenants/ID/offering_items/available_for_child 200
    POST /api/2/tenants 201
    PUT /api/2/tenants/ID/offering_items 200
    ");
    home.run("get_tenant_usage").success();
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/clients/ID 200
    GET /api/2/tenants/ID/usages 200
    ");
}

#[test]
fn a_partner_a_customer_and_a_user_are_created() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox);
    sandbox.skip();

    insta::assert_snapshot!(home.run(PARTNER).success(), @"Rust Partner RANDOM v3.0 created with N offering items of pck_per_gigabyte and 7 of no edition, saved in partner.json");
    insta::assert_snapshot!(sandbox.conversation(), @"
    POST /api/2/idp/token 200
    GET /api/2/tenants/ID/offering_items/available_for_child 200
    POST /api/2/tenants 201
    PUT /api/2/tenants/ID/offering_items 200
    ");

    insta::assert_snapshot!(home.run(CUSTOMER).success(), @"
    Rust Customer RANDOM v3.0 created in production with N offering items of pck_per_gigabyte and 7 of no edition, saved in customer.json
    ! warning: starting production for the customer, which cannot be undone
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/tenants/ID/offering_items/available_for_child 200
    POST /api/2/tenants 201
    PUT /api/2/tenants/ID/offering_items 200
    GET /api/2/tenants/ID/pricing 200
    PUT /api/2/tenants/ID/pricing 200
    ");

    let outcome = home.example(USER).input(GRACE).end().success();
    insta::assert_snapshot!(outcome, @"
    User grace.hopper created with the role backup_user, saved in user.json
    ! Login of the new user:
    ! E-mail address of the new user:
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/users/check_login 204
    POST /api/2/users 200
    POST /api/2/users/ID/send-activation-email 204
    PUT /api/2/users/ID/access_policies 200
    ");

    insta::assert_snapshot!(home.names(), @"
    api_client.json
    api_token.json
    customer.json
    customer_offering_items.json
    cyber.platform.cfg.json
    partner.json
    user.json
    ");
    assert_eq!(
        text(&home, "customer.json", "parent_id"),
        text(&home, "partner.json", "id")
    );
    let mails = sandbox.get("/_sandbox/outbox");
    assert!(mails.to_string().contains("grace@example.com"), "{mails}");
}

#[test]
fn the_main_path_can_be_repeated_in_the_same_home() {
    let sandbox = SandboxProcess::start();
    let home = with_customer(&sandbox);
    let (partner, customer) = (
        text(&home, "partner.json", "id"),
        text(&home, "customer.json", "id"),
    );

    home.run("issue_access_token").success();
    home.run(PARTNER).success();
    home.run(CUSTOMER).success();
    for login in ["ada", "grace"] {
        home.example(USER)
            .input(format!("{login}\n{login}@example.com\n"))
            .end()
            .success();
        assert_eq!(text(&home, "user.json", "login"), login);
    }

    assert_ne!(text(&home, "partner.json", "id"), partner);
    assert_ne!(text(&home, "customer.json", "id"), customer);
}

#[test]
fn created_tenants_and_users_are_in_the_tree_and_in_the_search() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_user(&sandbox);

    let tree = home.run("navigate_through_tenants").success().stdout;
    let line = |file: &str, kind: &str| {
        let [name, id] = ["name", "id"].map(|field| text(&home, file, field));
        format!("{name} ({kind}) {id}")
    };
    let part = format!(
        "\n  {}\n    {}\n      user grace.hopper\n",
        line("partner.json", "partner, trial"),
        line("customer.json", "customer")
    );
    assert!(tree.contains(&part), "{tree}");
    let calls = sandbox.conversation();
    assert!(
        calls
            .lines()
            .all(|call| call.starts_with("GET ") && call.ends_with(" 200")),
        "{calls}"
    );

    for (name, word) in [
        ("tenants/search_for_tenant_or_user", "rust"),
        ("users/search_for_tenant_or_user", "GRACE"),
    ] {
        let outcome = home
            .example(name)
            .arg("--json")
            .input(format!("{word}\n"))
            .end()
            .success();
        let found: Value = serde_json::from_str(&outcome.stdout).expect("the result is JSON");
        let kinds: Vec<_> = found["items"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|item| item["obj_type"].as_str().expect("a kind").to_owned())
            .collect();
        let expected: &[&str] = if word == "rust" {
            &["tenant", "tenant"]
        } else {
            &["user"]
        };
        assert_eq!(kinds, expected, "{outcome}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(sandbox.conversation(), @"GET /api/2/search 200");
        }
    }
}

#[test]
fn the_usage_and_a_report_are_saved() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox);
    sandbox.skip();

    let usage = home.run("get_tenant_usage").success().stdout;
    let (table, result) = usage.split_once("\n\n").expect("a table and a result line");
    insta::assert_snapshot!(result, @"N usages saved in tenant_usage_ID.json");
    assert!(
        table.lines().count() > 5 && table.contains(" GiB"),
        "{table}"
    );
    insta::assert_snapshot!(sandbox.conversation(), @"
    POST /api/2/idp/token 200
    GET /api/2/tenants/ID/usages 200
    ");

    insta::assert_snapshot!(home.run("create_report_retrieve").success(), @"Report with N rows saved in report_for_tenant_ID.csv");
    insta::assert_snapshot!(sandbox.conversation(), @"
    POST /api/2/reports 200
    GET /api/2/reports/ID/stored 200
    GET /api/2/reports/ID/stored/ID 200
    ");

    insta::assert_snapshot!(home.names(), @"
    api_client.json
    api_token.json
    cyber.platform.cfg.json
    report_for_tenant_ID.csv
    tenant_usage_ID.json
    ");
    let me = text(&home, "api_client.json", "tenant_id");
    let report = home.text(&format!("report_for_tenant_{me}.csv"));
    let columns = report.lines().next().unwrap_or_default();
    assert!(columns.contains("tenant.id"), "{columns}");
    assert!(report.lines().count() > 1, "{report}");
}

#[test]
fn a_customer_scoped_token_is_rejected_outside_that_customer() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_customer(&sandbox);

    let outcome = home.run("issue_customer_scoped_token_for_bc").success();
    insta::assert_snapshot!(outcome, @"Token for customer ID saved in api_customer_scoped_token.json, valid until TIME");
    insta::assert_snapshot!(sandbox.conversation(), @"POST /api/2/idp/token 200");

    let outcome = home.example(PARTNER).refused(1);
    insta::assert_snapshot!(outcome, @r#"
    ! warning: calls use the customer-scoped token, which is valid for that customer only; remove api_customer_scoped_token.json to work as the API client again
    ! error: list the available offering items: GET /api/2/tenants/ID/offering_items/available_for_child: 403 Forbidden, code 1002, Access denied. (ID is not allowed to do this in tenant ID.; {"id":"ID"}) [request ID]
    ! help: The customer-scoped token is valid for one customer only. Remove api_customer_scoped_token.json to continue as the API client.
    exit 1
    "#);
    insta::assert_snapshot!(sandbox.conversation(), @"GET /api/2/tenants/ID/offering_items/available_for_child 403");

    std::fs::remove_file(home.path("api_customer_scoped_token.json")).expect("the file exists");
    home.run(PARTNER).success();
}
