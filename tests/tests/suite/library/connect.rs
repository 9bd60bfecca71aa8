//! Signing in with values.

use std::time::{Duration, Instant};

use common::{Home, Page, Platform, RetryPolicy, Timeouts, UserError};
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tests::{Response, ScriptedServer, TestHome, raw_server::RawServer};

use super::{CLIENT_ID, CLIENT_SECRET, builder};

/// The response to the lookup of the client's tenant.
fn client() -> Response {
    Response::json(200, json!({ "tenant_id": "my-tenant" }))
}

/// Reads an empty list.
fn read_list(platform: &Platform) {
    let page: Page<IgnoredAny> = platform.get("/api/2/list").fetch().expect("a list");
    assert!(page.items.is_empty());
}

#[test]
fn connect_signs_in_and_looks_up_the_tenant() {
    let server = ScriptedServer::new([Response::token("t0ken"), client(), Response::no_items()]);

    let platform =
        Platform::connect(&server.url(), CLIENT_ID, CLIENT_SECRET).expect("it can sign in");
    assert_eq!(platform.tenant_id(), "my-tenant");
    read_list(&platform);

    let calls = server.calls();
    let sent: Vec<_> = calls
        .iter()
        .map(|call| {
            let authorization = &call.headers["authorization"];
            format!("{} {} {authorization}", call.method, call.target)
        })
        .collect();
    insta::assert_snapshot!(sent.join("\n"), @r"
    POST /api/2/idp/token Basic bXktY2xpZW50OmNsaWVudC1zM2NyZXQ=
    GET /api/2/clients/my-client Bearer t0ken
    GET /api/2/list Bearer t0ken
    ");
    let user_agent = &calls[2].headers["user-agent"];
    assert!(user_agent.starts_with("ACP-Rust-Examples/"), "{user_agent}");
}

#[test]
fn a_rejected_token_is_renewed_in_memory() {
    let server = ScriptedServer::new([
        Response::token("old-t0ken"),
        client(),
        Response::empty(401),
        Response::token("new-t0ken"),
        Response::no_items(),
        Response::no_items(),
    ]);

    let platform = builder(&server).sign_in().expect("it can sign in");
    read_list(&platform);
    read_list(&platform);

    for call in &server.calls()[4..] {
        assert_eq!(call.headers["authorization"], "Bearer new-t0ken");
    }
    let shown = format!("{platform:?}");
    assert!(
        !shown.contains("t0ken") && !shown.contains(CLIENT_SECRET),
        "{shown}"
    );
}

#[test]
fn what_is_saved_without_a_home_folder_stays_in_memory() {
    let server = ScriptedServer::new([Response::token("t0ken"), client()]);
    let platform = builder(&server).sign_in().expect("it can sign in");

    let missing = platform.load::<Value>("customer.json");
    let missing = missing.expect_err("nothing is saved").to_string();
    assert_eq!(missing, "customer.json is missing in memory");
    let customer = json!({ "id": "c" });
    platform.save("customer.json", &customer).expect("it fits");
    let loaded: Value = platform.load("customer.json").expect("it is saved");
    assert_eq!(loaded, customer);
    platform.remove("customer.json").expect("it can be removed");
    assert!(!platform.home().has("customer.json"));
    assert_eq!(server.calls().len(), 2);
}

#[test]
fn a_home_folder_keeps_the_token_for_the_next_run() {
    let server = ScriptedServer::new([Response::token("t0ken"), client(), client()]);
    let home = TestHome::empty();

    for _ in 0..2 {
        let builder = builder(&server).home(Home::new(home.folder()));
        builder.sign_in().expect("it can sign in");
    }

    assert_eq!(home.file("api_token.json")["access_token"], "t0ken");
    assert_eq!(server.calls().len(), 3);
}

#[test]
fn the_user_agent_is_that_of_the_program() {
    let server = ScriptedServer::new([Response::token("t0ken"), client()]);
    let builder = builder(&server).user_agent("Provisioner/1.0");
    builder.sign_in().expect("it can sign in");
    for call in server.calls() {
        assert_eq!(call.headers["user-agent"], "Provisioner/1.0");
    }
}

#[test]
fn the_retry_policy_limits_the_time_of_all_attempts() {
    let server = ScriptedServer::new([]).from_then_on(Response::empty(503));
    let retry = RetryPolicy {
        first_pause: Duration::from_secs(10),
        total: Duration::from_secs(1),
    };
    let started = Instant::now();
    let error = builder(&server).retry(retry).sign_in();
    let error = error.expect_err("the platform is busy");
    assert!(format!("{error:#}").contains("503"), "{error:#}");
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(server.calls().len(), 1);
}

#[test]
fn the_read_timeout_limits_an_attempt() {
    let server = RawServer::new(|_| {
        std::thread::sleep(Duration::from_secs(5));
        Ok(())
    });
    let timeouts = Timeouts {
        read: Duration::from_millis(100),
        ..Timeouts::default()
    };
    let retry = RetryPolicy {
        first_pause: Duration::from_millis(1),
        total: Duration::from_millis(300),
    };
    let started = Instant::now();
    let builder = Platform::builder(&server.url(), CLIENT_ID, CLIENT_SECRET);
    let outcome = builder.timeouts(timeouts).retry(retry).sign_in();
    outcome.expect_err("there is no response");
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[test]
fn an_invalid_value_is_an_error_that_does_not_quote_it_and_nothing_is_sent() {
    let server = ScriptedServer::unused();
    let url = server.url();
    let missing = TestHome::empty().path("missing.pem");
    let https = "https://127.0.0.1:1/";
    for (builder, expected) in [
        (
            Platform::builder("http://10.0.0.1/", CLIENT_ID, CLIENT_SECRET),
            "base_url in the program is plain http:// to another machine",
        ),
        (
            Platform::builder(&url, "an id/h1dden", CLIENT_SECRET),
            "the client id is not a valid id",
        ),
        (
            Platform::builder(&url, CLIENT_ID, ""),
            "the client secret is empty",
        ),
        (
            Platform::builder(&url, CLIENT_ID, CLIENT_SECRET).user_agent("h1dden\u{7f}x"),
            "user_agent in the program contains characters",
        ),
        (
            Platform::builder(https, CLIENT_ID, CLIENT_SECRET).ca_file(missing),
            "cannot be read",
        ),
    ] {
        let error = builder.sign_in().expect_err(expected);
        let error = error.downcast::<UserError>().expect("the program's fault");
        let shown = error.to_string();
        assert!(shown.contains(expected), "{shown}");
        assert!(!shown.contains("h1dden"), "{shown}");
    }
}
