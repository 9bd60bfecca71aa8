//! What happens when the platform no longer accepts a token that looked valid.

use serde_json::json;
use tests::{Response, ScriptedServer, TestHome};

const SCOPED: &str = "api_customer_scoped_token.json";

fn no(status: u16) -> Response {
    Response::json(
        status,
        json!({ "error": { "code": status, "message": "No", "details": {} } }),
    )
}

#[test]
fn there_is_one_new_token_and_one_more_try() {
    let server = ScriptedServer::new([no(401), Response::token("new-t0ken"), Response::no_items()]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.run("get_tenant_usage").success();

    insta::assert_snapshot!(outcome, @"tenant_usage_my-tenant.json holds 0 usages");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/2/tenants/my-tenant/usages
      authorization: Bearer kept-t0ken
    POST /api/2/idp/token
      authorization: Basic my-client:client-s3cret/+ä
      content-type: application/x-www-form-urlencoded
      grant_type=client_credentials
    GET /api/2/tenants/my-tenant/usages
      authorization: Bearer new-t0ken
    ");
    assert_eq!(home.file("api_token.json")["access_token"], "new-t0ken");
}

#[test]
fn there_is_never_a_third_try() {
    let server = ScriptedServer::new([no(401), Response::token("new-t0ken"), no(401)]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.run("get_tenant_usage").failed(1);

    insta::assert_snapshot!(outcome, @"
    ! error: reading the usage: GET /api/2/tenants/my-tenant/usages: 401 Unauthorized, code 401, No
    ! help: The platform does not accept the API client's token, not even a new one: check that base_url is the data centre of this client, and that nobody disabled it.
    exit 1
    ");
    assert_eq!(server.calls().len(), 3);
}

#[test]
fn a_body_is_sent_again_with_the_new_token() {
    let server = ScriptedServer::new([
        no(401),
        Response::token("new-t0ken"),
        Response::json(409, json!({ "code": "taken" })),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home
        .run("create_partner_tenant_and_assign_specific_edition")
        .failed(1);

    insta::assert_snapshot!(outcome, @"
    ! error: creating the partner: POST /api/2/tenants: 409 Conflict, code taken
    ! help: Something like it exists already, or it has changed meanwhile: run it again, with another name if you chose one.
    exit 1
    ");
    let calls = server.calls();
    assert_eq!(calls[0].body, calls[2].body);
    assert_eq!(calls[2].headers["authorization"], "Bearer new-t0ken");
}

#[test]
fn the_new_token_serves_all_later_calls() {
    let server = ScriptedServer::new([
        no(401),
        Response::token("new-t0ken"),
        Response::json(200, json!({ "name": "Root" })),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    home.run("navigate_through_tenants").success();

    let signed: Vec<_> = server
        .calls()
        .iter()
        .map(|call| call.headers["authorization"].clone())
        .collect();
    assert_eq!(signed[2..], ["Bearer new-t0ken", "Bearer new-t0ken"]);
}

#[test]
fn the_exchange_of_a_refused_token_is_tried_with_a_new_one() {
    let server = ScriptedServer::new([
        no(401),
        Response::token("new-t0ken"),
        Response::token("scoped-t0ken"),
    ]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .put("customer.json", json!({ "id": "customer-1" }));

    home.run("issue_customer_scoped_token_for_bc").success();

    insta::assert_snapshot!(server.calls()[2], @"
    POST /api/2/idp/token
      authorization: Bearer new-t0ken
      content-type: application/x-www-form-urlencoded
      grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=new-t0ken&scope=urn%3Aacronis.com%3Atenant-id%3Acustomer-1
    ");
}

#[test]
fn a_token_for_a_customer_is_not_renewed_by_itself() {
    for (status, advice) in [(401, "issue_customer_scoped_token_for_bc"), (403, "remove")] {
        let server = ScriptedServer::new([no(status)]);
        let home = TestHome::new(&server.url())
            .signed_in()
            .token(SCOPED, "scoped-t0ken", 7200);

        let outcome = home.example("get_tenant_usage").refused(1);

        assert!(outcome.stderr.contains(advice), "{outcome}");
        assert!(outcome.stderr.contains("warning: "), "{outcome}");
        assert_eq!(server.calls().len(), 1);
    }
}

#[test]
fn a_new_token_without_what_it_needs_is_not_kept() {
    for answer in [
        json!({ "expires_on": 4_102_444_800_u32 }),
        json!({ "access_token": "new-t0ken" }),
        json!({ "access_token": "new-t0ken", "expires_on": "soon" }),
        json!([]),
    ] {
        for name in ["get_tenant_usage", "issue_access_token"] {
            let server = ScriptedServer::new([Response::json(200, answer.clone())]);
            let home = TestHome::new(&server.url())
                .client()
                .secret("new-t0ken")
                .token("api_token.json", "old-t0ken", 0);

            let outcome = home.example(name).refused(1);

            assert!(
                outcome.stderr.contains("the platform's answer"),
                "{outcome}"
            );
            assert_eq!(server.calls().len(), 1);
        }
    }
}
