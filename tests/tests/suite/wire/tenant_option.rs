//! `--tenant`: another tenant than the one that an example reads by default.

use serde_json::json;
use tests::{Response, ScriptedServer, TestHome, examples};

/// The examples that have the option, and their first call with it.
const EXAMPLES: [(&str, &str); 9] = [
    (
        "agent/get_all_agents_info_for_customer",
        "GET /api/1/groups/b-2",
    ),
    ("reports/create_report_retrieve", "POST /api/2/reports"),
    ("reports/create_sku_report_retrieve", "POST /api/2/reports"),
    (
        "tenants/get_trial_end_date_for_customer",
        "GET /api/2/tenants/b-2/pricing",
    ),
    (
        "tenants/get_trial_end_date_for_customer_legacy",
        "GET /api/2/tenants/b-2/pricing",
    ),
    ("tenants/navigate_through_tenants", "GET /api/2/tenants/b-2"),
    (
        "tenants/search_for_tenant_or_user",
        "GET /api/2/search?text=text&tenant=b-2",
    ),
    ("usage/get_tenant_usage", "GET /api/2/tenants/b-2/usages"),
    (
        "users/search_for_tenant_or_user",
        "GET /api/2/search?text=text&tenant=b-2",
    ),
];

#[test]
fn the_tenant_of_the_option_is_read() {
    for (example, call) in EXAMPLES {
        let server = ScriptedServer::new([]).from_then_on(Response::empty(404));
        // No file of an earlier example is needed.
        let home = TestHome::new(&server.url()).signed_in();

        let run = home.example(example).arg("--tenant").arg("b-2");
        let outcome = run.input("text\n").end().failed(1);

        let calls = server.conversation();
        assert_eq!(calls.lines().next(), Some(call), "{example}: {outcome}");
        if call.starts_with("POST") {
            assert!(calls.contains(r#""tenant_id":"b-2""#), "{example}: {calls}");
        }
    }
}

#[test]
fn help_for_a_missing_file_names_the_option() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url()).signed_in();
    for example in [
        "get_all_agents_info_for_customer",
        "get_trial_end_date_for_customer",
        "get_trial_end_date_for_customer_legacy",
    ] {
        let outcome = home.example(example).refused(2);
        assert_eq!(outcome.error(), "HOME/customer.json is missing");
        assert!(
            outcome
                .help()
                .ends_with(" first: it creates customer.json. Or name a tenant with --tenant."),
            "{outcome}"
        );
    }
}

#[test]
fn files_are_named_after_the_tenant_of_the_option() {
    let server = ScriptedServer::new([Response::no_items()]);
    let home = TestHome::new(&server.url()).signed_in();

    let run = home.example("get_tenant_usage").arg("--tenant=b-2");
    run.end().success();

    assert!(home.path("tenant_usage_b-2.json").is_file());
}

#[test]
fn the_tree_starts_at_the_tenant_of_the_option_and_shows_its_users() {
    let tenant = json!({ "id": "b-2", "name": "ACME", "kind": "customer", "version": 1 });
    let server = ScriptedServer::new([
        Response::json(200, tenant),
        Response::items(json!(["u"])),
        Response::json(200, json!({ "login": "ada" })),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let run = home.example("navigate_through_tenants").arg("--tenant=b-2");

    insta::assert_snapshot!(run.end().success(), @"
    ACME (customer) b-2
      user ada
    1 tenant, 1 user
    ");
}

#[test]
fn a_tenant_that_is_not_an_id_is_rejected() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url()).signed_in();
    for tenant in [
        "../users",
        "..",
        "a/b",
        "a?b=c",
        "a%2fb",
        "a b",
        "\u{9b}31m",
        "",
    ] {
        let run = home.example("get_tenant_usage").arg("--tenant");
        let outcome = run.arg(tenant).refused(2);
        assert!(
            outcome.error().contains("for '--tenant <ID>'"),
            "{tenant:?}: {outcome}"
        );
        assert!(!outcome.stderr.contains('\u{9b}'), "{outcome}");
    }
    let outcome = home.example("get_tenant_usage").arg("--tenant=../users");
    insta::assert_snapshot!(outcome.refused(2), @r#"
    ! error: invalid value '../users' for '--tenant <ID>': "../users" is not an id
    ! help: get_tenant_usage takes no arguments except --verbose, --home, --tenant and --json; it prompts for what it needs. See --help.
    exit 2
    "#);
}

#[test]
fn examples_that_read_no_single_tenant_do_not_have_the_option() {
    let home = TestHome::empty();
    for example in examples::all() {
        let name = format!("{}/{}", example.package, example.name);
        // Without a home folder, the run ends before its first call.
        let outcome = home.example(&name).arg("--tenant=b-2").refused(2);
        let is_unknown = outcome.error() == "unexpected argument '--tenant' found";
        let is_listed = EXAMPLES.iter().any(|(example, _)| *example == name);
        assert_eq!(!is_unknown, is_listed, "{name}");
    }
}
