//! Acting as a user: a one-time token, a session by cookie, and its end.

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
fn the_user_is_signed_in_by_cookie_alone_and_out_again() {
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
    grace was signed in and out again
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
fn the_session_ends_even_where_the_user_cannot_be_asked() {
    for answer in [
        Response::empty(500),
        Response::empty(204),
        Response::text(200, "[]"),
    ] {
        let server = ScriptedServer::new([ott(), signed_in(), answer, signed_out()]);
        let home = home(&server);

        let outcome = home.example(IMPERSONATE).refused(1);

        assert!(
            outcome.stderr.contains("asking who is signed in"),
            "{outcome}"
        );
        let calls = server.calls();
        assert_eq!(calls[3].target, "/api/2/idp/logout");
        assert_eq!(calls[3].headers["cookie"], format!("session={COOKIE}"));
    }
}

#[test]
fn a_sign_out_that_fails_is_told_after_the_user() {
    let server = ScriptedServer::new([
        ott(),
        signed_in(),
        Response::json(200, json!({ "login": "grace" })),
        Response::empty(500),
    ]);
    let home = home(&server);

    insta::assert_snapshot!(home.example(IMPERSONATE).refused(1), @r#"
    {
      "login": "grace"
    }
    ! error: signing out: GET /api/2/idp/logout: 500 Internal Server Error
    ! help: The fault is on the platform's side: try again in a few minutes.
    exit 1
    "#);
    server.calls();
}

#[test]
fn a_one_time_token_that_is_quoted_is_not_shown() {
    let server = ScriptedServer::new([
        ott(),
        Response::json(
            401,
            json!({ "error": { "code": 401, "message": format!("{OTT} is used up") } }),
        ),
    ]);
    let home = home(&server);

    insta::assert_snapshot!(home.example(IMPERSONATE).refused(1), @"
    ! error: signing in as the user with the one-time token: POST /api/2/idp/ott/login: 401 Unauthorized, code 401, *** is used up
    ! help: The sign-in was not accepted: a one-time token is good once and for minutes, and a disabled user has no session. Run it again.
    exit 1
    ");
    server.calls();
}

#[test]
fn without_a_one_time_token_nobody_signs_in() {
    for answer in [
        Response::empty(204),
        Response::json(200, json!({ "ott": null })),
    ] {
        let server = ScriptedServer::new([answer]);
        let home = home(&server);

        let outcome = home.example(IMPERSONATE).refused(1);

        assert!(outcome.stderr.contains("no text in `ott`"), "{outcome}");
        server.calls();
    }
}

#[test]
fn without_a_user_nothing_is_sent() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url()).signed_in();

    insta::assert_snapshot!(home.example(IMPERSONATE).refused(2), @"
    ! error: HOME/user.json is missing
    ! help: Run `cargo run -p users --bin create_user_for_customer_activate_assign_backup_user_role` first: it makes user.json.
    exit 2
    ");
    server.calls();
}
