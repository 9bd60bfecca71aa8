//! How tenants are locked, how their trial ends, and how they and their services go.

use serde_json::{Value, json};
use tests::{Response, ScriptedServer, TestHome, redactions};

const LOCK: &str = "create_partner_tenant_and_lock";
const TRIAL: &str = "get_trial_end_date_for_customer";
const LEGACY: &str = "get_trial_end_date_for_customer_legacy";
const DISABLE: &str = "disable_all_applications_for_customer";
const DELETE: &str = "delete_all_tenant_underneath";

/// Calls without what each of them says anyway.
fn conversation(server: &ScriptedServer) -> String {
    server
        .conversation()
        .replace("\n  authorization: Bearer kept-t0ken", "")
        .replace("\n  content-type: application/json", "")
}

fn refusal(status: u16) -> Response {
    Response::json(
        status,
        json!({ "error": { "code": 1012, "message": "Locked." } }),
    )
}

#[test]
fn each_change_sends_the_version_of_the_answer_before() {
    let _redacted = redactions::scripted();
    let version = |version: u32| {
        let tenant = json!({ "id": "partner-1", "name": "P", "version": version });
        Response::json(200, tenant)
    };
    let server = ScriptedServer::new([
        version(7),
        Response::json(200, json!({ "items": [{ "name": "vms" }] })),
        Response::no_items(),
        version(9),
        version(12),
        version(20),
        Response::empty(204),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(LOCK).input("\nwhatever\n\n\n").end().success();

    insta::assert_snapshot!(outcome, @"
    Rust Locked Partner RANDOM v3.0 is a partner with 1 offering items
    It is locked
    It is unlocked
    It is disabled
    Rust Locked Partner RANDOM v3.0 is deleted
    ! Press Enter to lock it:
    ! Press Enter to unlock it:
    ! Press Enter to disable it:
    ! Press Enter to delete it:
    ");
    insta::assert_snapshot!(conversation(&server), @r#"
    POST /api/2/tenants
      {"name":"Rust Locked Partner RANDOM v3.0","parent_id":"my-tenant","kind":"partner"}
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=partner&edition=pck_per_gigabyte
    PUT /api/2/tenants/partner-1/offering_items
      {"offering_items":[{"name":"vms"}]}
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
fn nothing_goes_on_without_enter_or_without_a_version() {
    for lines in 0..4 {
        let server = ScriptedServer::new(
            [
                Response::json(201, json!({ "id": "p", "version": 1 })),
                Response::no_items(),
            ]
            .into_iter()
            .chain((0..=lines).map(|_| Response::json(200, json!({ "version": 2 })))),
        );
        let home = TestHome::new(&server.url()).signed_in();
        let outcome = home.example(LOCK).input("\n".repeat(lines)).refused(2);
        assert!(outcome.stderr.contains("the input ended"), "{outcome}");
        assert_eq!(server.calls().len(), 3 + lines);
    }

    let server = ScriptedServer::new([
        Response::json(201, json!({ "id": "p", "version": "1" })),
        Response::no_items(),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();
    let outcome = home.example(LOCK).input("\n\n\n\n").refused(1);
    assert!(
        outcome.stderr.contains("whole number in `version`"),
        "{outcome}"
    );
}

fn customer(server: &ScriptedServer) -> TestHome {
    TestHome::new(&server.url())
        .signed_in()
        .put("customer.json", json!({ "id": "customer-1" }))
}

#[test]
fn both_ends_of_a_trial_are_read_from_the_pricing() {
    let pricing = json!({
        "mode": "trial",
        // 31 January 2024, a millisecond before its end.
        "version": 1_706_745_599_999_i64,
        "production_start_date": "2024-03-01T00:00:00",
    });
    for name in [TRIAL, LEGACY] {
        let server = ScriptedServer::new([Response::json(200, pricing.clone())]);
        let home = customer(&server);
        let outcome = home.run(name).success();
        insta::allow_duplicates! {
            insta::assert_snapshot!(conversation(&server), @"GET /api/2/tenants/customer-1/pricing");
        }
        let expected = match name {
            TRIAL => "The trial ends, and production begins, at 2024-03-01T00:00:00\n",
            _ => "2024-02-29 23:59:59.999999\n",
        };
        assert_eq!(outcome.stdout, expected);
    }
}

#[test]
fn a_trial_without_an_end_is_told() {
    let answers = [
        (
            TRIAL,
            json!({ "version": 1, "production_start_date": null }),
        ),
        (TRIAL, json!({ "version": 1 })),
        (TRIAL, json!({ "version": 1, "production_start_date": 5 })),
        (TRIAL, json!({})),
        (LEGACY, json!({})),
        (LEGACY, json!({ "version": null })),
        (LEGACY, json!({ "version": "soon" })),
        (LEGACY, json!({ "version": 1e300 })),
        (LEGACY, json!({ "version": -1e300 })),
        (LEGACY, json!({ "version": i64::MAX })),
    ];
    let mut told = String::new();
    for (name, answer) in answers {
        let server = ScriptedServer::new([Response::json(200, answer.clone())]);
        let home = customer(&server);
        let outcome = home.run(name);
        assert!(matches!(outcome.code, Some(0 | 1)), "{outcome}");
        told += &format!("{answer}\n{outcome}\n");
    }
    insta::assert_snapshot!(told, @r#"
    {"version":1,"production_start_date":null}
    No date is set on which production begins

    {"version":1}
    No date is set on which production begins

    {"version":1,"production_start_date":5}
    ! error: reading the pricing: GET /api/2/tenants/customer-1/pricing: the platform's answer has no text in `production_start_date`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    {}
    ! error: reading the pricing: GET /api/2/tenants/customer-1/pricing: the platform's answer has no whole number in `version`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    {}
    ! error: reading the pricing: the `version` of the pricing is no moment in Unix milliseconds: null
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    {"version":null}
    ! error: reading the pricing: the `version` of the pricing is no moment in Unix milliseconds: null
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    {"version":"soon"}
    ! error: reading the pricing: the `version` of the pricing is no moment in Unix milliseconds: "soon"
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    {"version":1e+300}
    ! error: reading the pricing: the `version` of the pricing is no moment in Unix milliseconds: 1e+300
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    {"version":-1e+300}
    ! error: reading the pricing: the `version` of the pricing is no moment in Unix milliseconds: -1e+300
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    {"version":9223372036854775807}
    ! error: reading the pricing: the `version` of the pricing is no moment in Unix milliseconds: 9223372036854775807
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1
    "#);
}

fn applications(kinds: &[&str]) -> Response {
    let items: Vec<Value> = kinds
        .iter()
        .enumerate()
        .map(|(number, kind)| json!({ "id": format!("app-{number}"), "name": format!("The {kind}"), "type": kind }))
        .collect();
    Response::json(200, json!({ "items": items }))
}

#[test]
fn all_applications_go_off_but_the_platform() {
    let server = ScriptedServer::new([
        applications(&["backup", "platform", "notary", "files_cloud"]),
        Response::json(
            200,
            json!({ "items": ["app-1", "app-0", "app-2", "unknown"] }),
        ),
        Response::empty(204),
        Response::empty(204),
        Response::empty(204),
    ]);
    let home = customer(&server);

    insta::assert_snapshot!(home.run(DISABLE).success(), @"
    The backup is off
    The notary is off
    unknown is off
    3 applications are off for customer customer-1
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
fn without_exactly_one_platform_nothing_goes_off() {
    for kinds in [&["backup"][..], &["platform", "backup", "platform"], &[]] {
        let server = ScriptedServer::new([applications(kinds)]);
        let outcome = customer(&server).example(DISABLE).refused(1);
        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome, @"
            ! error: not exactly one of the applications is of the type platform, so none was switched off
            ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
            exit 1
            ");
        }
    }
    let server = ScriptedServer::new([
        applications(&["platform", "backup"]),
        Response::json(200, json!({ "items": ["app-1"] })),
        refusal(403),
    ]);
    let outcome = customer(&server).example(DISABLE).refused(1);
    assert!(
        outcome.stderr.contains("switching off The backup: DELETE"),
        "{outcome}"
    );
}

#[test]
fn what_is_about_a_customer_needs_one() {
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
    let tenant = json!({ "id": id, "name": name, "kind": "partner", "version": version });
    Response::json(200, tenant)
}

fn ids(ids: &[&str]) -> Response {
    Response::json(200, json!({ "items": ids }))
}

#[test]
fn all_tenants_go_after_the_word() {
    let server = ScriptedServer::new([
        tenant("me", "My own", 1),
        ids(&["a", "b"]),
        tenant("a", "Alder", 3),
        tenant("b", "B\u{1b}[2Jirch", 5),
        // a
        tenant("a", "Alder", 4),
        tenant("a", "Alder", 40),
        Response::empty(204),
        // b
        tenant("b", "Birch", 6),
        tenant("b", "Birch", 60),
        Response::empty(204),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(DELETE).input(" yes \n").end().success();

    insta::assert_snapshot!(outcome, @"
    name       kind     id
    Alder      partner  a
    B [2Jirch  partner  b
    Alder is deleted
    B [2Jirch is deleted
    2 tenants below My own are deleted
    ! All of this below My own will be deleted, with everything in it. Type yes to go on:
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
fn without_the_word_nothing_goes() {
    for input in ["", "\n", "y\n", "YES\n", "yes please\n", "no\nyes\n"] {
        let server = ScriptedServer::new([
            tenant("me", "My own", 1),
            ids(&["a"]),
            tenant("a", "Alder", 3),
        ]);
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.example(DELETE).input(input).end().success();

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome, @"
            name   kind     id
            Alder  partner  a
            Nothing was changed
            ! All of this below My own will be deleted, with everything in it. Type yes to go on:
            ");
        }
        assert!(server.calls().iter().all(|call| call.method == "GET"));
    }
}

#[test]
fn a_tenant_that_refuses_keeps_no_other_from_going() {
    let server = ScriptedServer::new([
        tenant("me", "My own", 1),
        ids(&["gone", "a", "b", "c"]),
        refusal(404),
        tenant("a", "Alder", 3),
        tenant("b", "Birch", 5),
        tenant("c", "Cedar", 7),
        // a cannot be disabled
        refusal(403),
        // b can, and is not deleted all the same
        tenant("b", "Birch", 6),
        tenant("b", "Birch", 6),
        refusal(500),
        // c
        tenant("c", "Cedar", 8),
        tenant("c", "Cedar", 8),
        Response::empty(204),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(DELETE).input("yes\n").refused(1);

    insta::assert_snapshot!(outcome, @"
    name   kind     id
    Alder  partner  a
    Birch  partner  b
    Cedar  partner  c
    Cedar is deleted
    1 tenants below My own are deleted
    ! warning: reading the tenants: GET /api/2/tenants/gone: 404 Not Found, code 1012, Locked.
    ! All of this below My own will be deleted, with everything in it. Type yes to go on:
    ! warning: deleting Alder: PUT /api/2/tenants/a: 403 Forbidden, code 1012, Locked.
    ! warning: deleting Birch: it is disabled only: DELETE /api/2/tenants/b: 500 Internal Server Error, code 1012, Locked.
    ! error: the platform refused 3 of the tenants
    ! help: The warnings above name them and say why; what was done for the others stays done. Settle that, then run it again.
    exit 1
    ");
    assert_eq!(server.calls().len(), 13);
}

#[test]
fn where_there_is_nothing_nothing_is_asked() {
    for answer in [json!({}), json!({ "items": null }), json!({ "items": [] })] {
        let server = ScriptedServer::new([tenant("me", "My own", 1), Response::json(200, answer)]);
        let home = TestHome::new(&server.url()).signed_in();
        let outcome = home.run(DELETE).success();
        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome, @"There is no tenant to delete below My own");
        }
    }
}
