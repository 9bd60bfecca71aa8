//! Locking a tenant, the end of its trial, disabling its applications, and deleting tenants.

use serde_json::{Value, json};
use tests::{Response, ScriptedServer, TestHome, redactions};

use super::{conversation, rejection, with_customer};

const LOCK: &str = "create_partner_tenant_and_lock";
const TRIAL: &str = "get_trial_end_date_for_customer";
const LEGACY: &str = "get_trial_end_date_for_customer_legacy";
const DISABLE: &str = "disable_all_applications_for_customer";
const DELETE: &str = "delete_all_tenant_underneath";

#[test]
fn each_change_sends_the_version_of_the_previous_response() {
    let _redacted = redactions::scripted();
    let version = |version: u32| tenant("partner-1", "P", version);
    let server = ScriptedServer::new([
        Response::available_items(),
        version(7),
        Response::no_items(),
        version(9),
        version(12),
        version(20),
        Response::empty(204),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(LOCK).input("\nno\n\n\n\n").end().success();

    insta::assert_snapshot!(outcome, @"
    Rust Locked Partner RANDOM v3.0 created with 1 offering item of pck_per_gigabyte
    Locked
    Unlocked
    Disabled
    Rust Locked Partner RANDOM v3.0 deleted
    ! Press Enter to lock the partner:
    ! Press Enter to unlock the partner:
    ! Only an empty line continues. Press Enter to unlock the partner, or Ctrl-C to stop:
    ! Press Enter to disable the partner:
    ! Press Enter to delete the partner:
    ");
    insta::assert_snapshot!(conversation(&server), @r#"
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=partner&edition=pck_per_gigabyte
    POST /api/2/tenants
      {"name":"Rust Locked Partner RANDOM v3.0","parent_id":"my-tenant","kind":"partner"}
    PUT /api/2/tenants/partner-1/offering_items
      {"offering_items":[{"application_id":"app-1","name":"vms","edition":"pck_per_gigabyte","usage_name":"vms","type":"count","status":1}]}
    PUT /api/2/tenants/partner-1
      {"update_lock":{"owner_id":"my-tenant","enabled":true},"version":7}
    PUT /api/2/tenants/partner-1
      {"update_lock":{"enabled":false},"version":9}
    PUT /api/2/tenants/partner-1
      {"enabled":false,"version":12}
    DELETE /api/2/tenants/partner-1?version=20
    "#);
    insta::assert_snapshot!(home.names(), @"
    api_client.json
    api_token.json
    cyber.platform.cfg.json
    ");
}

#[test]
fn stops_without_enter_or_without_a_version() {
    for lines in 0..4 {
        let created = [
            Response::available_items(),
            tenant("p", "P", 1),
            Response::no_items(),
        ];
        let changed = (0..lines).map(|_| tenant("p", "P", 2));
        let server = ScriptedServer::new(created.into_iter().chain(changed));
        let home = TestHome::new(&server.url()).signed_in();
        let outcome = home.example(LOCK).input("\n".repeat(lines)).refused(2);
        assert!(outcome.stderr.contains("the input ended"), "{outcome}");
        assert_eq!(server.calls().len(), 3 + lines);
    }

    let server = ScriptedServer::new([
        Response::available_items(),
        tenant("p", "P", 1),
        Response::no_items(),
        Response::json(200, json!({ "id": "p", "name": "P", "kind": "partner" })),
    ]);
    let home = TestHome::new(&server.url()).signed_in();
    let outcome = home.example(LOCK).input("\n\n\n\n").refused(1);
    assert!(
        outcome.stderr.contains("missing field `version`"),
        "{outcome}"
    );
    assert_eq!(server.calls().len(), 4);
}

#[test]
fn both_trial_examples_read_the_pricing() {
    let pricing = json!({
        "mode": "trial",
        // 31 January 2024, a millisecond before its end.
        "version": 1_706_745_599_999_i64,
        "production_start_date": "2024-03-01T00:00:00",
    });
    for name in [TRIAL, LEGACY] {
        let server = ScriptedServer::new([Response::json(200, pricing.clone())]);
        let home = with_customer(&server);
        let outcome = home.run(name).success();
        insta::allow_duplicates! {
            insta::assert_snapshot!(conversation(&server), @"GET /api/2/tenants/customer-1/pricing");
        }
        let expected = match name {
            TRIAL => "End of trial and start of production: 2024-03-01T00:00:00\n",
            _ => "End of trial (UTC): 2024-02-29 23:59:59.999999\n",
        };
        assert_eq!(outcome.stdout, expected);
    }
}

#[test]
fn a_pricing_without_a_usable_date_is_reported() {
    let responses = [
        (TRIAL, json!({ "production_start_date": null })),
        (TRIAL, json!({ "version": 1 })),
        (TRIAL, json!({ "production_start_date": 5 })),
        (LEGACY, json!({})),
        (LEGACY, json!({ "version": "soon" })),
        (LEGACY, json!({ "version": 1e300 })),
        (LEGACY, json!({ "version": i64::MAX })),
    ];
    let mut outcomes = String::new();
    for (name, response) in responses {
        let server = ScriptedServer::new([Response::json(200, response.clone())]);
        let home = with_customer(&server);
        let outcome = home.run(name);
        assert!(matches!(outcome.code, Some(0 | 1)), "{outcome}");
        // The help is the same for all.
        let lines = outcome.to_string();
        let lines = lines.lines().filter(|line| !line.starts_with("! help: "));
        outcomes += &format!("{response}\n{}\n\n", lines.collect::<Vec<_>>().join("\n"));
    }
    insta::assert_snapshot!(outcomes, @r#"
    {"production_start_date":null}
    No start of production is set

    {"version":1}
    ! error: read the pricing: GET /api/2/tenants/customer-1/pricing: unexpected response: missing field `production_start_date`
    exit 1

    {"production_start_date":5}
    ! error: read the pricing: GET /api/2/tenants/customer-1/pricing: unexpected response: production_start_date: invalid type: integer `5`, expected a string
    exit 1

    {}
    ! error: read the pricing: GET /api/2/tenants/customer-1/pricing: unexpected response: missing field `version`
    exit 1

    {"version":"soon"}
    ! error: read the pricing: GET /api/2/tenants/customer-1/pricing: unexpected response: version: invalid type: string "soon", expected i64
    exit 1

    {"version":1e+300}
    ! error: read the pricing: GET /api/2/tenants/customer-1/pricing: unexpected response: version: invalid type: floating point `1e+300`, expected i64
    exit 1

    {"version":9223372036854775807}
    ! error: GET /api/2/tenants/customer-1/pricing: unexpected response: version: 9223372036854775807 is not a time in Unix milliseconds
    exit 1
    "#);
}

fn applications(kinds: &[&str]) -> Response {
    let items: Vec<Value> = kinds
        .iter()
        .enumerate()
        .map(|(number, kind)| json!({ "id": format!("app-{number}"), "name": format!("The {kind}"), "type": kind }))
        .collect();
    Response::items(json!(items))
}

#[test]
fn disables_all_applications_except_the_management_console() {
    let server = ScriptedServer::new([
        applications(&["backup", "platform", "notary", "files_cloud"]),
        Response::items(json!(["app-1", "app-0", "app-2", "unknown"])),
        Response::empty(204),
        Response::empty(204),
        Response::empty(204),
    ]);
    let home = with_customer(&server);

    insta::assert_snapshot!(home.run(DISABLE).success(), @"
    The backup disabled
    The notary disabled
    unknown disabled
    3 applications disabled for customer customer-1
    ");
    insta::assert_snapshot!(conversation(&server), @"
    GET /api/2/applications
    GET /api/2/tenants/customer-1/applications
    DELETE /api/2/applications/app-0/bindings/tenants/customer-1
    DELETE /api/2/applications/app-2/bindings/tenants/customer-1
    DELETE /api/2/applications/unknown/bindings/tenants/customer-1
    ");
}

#[test]
fn without_exactly_one_management_console_nothing_is_disabled() {
    for kinds in [&["backup"][..], &["platform", "backup", "platform"], &[]] {
        let server = ScriptedServer::new([applications(kinds)]);
        let outcome = with_customer(&server).example(DISABLE).refused(1);
        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome, @"
            ! error: GET /api/2/applications: unexpected response: not exactly one application of type `platform`; nothing was disabled
            ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
            exit 1
            ");
        }
    }
    let server = ScriptedServer::new([
        applications(&["platform", "backup"]),
        Response::items(json!(["app-1"])),
        rejection(403),
    ]);
    let outcome = with_customer(&server).example(DISABLE).refused(1);
    assert!(
        outcome
            .stderr
            .contains("error: disable The backup: DELETE "),
        "{outcome}"
    );
}

#[test]
fn without_customer_json_nothing_is_sent() {
    for name in [TRIAL, LEGACY, DISABLE] {
        let server = ScriptedServer::unused();
        let outcome = TestHome::new(&server.url())
            .signed_in()
            .example(name)
            .refused(2);
        assert!(
            outcome.stderr.contains("customer.json is missing"),
            "{outcome}"
        );
        assert_eq!(server.conversation(), "");
    }
}

fn tenant(id: &str, name: &str, version: u32) -> Response {
    Response::json(200, super::tenant(id, name, version))
}

fn ids(ids: &[&str]) -> Response {
    Response::items(json!(ids))
}

#[test]
fn deletes_all_tenants_after_confirmation() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        tenant("me", "My own", 1),
        ids(&["a", "b"]),
        tenant("a", "Alder", 3),
        tenant("b", "B\u{1b}[2Jirch", 5),
        // Disable, read and delete a.
        tenant("a", "Alder", 4),
        tenant("a", "Alder", 40),
        Response::empty(204),
        // The same for b.
        tenant("b", "Birch", 6),
        tenant("b", "Birch", 60),
        Response::empty(204),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(DELETE).input(" yes \n").end().success();

    insta::assert_snapshot!(outcome, @"
    2 tenants below My own
    name       kind     id
    Alder      partner  a
    B [2Jirch  partner  b
    Alder deleted
    B [2Jirch deleted
    2 tenants deleted
    ! All of this is deleted on http://127.0.0.1:PORT/, with everything in it. Type yes to continue:
    ");
    insta::assert_snapshot!(conversation(&server), @r#"
    GET /api/2/tenants/my-tenant
    GET /api/2/tenants/my-tenant/children
    GET /api/2/tenants/a
    GET /api/2/tenants/b
    PUT /api/2/tenants/a
      {"enabled":false,"version":3}
    GET /api/2/tenants/a
    DELETE /api/2/tenants/a?version=40
    PUT /api/2/tenants/b
      {"enabled":false,"version":5}
    GET /api/2/tenants/b
    DELETE /api/2/tenants/b?version=60
    "#);
}

#[test]
fn deletes_nothing_without_confirmation() {
    let _redacted = redactions::scripted();
    for input in ["", "\n", "y\n", "YES\n", "yes please\n", "no\nyes\n"] {
        let server = ScriptedServer::new([
            tenant("me", "My own", 1),
            ids(&["a"]),
            tenant("a", "Alder", 3),
        ]);
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.example(DELETE).input(input).refused(2);

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome, @"
            1 tenant below My own
            name   kind     id
            Alder  partner  a
            ! All of this is deleted on http://127.0.0.1:PORT/, with everything in it. Type yes to continue:
            ! error: not confirmed; nothing was deleted
            ! help: Run the example again and type yes, or pipe it in.
            exit 2
            ");
        }
        assert!(server.calls().iter().all(|call| call.method == "GET"));
    }
}

#[test]
fn continues_with_the_next_tenant_after_a_rejection() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        tenant("me", "My own", 1),
        ids(&["gone", "a", "b", "c"]),
        rejection(404),
        tenant("a", "Alder", 3),
        tenant("b", "Birch", 5),
        tenant("c", "Cedar", 7),
        // a cannot be disabled.
        rejection(403),
        // b is disabled but not deleted.
        tenant("b", "Birch", 6),
        tenant("b", "Birch", 6),
        rejection(500),
        // c is deleted.
        tenant("c", "Cedar", 8),
        tenant("c", "Cedar", 8),
        Response::empty(204),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(DELETE).input("yes\n").refused(1);

    insta::assert_snapshot!(outcome, @"
    4 tenants below My own
    name   kind     id
    Alder  partner  a
    Birch  partner  b
    Cedar  partner  c
    1 tenant could not be read and will not be deleted
    Cedar deleted
    1 tenant deleted
    ! warning: read a tenant: GET /api/2/tenants/gone: 404 Not Found, code 1012, Locked.
    ! All of this is deleted on http://127.0.0.1:PORT/, with everything in it. Type yes to continue:
    ! warning: disable Alder: PUT /api/2/tenants/a: 403 Forbidden, code 1012, Locked.
    ! warning: delete Birch: DELETE /api/2/tenants/b: 500 Internal Server Error, code 1012, Locked.
    ! error: the platform rejected 3 tenants
    ! help: The warnings above name each one and the reason. Changes to other tenants are kept. Resolve the reasons, then run the example again.
    ! done: disable Birch, disable Cedar, delete Cedar
    ! next: some tenants are deleted, and one may be disabled. Run the example again to delete the others.
    exit 1
    ");
    assert_eq!(server.calls().len(), 13);
}

#[test]
fn without_tenants_there_is_no_prompt() {
    for response in [json!({}), json!({ "items": null }), json!({ "items": [] })] {
        let server =
            ScriptedServer::new([tenant("me", "My own", 1), Response::json(200, response)]);
        let home = TestHome::new(&server.url()).signed_in();
        let outcome = home.run(DELETE).success();
        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome, @"
            0 tenants below My own
            Nothing was deleted
            ");
        }
    }
}
