//! Partners and customers, and the editions they have: all of them, another one, those of all partners.

use serde_json::{Value, json};
use tests::{Response, ScriptedServer, TestHome, redactions};

const ALL: &str = "create_partner_tenant_and_assign_all_editions_available";
const SWITCH: &str = "switch_edition_for_customer";
const LEGACY: &str = "switch_edition_for_customer_legacy";
const EVERYTHING: &str = "update_your_partners_to_all_available_editions";
const ONE: &str = "update_your_partners_to_all_offering_items_for_specific_edition";

/// Calls without what each of them says anyway.
fn conversation(server: &ScriptedServer) -> String {
    server
        .conversation()
        .replace("\n  authorization: Bearer kept-t0ken", "")
        .replace("\n  content-type: application/json", "")
}

fn named(id: &str, name: &str) -> Response {
    Response::json(201, json!({ "id": id, "name": name, "version": 1 }))
}

#[test]
fn a_partner_gets_all_editions_as_they_came() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        named("partner-1", "Rust Partner All Editions ABCDEF v3.0"),
        Response::text(
            200,
            r#"{"items":[{"name":"vms","edition":"standard","quota":{"version":18446744073709551617}},{"name":"notary","edition":null}]}"#,
        ),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    insta::assert_snapshot!(home.run(ALL).success(), @"Rust Partner All Editions RANDOM v3.0 is a partner with 2 offering items of all editions, kept in partner_all_editions.json");
    insta::assert_snapshot!(conversation(&server), @r#"
    POST /api/2/tenants
      {"name":"Rust Partner All Editions RANDOM v3.0","parent_id":"my-tenant","kind":"partner"}
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=partner&edition=%2A
    PUT /api/2/tenants/partner-1/offering_items
      {"offering_items":[{"name":"vms","edition":"standard","quota":{"version":18446744073709551617}},{"name":"notary","edition":null}]}
    "#);
    insta::assert_snapshot!(home.text("partner_all_editions.json"), @r#"
    {
      "id": "partner-1",
      "name": "Rust Partner All Editions RANDOM v3.0",
      "version": 1
    }
    "#);
    insta::assert_snapshot!(home.names(), @"
    api_client.json
    api_token.json
    cyber.platform.cfg.json
    partner_all_editions.json
    ");
}

/// What a customer is offered in two editions, with a second storage to leave out.
fn offers(prefix: &str, edition: &str) -> Response {
    let name = |name: &str| format!("{prefix}_{name}");
    Response::json(
        200,
        json!({ "items": [
            { "name": name("vms"), "edition": edition, "type": "count", "status": 1, "more": 0.10 },
            { "name": name("dr"), "edition": edition, "type": "infra", "infra_id": "ba2976d0-c13e-4661-ae60-b4593583fce2" },
            { "name": "notary", "edition": null, "type": "count", "status": 1 },
        ] }),
    )
}

#[test]
fn a_switch_is_tried_first_and_then_done() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        named("customer-1", "C"),
        offers("pg", "pck_per_gigabyte"),
        Response::no_items(),
        Response::json(
            200,
            json!({ "warnings": ["NewFeaturesBecomeAvailable", "a\u{1b}[2J"] }),
        ),
        Response::json(200, json!({ "warnings": [] })),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(SWITCH).input("\n").end().success();

    insta::assert_snapshot!(outcome, @"
    Rust Switch Edition Customer RANDOM v3.0 has 2 offering items of pck_per_gigabyte
    The platform says: NewFeaturesBecomeAvailable
    The platform says: a [2J
    Rust Switch Edition Customer RANDOM v3.0 has the edition pck_per_workload now
    ! Press Enter to switch it to pck_per_workload:
    ");
    insta::assert_snapshot!(conversation(&server), @r#"
    POST /api/2/tenants
      {"name":"Rust Switch Edition Customer RANDOM v3.0","parent_id":"my-tenant","kind":"customer"}
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=customer&edition=pck_per_gigabyte
    PUT /api/2/tenants/customer-1/offering_items
      {"offering_items":[{"name":"pg_vms","edition":"pck_per_gigabyte","type":"count","status":1,"more":0.1},{"name":"notary","edition":null,"type":"count","status":1}]}
    GET /api/2/tenants/customer-1/edition?application_id=6e6d758d-8e74-3ae3-ac84-50eb0dff12eb&target_edition=pck_per_workload
    PUT /api/2/tenants/customer-1/edition
      {"application_id":"6e6d758d-8e74-3ae3-ac84-50eb0dff12eb","target_edition":"pck_per_workload"}
    "#);
    insta::assert_snapshot!(home.names(), @"
    api_client.json
    api_token.json
    cyber.platform.cfg.json
    ");
}

#[test]
fn a_switch_item_by_item_is_one_call() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        named("customer-1", "C"),
        offers("pg", "pck_per_gigabyte"),
        Response::no_items(),
        offers("pw", "pck_per_workload"),
        Response::empty(204),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(LEGACY).input("\n").end().success();

    insta::assert_snapshot!(outcome, @"
    Rust Switch Edition Customer RANDOM v3.0 has 2 offering items of pck_per_gigabyte
    Rust Switch Edition Customer RANDOM v3.0 has 1 offering items of pck_per_workload now; 1 of pck_per_gigabyte are off
    ! Press Enter to switch it to pck_per_workload:
    ");
    insta::assert_snapshot!(conversation(&server), @r#"
    POST /api/2/tenants
      {"name":"Rust Switch Edition Customer RANDOM v3.0","parent_id":"my-tenant","kind":"customer"}
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=customer&edition=pck_per_gigabyte
    PUT /api/2/tenants/customer-1/offering_items
      {"offering_items":[{"name":"pg_vms","edition":"pck_per_gigabyte","type":"count","status":1,"more":0.1},{"name":"notary","edition":null,"type":"count","status":1}]}
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=customer&edition=pck_per_workload
    PUT /api/2/tenants/customer-1/offering_items
      {"offering_items":[{"name":"pg_vms","edition":"pck_per_gigabyte","type":"count","status":0,"more":0.1},{"name":"pw_vms","edition":"pck_per_workload","type":"count","status":1,"more":0.1}]}
    "#);
}

#[test]
fn nothing_is_switched_without_enter_nor_after_a_refused_trial() {
    for name in [SWITCH, LEGACY] {
        let server =
            ScriptedServer::new([named("c", "C"), Response::no_items(), Response::no_items()]);
        let home = TestHome::new(&server.url()).signed_in();
        let outcome = home.example(name).refused(2);
        assert!(outcome.stderr.contains("the input ended"), "{outcome}");
        assert_eq!(server.calls().len(), 3);
    }

    let server = ScriptedServer::new([
        named("c", "C"),
        Response::no_items(),
        Response::no_items(),
        Response::json(
            400,
            json!({ "error": { "code": 1021, "message": "Not available." } }),
        ),
    ]);
    let home = TestHome::new(&server.url()).signed_in();
    let outcome = home.example(SWITCH).input("\n").refused(1);
    assert!(outcome.stderr.contains("trying the switch"), "{outcome}");
    assert_eq!(server.calls().len(), 4);
}

/// Three partners, a customer and a folder.
fn children() -> Response {
    let child =
        |id: &str, kind: &str| json!({ "id": id, "name": format!("{kind} {id}"), "kind": kind });
    Response::json(
        200,
        json!({ "items": [
            child("p1", "partner"),
            child("c1", "customer"),
            child("p2", "partner"),
            child("f1", "folder"),
            child("p3", "partner"),
        ] }),
    )
}

fn refusal(status: u16) -> Response {
    Response::json(
        status,
        json!({ "error": { "code": 1012, "message": "Locked." } }),
    )
}

#[test]
fn partners_alone_get_what_has_an_edition_and_one_that_is_refused_keeps_none_from_it() {
    let server = ScriptedServer::new([
        children(),
        Response::json(
            200,
            json!({ "items": [
                { "name": "vms", "edition": "standard", "status": 1 },
                { "name": "notary", "edition": null },
                { "name": "drives" },
            ] }),
        ),
        Response::no_items(),
        refusal(403),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(EVERYTHING).refused(1);

    insta::assert_snapshot!(outcome, @"
    partner p1 has 1 offering items
    partner p3 has 1 offering items
    2 partners have the offering items of all editions
    ! warning: enabling the offering items for partner p2: PUT /api/2/tenants/p2/offering_items: 403 Forbidden, code 1012, Locked.
    ! error: the platform refused 1 of the tenants
    ! help: The warnings above name them and say why; what was done for the others stays done. Settle that, then run it again.
    exit 1
    ");
    insta::assert_snapshot!(conversation(&server), @r#"
    GET /api/2/tenants/my-tenant/children?include_details=true
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=partner&edition=%2A
    PUT /api/2/tenants/p1/offering_items
      {"offering_items":[{"name":"vms","edition":"standard","status":1}]}
    PUT /api/2/tenants/p2/offering_items
      {"offering_items":[{"name":"vms","edition":"standard","status":1}]}
    PUT /api/2/tenants/p3/offering_items
      {"offering_items":[{"name":"vms","edition":"standard","status":1}]}
    "#);
}

#[test]
fn what_is_off_in_an_edition_goes_on_and_where_nothing_is_off_nothing_is_sent() {
    let items = |items: Value| Response::json(200, json!({ "items": items }));
    let server = ScriptedServer::new([
        children(),
        items(json!([
            { "name": "vms", "status": 0, "quota": null },
            { "name": "servers", "status": 1 },
            { "name": "dlp", "status": 0 },
        ])),
        Response::empty(204),
        items(json!([{ "name": "vms", "status": 1 }])),
        items(Value::Null),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    insta::assert_snapshot!(home.run(ONE).success(), @"
    partner p1: 2 offering items switched on
    partner p2: 0 offering items switched on
    partner p3: 0 offering items switched on
    3 partners have all their offering items of pck_per_gigabyte on
    ");
    insta::assert_snapshot!(conversation(&server), @r#"
    GET /api/2/tenants/my-tenant/children?include_details=true
    GET /api/2/tenants/p1/offering_items?edition=pck_per_gigabyte
    PUT /api/2/tenants/p1/offering_items
      {"offering_items":[{"name":"vms","status":1,"quota":null},{"name":"dlp","status":1}]}
    GET /api/2/tenants/p2/offering_items?edition=pck_per_gigabyte
    GET /api/2/tenants/p3/offering_items?edition=pck_per_gigabyte
    "#);
}

#[test]
fn one_partner_that_is_refused_keeps_no_other_from_its_items() {
    let server = ScriptedServer::new([
        children(),
        refusal(403),
        Response::json(200, json!({ "items": [{ "name": "vms", "status": 0 }] })),
        refusal(409),
        Response::json(200, json!({ "items": [{ "name": "vms", "status": 0 }] })),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(ONE).refused(1);

    insta::assert_snapshot!(outcome, @"
    partner p3: 1 offering items switched on
    1 partners have all their offering items of pck_per_gigabyte on
    ! warning: switching on the offering items of partner p1: GET /api/2/tenants/p1/offering_items: 403 Forbidden, code 1012, Locked.
    ! warning: switching on the offering items of partner p2: PUT /api/2/tenants/p2/offering_items: 409 Conflict, code 1012, Locked.
    ! error: the platform refused 2 of the tenants
    ! help: The warnings above name them and say why; what was done for the others stays done. Settle that, then run it again.
    exit 1
    ");
    assert_eq!(server.calls().len(), 6);
}

#[test]
fn what_would_meet_every_partner_ends_the_run() {
    for (end, tries) in [
        (refusal(429), 5),
        (Response::text(200, "<html>"), 1),
        (Response::no_items().cut_short(), 5),
    ] {
        let server = ScriptedServer::new([children()]).from_then_on(end);
        let home = TestHome::new(&server.url()).signed_in();
        home.example(ONE).refused(1);
        assert_eq!(server.calls().len(), 1 + tries);
    }

    // A token that is not accepted is replaced once.
    let server = ScriptedServer::new([
        children(),
        Response::empty(401),
        Response::token("an0ther-token"),
        Response::empty(401),
    ]);
    let home = TestHome::new(&server.url()).signed_in();
    home.run(ONE).failed(1);
    assert_eq!(server.calls().len(), 4);
}

#[test]
fn without_partners_there_is_nothing_to_do() {
    for answer in [json!({}), json!({ "items": null }), json!({ "items": [] })] {
        for name in [EVERYTHING, ONE] {
            let server = ScriptedServer::new([Response::json(200, answer.clone())])
                .from_then_on(Response::no_items());
            let home = TestHome::new(&server.url()).signed_in();
            let outcome = home.run(name).success();
            assert!(outcome.stdout.starts_with("0 partners "), "{outcome}");
            assert!(server.calls().iter().all(|call| call.method == "GET"));
        }
    }
}
