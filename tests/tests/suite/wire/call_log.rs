//! The call log: what `--verbose` and `CYBER_PLATFORM_LOG=debug` show of each call. `Run` checks that it contains no
//! secret, as it does for all output.

use serde_json::json;
use tests::{
    Response, ScriptedServer, TestHome, redactions,
    test_home::{CLIENT_SECRET, LOGIN, ME, PASSWORD, TOKEN},
};

const OTT: &str = "dGhpcyBpcyBh+/==";
const COOKIE: &str = "s3ss10n-secret";

#[test]
fn logs_a_get_and_its_response() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([Response::no_items().header("X-Request-Id", "5f0c1e2d")]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home
        .example("tenants/search_for_tenant_or_user")
        .arg("-v")
        .input("Grace & söhne\n")
        .end()
        .success();

    insta::assert_snapshot!(outcome, @r#"
    0 results
    ! Text to search for:
    ! > GET http://127.0.0.1:PORT/api/2/search?text=Grace%20%26%20s%C3%B6hne&tenant=my-tenant
    ! >   Authorization: Bearer ***
    ! >   User-Agent: ACP-Rust-Examples/VERSION (Acronis Cyber Platform Rust Examples)
    ! < 200 OK, N ms, 12 bytes, application/json, request 5f0c1e2d
    ! <   {"items":[]}
    "#);
    assert_eq!(server.calls().len(), 1);
}

#[test]
fn logs_a_post_with_its_body_and_its_rejection() {
    let _redacted = redactions::scripted();
    let error = json!({ "code": 1004, "message": format!("Bearer {TOKEN}\u{7}\u{202e}") });
    let server = ScriptedServer::new([
        Response::available_items(),
        Response::json(409, json!({ "error": error })).header("Retry-After", "0"),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let run = home.example("create_partner_tenant_and_assign_specific_edition");

    insta::assert_snapshot!(run.arg("--verbose").refused(1), @r#"
    ! > GET http://127.0.0.1:PORT/api/2/tenants/my-tenant/offering_items/available_for_child?kind=partner&edition=pck_per_gigabyte
    ! >   Authorization: Bearer ***
    ! >   User-Agent: ACP-Rust-Examples/VERSION (Acronis Cyber Platform Rust Examples)
    ! < 200 OK, N ms, 125 bytes, application/json
    ! <   {"items":[{"application_id":"app-1","name":"vms","edition":"pck_per_gigabyte","usage_name":"vms","type":"count","status":1}]}
    ! > POST http://127.0.0.1:PORT/api/2/tenants
    ! >   Authorization: Bearer ***
    ! >   Content-Type: application/json
    ! >   User-Agent: ACP-Rust-Examples/VERSION (Acronis Cyber Platform Rust Examples)
    ! >   {"name":"Rust Partner RANDOM v3.0","parent_id":"my-tenant","kind":"partner"}
    ! < 409 Conflict, N ms, 62 bytes, application/json
    ! <   Retry-After: 0
    ! <   {"error":{"code":1004,"message":"Bearer ***\u0007 "}}
    ! error: create the partner: POST /api/2/tenants: 409 Conflict, code 1004, Bearer ***
    ! help: An object with this name or login already exists, or the object was changed in the meantime. Run the example again, with another name or login if you chose one.
    exit 1
    "#);
    assert_eq!(server.calls().len(), 2);
}

#[test]
fn logs_token_calls_without_tokens() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        Response::token("new-t0ken"),
        Response::json(
            200,
            json!({ "access_token": "scoped-t0ken", "id_token": "id-t0ken", "expires_on": 4_102_444_800_u32 }),
        ),
    ]);
    let home = TestHome::new(&server.url())
        .client()
        .secret("new-t0ken")
        .secret("scoped-t0ken")
        .secret("id-t0ken")
        .put("customer.json", json!({ "id": "customer-1" }));

    let outcome = home
        .example("issue_customer_scoped_token_for_bc")
        .env("CYBER_PLATFORM_LOG", "debug")
        .end()
        .success();

    insta::assert_snapshot!(outcome, @r#"
    Token for customer customer-1 saved in api_customer_scoped_token.json, valid until 2100-01-01T00:00:00Z
    ! > POST http://127.0.0.1:PORT/api/2/idp/token
    ! >   Authorization: Basic ***
    ! >   Content-Type: application/x-www-form-urlencoded
    ! >   User-Agent: ACP-Rust-Examples/VERSION (Acronis Cyber Platform Rust Examples)
    ! >   grant_type=client_credentials
    ! < 200 OK, N ms, 62 bytes, application/json
    ! <   {"access_token":"***","expires_on":4102444800,"more":[]}
    ! > POST http://127.0.0.1:PORT/api/2/idp/token
    ! >   Authorization: Bearer ***
    ! >   Content-Type: application/x-www-form-urlencoded
    ! >   User-Agent: ACP-Rust-Examples/VERSION (Acronis Cyber Platform Rust Examples)
    ! >   grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=***&scope=urn%3Aacronis.com%3Atenant-id%3Acustomer-1
    ! < 200 OK, N ms, 77 bytes, application/json
    ! <   {"access_token":"***","id_token":"***","expires_on":4102444800}
    "#);
    assert_eq!(server.calls().len(), 2);
}

#[test]
fn logs_a_sign_in_without_one_time_token_and_cookie() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        Response::json(200, json!({ "ott": OTT, "link": format!("/x?ott={OTT}") })),
        Response::json(
            200,
            json!({ "id": "user-1", "session_id": COOKIE, "note": COOKIE }),
        )
        .header("Set-Cookie", &format!("session={COOKIE}; Path=/; HttpOnly")),
        Response::json(
            200,
            json!({ "id": "user-1", "login": "grace", "note": "seen" }),
        ),
        Response::empty(200).body("text/html", format!("<p>{COOKIE}")),
    ]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .secret(OTT)
        .secret(COOKIE)
        .put("user.json", json!({ "id": "user-1", "login": "grace" }));

    let outcome = home
        .example("ipmpersonate_user_call_me")
        .arg("--verbose")
        .end()
        .success();

    insta::assert_snapshot!(outcome, @r#"
    {
      "id": "user-1",
      "login": "grace",
      "note": "seen"
    }
    grace signed in and out
    ! > POST http://127.0.0.1:PORT/api/2/idp/ott
    ! >   Authorization: Bearer ***
    ! >   Content-Type: application/json
    ! >   User-Agent: ACP-Rust-Examples/VERSION (Acronis Cyber Platform Rust Examples)
    ! >   {"purpose":"user_login","login":"grace"}
    ! < 200 OK, N ms, 59 bytes, application/json
    ! <   {"ott":"***","link":"/x?ott=***"}
    ! > POST http://127.0.0.1:PORT/api/2/idp/ott/login
    ! >   Content-Type: application/json
    ! >   User-Agent: ACP-Rust-Examples/VERSION (Acronis Cyber Platform Rust Examples)
    ! >   {"ott":"***","link":"/x?ott=***"}
    ! < 200 OK, N ms, 69 bytes, application/json
    ! <   Set-Cookie: ***
    ! <   {"id":"user-1","session_id":"***","note":"***"}
    ! > GET http://127.0.0.1:PORT/api/2/users/me
    ! >   User-Agent: ACP-Rust-Examples/VERSION (Acronis Cyber Platform Rust Examples)
    ! >   Cookie: ***
    ! < 200 OK, N ms, 45 bytes, application/json
    ! <   {"id":"user-1","login":"grace","note":"seen"}
    ! > GET http://127.0.0.1:PORT/api/2/idp/logout
    ! >   User-Agent: ACP-Rust-Examples/VERSION (Acronis Cyber Platform Rust Examples)
    ! >   Cookie: ***
    ! < 200 OK, N ms, 17 bytes, text/html
    ! <   (text/html, 17 bytes)
    "#);
    assert_eq!(server.calls().len(), 4);
}

#[test]
fn redacts_a_session_that_an_error_quotes() {
    let _redacted = redactions::scripted();
    let quoted = json!({ "error": { "code": 500, "message": format!("no {COOKIE}") } });
    let server = ScriptedServer::new([
        Response::json(200, json!({ "ott": OTT })),
        Response::json(200, json!({})).header("Set-Cookie", &format!("session={COOKIE}; Path=/")),
        Response::json(400, quoted),
        Response::empty(204),
    ]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .secret(COOKIE)
        .put("user.json", json!({ "id": "user-1", "login": "grace" }));

    let run = home.example("ipmpersonate_user_call_me");

    let outcome = run.arg("--verbose").refused(1);
    assert!(outcome.stderr.contains("code 500, no ***"), "{outcome}");
    assert_eq!(server.calls().len(), 4);
}

#[test]
fn logs_a_download_without_its_content() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        Response::json(201, json!({ "id": "r-1" })),
        Response::items(json!([{ "id": "s-1", "status": "saved" }])),
        Response::empty(200).body("text/csv", "tenant;usage\nä;1\n"),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home
        .example("create_report_retrieve")
        .arg("--verbose")
        .end()
        .success();

    insta::assert_snapshot!(outcome, @r#"
    Report with 1 row saved in report_for_tenant_my-tenant.csv
    ! > POST http://127.0.0.1:PORT/api/2/reports
    ! >   Authorization: Bearer ***
    ! >   Content-Type: application/json
    ! >   User-Agent: ACP-Rust-Examples/VERSION (Acronis Cyber Platform Rust Examples)
    ! >   {"parameters":{"kind":"usage_current","tenant_id":"my-tenant","level":"accounts","formats":["csv_v2_0"]},"schedule":{"type":"once"},"result_action":"save"}
    ! < 201 Created, N ms, 12 bytes, application/json
    ! <   {"id":"r-1"}
    ! > GET http://127.0.0.1:PORT/api/2/reports/r-1/stored
    ! >   Authorization: Bearer ***
    ! >   User-Agent: ACP-Rust-Examples/VERSION (Acronis Cyber Platform Rust Examples)
    ! < 200 OK, N ms, 41 bytes, application/json
    ! <   {"items":[{"id":"s-1","status":"saved"}]}
    ! > GET http://127.0.0.1:PORT/api/2/reports/r-1/stored/s-1
    ! >   Authorization: Bearer ***
    ! >   User-Agent: ACP-Rust-Examples/VERSION (Acronis Cyber Platform Rust Examples)
    ! < 200 OK, N ms, 18 bytes, text/csv
    ! <   (text/csv, 18 bytes)
    "#);
    assert_eq!(server.calls().len(), 3);
}

#[test]
fn logs_the_creation_of_an_api_client_without_password_and_secret() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        Response::json(
            200,
            json!({ "tenant_id": ME, "note": format!("{LOGIN} has {PASSWORD}") }),
        ),
        Response::json(
            201,
            json!({
                "client_id": "c-1",
                "client_secret": CLIENT_SECRET,
                "registration_access_token": "registration-t0ken",
                "client_secret_expires_at": 0,
                "data": { "again": [CLIENT_SECRET] },
            }),
        ),
    ]);
    let home = TestHome::new(&server.url()).secret("registration-t0ken");

    let outcome = home
        .example("create_api_client")
        .arg("--verbose")
        .input(format!("{LOGIN}\n{PASSWORD}\n"))
        .end()
        .success();

    insta::assert_snapshot!(outcome, @r#"
    API client c-1 created; its id and secret are saved in api_client.json
    ! Login at http://127.0.0.1:PORT:
    ! Password:
    ! > GET http://127.0.0.1:PORT/api/2/users/me
    ! >   Authorization: Basic ***
    ! >   User-Agent: ACP-Rust-Examples/VERSION (Acronis Cyber Platform Rust Examples)
    ! < 200 OK, N ms, 76 bytes, application/json
    ! <   {"tenant_id":"my-tenant","note":"admin@example.com has ***"}
    ! > POST http://127.0.0.1:PORT/api/2/clients
    ! >   Authorization: Basic ***
    ! >   Content-Type: application/json
    ! >   User-Agent: ACP-Rust-Examples/VERSION (Acronis Cyber Platform Rust Examples)
    ! >   {"type":"api_client","tenant_id":"my-tenant","token_endpoint_auth_method":"client_secret_basic","data":{"client_name":"Rust.Client"}}
    ! < 201 Created, N ms, 172 bytes, application/json
    ! <   {"client_id":"c-1","client_secret":"***","registration_access_token":"***","client_secret_expires_at":0,"data":{"again":["***"]}}
    "#);
    assert_eq!(server.calls().len(), 2);
}

