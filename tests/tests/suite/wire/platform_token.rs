//! Which token calls sign with, and when there is a new one.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tests::{
    Response, ScriptedServer, TestHome,
    test_home::{CLIENT_ID, ME, now},
};

const SCOPED: &str = "api_customer_scoped_token.json";

/// A token that tells whose it is, as those of the platform do.
fn token_of(client: &str) -> String {
    let claims = json!({ "client_id": client }).to_string();
    format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(claims))
}

#[test]
fn a_token_that_lasts_is_used() {
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
fn a_token_of_900_seconds_is_used() {
    // The example reads the clock too. It must have seen the second that this test has seen.
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
fn a_token_of_899_seconds_is_renewed() {
    let server = ScriptedServer::new([Response::token("new-t0ken"), Response::no_items()]);
    let home = TestHome::new(&server.url())
        .client()
        .secret("new-t0ken")
        .token("api_token.json", "old-t0ken", 899);

    let outcome = home.run("get_tenant_usage").success();

    insta::assert_snapshot!(outcome, @"tenant_usage_my-tenant.json holds 0 usages");
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
fn a_renewed_token_ends_the_one_for_a_customer() {
    let server = ScriptedServer::new([Response::token("new-t0ken"), Response::no_items()]);
    let home = TestHome::new(&server.url())
        .client()
        .token("api_token.json", "old-t0ken", -1)
        .token(SCOPED, "scoped-t0ken", 7200);

    let outcome = home.run("get_tenant_usage").success();

    insta::assert_snapshot!(outcome, @"
    tenant_usage_my-tenant.json holds 0 usages
    ! warning: the customer-scoped token is at its end and was removed; `cargo run -p authorization --bin issue_customer_scoped_token_for_bc` issues a new one
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
fn a_token_for_a_customer_is_preferred_and_said_to_be() {
    let server = ScriptedServer::new([Response::no_items()]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .token(SCOPED, "scoped-t0ken", 960);

    let outcome = home.run("get_tenant_usage").success();

    insta::assert_snapshot!(outcome, @"
    tenant_usage_my-tenant.json holds 0 usages
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/2/tenants/my-tenant/usages
      authorization: Bearer scoped-t0ken
    ");
    assert!(home.path(SCOPED).exists());
}

#[test]
fn a_token_for_a_customer_that_has_run_out_is_removed() {
    let server = ScriptedServer::new([Response::no_items()]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .token(SCOPED, "scoped-t0ken", 899);

    let outcome = home.run("get_tenant_usage").success();

    insta::assert_snapshot!(outcome, @"
    tenant_usage_my-tenant.json holds 0 usages
    ! warning: the customer-scoped token is at its end and was removed; `cargo run -p authorization --bin issue_customer_scoped_token_for_bc` issues a new one
    ");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/2/tenants/my-tenant/usages
      authorization: Bearer kept-t0ken
    ");
    assert!(!home.path(SCOPED).exists());
}

#[test]
fn a_token_file_that_is_no_token_is_replaced() {
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
fn a_token_of_another_client_is_not_used() {
    let other = token_of("dddddddd-dddd-4ddd-8ddd-dddddddddddd");
    for name in ["api_token.json", SCOPED] {
        let server = ScriptedServer::unused();
        let home = TestHome::new(&server.url())
            .signed_in()
            .token(name, &other, 7200);

        let outcome = home.example("get_tenant_usage").refused(2).to_string();

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome.replace(name, "FILE"), @"
            ! error: FILE is a token of API client dddddddd-dddd-4ddd-8ddd-dddddddddddd, and api_client.json holds my-client
            ! help: Remove FILE if api_client.json is the right one, or put the other api_client.json back.
            exit 2
            ");
        }
        assert_eq!(server.conversation(), "");
    }
}
