//! Error responses that quote a secret of the call. `Run` searches all output for secrets.

use serde_json::json;
use tests::{
    Response, ScriptedServer, TestHome,
    test_home::{CLIENT_SECRET, LOGIN, PASSWORD, TOKEN},
};

/// `text` with each character escaped, as JSON allows.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| format!("\\u{:04x}", u32::from(c)))
        .collect()
}

#[test]
fn a_quoted_password_is_redacted() {
    for quoted in [
        PASSWORD,
        &escaped(PASSWORD),
        &format!("{}{PASSWORD}", "a".repeat(480)),
    ] {
        let body = format!(r#"{{"error":{{"code":401,"message":"No user with {quoted}"}}}}"#);
        let server = ScriptedServer::new([Response::text(401, &body)]);
        let home = TestHome::new(&server.url());

        let outcome = home
            .example("create_api_client")
            .input(format!("{LOGIN}\n{PASSWORD}\n"))
            .refused(1);

        assert!(outcome.stderr.contains("***"), "{outcome}");
        assert!(!outcome.stderr.contains("pass:w"), "{outcome}");
    }
}

#[test]
fn a_quoted_client_secret_is_redacted() {
    for quoted in [CLIENT_SECRET, &escaped(CLIENT_SECRET)] {
        let body = format!(r#"{{"error":"invalid_client","error_description":"not {quoted}"}}"#);
        let server = ScriptedServer::new([Response::text(401, &body)]);
        let home = TestHome::new(&server.url()).client();

        let outcome = home.example("issue_access_token").refused(1);

        assert!(outcome.stderr.contains("not ***"), "{outcome}");
    }
}

#[test]
fn a_quoted_token_is_redacted() {
    for body in [
        json!({ "error": { "code": TOKEN, "message": TOKEN, "details": { "a": [TOKEN] } } }),
        json!({ "code": 1, "message": format!("Bearer {TOKEN}"), "context": TOKEN }),
        json!({ "error": TOKEN, "error_description": TOKEN }),
    ] {
        let server = ScriptedServer::new([Response::json(403, body)]);
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.example("get_tenant_usage").refused(1);

        assert!(outcome.stderr.contains("***"), "{outcome}");
    }
}

#[test]
fn a_token_quoted_in_a_header_is_redacted() {
    // Longer than a message can be, and partly in upper case, which a host name loses.
    let token = "Kept-T0ken".repeat(60);
    for (status, name, value) in [
        (403, "X-Request-Id", token.clone()),
        (302, "Location", format!("https://{token}.example/")),
        (302, "Location", format!("https://a.example/{token}")),
        (200, "Content-Type", token.clone()),
        (429, "Retry-After", token.clone()),
    ] {
        let response = match name {
            "Content-Type" => Response::empty(status).body(&value, "?"),
            _ => Response::empty(status).header(name, &value),
        };
        let server = ScriptedServer::new([]).from_then_on(response);
        let home = TestHome::new(&server.url())
            .client()
            .token("api_token.json", &token, 7200)
            .secret("Kept-T0ken")
            .secret("kept-t0ken");

        // `end` also checks that no secret is shown.
        home.example("get_tenant_usage")
            .arg("--verbose")
            .end()
            .failed(1);
    }
}
