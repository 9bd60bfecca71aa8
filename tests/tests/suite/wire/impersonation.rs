//! Signing in as a user with a one-time token, a session in a cookie, and signing out.

use serde_json::json;
use tests::{Response, ScriptedServer, TestHome};

const IMPERSONATE: &str = "ipmpersonate_user_call_me";
const OTT: &str = "dGhpcyBpcyBh+/==";
const COOKIE: &str = "s3ss10n-secret";

fn ott() -> Response {
    Response::json(200, json!({ "ott": OTT, "more": 1 }))
}

fn signed_in() -> Response {
    Response::json(200, json!({ "id": "user-1", "login": "grace" })).header(
        "Set-Cookie",
        &format!("session={COOKIE}; Path=/; HttpOnly; SameSite=Lax"),
    )
}

fn signed_out() -> Response {
    Response::empty(200).body("text/html", "<body>Please wait...</body>\r\n")
}

fn home(server: &ScriptedServer) -> TestHome {
    TestHome::new(&server.url())
        .signed_in()
        .secret(OTT)
        .secret(COOKIE)
        .put("user.json", json!({ "id": "user-1", "login": "grace" }))
}

#[test]
fn signs_in_with_a_cookie_only_and_signs_out() {
    let server = ScriptedServer::new([
        ott(),
        signed_in(),
        Response::text(
            200,
            r#"{"login":"grace","id":"user-1","big":18446744073709551617}"#,
        ),
        signed_out(),
    ]);

    let outcome = home(&server).run(IMPERSONATE).success();

    insta::assert_snapshot!(outcome, @r#"
    {
      "login": "grace",
      "id": "user-1",
      "big": 18446744073709551617
    }
    grace signed in and out
    "#);
    insta::assert_snapshot!(server.conversation(), @r#"
    POST /api/2/idp/ott
      authorization: Bearer kept-t0ken
      content-type: application/json
      {"purpose":"user_login","login":"grace"}
    POST /api/2/idp/ott/login
      content-type: application/json
      {"ott":"dGhpcyBpcyBh+/==","more":1}
    GET /api/2/users/me
      cookie: session=s3ss10n-secret
    GET /api/2/idp/logout
      cookie: session=s3ss10n-secret
    "#);
}

#[test]
fn signs_out_even_if_reading_the_user_fails() {
    for response in [
        Response::empty(500),
        Response::empty(204),
        Response::text(200, "[]"),
    ] {
        let server = ScriptedServer::new([ott(), signed_in(), response, signed_out()]);
        let home = home(&server);

        let outcome = home.example(IMPERSONATE).refused(1);

        assert!(
            outcome.stderr.contains("error: read who is signed in: "),
            "{outcome}"
        );
        let calls = server.calls();
        assert_eq!(calls[3].target, "/api/2/idp/logout");
        assert_eq!(calls[3].headers["cookie"], format!("session={COOKIE}"));
    }
}

#[test]
fn a_failed_sign_out_is_reported_after_the_user_is_printed() {
    let server = ScriptedServer::new([
        ott(),
        signed_in(),
        Response::json(200, json!({ "id": "user-1", "login": "grace" })),
        Response::empty(500),
    ]);
    let home = home(&server);

    insta::assert_snapshot!(home.example(IMPERSONATE).refused(1), @r#"
    {
      "id": "user-1",
      "login": "grace"
    }
    ! error: sign out: GET /api/2/idp/logout: 500 Internal Server Error
    ! help: The platform has a problem. Try again in a few minutes.
    ! done: create a one-time token, sign in as the user
    ! not done: sign out
    ! next: the user may be signed in. The session expires without use. Run the example again.
    exit 1
    "#);
    server.calls();
}

#[test]
fn a_failed_sign_out_is_a_warning_if_reading_the_user_fails_too() {
    let server = ScriptedServer::new([
        ott(),
        signed_in(),
        Response::empty(404),
        Response::empty(500),
    ]);
    let home = home(&server);

    insta::assert_snapshot!(home.example(IMPERSONATE).refused(1), @"
    ! warning: sign out: GET /api/2/idp/logout: 500 Internal Server Error; the user remains signed in until the session expires
    ! error: read who is signed in: GET /api/2/users/me: 404 Not Found
    ! help: The object does not exist, or this API client cannot see it. Check base_url.
    ! done: create a one-time token, sign in as the user
    ! not done: sign out
    ! next: the user may be signed in. The session expires without use. Run the example again.
    exit 1
    ");
    server.calls();
}

#[test]
fn redacts_a_one_time_token_that_an_error_quotes() {
    let server = ScriptedServer::new([
        ott(),
        Response::json(
            401,
            json!({ "error": { "code": 401, "message": format!("{OTT} is used up") } }),
        ),
    ]);
    let home = home(&server);

    insta::assert_snapshot!(home.example(IMPERSONATE).refused(1), @"
    ! error: sign in as the user: POST /api/2/idp/ott/login: 401 Unauthorized, *** is used up
    ! help: The sign-in was rejected. A one-time token can be used once, within minutes, and a disabled user cannot sign in. Run the example again.
    ! done: create a one-time token
    ! not done: sign in as the user, sign out
    ! next: the user may be signed in. The session expires without use. Run the example again.
    exit 1
    ");
    server.calls();
}

#[test]
fn without_a_one_time_token_no_sign_in_is_sent() {
    for (response, expected) in [
        (Response::empty(204), "empty body"),
        (
            Response::json(200, json!({ "ott": null })),
            "ott: expected a non-empty string",
        ),
    ] {
        let server = ScriptedServer::new([response]);
        let home = home(&server);

        let outcome = home.example(IMPERSONATE).refused(1);

        assert!(outcome.stderr.contains(expected), "{outcome}");
        server.calls();
    }
}

#[test]
fn without_user_json_nothing_is_sent() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(IMPERSONATE).refused(2);

    assert!(outcome.stderr.contains("user.json is missing"), "{outcome}");
    server.calls();
}
