//! Editions: all of them for a new partner, another one for a customer, updates for all partners.

use serde_json::{Value, json};
use tests::{Response, ScriptedServer, TestHome, redactions};

use super::{conversation, offering_item, rejection, tenant, with_fields};

const ALL: &str = "create_partner_tenant_and_assign_all_editions_available";
const SWITCH: &str = "switch_edition_for_customer";
const LEGACY: &str = "switch_edition_for_customer_legacy";
const EVERYTHING: &str = "update_your_partners_to_all_available_editions";
const ONE: &str = "update_your_partners_to_all_offering_items_for_specific_edition";

fn created(id: &str, name: &str) -> Response {
    Response::json(201, tenant(id, name, 1))
}

#[test]
fn enables_all_editions_for_a_partner() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        Response::text(
            200,
            r#"{"items":[{"application_id":"app-1","name":"vms","edition":"standard","usage_name":"vms","type":"count","status":1,"quota":{"version":18446744073709551617}},{"application_id":"app-1","name":"notary","edition":null,"usage_name":"notary","type":"count","status":1}]}"#,
        ),
        created("partner-1", "Rust Partner All Editions ABCDEF v3.0"),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    insta::assert_snapshot!(home.run(ALL).success(), @"Rust Partner All Editions RANDOM v3.0 created with 1 offering item of all editions and 1 of no edition, saved in partner_all_editions.json");
    insta::assert_snapshot!(conversation(&server), @r#"
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=partner&edition=%2A
    POST /api/2/tenants
      {"name":"Rust Partner All Editions RANDOM v3.0","parent_id":"my-tenant","kind":"partner"}
    PUT /api/2/tenants/partner-1/offering_items
      {"offering_items":[{"application_id":"app-1","name":"vms","edition":"standard","usage_name":"vms","type":"count","status":1,"quota":{"version":18446744073709551617}},{"application_id":"app-1","name":"notary","edition":null,"usage_name":"notary","type":"count","status":1}]}
    "#);
    insta::assert_snapshot!(home.text("partner_all_editions.json"), @r#"
    {
      "id": "partner-1",
      "name": "Rust Partner All Editions RANDOM v3.0",
      "kind": "partner",
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

/// What a customer can have in an edition, with a second storage that it cannot have.
fn available(prefix: &str, edition: &str) -> Response {
    let item = |name: &str, fields: Value| {
        let item = offering_item(&format!("{prefix}_{name}"), Some(edition), 1);
        with_fields(item, &fields)
    };
    let vms = item("vms", json!({ "more": 0.10 }));
    let [first, second] =
        ["dr-1", "dr-2"].map(|storage| item("dr", json!({ "type": "infra", "infra_id": storage })));
    let items = [vms, first, second, offering_item("notary", None, 1)];
    Response::items(json!(items))
}

#[test]
fn previews_a_switch_and_then_switches() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        available("pg", "pck_per_gigabyte"),
        created("customer-1", "C"),
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
    Rust Switch Edition Customer RANDOM v3.0 created with 2 offering items of pck_per_gigabyte and 1 of no edition
    The platform warns: NewFeaturesBecomeAvailable
    The platform warns: a [2J
    Rust Switch Edition Customer RANDOM v3.0 switched to pck_per_workload
    ! Press Enter to switch it to pck_per_workload:
    ");
    insta::assert_snapshot!(conversation(&server), @r#"
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=customer&edition=pck_per_gigabyte
    POST /api/2/tenants
      {"name":"Rust Switch Edition Customer RANDOM v3.0","parent_id":"my-tenant","kind":"customer"}
    PUT /api/2/tenants/customer-1/offering_items
      {"offering_items":[{"application_id":"app-1","name":"pg_vms","edition":"pck_per_gigabyte","usage_name":"pg_vms","type":"count","status":1,"more":0.1},{"application_id":"app-1","name":"pg_dr","edition":"pck_per_gigabyte","usage_name":"pg_dr","type":"infra","status":1,"infra_id":"dr-1"},{"application_id":"app-1","name":"notary","edition":null,"usage_name":"notary","type":"count","status":1}]}
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
fn switches_item_by_item_in_one_call() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        available("pg", "pck_per_gigabyte"),
        created("customer-1", "C"),
        Response::no_items(),
        available("pw", "pck_per_workload"),
        Response::empty(204),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(LEGACY).input("\n").end().success();

    insta::assert_snapshot!(outcome, @"
    Rust Switch Edition Customer RANDOM v3.0 created with 2 offering items of pck_per_gigabyte and 1 of no edition
    Rust Switch Edition Customer RANDOM v3.0: 2 offering items of pck_per_workload enabled, 2 of pck_per_gigabyte disabled
    ! Press Enter to switch it to pck_per_workload:
    ");
    insta::assert_snapshot!(conversation(&server), @r#"
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=customer&edition=pck_per_gigabyte
    POST /api/2/tenants
      {"name":"Rust Switch Edition Customer RANDOM v3.0","parent_id":"my-tenant","kind":"customer"}
    PUT /api/2/tenants/customer-1/offering_items
      {"offering_items":[{"application_id":"app-1","name":"pg_vms","edition":"pck_per_gigabyte","usage_name":"pg_vms","type":"count","status":1,"more":0.1},{"application_id":"app-1","name":"pg_dr","edition":"pck_per_gigabyte","usage_name":"pg_dr","type":"infra","status":1,"infra_id":"dr-1"},{"application_id":"app-1","name":"notary","edition":null,"usage_name":"notary","type":"count","status":1}]}
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=customer&edition=pck_per_workload
    PUT /api/2/tenants/customer-1/offering_items
      {"offering_items":[{"application_id":"app-1","name":"pg_vms","edition":"pck_per_gigabyte","usage_name":"pg_vms","type":"count","status":0,"more":0.1},{"application_id":"app-1","name":"pg_dr","edition":"pck_per_gigabyte","usage_name":"pg_dr","type":"infra","status":0,"infra_id":"dr-1"},{"application_id":"app-1","name":"pw_vms","edition":"pck_per_workload","usage_name":"pw_vms","type":"count","status":1,"more":0.1},{"application_id":"app-1","name":"pw_dr","edition":"pck_per_workload","usage_name":"pw_dr","type":"infra","status":1,"infra_id":"dr-1"}]}
    "#);
}

#[test]
fn does_not_switch_without_enter_or_after_a_rejected_preview() {
    for name in [SWITCH, LEGACY] {
        let server = ScriptedServer::new([
            Response::available_items(),
            created("c", "C"),
            Response::no_items(),
        ]);
        let home = TestHome::new(&server.url()).signed_in();
        let outcome = home.example(name).refused(2);
        assert!(outcome.stderr.contains("the input ended"), "{outcome}");
        assert_eq!(server.calls().len(), 3);
    }

    let server = ScriptedServer::new([
        Response::available_items(),
        created("c", "C"),
        Response::no_items(),
        Response::json(
            400,
            json!({ "error": { "code": 1021, "message": "Not available." } }),
        ),
    ]);
    let home = TestHome::new(&server.url()).signed_in();
    let outcome = home.example(SWITCH).input("\n").refused(1);
    assert!(
        outcome.stderr.contains("error: preview the switch: "),
        "{outcome}"
    );
    assert_eq!(server.calls().len(), 4);
}

/// The items of two editions and one of none.
fn other_editions() -> Response {
    Response::items(json!([
        offering_item("vms", Some("standard"), 1),
        offering_item("notary", None, 1),
        offering_item("adv_vms", Some("advanced"), 1),
        offering_item("servers", Some("standard"), 1),
    ]))
}

#[test]
fn nothing_is_created_if_there_is_no_other_edition_to_switch_to() {
    for name in [SWITCH, LEGACY] {
        let server = ScriptedServer::unused();
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home
            .example(name)
            .env("CYBER_PLATFORM_SWITCH_EDITION", "pck_per_gigabyte")
            .refused(2);

        assert_eq!(
            outcome.error(),
            "edition and switch_edition are both pck_per_gigabyte; nothing was created"
        );
    }
}

#[test]
fn nothing_is_created_if_the_edition_is_not_available() {
    for (name, kind) in [
        (
            "create_partner_tenant_and_assign_specific_edition",
            "partner",
        ),
        (
            "create_customer_tenant_and_assign_specific_edition",
            "customer",
        ),
        ("create_partner_tenant_and_lock", "partner"),
        (SWITCH, "customer"),
        (LEGACY, "customer"),
    ] {
        // Items that belong to no edition are in every list.
        let found = Response::items(json!([offering_item("notary", None, 1)]));
        let server = ScriptedServer::new([found, other_editions()]);
        let home = TestHome::new(&server.url())
            .signed_in()
            .put("partner.json", json!({ "id": "partner-1" }));

        let outcome = home.example(name).refused(2);

        let expected = format!(
            "the edition pck_per_gigabyte is not available for a {kind}; available: standard, advanced"
        );
        assert_eq!(outcome.error(), expected);
        assert_eq!(
            outcome.help(),
            "Set edition in cyber.platform.cfg.json, or CYBER_PLATFORM_EDITION, to one of these."
        );
        assert!(!outcome.stderr.contains("next: "), "{outcome}");
        let path = "GET /api/2/tenants/my-tenant/offering_items/available_for_child";
        assert_eq!(
            conversation(&server).trim_end(),
            format!("{path}?kind={kind}&edition=pck_per_gigabyte\n{path}?kind={kind}&edition=%2A")
        );
    }
}

#[test]
fn nothing_is_created_if_no_edition_is_available() {
    let one = "create_partner_tenant_and_assign_specific_edition";
    for (name, calls) in [(ALL, 1), (one, 2)] {
        let found = || Response::items(json!([offering_item("notary", None, 1)]));
        let server = ScriptedServer::new([found()]).from_then_on(found());
        let home = TestHome::new(&server.url()).signed_in();

        insta::allow_duplicates! {
            insta::assert_snapshot!(home.example(name).refused(1), @"
            ! error: no edition is available for a partner
            ! help: Ask the administrator of the tenant above yours to enable offering items for your tenant.
            exit 1
            ");
        }
        assert_eq!(server.calls().len(), calls);
    }
}

#[test]
fn nothing_is_switched_if_the_new_edition_is_not_available() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        available("pg", "pck_per_gigabyte"),
        created("customer-1", "C"),
        Response::no_items(),
        Response::items(json!([offering_item("notary", None, 1)])),
        other_editions(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(LEGACY).input("\n").refused(2);

    insta::assert_snapshot!(outcome, @"
    Rust Switch Edition Customer RANDOM v3.0 created with 2 offering items of pck_per_gigabyte and 1 of no edition
    ! Press Enter to switch it to pck_per_workload:
    ! error: the edition pck_per_workload is not available for a customer; available: standard, advanced
    ! help: Set switch_edition in cyber.platform.cfg.json, or CYBER_PLATFORM_SWITCH_EDITION, to one of these.
    ! done: create the customer Rust Switch Edition Customer RANDOM v3.0, enable the offering items
    ! not done: switch the offering items
    ! next: the customer may exist. Run the example again; delete_created_objects deletes both customers.
    exit 2
    ");
    assert!(
        server
            .calls()
            .iter()
            .skip(3)
            .all(|call| call.method == "GET")
    );
}

/// Three partners, a customer and a folder.
fn children() -> Response {
    let child = |id: &str, kind: &str| {
        let child = tenant(id, &format!("{kind} {id}"), 1);
        with_fields(child, &json!({ "kind": kind }))
    };
    Response::items(json!([
        child("p1", "partner"),
        child("c1", "customer"),
        child("p2", "partner"),
        child("f1", "folder"),
        child("p3", "partner"),
    ]))
}

#[test]
fn updates_partners_only_and_continues_after_a_rejection() {
    let server = ScriptedServer::new([
        children(),
        Response::items(json!([
            offering_item("vms", Some("standard"), 1),
            offering_item("notary", None, 1),
        ])),
        Response::no_items(),
        Response::no_items(),
        Response::no_items(),
        rejection(403),
        rejection(403),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(EVERYTHING).refused(1);

    insta::assert_snapshot!(outcome, @"
    partner p1: 1 offering item of all editions enabled
    1 partner updated to all editions
    ! warning: enable the offering items for partner p2: PUT /api/2/tenants/p2/offering_items: 403 Forbidden, code 1012, Locked.
    ! warning: list the offering items of partner p3: GET /api/2/tenants/p3/offering_items: 403 Forbidden, code 1012, Locked.
    ! error: the platform rejected 2 tenants
    ! help: The warnings above name each one and the reason. Changes to other tenants are kept. Resolve the reasons, then run the example again.
    ! done: enable the offering items for partner p1
    ! next: some partners are updated. Run the example again: it does not change them twice.
    exit 1
    ");
    insta::assert_snapshot!(conversation(&server), @r#"
    GET /api/2/tenants/my-tenant/children?include_details=true
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=partner&edition=%2A
    GET /api/2/tenants/p1/offering_items?edition=%2A
    PUT /api/2/tenants/p1/offering_items
      {"offering_items":[{"application_id":"app-1","name":"vms","edition":"standard","usage_name":"vms","type":"count","status":1}]}
    GET /api/2/tenants/p2/offering_items?edition=%2A
    PUT /api/2/tenants/p2/offering_items
      {"offering_items":[{"application_id":"app-1","name":"vms","edition":"standard","usage_name":"vms","type":"count","status":1}]}
    GET /api/2/tenants/p3/offering_items?edition=%2A
    "#);
}

#[test]
fn a_partner_keeps_its_quotas_and_their_versions() {
    let item = |name: &str, edition: &str, fields: Value| {
        with_fields(offering_item(name, Some(edition), 1), &fields)
    };
    let unlimited = json!({ "quota": { "value": null, "overage": null, "version": 0 } });
    let on_storage = |storage: &str| json!({ "type": "infra", "infra_id": storage });
    let partner = with_fields(tenant("p1", "P", 1), &json!({ "kind": "partner" }));
    let own = r#"{"items":[{"application_id":"app-1","name":"vms","edition":"standard","usage_name":"vms","type":"count","status":1,"quota":{"value":10,"overage":5,"version":18446744073709551617}},{"application_id":"app-1","name":"storage","edition":"standard","usage_name":"storage","type":"infra","status":0,"infra_id":"s2"},{"application_id":"app-1","name":"old","edition":"old","usage_name":"old","type":"count","status":1}]}"#;
    let server = ScriptedServer::new([
        Response::items(json!([partner])),
        Response::items(json!([
            item("vms", "standard", unlimited.clone()),
            item("vms", "advanced", unlimited),
            item("storage", "standard", on_storage("s1")),
            item("storage", "standard", on_storage("s2")),
        ])),
        Response::text(200, own),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    home.run(EVERYTHING).success();

    insta::assert_snapshot!(conversation(&server), @r#"
    GET /api/2/tenants/my-tenant/children?include_details=true
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=partner&edition=%2A
    GET /api/2/tenants/p1/offering_items?edition=%2A
    PUT /api/2/tenants/p1/offering_items
      {"offering_items":[{"application_id":"app-1","name":"vms","edition":"standard","usage_name":"vms","type":"count","status":1,"quota":{"value":10,"overage":5,"version":18446744073709551617}},{"application_id":"app-1","name":"vms","edition":"advanced","usage_name":"vms","type":"count","status":1,"quota":{"value":null,"overage":null,"version":0}},{"application_id":"app-1","name":"storage","edition":"standard","usage_name":"storage","type":"infra","status":1,"infra_id":"s1"},{"application_id":"app-1","name":"storage","edition":"standard","usage_name":"storage","type":"infra","status":1,"infra_id":"s2"}]}
    "#);
}

#[test]
fn enables_disabled_items_and_sends_nothing_if_there_are_none() {
    let item = |name: &str, status: u8| offering_item(name, Some("pck_per_gigabyte"), status);
    let items = |items: Value| Response::items(json!(items));
    let server = ScriptedServer::new([
        children(),
        items(json!([item("vms", 0), item("servers", 1), item("dlp", 0)])),
        Response::empty(204),
        items(json!([item("vms", 1)])),
        items(Value::Null),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    insta::assert_snapshot!(home.run(ONE).success(), @"
    partner p1: 2 offering items enabled
    partner p2: 0 offering items enabled
    partner p3: 0 offering items enabled
    3 partners updated to all offering items of pck_per_gigabyte
    ! warning: partner p3 has no offering item of pck_per_gigabyte; the setting edition may be wrong
    ");
    insta::assert_snapshot!(conversation(&server), @r#"
    GET /api/2/tenants/my-tenant/children?include_details=true
    GET /api/2/tenants/p1/offering_items?edition=pck_per_gigabyte
    PUT /api/2/tenants/p1/offering_items
      {"offering_items":[{"application_id":"app-1","name":"vms","edition":"pck_per_gigabyte","usage_name":"vms","type":"count","status":1},{"application_id":"app-1","name":"dlp","edition":"pck_per_gigabyte","usage_name":"dlp","type":"count","status":1}]}
    GET /api/2/tenants/p2/offering_items?edition=pck_per_gigabyte
    GET /api/2/tenants/p3/offering_items?edition=pck_per_gigabyte
    "#);
}

#[test]
fn continues_with_the_next_partner_after_a_rejection() {
    let disabled = || Response::items(json!([offering_item("vms", Some("pck_per_gigabyte"), 0)]));
    let server = ScriptedServer::new([
        children(),
        rejection(403),
        disabled(),
        rejection(409),
        disabled(),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(ONE).refused(1);

    insta::assert_snapshot!(outcome, @"
    partner p3: 1 offering item enabled
    1 partner updated to all offering items of pck_per_gigabyte
    ! warning: list the offering items of partner p1: GET /api/2/tenants/p1/offering_items: 403 Forbidden, code 1012, Locked.
    ! warning: enable the offering items for partner p2: PUT /api/2/tenants/p2/offering_items: 409 Conflict, code 1012, Locked.
    ! error: the platform rejected 2 tenants
    ! help: The warnings above name each one and the reason. Changes to other tenants are kept. Resolve the reasons, then run the example again.
    ! done: enable the offering items for partner p3
    ! next: some partners are updated. Run the example again: it does not change them twice.
    exit 1
    ");
    assert_eq!(server.calls().len(), 6);
}

#[test]
fn an_error_that_concerns_every_partner_ends_the_run() {
    for (end, tries) in [
        (rejection(429), 5),
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
        Response::token("another-t0ken"),
        Response::empty(401),
    ]);
    let home = TestHome::new(&server.url()).signed_in();
    home.run(ONE).failed(1);
    assert_eq!(server.calls().len(), 4);
}

#[test]
fn without_partners_nothing_is_changed() {
    for response in [json!({}), json!({ "items": null }), json!({ "items": [] })] {
        for name in [EVERYTHING, ONE] {
            let server = ScriptedServer::new([Response::json(200, response.clone())])
                .from_then_on(Response::no_items());
            let home = TestHome::new(&server.url()).signed_in();
            let outcome = home.run(name).success();
            assert!(outcome.stdout.starts_with("0 partners "), "{outcome}");
            assert!(server.calls().iter().all(|call| call.method == "GET"));
        }
    }
}
