//! A token that seems valid and is rejected with 401.

use serde_json::json;
use tests::{Response, ScriptedServer, TestHome};

use super::{tenant, with_customer};

const SCOPED: &str = "api_customer_scoped_token.json";

fn rejection(status: u16) -> Response {
    Response::json(
        status,
        json!({ "error": { "code": status, "message": "No", "details": {} } }),
    )
}

#[test]
fn refreshes_the_token_once_and_retries_once() {
    let server = ScriptedServer::new([
        rejection(401),
        Response::token("new-t0ken"),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.run("get_tenant_usage").success();

    insta::assert_snapshot!(outcome, @"0 usages saved in tenant_usage_my-tenant.json");
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
fn does_not_retry_twice() {
    let server =
        ScriptedServer::new([rejection(401), Response::token("new-t0ken"), rejection(401)]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.run("get_tenant_usage").failed(1);

    insta::assert_snapshot!(outcome, @"
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 401 Unauthorized, No
    ! help: The platform does not accept the API client's token, not even a new one. Check that base_url is the data center of this client, and that the client is enabled.
    exit 1
    ");
    assert_eq!(server.calls().len(), 3);
}

#[test]
fn retries_a_post_with_the_same_body() {
    let server = ScriptedServer::new([
        Response::available_items(),
        rejection(401),
        Response::token("new-t0ken"),
        Response::json(409, json!({ "code": "taken" })),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home
        .run("create_partner_tenant_and_assign_specific_edition")
        .failed(1);

    let expected = "error: create the partner: POST /api/2/tenants: 409 Conflict, code taken";
    assert!(outcome.stderr.contains(expected), "{outcome}");
    let calls = server.calls();
    assert_eq!(calls[1].body, calls[3].body);
    assert_eq!(calls[3].headers["authorization"], "Bearer new-t0ken");
}

#[test]
fn uses_the_new_token_for_all_later_calls() {
    let server = ScriptedServer::new([
        rejection(401),
        Response::token("new-t0ken"),
        Response::json(200, tenant("my-tenant", "Root", 1)),
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
fn retries_the_token_exchange_with_the_new_token() {
    let server = ScriptedServer::new([
        rejection(401),
        Response::token("new-t0ken"),
        Response::token("scoped-t0ken"),
    ]);
    let home = with_customer(&server);

    home.run("issue_customer_scoped_token_for_bc").success();

    insta::assert_snapshot!(server.calls()[2], @"
    POST /api/2/idp/token
      authorization: Bearer new-t0ken
      content-type: application/x-www-form-urlencoded
      grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=new-t0ken&scope=urn%3Aacronis.com%3Atenant-id%3Acustomer-1
    ");
}

#[test]
fn does_not_refresh_a_customer_scoped_token() {
    // After a 401, the client is asked for a token, only to see whether it still exists.
    let unused = Response::token("unused-t0ken");
    for (script, help) in [
        (
            vec![rejection(401), unused],
            "issue_customer_scoped_token_for_bc",
        ),
        (vec![rejection(403)], "remove"),
    ] {
        let calls = script.len();
        let server = ScriptedServer::new(script);
        let home = TestHome::new(&server.url())
            .signed_in()
            .token(SCOPED, "scoped-t0ken", 7200);

        let outcome = home.example("get_tenant_usage").refused(1);

        assert!(outcome.stderr.contains(help), "{outcome}");
        assert!(outcome.stderr.contains("warning: "), "{outcome}");
        assert_eq!(server.calls().len(), calls);
    }
}

#[test]
fn a_rejected_client_is_the_cause_of_a_rejected_customer_scoped_token() {
    for (status, code, is_cause) in [
        (401, "invalid_client", true),
        (400, "invalid_client", true),
        (403, "forbidden", false),
    ] {
        let rejected = Response::json(status, json!({ "error": code }));
        let server = ScriptedServer::new([rejection(401), rejected]);
        let home = TestHome::new(&server.url())
            .signed_in()
            .token(SCOPED, "scoped-t0ken", 7200);

        let outcome = home.example("get_tenant_usage").refused(1);

        let advises = outcome.help().contains("create_api_client -- --replace");
        assert_eq!(advises, is_cause, "{outcome}");
        assert_eq!(server.calls().len(), 2);
    }
}

#[test]
fn an_incomplete_token_response_is_not_saved() {
    for response in [
        json!({ "expires_on": 4_102_444_800_u32 }),
        json!({ "access_token": "new-t0ken" }),
        json!({ "access_token": "new-t0ken", "expires_on": "soon" }),
        json!([]),
    ] {
        for name in ["get_tenant_usage", "issue_access_token"] {
            let server = ScriptedServer::new([Response::json(200, response.clone())]);
            let home = TestHome::new(&server.url())
                .client()
                .secret("new-t0ken")
                .token("api_token.json", "old-t0ken", 0);

            let outcome = home.example(name).refused(1);

            let kind = "POST /api/2/idp/token: unexpected response: ";
            assert!(outcome.stderr.contains(kind), "{outcome}");
            assert_eq!(server.calls().len(), 1);
        }
    }
}
