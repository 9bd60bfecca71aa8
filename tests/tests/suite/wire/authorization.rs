//! Creating an API client, and issuing its tokens.

use serde_json::json;
use tests::{
    Response, ScriptedServer, TestHome, redactions,
    test_home::{LOGIN, ME, PASSWORD},
};

#[test]
fn creates_an_api_client_with_login_and_password() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        Response::json(200, json!({ "id": "u", "tenant_id": ME })),
        Response::text(
            201,
            r#"{"type":"api_client","client_id":"c-1","zeta":[-0.10,123456789012345678901234567890],"client_secret":"client-s3cret/+ä","tenant_id":"t","alpha":null}"#,
        ),
    ]);
    let home = TestHome::new(&server.url());

    let outcome = home
        .example("create_api_client")
        .input(format!("  {LOGIN} \n{PASSWORD}\n"))
        .end()
        .success();

    insta::assert_snapshot!(outcome, @"
    API client c-1 created; its id and secret are saved in api_client.json
    ! Login at http://127.0.0.1:PORT:
    ! Password:
    ");
    insta::assert_snapshot!(server.conversation(), @r#"
    GET /api/2/users/me
      authorization: Basic admin@example.com:pass:wörd of admin
    POST /api/2/clients
      authorization: Basic admin@example.com:pass:wörd of admin
      content-type: application/json
      {"type":"api_client","tenant_id":"my-tenant","token_endpoint_auth_method":"client_secret_basic","data":{"client_name":"Rust.Client"}}
    "#);
    insta::assert_snapshot!(home.text("api_client.json"), @r#"
    {
      "type": "api_client",
      "client_id": "c-1",
      "zeta": [
        -0.10,
        123456789012345678901234567890
      ],
      "client_secret": "client-s3cret/+ä",
      "tenant_id": "t",
      "alpha": null
    }
    "#);
    insta::assert_snapshot!(home.names(), @"
    api_client.json
    cyber.platform.cfg.json
    ");
}

#[test]
fn the_last_line_of_input_needs_no_line_break() {
    let server = ScriptedServer::new([
        Response::json(200, json!({ "tenant_id": ME })),
        Response::json(201, json!({ "client_id": "c-1", "client_secret": "s" })),
    ]);
    let home = TestHome::new(&server.url());

    home.example("create_api_client")
        .input(format!("{LOGIN}\r\n{PASSWORD}"))
        .end()
        .success();

    insta::assert_snapshot!(server.conversation(), @r#"
    GET /api/2/users/me
      authorization: Basic admin@example.com:pass:wörd of admin
    POST /api/2/clients
      authorization: Basic admin@example.com:pass:wörd of admin
      content-type: application/json
      {"type":"api_client","tenant_id":"my-tenant","token_endpoint_auth_method":"client_secret_basic","data":{"client_name":"Rust.Client"}}
    "#);
}

#[test]
fn issues_a_new_token_even_if_the_saved_one_is_valid() {
    let server = ScriptedServer::new([Response::text(
        200,
        r#"{"access_token":"new-t0ken","token_type":"bearer","expires_in":7200,"expires_on":4102444800,"scope":"urn:x","id_token":null}"#,
    )]);
    let home = TestHome::new(&server.url()).signed_in().secret("new-t0ken");

    let outcome = home.run("issue_access_token").success();

    insta::assert_snapshot!(outcome, @"Access token saved in api_token.json, valid until 2100-01-01T00:00:00Z");
    insta::assert_snapshot!(server.conversation(), @"
    POST /api/2/idp/token
      authorization: Basic my-client:client-s3cret/+ä
      content-type: application/x-www-form-urlencoded
      grant_type=client_credentials
    ");
    insta::assert_snapshot!(home.text("api_token.json"), @r#"
    {
      "access_token": "new-t0ken",
      "token_type": "bearer",
      "expires_in": 7200,
      "expires_on": 4102444800,
      "scope": "urn:x",
      "id_token": null
    }
    "#);
}

#[test]
fn exchanges_the_base_token_for_a_customer_scoped_token() {
    let server = ScriptedServer::new([Response::json(
        200,
        json!({ "access_token": "scoped-t0ken", "expires_on": 4_102_444_800_u32, "more": {} }),
    )]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .token("api_customer_scoped_token.json", "older-t0ken", 7200)
        .secret("scoped-t0ken")
        .put("customer.json", json!({ "id": "customer-1" }));

    let outcome = home.run("issue_customer_scoped_token_for_bc").success();

    insta::assert_snapshot!(outcome, @"Token for customer customer-1 saved in api_customer_scoped_token.json, valid until 2100-01-01T00:00:00Z");
    insta::assert_snapshot!(server.conversation(), @"
    POST /api/2/idp/token
      authorization: Bearer kept-t0ken
      content-type: application/x-www-form-urlencoded
      grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=kept-t0ken&scope=urn%3Aacronis.com%3Atenant-id%3Acustomer-1
    ");
    insta::assert_snapshot!(home.text("api_customer_scoped_token.json"), @r#"
    {
      "access_token": "scoped-t0ken",
      "expires_on": 4102444800,
      "more": {}
    }
    "#);
}

#[test]
fn refreshes_an_expired_base_token_before_the_exchange() {
    let server = ScriptedServer::new([
        Response::token("new-t0ken"),
        Response::token("scoped-t0ken"),
    ]);
    let home = TestHome::new(&server.url())
        .client()
        .put("customer.json", json!({ "id": "customer-1" }));

    home.run("issue_customer_scoped_token_for_bc").success();

    insta::assert_snapshot!(server.conversation(), @"
    POST /api/2/idp/token
      authorization: Basic my-client:client-s3cret/+ä
      content-type: application/x-www-form-urlencoded
      grant_type=client_credentials
    POST /api/2/idp/token
      authorization: Bearer new-t0ken
      content-type: application/x-www-form-urlencoded
      grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=new-t0ken&scope=urn%3Aacronis.com%3Atenant-id%3Acustomer-1
    ");
}