#[test]
fn logs_an_attempt_without_a_response() {
    let _redacted = redactions::scripted();
    let home = TestHome::new("http://127.0.0.1:1/").signed_in();

    let outcome = home.example("get_tenant_usage").arg("--verbose").refused(1);

    insta::assert_snapshot!(outcome, @"
    ! > GET http://127.0.0.1:PORT/api/2/tenants/my-tenant/usages
    ! >   Authorization: Bearer ***
    ! >   User-Agent: ACP-Rust-Examples/VERSION (Acronis Cyber Platform Rust Examples)
    ! < no response, N ms: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: Connection refused (os error N)
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: Connection refused (os error N)
    ! help: Start the sandbox in another terminal with `cargo run -p sandbox`, or set base_url in cyber.platform.cfg.json to your data center.
    exit 1
    ");
}

#[test]
fn truncates_a_long_body() {
    let response = json!({ "items": [], "text": "ä".repeat(10_000) });
    let server = ScriptedServer::new([Response::json(200, response)]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home
        .example("get_tenant_usage")
        .arg("--verbose")
        .end()
        .success();

    let longest = outcome
        .stderr
        .lines()
        .map(|line| line.chars().count())
        .max();
    assert!(longest.is_some_and(|length| length < 4100), "{outcome}");
    assert!(outcome.stderr.contains("ä… (6"), "{outcome}");
    assert!(outcome.stderr.contains(" more characters)"), "{outcome}");
    assert_eq!(server.calls().len(), 1);
}

#[test]
fn logs_nothing_by_default() {
    for value in ["", "off"] {
        let server = ScriptedServer::new([Response::no_items()]);
        let outcome = TestHome::new(&server.url())
            .signed_in()
            .example("get_tenant_usage")
            .env("CYBER_PLATFORM_LOG", value)
            .end()
            .success();

        assert_eq!(outcome.stderr, "");
        assert_eq!(server.calls().len(), 1);
    }
}

#[test]
fn a_setting_enables_the_log_and_the_flag_overrides_it() {
    for (settings, variable, flag) in [("debug", "", false), ("off", "off", true)] {
        let server = ScriptedServer::new([Response::no_items()]);
        let home = TestHome::new(&server.url()).signed_in();
        let mut content = home.file("cyber.platform.cfg.json");
        content["log"] = settings.into();
        let home = home.put("cyber.platform.cfg.json", content);
        let mut run = home
            .example("get_tenant_usage")
            .env("CYBER_PLATFORM_LOG", variable);
        if flag {
            run = run.arg("--verbose");
        }

        let outcome = run.end().success();

        assert!(outcome.stderr.starts_with("> GET http"), "{outcome}");
        assert_eq!(server.calls().len(), 1);
    }
}
