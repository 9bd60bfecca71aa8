//! How a partner and a customer come to be.

use serde_json::json;
use tests::{Response, ScriptedServer, TestHome, redactions};

const PARTNER: &str = "create_partner_tenant_and_assign_specific_edition";
const CUSTOMER: &str = "create_customer_tenant_and_assign_specific_edition";

#[test]
fn a_partner_gets_every_item_as_it_came() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        Response::text(
            201,
            r#"{"version":1,"id":"partner-1","name":"Rust Partner ABCDEF v3.0","kind":"partner","big":123456789012345678901234567890,"rate":0.10,"contact":{"zip":null,"address":""}}"#,
        ),
        Response::text(
            200,
            r#"{"timestamp":"t","items":[{"name":"storage","infra_id":"ba2976d0-c13e-4661-ae60-b4593583fce2","type":"infra","quota":{"value":null,"overage":1.50,"version":18446744073709551617}},{"zeta":true,"alpha":[]}]}"#,
        ),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.run(PARTNER).success();

    insta::assert_snapshot!(outcome, @"Rust Partner RANDOM v3.0 is a partner with 2 offering items of pck_per_gigabyte, kept in partner.json");
    insta::assert_snapshot!(server.conversation(), @r#"
    POST /api/2/tenants
      authorization: Bearer kept-t0ken
      content-type: application/json
      {"name":"Rust Partner RANDOM v3.0","parent_id":"my-tenant","kind":"partner"}
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=partner&edition=pck_per_gigabyte
      authorization: Bearer kept-t0ken
    PUT /api/2/tenants/partner-1/offering_items
      authorization: Bearer kept-t0ken
      content-type: application/json
      {"offering_items":[{"name":"storage","infra_id":"ba2976d0-c13e-4661-ae60-b4593583fce2","type":"infra","quota":{"value":null,"overage":1.50,"version":18446744073709551617}},{"zeta":true,"alpha":[]}]}
    "#);
    insta::assert_snapshot!(home.text("partner.json"), @r#"
    {
      "version": 1,
      "id": "partner-1",
      "name": "Rust Partner RANDOM v3.0",
      "kind": "partner",
      "big": 123456789012345678901234567890,
      "rate": 0.10,
      "contact": {
        "zip": null,
        "address": ""
      }
    }
    "#);
    insta::assert_snapshot!(home.names(), @"
    api_client.json
    api_token.json
    cyber.platform.cfg.json
    partner.json
    ");
}

#[test]
fn kind_and_edition_are_settings_and_are_encoded() {
    let server = ScriptedServer::new([
        Response::json(201, json!({ "id": "p", "name": "P" })),
        Response::no_items(),
        Response::empty(204),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    home.example(PARTNER)
        .env("CYBER_PLATFORM_PARTNER_TENANT", "a b+c&d=é/%")
        .env("CYBER_PLATFORM_EDITION", "*,gt(1)~")
        .end()
        .success();

    let target = &server.calls()[1].target;
    let (_, query) = target.split_once('?').expect("a query");
    assert_eq!(
        query,
        "kind=a%20b%2Bc%26d%3D%C3%A9%2F%25&edition=%2A%2Cgt%281%29~"
    );
}

#[test]
fn two_partners_have_two_names_of_this_form() {
    let mut names: Vec<String> = Vec::new();
    for _ in 0..2 {
        let server = ScriptedServer::new([Response::empty(400)]);
        let home = TestHome::new(&server.url()).signed_in();
        home.run(PARTNER).failed(1);

        let body: serde_json::Value =
            serde_json::from_str(&server.calls()[0].body).expect("the body is JSON");
        let name = body["name"].as_str().expect("a name").to_owned();
        let random = name
            .strip_prefix("Rust Partner ")
            .and_then(|rest| rest.strip_suffix(" v3.0"))
            .expect("the name has this form");
        assert_eq!(random.len(), 6, "{name}");
        assert!(
            random
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()),
            "{name}"
        );
        names.push(name);
    }
    assert_ne!(names[0], names[1]);
}

#[test]
fn a_customer_gets_one_storage_and_goes_into_production() {
    let _redacted = redactions::scripted();
    let second = "ba2976d0-c13e-4661-ae60-b4593583fce2";
    let available = json!({
        "items": [
            { "name": "storage", "type": "infra", "infra_id": "e72104a3-c013-4e18-bb71-7bce1dcdcaf2", "more": 1 },
            { "name": "dr_storage", "type": "infra", "infra_id": second },
            { "name": "dr_ips", "type": "feature", "usage_name": "dr_public_ips", "infra_id": second },
            { "name": "other", "type": "feature", "usage_name": "notary", "infra_id": second },
            { "name": "dr_servers", "type": "count", "usage_name": "dr_servers", "infra_id": second },
            { "name": "dr_base", "type": "feature", "usage_name": "dr_base", "infra_id": null },
            { "name": "workstations", "type": "count", "usage_name": "workstations" },
        ],
    });
    let server = ScriptedServer::new([
        Response::json(
            201,
            json!({ "id": "customer-1", "name": "Rust Customer ABCDEF v3.0" }),
        ),
        Response::json(200, available),
        Response::text(
            200,
            r#"{"items":[{"name":"storage","status":1,"version":18446744073709551617}]}"#,
        ),
        Response::text(
            200,
            r#"{"version":1668505449478,"mode":"trial","unknown":{"rate":0.10},"currency":null}"#,
        ),
        Response::json(200, json!({})),
    ]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .put("partner.json", json!({ "id": "partner-1" }));

    let outcome = home.run(CUSTOMER).success();

    insta::assert_snapshot!(outcome, @"
    Rust Customer RANDOM v3.0 is a customer in production with 5 offering items of pck_per_gigabyte, kept in customer.json
    ! warning: the customer goes into production, which cannot be undone
    ");
    insta::assert_snapshot!(server.conversation(), @r#"
    POST /api/2/tenants
      authorization: Bearer kept-t0ken
      content-type: application/json
      {"name":"Rust Customer RANDOM v3.0","parent_id":"partner-1","kind":"customer"}
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=customer&edition=pck_per_gigabyte
      authorization: Bearer kept-t0ken
    PUT /api/2/tenants/customer-1/offering_items
      authorization: Bearer kept-t0ken
      content-type: application/json
      {"offering_items":[{"name":"storage","type":"infra","infra_id":"e72104a3-c013-4e18-bb71-7bce1dcdcaf2","more":1},{"name":"other","type":"feature","usage_name":"notary","infra_id":"ba2976d0-c13e-4661-ae60-b4593583fce2"},{"name":"dr_servers","type":"count","usage_name":"dr_servers","infra_id":"ba2976d0-c13e-4661-ae60-b4593583fce2"},{"name":"dr_base","type":"feature","usage_name":"dr_base","infra_id":null},{"name":"workstations","type":"count","usage_name":"workstations"}]}
    GET /api/2/tenants/customer-1/pricing
      authorization: Bearer kept-t0ken
    PUT /api/2/tenants/customer-1/pricing
      authorization: Bearer kept-t0ken
      content-type: application/json
      {"version":1668505449478,"mode":"production","unknown":{"rate":0.10},"currency":null}
    "#);
    insta::assert_snapshot!(home.text("customer.json"), @r#"
    {
      "id": "customer-1",
      "name": "Rust Customer RANDOM v3.0"
    }
    "#);
    insta::assert_snapshot!(home.text("customer_offering_items.json"), @r#"
    {
      "items": [
        {
          "name": "storage",
          "status": 1,
          "version": 18446744073709551617
        }
      ]
    }
    "#);
    insta::assert_snapshot!(home.names(), @"
    api_client.json
    api_token.json
    customer.json
    customer_offering_items.json
    cyber.platform.cfg.json
    partner.json
    ");
}

#[test]
fn the_partner_is_kept_although_its_items_are_refused() {
    let server = ScriptedServer::new([
        Response::json(201, json!({ "id": "partner-1", "name": "P" })),
        Response::json(200, json!({ "items": [{ "name": "storage" }] })),
        Response::json(
            400,
            json!({ "error": { "code": 1021, "message": "Not available." } }),
        ),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.run(PARTNER).failed(1);

    insta::assert_snapshot!(outcome, @"
    ! error: enabling the offering items: PUT /api/2/tenants/partner-1/offering_items: 400 Bad Request, code 1021, Not available.
    ! help: Read the platform's message above, then run it again with another answer; kinds and editions are in cyber.platform.cfg.json.
    ! done: creating the partner
    ! not done: enabling the offering items
    ! next: a partner that was created stays, with nothing to sell yet. Run it again for another one, and delete this one in the management portal.
    exit 1
    ");
    assert_eq!(server.calls().len(), 3);
    assert_eq!(home.file("partner.json")["id"], "partner-1");
}
