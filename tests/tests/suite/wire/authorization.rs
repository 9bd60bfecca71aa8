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
fn replaces_an_api_client_and_renames_files_about_objects_that_do_not_exist() {
    let server = ScriptedServer::new([
        Response::json(200, json!({ "tenant_id": ME })),
        Response::json(201, json!({ "client_id": "c-2", "client_secret": "s" })),
        Response::empty(404),
        Response::json(200, json!({ "id": "customer-1" })),
        Response::empty(403),
    ]);
    let home = TestHome::new(&server.url())
        .for_customer()
        .put("partner.json", json!({ "id": "partner-1" }))
        .put("partner.1.json", json!({ "id": "partner-0" }))
        .put("customer.json", json!({ "id": "customer-1" }))
        .put("user.json", json!({ "id": "user-1" }));
    let previous = home.text("api_client.json");

    let outcome = home
        .example("create_api_client")
        .arg("--replace")
        .input(format!("{LOGIN}\n{PASSWORD}\n"))
        .end()
        .success();

    insta::assert_snapshot!(outcome.stdout, @"
    The previous API client is kept in api_client.1.json
    API client c-2 created; its id and secret are saved in api_client.json
    The object in partner.json does not exist here; the file was renamed to partner.2.json
    The object in user.json does not exist here; the file was renamed to user.1.json
    ");
    let sent: Vec<_> = server
        .calls()
        .iter()
        .map(|call| format!("{} {}", call.method, call.target))
        .collect();
    insta::assert_snapshot!(sent.join("\n"), @"
    GET /api/2/users/me
    POST /api/2/clients
    GET /api/2/tenants/partner-1
    GET /api/2/tenants/customer-1
    GET /api/2/users/user-1
    ");
    insta::assert_snapshot!(home.names(), @"
    api_client.1.json
    api_client.json
    customer.json
    cyber.platform.cfg.json
    partner.1.json
    partner.2.json
    user.1.json
    ");
    assert_eq!(home.text("api_client.1.json"), previous);
    assert_eq!(home.file("partner.2.json")["id"], "partner-1");
    #[cfg(unix)]
    assert_eq!(home.mode("api_client.1.json"), "600");
}

#[test]
fn keeps_the_api_client_if_no_other_one_is_created() {
    let server = ScriptedServer::new([
        Response::json(200, json!({ "tenant_id": ME })),
        Response::empty(403),
    ]);
    let home = TestHome::new(&server.url()).signed_in();
    let before = home.text("api_client.json");

    home.example("create_api_client")
        .arg("--replace")
        .input(format!("{LOGIN}\n{PASSWORD}\n"))
        .end()
        .failed(1);

    assert_eq!(home.text("api_client.json"), before);
    assert_eq!(home.file("api_token.json")["access_token"], "kept-t0ken");
}

#[test]
fn replace_creates_the_first_api_client_too() {
    let server = ScriptedServer::new([
        Response::json(200, json!({ "tenant_id": ME })),
        Response::json(201, json!({ "client_id": "c-1", "client_secret": "s" })),
    ]);
    let home = TestHome::new(&server.url());

    home.example("create_api_client")
        .arg("--replace")
        .input(format!("{LOGIN}\n{PASSWORD}\n"))
        .end()
        .success();

    assert_eq!(server.calls().len(), 2);
    assert!(!home.path("api_client.1.json").exists());
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
