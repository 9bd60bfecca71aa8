//! A machine whose clock is wrong: tokens expire by the platform's clock.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tests::{Response, ScriptedServer, TestHome, test_home::now};

use super::without_token_warning;

const EXAMPLE: &str = "get_tenant_usage";
const SCOPED: &str = "api_customer_scoped_token.json";
const SKEW: &str = "clock_skew.json";

/// The token response of a platform whose clock is this many seconds ahead of the machine's. The token is valid for
/// `lasts` seconds.
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

/// The saved clock skew, in seconds.
fn saved_skew(home: &TestHome) -> i64 {
    let skew = home.file(SKEW);
    let seconds = skew.get("seconds").and_then(Value::as_i64);
    seconds.expect("the skew is a number")
}

/// The `Authorization` header of each call.
fn authorizations(server: &ScriptedServer) -> Vec<String> {
    let calls = server.calls();
    let headers = calls
        .iter()
        .filter_map(|call| call.headers.get("authorization").cloned());
    headers.collect()
}

#[test]
fn a_clock_that_is_ahead_does_not_expire_tokens_early() {
    let _redacted = without_token_warning();
    let server = ScriptedServer::new([
        token(-10_000, 7200),
        Response::no_items(),
        Response::no_items(),
    ]);
    // Both have expired by the machine's clock, and are valid by the platform's.
    let home = TestHome::new(&server.url())
        .client()
        .secret("new-t0ken")
        .token("api_token.json", "old-t0ken", -4000)
        .token(SCOPED, "scoped-t0ken", -4000);

    let first = home.run(EXAMPLE).success();
    let second = home.run(EXAMPLE).success();

    insta::assert_snapshot!(first, @"
    0 usages saved in tenant_usage_my-tenant.json
    ! warning: this machine's clock is 3 hours ahead of the platform's, so tokens are checked against the platform's clock; if this machine's clock is wrong, correct it
    ");
    insta::assert_snapshot!(second, @"0 usages saved in tenant_usage_my-tenant.json");
    assert_eq!(
        authorizations(&server)[1..],
        ["Bearer scoped-t0ken", "Bearer scoped-t0ken"]
    );
    assert!((-10_005..=-9_995).contains(&saved_skew(&home)));
}

#[test]
fn a_clock_that_is_behind_does_not_keep_expired_tokens() {
    let server = ScriptedServer::new([
        token(7200, 800),
        token(7200, 7200),
        Response::no_items(),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).client().secret("new-t0ken");

    let outcome = home.run("issue_access_token").success();
    assert_eq!(outcome.stderr.matches("clock is 2 hours behind").count(), 1);
    assert!((7195..=7205).contains(&saved_skew(&home)));

    // The skew is known now: no further warning.
    for _ in 0..2 {
        assert_eq!(home.run(EXAMPLE).success().stderr, "");
    }
    assert_eq!(server.calls()[1].target, "/api/2/idp/token");
}

#[test]
fn a_clock_that_is_slightly_wrong_is_corrected_without_a_warning() {
    for ahead in [-3600, 600] {
        let server = ScriptedServer::new([token(ahead, 7200), Response::no_items()]);
        let home = TestHome::new(&server.url()).client().secret("new-t0ken");

        assert_eq!(home.run(EXAMPLE).success().stderr, "");

        assert!(saved_skew(&home).abs_diff(ahead) <= 5);
    }
}

#[test]
fn the_token_exchange_shows_the_clock_skew_too() {
    let server = ScriptedServer::new([token(7200, 7200)]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .secret("new-t0ken")
        .put("customer.json", json!({ "id": "customer-1" }));

    home.run("issue_customer_scoped_token_for_bc").success();

    assert!((7195..=7205).contains(&saved_skew(&home)));
}

#[test]
fn the_skew_is_removed_when_the_clocks_agree() {
    for (ahead, lasts) in [(0, 7200), (50, 7200), (-50, 7200)] {
        let server = ScriptedServer::new([token(ahead, lasts), Response::no_items()]);
        let home = TestHome::new(&server.url())
            .signed_in()
            .secret("new-t0ken")
            .put(SKEW, json!({ "seconds": 86_400 }));

        let outcome = home.run(EXAMPLE).success();

        assert_eq!(outcome.stderr, "");
        assert!(!home.path(SKEW).exists());
        assert_eq!(authorizations(&server)[1], "Bearer new-t0ken");
    }
}

#[test]
fn an_impossible_date_is_ignored() {
    for date in [
        "",
        "soon",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        // After the token in the same response has expired.
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
fn a_broken_clock_skew_file_is_ignored() {
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
    // The extremes of the type do not overflow.
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
