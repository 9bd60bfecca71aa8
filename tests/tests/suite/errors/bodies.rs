//! The platform says no: each form of an error body, each status.

use serde_json::json;
use tests::{
    Response, ScriptedServer, TestHome,
    test_home::{LOGIN, PASSWORD},
};

fn told(answer: Response) -> String {
    let server = ScriptedServer::new([]).from_then_on(answer);
    let home = TestHome::new(&server.url()).signed_in();
    let outcome = home.example("get_tenant_usage").refused(1).to_string();
    let _ = server.calls();
    // Each fault that may pass is told as often as it is met: another test's concern.
    let is_try = |line: &&str| !line.starts_with("! warning: ");
    outcome
        .lines()
        .filter(is_try)
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn every_form_of_an_error_body() {
    let html = Response::empty(403).body("text/html", "<html><h1>403 Forbidden</h1></html>");
    let cases = [
        (
            "account server",
            Response::text(
                403,
                r#"{"error":{"code":1004,"message":"Access denied.","details":{"info":"Not yours.","addition":[{"id":"1"}]},"context":{"id":"1"},"domain":"PlatformAccountServer"}}"#,
            ),
        ),
        (
            "account server, with little to say",
            Response::text(
                403,
                r#"{"error":{"code":403,"message":"Forbidden","domain":"PlatformAccountServer","details":{"info":"Forbidden"},"context":{}}}"#,
            ),
        ),
        (
            "OAuth",
            Response::text(
                403,
                r#"{"domain":"Access","reason":"No","error":"access_denied","error_description":"Not this client."}"#,
            ),
        ),
        (
            "flat",
            Response::text(
                403,
                r#"{"domain":"TaskManager","code":"FORBIDDEN","message":"No","context":{"a":1}}"#,
            ),
        ),
        (
            "agent manager",
            Response::text(
                403,
                r#"{"code":"FORBIDDEN","domain":"GENERAL","debug":{"msg":"no agent"}}"#,
            ),
        ),
        ("HTML", html),
        ("none", Response::empty(403)),
        ("broken JSON", Response::text(403, r#"{"error":"#)),
        ("JSON that is no object", Response::text(403, "[1, 2]")),
        (
            "with an id to ask support about",
            Response::text(403, r#"{"error":{"code":1,"request_id":"in-the-body"}}"#),
        ),
        (
            "with such an id in a header",
            Response::empty(403).header("X-Request-Id", "in-the-header"),
        ),
        (
            "control characters",
            Response::text(
                403,
                r#"{"error":{"code":"\u0007c","message":"\u001b[31mred\u001b[0m\r\nerror: forged\nhelp: forged","details":"\u0000\u009b"}}"#,
            ),
        ),
    ];
    let mut all = String::new();
    for (form, answer) in cases {
        all += &format!("{form}\n{}\n", told(answer));
    }
    insta::assert_snapshot!(all, @r#"
    account server
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 403 Forbidden, code 1004, Access denied. ({"info":"Not yours.","addition":[{"id":"1"}]}; {"id":"1"})
    ! help: The API client is not allowed to do this here. It has the rights of its creator, in its tenant and everything below.
    exit 1

    account server, with little to say
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 403 Forbidden, code 403, Forbidden
    ! help: The API client is not allowed to do this here. It has the rights of its creator, in its tenant and everything below.
    exit 1

    OAuth
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 403 Forbidden, code access_denied, Not this client.
    ! help: The API client is not allowed to do this here. It has the rights of its creator, in its tenant and everything below.
    exit 1

    flat
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 403 Forbidden, code FORBIDDEN, No ({"a":1})
    ! help: The API client is not allowed to do this here. It has the rights of its creator, in its tenant and everything below.
    exit 1

    agent manager
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 403 Forbidden, code FORBIDDEN ({"msg":"no agent"})
    ! help: The API client is not allowed to do this here. It has the rights of its creator, in its tenant and everything below.
    exit 1

    HTML
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 403 Forbidden
    ! help: The API client is not allowed to do this here. It has the rights of its creator, in its tenant and everything below.
    exit 1

    none
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 403 Forbidden
    ! help: The API client is not allowed to do this here. It has the rights of its creator, in its tenant and everything below.
    exit 1

    broken JSON
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 403 Forbidden
    ! help: The API client is not allowed to do this here. It has the rights of its creator, in its tenant and everything below.
    exit 1

    JSON that is no object
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 403 Forbidden
    ! help: The API client is not allowed to do this here. It has the rights of its creator, in its tenant and everything below.
    exit 1

    with an id to ask support about
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 403 Forbidden, code 1 [request in-the-body]
    ! help: The API client is not allowed to do this here. It has the rights of its creator, in its tenant and everything below.
    exit 1

    with such an id in a header
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 403 Forbidden [request in-the-header]
    ! help: The API client is not allowed to do this here. It has the rights of its creator, in its tenant and everything below.
    exit 1

    control characters
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 403 Forbidden, code  c,  [31mred [0m  error: forged help: forged (  )
    ! help: The API client is not allowed to do this here. It has the rights of its creator, in its tenant and everything below.
    exit 1
    "#);
}

#[test]
fn every_status_has_its_advice() {
    let mut all = String::new();
    for status in [400, 403, 404, 405, 409, 426, 429, 500, 501, 502, 503] {
        all += &format!("{}\n", told(Response::empty(status)));
    }
    insta::assert_snapshot!(all, @"
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 400 Bad Request
    ! help: Read the platform's message above and run it again with other input. Kinds and editions are set in cyber.platform.cfg.json.
    exit 1

    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 403 Forbidden
    ! help: The API client is not allowed to do this here. It has the rights of its creator, in its tenant and everything below.
    exit 1

    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 404 Not Found
    ! help: The object does not exist, or this API client cannot see it. Check base_url. A saved file may belong to another account or an earlier sandbox, or the object it describes was deleted.
    exit 1

    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 405 Method Not Allowed
    ! help: Read the platform's message above. The settings are in cyber.platform.cfg.json.
    exit 1

    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 409 Conflict
    ! help: An object with this name already exists, or the object was changed in the meantime. Run the example again, with another name if you chose one.
    exit 1

    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 426 Upgrade Required
    ! help: An object with this name already exists, or the object was changed in the meantime. Run the example again, with another name if you chose one.
    exit 1

    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: 429 Too Many Requests
    ! help: Too many calls, even after waiting. Try again in a few minutes.
    exit 1

    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 500 Internal Server Error
    ! help: The platform has a problem. Try again in a few minutes.
    exit 1

    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 501 Not Implemented
    ! help: The sandbox does not simulate this call yet. The real platform has it.
    exit 1

    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: 502 Bad Gateway
    ! help: The platform has a problem. Try again in a few minutes.
    exit 1

    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: 503 Service Unavailable
    ! help: The platform has a problem. Try again in a few minutes.
    exit 1
    ");
}

#[test]
fn a_wrong_login_or_password() {
    for answer in [
        Response::json(
            401,
            json!({ "error": { "code": 401, "message": "Unauthorized", "details": {} } }),
        ),
        Response::text(
            401,
            r#"{"error":{"code":401,"message":"Unauthorized"},"unknown":1}"#,
        ),
    ] {
        let server = ScriptedServer::new([answer]);
        let home = TestHome::new(&server.url());

        let outcome = home
            .example("create_api_client")
            .input(format!("{LOGIN}\n{PASSWORD}\n"))
            .refused(1);

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome, @"
            ! Login:
            ! Password:
            ! error: sign in: GET /api/2/users/me: 401 Unauthorized, code 401, Unauthorized
            ! help: Check login and password. The account must be an administrator account without two-factor authentication.
            exit 1
            ");
        }
        assert_eq!(server.calls().len(), 1);
    }
}

#[test]
fn a_user_who_may_not_make_an_api_client() {
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
    ! Login:
    ! Password:
    ! error: create the API client: POST /api/2/clients: 403 Forbidden, code 1004, Access denied.
    ! help: Check login and password. The account must be an administrator account without two-factor authentication.
    exit 1
    ");
    assert_eq!(server.calls().len(), 2);
}

#[test]
fn an_api_client_that_was_deleted() {
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
            ! help: The API client was deleted or disabled, or its secret was reset: move api_client.json away and run `cargo run -p authorization --bin create_api_client`.
            exit 1
            ");
        }
        assert_eq!(server.calls().len(), 1);
    }
}
