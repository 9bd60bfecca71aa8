//! The platform rejects a call: each form of error body, and each status.

use serde_json::json;
use tests::{
    Outcome, Response, ScriptedServer, TestHome, redactions,
    test_home::{LOGIN, PASSWORD},
};

const CALL: &str = "read the usage: GET /api/2/tenants/my-tenant/usages";

/// The outcome of an example whose calls all get this response.
fn rejected(response: Response) -> Outcome {
    let server = ScriptedServer::new([]).from_then_on(response);
    let home = TestHome::new(&server.url()).signed_in();
    let outcome = home.example("get_tenant_usage").refused(1);
    assert!(!server.calls().is_empty());
    outcome
}

#[test]
fn code_message_details_and_request_id_are_read_from_every_form_of_body() {
    let forbidden = |body: &str| Response::text(403, body);
    for (form, response, expected) in [
        (
            "account server",
            forbidden(
                r#"{"error":{"code":1004,"message":"Access denied.","details":{"info":"Not yours.","addition":[{"id":"1"}]},"context":{"id":"1"},"domain":"PlatformAccountServer"}}"#,
            ),
            r#", code 1004, Access denied. ({"info":"Not yours.","addition":[{"id":"1"}]}; {"id":"1"})"#,
        ),
        (
            "account server, details that repeat the message",
            forbidden(
                r#"{"error":{"code":403,"message":"Forbidden","domain":"PlatformAccountServer","details":{"info":"Forbidden"},"context":{}}}"#,
            ),
            "",
        ),
        (
            "OAuth",
            forbidden(
                r#"{"domain":"Access","reason":"No","error":"access_denied","error_description":"Not this client."}"#,
            ),
            ", code access_denied, Not this client.",
        ),
        (
            "flat",
            forbidden(
                r#"{"domain":"TaskManager","code":"FORBIDDEN","message":"No","context":{"a":1}}"#,
            ),
            r#", No ({"a":1})"#,
        ),
        (
            "agent manager",
            forbidden(r#"{"code":"FORBIDDEN","domain":"GENERAL","debug":{"msg":"no agent"}}"#),
            r#" ({"msg":"no agent"})"#,
        ),
        (
            "HTML",
            Response::empty(403).body("text/html", "<html><h1>403 Forbidden</h1></html>"),
            "",
        ),
        ("no body", Response::empty(403), ""),
        ("cut JSON", forbidden(r#"{"error":"#), ""),
        ("a JSON array", forbidden("[1, 2]"), ""),
        (
            "a request id in the body",
            forbidden(r#"{"error":{"code":1,"request_id":"in-the-body"}}"#),
            ", code 1 [request in-the-body]",
        ),
        (
            "a request id in a header",
            Response::empty(403).header("X-Request-Id", "in-the-header"),
            " [request in-the-header]",
        ),
        (
            "control characters",
            forbidden(
                r#"{"error":{"code":"\u0007c","message":"\u001b[31mred\u001b[0m\r\nerror: forged\nhelp: forged","details":"\u0000\u009b"}}"#,
            ),
            ", code  c,  [31mred [0m  error: forged help: forged (  )",
        ),
    ] {
        let outcome = rejected(response);
        assert_eq!(
            outcome.error(),
            format!("{CALL}: 403 Forbidden{expected}"),
            "{form}"
        );
    }
}

#[test]
fn every_status_has_its_own_help() {
    let mut all = String::new();
    for status in [400, 403, 404, 405, 409, 426, 429, 500, 501, 502, 503] {
        let outcome = rejected(Response::empty(status));
        all += &format!("{status}: {}\n", outcome.help());
    }
    insta::assert_snapshot!(all, @"
    400: Read the platform's message above and run the example again with other input. Kinds and editions are set in cyber.platform.cfg.json.
    403: The API client is not allowed to do this here. It has the rights of its creator, in its tenant and everything below.
    404: The tenant_id in api_client.json may be wrong. Remove it, and it is looked up. Check base_url, too.
    405: Read the platform's message above. The settings are in cyber.platform.cfg.json.
    409: An object with this name or login already exists, or the object was changed in the meantime. Run the example again, with another name or login if you chose one.
    426: An object with this name or login already exists, or the object was changed in the meantime. Run the example again, with another name or login if you chose one.
    429: Too many calls, even after waiting. Try again in a few minutes.
    500: The platform has a problem. Try again in a few minutes.
    501: The sandbox does not simulate this call yet. The real platform supports it.
    502: The platform has a problem. Try again in a few minutes.
    503: The platform has a problem. Try again in a few minutes.
    ");
}

#[test]
fn a_wrong_password_is_reported_after_one_call() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([Response::json(
        401,
        json!({ "error": { "code": 401, "message": "Unauthorized", "details": {} } }),
    )]);
    let home = TestHome::new(&server.url());

    let outcome = home
        .example("create_api_client")
        .input(format!("{LOGIN}\n{PASSWORD}\n"))
        .refused(1);

    insta::assert_snapshot!(outcome, @"
    ! Login at http://127.0.0.1:PORT:
    ! Password:
    ! error: sign in: GET /api/2/users/me: 401 Unauthorized
    ! help: Check the login and password. The account must be an administrator account without two-factor authentication.
    exit 1
    ");
    assert_eq!(server.calls().len(), 1);
}

#[test]
fn a_user_without_the_right_to_create_an_api_client_is_reported() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        Response::json(200, json!({ "tenant_id": "t" })),
        Response::json(
            403,
            json!({ "error": { "code": 1004, "message": "Access denied." } }),
        ),
    ]);
    let home = TestHome::new(&server.url());

    let outcome = home
        .example("create_api_client")
        .input(format!("{LOGIN}\n{PASSWORD}\n"))
        .refused(1);

    insta::assert_snapshot!(outcome, @"
    ! Login at http://127.0.0.1:PORT:
    ! Password:
    ! error: create the API client: POST /api/2/clients: 403 Forbidden, code 1004, Access denied.
    ! help: Check the login and password. The account must be an administrator account without two-factor authentication.
    exit 1
    ");
    assert_eq!(server.calls().len(), 2);
}

#[test]
fn a_deleted_api_client_is_reported_after_one_call() {
    let _redacted = redactions::scripted();
    for name in ["issue_access_token", "get_tenant_usage"] {
        let server = ScriptedServer::new([Response::text(
            401,
            r#"{"domain":"Access","reason":"InvalidClient","error":"invalid_client","error_description":"invalid client credentials"}"#,
        )]);
        let home = TestHome::new(&server.url())
            .client()
            .token("api_token.json", "old-t0ken", 0);

        let outcome = home.example(name).refused(1);

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome, @"
            ! error: issue an access token: POST /api/2/idp/token: 401 Unauthorized, code invalid_client, invalid client credentials
            ! help: http://127.0.0.1:PORT does not accept the API client in api_client.json: it was deleted or disabled, its secret was reset, it belongs to another data center, or the sandbox was reset. Check base_url. If it is right, run `cargo run -p authorization --bin create_api_client -- --replace` for a new one.
            exit 1
            ");
        }
        assert_eq!(server.calls().len(), 1);
    }
}
