//! A machine whose clock is wrong: tokens last by the platform's.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tests::{Response, ScriptedServer, TestHome, test_home::now};

const EXAMPLE: &str = "get_tenant_usage";
const SCOPED: &str = "api_customer_scoped_token.json";
const SKEW: &str = "clock_skew.json";

/// A token of the platform, whose clock is so many seconds ahead of the machine's. It lasts for two hours, or less.
fn token(ahead: i64, lasts: i64) -> Response {
    let seconds = Duration::from_secs(ahead.unsigned_abs());
    let date = if ahead < 0 {
        SystemTime::now() - seconds
    } else {
        SystemTime::now() + seconds
    };
    let token = json!({ "access_token": "new-t0ken", "expires_on": now() + ahead + lasts });
    Response::json(200, token).header("Date", &httpdate::fmt_http_date(date))
}

/// What is kept of the platform's clock.
fn kept(home: &TestHome) -> i64 {
    let kept = home.file(SKEW);
    let seconds = kept.get("seconds").and_then(Value::as_i64);
    seconds.expect("a number of seconds")
}

fn signed(server: &ScriptedServer) -> Vec<String> {
    let calls = server.calls();
    let signed = calls
        .iter()
        .filter_map(|call| call.headers.get("authorization").cloned());
    signed.collect()
}

#[test]
fn a_clock_that_is_ahead_ends_no_token() {
    let server = ScriptedServer::new([
        token(-10_000, 7200),
        Response::no_items(),
        Response::no_items(),
    ]);
    // All of them have ended by the machine's clock, and last by the platform's.
    let home = TestHome::new(&server.url())
        .client()
        .secret("new-t0ken")
        .token("api_token.json", "old-t0ken", -4000)
        .token(SCOPED, "scoped-t0ken", -4000);

    let first = home.run(EXAMPLE).success();
    let second = home.run(EXAMPLE).success();

    insta::assert_snapshot!(first, @"
    tenant_usage_my-tenant.json holds 0 usages
    ! warning: this machine's clock is 3 hours ahead of that of the platform; tokens are used by the platform's, but set yours right
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    insta::assert_snapshot!(second, @"
    tenant_usage_my-tenant.json holds 0 usages
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    assert_eq!(
        signed(&server)[1..],
        ["Bearer scoped-t0ken", "Bearer scoped-t0ken"]
    );
    assert!((-10_005..=-9_995).contains(&kept(&home)));
}

#[test]
fn a_clock_that_is_behind_lets_no_token_live_too_long() {
    let server = ScriptedServer::new([
        token(7200, 800),
        token(7200, 7200),
        Response::no_items(),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).client().secret("new-t0ken");

    let outcome = home.run("issue_access_token").success();
    assert_eq!(outcome.stderr.matches("clock is 2 hours behind").count(), 1);
    assert!((7195..=7205).contains(&kept(&home)));

    // It is known by now: nothing more is said of it.
    for _ in 0..2 {
        assert_eq!(home.run(EXAMPLE).success().stderr, "");
    }
    assert_eq!(server.calls()[1].target, "/api/2/idp/token");
}

#[test]
fn the_exchange_for_a_customer_tells_the_time_too() {
    let server = ScriptedServer::new([token(7200, 7200)]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .secret("new-t0ken")
        .put("customer.json", json!({ "id": "customer-1" }));

    home.run("issue_customer_scoped_token_for_bc").success();

    assert!((7195..=7205).contains(&kept(&home)));
}

#[test]
fn clocks_that_agree_again_are_forgotten_about() {
    for (ahead, lasts) in [(0, 7200), (50, 7200), (-50, 7200)] {
        let server = ScriptedServer::new([token(ahead, lasts), Response::no_items()]);
        let home = TestHome::new(&server.url())
            .signed_in()
            .secret("new-t0ken")
            .put(SKEW, json!({ "seconds": 86_400 }));

        let outcome = home.run(EXAMPLE).success();

        assert_eq!(outcome.stderr, "");
        assert!(!home.path(SKEW).exists());
        assert_eq!(signed(&server)[1], "Bearer new-t0ken");
    }
}

#[test]
fn a_time_that_cannot_be_changes_nothing() {
    for date in [
        "",
        "soon",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        // Later than the end of the token beside it.
        "Fri, 01 Jan 2100 00:00:01 GMT",
    ] {
        let token = Response::token("new-t0ken").header("Date", date);
        let server = ScriptedServer::new([token, Response::no_items(), Response::no_items()]);
        let home = TestHome::new(&server.url()).client().secret("new-t0ken");

        for _ in 0..2 {
            assert_eq!(home.run(EXAMPLE).success().stderr, "", "{date}");
        }

        assert!(!home.path(SKEW).exists(), "{date}");
    }
}

#[test]
fn what_is_kept_of_the_time_and_broken_tells_nothing() {
    for content in [
        "",
        "[]",
        "{}",
        r#"{"seconds": "many"}"#,
        r#"{"seconds": 1e40}"#,
    ] {
        let server = ScriptedServer::new([Response::no_items()]);
        let home = TestHome::new(&server.url())
            .signed_in()
            .put_text(SKEW, content);

        assert_eq!(home.run(EXAMPLE).success().stderr, "", "{content}");
    }
    // As far as numbers go.
    for (seconds, calls) in [(i64::MAX, 2), (i64::MIN, 1)] {
        let server =
            ScriptedServer::new([Response::token("new-t0ken")]).from_then_on(Response::no_items());
        let home = TestHome::new(&server.url())
            .client()
            .token("api_token.json", "old-t0ken", 7200)
            .put(SKEW, json!({ "seconds": Value::from(seconds) }));
        home.run(EXAMPLE).success();
        assert_eq!(server.calls().len(), calls, "{seconds}");
    }
}
