//! Which token calls use, and when it is refreshed.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tests::{
    Response, ScriptedServer, TestHome,
    test_home::{CLIENT_ID, ME, now},
};

const SCOPED: &str = "api_customer_scoped_token.json";

/// A token that names its API client, as tokens of the platform do.
fn token_of(client: &str) -> String {
    let claims = json!({ "client_id": client }).to_string();
    format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(claims))
}

#[test]
fn uses_the_saved_token_while_it_is_valid() {
    for token in [
        "opaque".to_owned(),
        "three.parts.only".to_owned(),
        token_of(CLIENT_ID),
    ] {
        let server = ScriptedServer::new([Response::no_items()]);
        let home = TestHome::new(&server.url())
            .client()
            .token("api_token.json", &token, 960);

        home.run("get_tenant_usage").success();

        assert_eq!(
            server.conversation(),
            format!("GET /api/2/tenants/{ME}/usages\n  authorization: Bearer {token}\n")
        );
    }
}

#[test]
fn uses_a_token_that_is_valid_for_900_seconds() {
    // The example reads the clock too, and must see the same second as this test.
    loop {
        let started = now();
        let server = ScriptedServer::new([Response::no_items()]);
        let home = TestHome::new(&server.url())
            .client()
            .token("api_token.json", "edge-t0ken", 900);
        let outcome = home.run("get_tenant_usage");
        if now() == started {
            outcome.success();
            assert_eq!(server.calls().len(), 1);
            return;
        }
    }
}

#[test]
fn refreshes_a_token_that_is_valid_for_899_seconds() {
    let server = ScriptedServer::new([Response::token("new-t0ken"), Response::no_items()]);
    let home = TestHome::new(&server.url())
        .client()
        .secret("new-t0ken")
        .token("api_token.json", "old-t0ken", 899);

    let outcome = home.run("get_tenant_usage").success();

    insta::assert_snapshot!(outcome, @"0 usages saved in tenant_usage_my-tenant.json");
    insta::assert_snapshot!(server.conversation(), @"
    POST /api/2/idp/token
      authorization: Basic my-client:client-s3cret/+ä
      content-type: application/x-www-form-urlencoded
      grant_type=client_credentials
    GET /api/2/tenants/my-tenant/usages
      authorization: Bearer new-t0ken
    ");
    insta::assert_snapshot!(home.text("api_token.json"), @r#"
    {
      "access_token": "new-t0ken",
      "expires_on": 4102444800,
      "more": []
    }
    "#);
}

#[test]
fn a_refresh_removes_the_customer_scoped_token() {
    let server = ScriptedServer::new([Response::token("new-t0ken"), Response::no_items()]);
    let home = TestHome::new(&server.url())
        .client()
        .token("api_token.json", "old-t0ken", -1)
        .token(SCOPED, "scoped-t0ken", 7200);

    let outcome = home.run("get_tenant_usage").success();

    insta::assert_snapshot!(outcome, @"
    0 usages saved in tenant_usage_my-tenant.json
    ! warning: the customer-scoped token has expired and was removed; run `cargo run -p authorization --bin issue_customer_scoped_token_for_bc` for a new one
    ");
    insta::assert_snapshot!(server.conversation(), @"
    POST /api/2/idp/token
      authorization: Basic my-client:client-s3cret/+ä
      content-type: application/x-www-form-urlencoded
      grant_type=client_credentials
    GET /api/2/tenants/my-tenant/usages
      authorization: Bearer new-t0ken
    ");
    insta::assert_snapshot!(home.names(), @"
    api_client.json
    api_token.json
    cyber.platform.cfg.json
    tenant_usage_my-tenant.json
    ");
}

#[test]
fn prefers_a_valid_customer_scoped_token_with_a_warning() {
    let server = ScriptedServer::new([Response::no_items()]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .token(SCOPED, "scoped-t0ken", 960);

    let outcome = home.run("get_tenant_usage").success();

    insta::assert_snapshot!(outcome, @"
    0 usages saved in tenant_usage_my-tenant.json
    ! warning: calls use the customer-scoped token, which is valid for that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/2/tenants/my-tenant/usages
      authorization: Bearer scoped-t0ken
    ");
    assert!(home.path(SCOPED).exists());
}

#[test]
fn an_example_that_needs_the_customer_scoped_token_does_not_warn_about_it() {
    let server = ScriptedServer::new([Response::json(201, json!({ "id": "g-1" }))]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .token(SCOPED, "scoped-t0ken", 7200);

    let outcome = home.run("create_dynamic_group").success();

    assert_eq!(outcome.stderr, "");
}

#[test]
fn issuing_a_customer_scoped_token_does_not_advise_to_do_so() {
    let server = ScriptedServer::new([Response::token("new-t0ken"), Response::token("scoped-2")]);
    let home = TestHome::new(&server.url())
        .client()
        .put("customer.json", json!({ "id": "customer-1" }))
        .token("api_token.json", "old-t0ken", -1)
        .token(SCOPED, "scoped-t0ken", -1);

    let outcome = home.run("issue_customer_scoped_token_for_bc").success();

    assert_eq!(outcome.stderr, "");
}

#[test]
fn removes_an_expired_customer_scoped_token() {
    let server = ScriptedServer::new([Response::no_items()]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .token(SCOPED, "scoped-t0ken", 899);

    let outcome = home.run("get_tenant_usage").success();

    let expected = "warning: the customer-scoped token has expired and was removed";
    assert!(outcome.stderr.contains(expected), "{outcome}");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/2/tenants/my-tenant/usages
      authorization: Bearer kept-t0ken
    ");
    assert!(!home.path(SCOPED).exists());
}

#[test]
fn replaces_a_broken_token_file() {
    let far = 4_102_444_800_u32;
    let cases: &[&str] = &[
        "",
        "not JSON",
        "[]",
        "null",
        "{}",
        &json!({ "access_token": "t" }).to_string(),
        &json!({ "expires_on": far }).to_string(),
        &json!({ "access_token": "", "expires_on": far }).to_string(),
        &json!({ "access_token": 7, "expires_on": far }).to_string(),
        &json!({ "access_token": "t", "expires_on": "4102444800" }).to_string(),
        &json!({ "access_token": "t", "expires_on": null }).to_string(),
    ];
    for content in cases {
        let server = ScriptedServer::new([Response::token("new-t0ken"), Response::no_items()]);
        let home = TestHome::new(&server.url())
            .client()
            .put_text("api_token.json", content);

        home.run("get_tenant_usage").success();

        assert_eq!(server.calls().len(), 2, "{content}");
        assert_eq!(
            home.file("api_token.json")["access_token"],
            Value::from("new-t0ken"),
            "{content}"
        );
    }
}

#[test]
fn rejects_a_token_of_another_client() {
    let other = token_of("dddddddd-dddd-4ddd-8ddd-dddddddddddd");
    for name in ["api_token.json", SCOPED] {
        let server = ScriptedServer::unused();
        let home = TestHome::new(&server.url())
            .signed_in()
            .token(name, &other, 7200);

        let outcome = home.example("get_tenant_usage").refused(2).to_string();

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome.replace(name, "FILE"), @"
            ! error: FILE is a token of API client dddddddd-dddd-4ddd-8ddd-dddddddddddd, but api_client.json holds my-client
            ! help: Remove FILE if api_client.json is the right one, or restore the other api_client.json.
            exit 2
            ");
        }
        assert_eq!(server.conversation(), "");
    }
}
