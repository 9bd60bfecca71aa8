//! `/_sandbox/faults`: injected faults.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::{Caller, Response, SandboxFixture};
use sandbox::{Entry, Filter, Options, Rule, Seed};
use serde_json::{Value, json};

const FAULTS: &str = "/_sandbox/faults";

fn add_rule(fixture: &SandboxFixture, rule: Value) -> Response {
    let response = fixture.post(&Caller::Nobody, FAULTS, rule);
    assert_eq!(response.status, 201, "{response:?}");
    response
}

fn log(fixture: &SandboxFixture, path: &str) -> Vec<Entry> {
    fixture.sandbox.requests(&Filter {
        path: Some(path.to_owned()),
        ..Filter::default()
    })
}

fn wait_until(mut is_done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_done() {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "it takes too long"
        );
        std::thread::yield_now();
    }
}

fn new_tenant(fixture: &SandboxFixture, name: &str) -> Value {
    json!({ "name": name, "parent_id": fixture.partner(), "kind": "customer" })
}

/// A raw connection without retries.
fn connect(fixture: &SandboxFixture) -> TcpStream {
    let address = fixture
        .sandbox
        .url()
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let stream = TcpStream::connect(address).expect("a connection");
    let patience = Some(Duration::from_secs(30));
    stream.set_read_timeout(patience).expect("a patience");
    stream
}

fn send(stream: &mut TcpStream, request: &str, body: &str) {
    let length = body.len();
    let text = format!("{request} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(text.as_bytes()).expect("sent");
}

/// How the connection ends; `None` if it is closed normally.
fn end(stream: &mut TcpStream) -> (Vec<u8>, Option<ErrorKind>) {
    let mut read = Vec::new();
    let ended = stream.read_to_end(&mut read);
    (read, ended.err().map(|error| error.kind()))
}

#[test]
fn status_replaces_processing() {
    let fixture = SandboxFixture::new();
    let admin = fixture.admin();
    let new = new_tenant(&fixture, "C");
    let rule = json!({
        "match": { "method": "POST", "path": "/api/2/tenants" },
        "times": 1,
        "then": { "status": 503, "retry_after": 2 },
    });
    let added = add_rule(&fixture, rule.clone()).body;
    let mut shown = rule;
    shown["id"] = json!(1);
    shown["seen"] = json!(0);
    shown["met"] = json!(0);
    assert_eq!(added, shown);

    let request = fixture.request(&admin, "POST", "/api/2/tenants").json(&new);
    let rejected = request.send().expect("a response");
    assert_eq!(rejected.status(), 503);
    assert_eq!(rejected.headers()["retry-after"], "2");
    assert!(rejected.headers().contains_key("x-request-id"));
    let body: Value = rejected.json().expect("JSON");
    assert_eq!(
        body,
        json!({ "error": {
            "code": 503,
            "message": "Service Unavailable",
            "domain": "PlatformAccountServer",
            "details": { "info": "Injected by rule 1 of /_sandbox/faults." },
            "context": {},
        } })
    );
    // The name is still free, and the rule has expired.
    assert_eq!(fixture.post(&admin, "/api/2/tenants", new).status, 201);
    shown["seen"] = json!(2);
    shown["met"] = json!(1);
    assert_eq!(
        fixture.get(&Caller::Nobody, FAULTS).body,
        json!({ "items": [shown] })
    );
    let logged: Vec<(u16, Option<u64>)> = log(&fixture, "/api/2/tenants")
        .iter()
        .map(|entry| (entry.status, entry.fault))
        .collect();
    assert_eq!(logged, [(503, Some(1)), (201, None)]);
}

#[test]
fn status_has_the_error_body_of_the_service() {
    let fixture = SandboxFixture::new();
    add_rule(&fixture, json!({ "then": { "status": 503 } }));
    let code = |path: &str, field: &str| {
        let response = fixture.get(&Caller::Nobody, path);
        assert_eq!(response.status, 503, "{path}");
        response.body.pointer(field).cloned().unwrap_or_default()
    };
    assert_eq!(code("/api/2/tenants", "/error/code"), 503);
    assert_eq!(code("/nonsense", "/error/code"), 503);
    assert_eq!(
        code("/api/agent_manager/v2/agents", "/code"),
        "DATABASE_ERROR"
    );
    let unavailable = "ServiceUnavailable";
    assert_eq!(code("/api/alert_manager/v1/alerts", "/code"), unavailable);
    assert_eq!(code("/api/task_manager/v2/tasks", "/code"), unavailable);
    let internal = "InternalServerError";
    assert_eq!(
        code("/api/policy_management/v4/policies", "/code"),
        internal
    );
    assert_eq!(
        code("/api/resource_management/v4/resources", "/code"),
        internal
    );
    for endpoint in [
        "/api/2/idp/token",
        "/bc/idp/token",
        "/api/2/idp/revoke_token",
    ] {
        assert_eq!(code(endpoint, "/error"), "temporarily_unavailable");
    }
    fixture.delete(&Caller::Nobody, FAULTS);

    add_rule(
        &fixture,
        json!({ "then": { "status": 429, "retry_after": "Wed, 21 Oct 2026 07:28:00 GMT" } }),
    );
    let request = fixture.request(&Caller::Nobody, "GET", "/api/2/tenants");
    let busy = request.send().expect("a response");
    assert_eq!(busy.status(), 429);
    assert_eq!(
        busy.headers()["retry-after"],
        "Wed, 21 Oct 2026 07:28:00 GMT"
    );
    fixture.delete(&Caller::Nobody, FAULTS);

    add_rule(&fixture, json!({ "then": { "status": 401 } }));
    let rejected = fixture.post(&Caller::Nobody, "/api/2/idp/token", Value::Null);
    assert_eq!(rejected.body["error"], "invalid_client");
    assert_eq!(
        fixture.get(&Caller::Nobody, "/api/2/tenants").rejection(),
        (401, 401)
    );
    fixture.delete(&Caller::Nobody, FAULTS);
    add_rule(&fixture, json!({ "then": { "status": 403 } }));
    assert_eq!(
        fixture.get(&Caller::Nobody, "/api/2/tenants").rejection(),
        (403, 1002)
    );
}

#[test]
fn status_can_be_a_success() {
    let fixture = SandboxFixture::new();
    let admin = fixture.admin();
    let new = new_tenant(&fixture, "C");
    add_rule(
        &fixture,
        json!({ "times": 1, "then": { "status": 201, "body": { "id": 1 } } }),
    );
    let response = fixture.post(&admin, "/api/2/tenants", new.clone());
    assert_eq!((response.status, response.body), (201, json!({ "id": 1 })));
    add_rule(&fixture, json!({ "times": 1, "then": { "status": 204 } }));
    let response = fixture.post(&admin, "/api/2/tenants", new.clone());
    assert_eq!((response.status, response.body), (204, Value::Null));
    assert_eq!(fixture.post(&admin, "/api/2/tenants", new).status, 201);
}

#[test]
fn body_replaces_the_response() {
    let fixture = SandboxFixture::new();
    let admin = fixture.admin();
    for (name, given, kind, text) in [
        (
            "A",
            json!("<html>Bad Gateway</html>"),
            "text/html",
            "<html>Bad Gateway</html>",
        ),
        ("B", json!("{\"id\":"), "application/json", "{\"id\":"),
        (
            "C",
            json!({ "a": [1, null] }),
            "application/json",
            "{\"a\":[1,null]}",
        ),
        ("D", Value::Null, "application/json", "null"),
    ] {
        let new = new_tenant(&fixture, name);
        add_rule(&fixture, json!({ "times": 1, "then": { "body": given } }));
        let request = fixture.request(&admin, "POST", "/api/2/tenants").json(&new);
        let response = request.send().expect("a response");
        assert_eq!(response.status(), 201, "{name}");
        assert_eq!(response.headers()["content-type"], kind, "{name}");
        assert_eq!(response.text().expect("a body"), text);
        // It was processed: the name is taken.
        assert_eq!(fixture.post(&admin, "/api/2/tenants", new).status, 409);
    }
    // A status that has no body in HTTP gets none.
    let (client, _) = fixture.client(&admin, &fixture.partner());
    add_rule(&fixture, json!({ "times": 1, "then": { "body": {} } }));
    let deleted = fixture.delete(&admin, &format!("/api/2/clients/{client}"));
    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
}

#[test]
fn rule_applies_to_the_nth_matching_call() {
    let fixture = SandboxFixture::new();
    add_rule(
        &fixture,
        json!([
            { "match": { "method": "get", "path": "/a/*" }, "nth": 2, "then": { "status": 500 } },
            { "match": { "path": "/a/**" }, "every": 3, "then": { "status": 502 } },
        ]),
    );
    let status = |method: &str, path: &str| {
        let response = fixture.call(&Caller::Nobody, method, path, Value::Null);
        response.status
    };
    assert_eq!(status("GET", "/a/1?b=c"), 404);
    assert_eq!(status("POST", "/a/1"), 404);
    assert_eq!(status("GET", "/a/1/2"), 502);
    assert_eq!(status("GET", "/a/2"), 500);
    assert_eq!(status("GET", "/a/3"), 404);
    assert_eq!(status("GET", "/b"), 404);
    let rules = fixture.get(&Caller::Nobody, FAULTS).items();
    let counts: Vec<Value> = rules
        .iter()
        .map(|rule| json!([rule["id"], rule["seen"], rule["met"]]))
        .collect();
    assert_eq!(json!(counts), json!([[1, 3, 1], [2, 5, 1]]));
}

#[test]
fn latency_delays_a_response() {
    let fixture = SandboxFixture::new();
    add_rule(
        &fixture,
        json!({ "match": { "path": "/slow" }, "then": { "latency_ms": 150 } }),
    );
    assert_eq!(fixture.get(&Caller::Nobody, "/slow").status, 404);
    let latency = log(&fixture, "/slow")[0].latency_ms;
    assert!(latency >= 150.0, "{latency}");
}

#[test]
fn delayed_call_is_processed_after_the_caller_disconnects() {
    let fixture = SandboxFixture::new();
    let rule = json!({ "match": { "path": "/slow" }, "then": { "latency_ms": 50 } });
    add_rule(&fixture, rule);
    let mut stream = connect(&fixture);
    send(&mut stream, "GET /slow", "");
    // A call whose caller disconnects before it is read is not processed.
    wait_until(|| fixture.sandbox.fault_hits(1) == Some(1));
    drop(stream);
    wait_until(|| !log(&fixture, "/slow").is_empty());
}

#[test]
fn reset_before_processing_changes_nothing() {
    let fixture = SandboxFixture::new();
    let (admin, bearer) = (fixture.admin(), fixture.bearer());
    for reset in [json!("before"), json!(true)] {
        add_rule(
            &fixture,
            json!({ "match": { "method": "POST", "path": "/api/2/tenants" }, "then": { "reset": reset } }),
        );
    }
    let Caller::Token(token) = &bearer else {
        panic!("a token");
    };
    let new = new_tenant(&fixture, "C").to_string();
    let request = format!(
        "POST /api/2/tenants HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        new.len()
    );
    for rule in [1, 2] {
        let mut stream = connect(&fixture);
        stream.write_all(request.as_bytes()).expect("sent");
        // It does not wait for the body.
        assert_eq!(
            end(&mut stream),
            (Vec::new(), Some(ErrorKind::ConnectionReset))
        );
        let path = format!("{FAULTS}/{rule}");
        assert_eq!(fixture.delete(&Caller::Nobody, &path).status, 204);
    }
    let entries = log(&fixture, "/api/2/tenants");
    let logged: Vec<_> = entries
        .iter()
        .map(|entry| (entry.status, entry.fault))
        .collect();
    assert_eq!(logged, [(0, Some(1)), (0, Some(2))]);
    assert!(entries[0].response_body.is_none());
    let new: Value = serde_json::from_str(&new).expect("JSON");
    assert_eq!(fixture.post(&admin, "/api/2/tenants", new).status, 201);
}

#[test]
fn reset_after_processing_keeps_the_change() {
    let fixture = SandboxFixture::new();
    let admin = fixture.admin();
    let new = new_tenant(&fixture, "C");
    add_rule(
        &fixture,
        json!({ "match": { "method": "POST" }, "times": 1, "then": { "reset": "after" } }),
    );
    let request = fixture.request(&admin, "POST", "/api/2/tenants").json(&new);
    assert!(request.send().is_err());
    let entries = log(&fixture, "/api/2/tenants");
    assert_eq!((entries[0].status, entries[0].fault), (201, Some(1)));
    let created = entries[0]
        .response_body
        .as_ref()
        .expect("the response that was not sent");
    assert_eq!(created["name"], "C");
    assert_eq!(fixture.post(&admin, "/api/2/tenants", new).status, 409);

    // A reset, not a normal close, even on a connection that was used before.
    let mut stream = connect(&fixture);
    send(&mut stream, "GET /quiet", "");
    let mut first = [0; 12];
    stream.read_exact(&mut first).expect("a response");
    assert_eq!(&first, b"HTTP/1.1 404");
    add_rule(
        &fixture,
        json!({ "match": { "path": "/cut" }, "then": { "reset": "after" } }),
    );
    send(&mut stream, "GET /cut", "");
    assert_eq!(end(&mut stream).1, Some(ErrorKind::ConnectionReset));
}

#[test]
fn response_is_truncated() {
    let fixture = SandboxFixture::new();
    let long = "x".repeat(6_000_000);
    for (length, whole) in [(0, 10), (9, 10), (10, 10), (11, 10), (5_999_999, 6_000_000)] {
        let body = &long[..whole];
        add_rule(
            &fixture,
            json!({ "times": 1, "then": { "truncate": length, "status": 200, "body": body } }),
        );
        let mut stream = connect(&fixture);
        let close = "GET /cut HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        stream.write_all(close.as_bytes()).expect("sent");
        let (response, error) = end(&mut stream);
        assert_eq!(error, None);
        let text = String::from_utf8(response).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        let promised = format!("content-length: {whole}");
        assert!(head.to_ascii_lowercase().contains(&promised), "{head}");
        assert_eq!(body.len(), length.min(whole));
    }
    // It was processed, and the log has the complete response.
    let admin = fixture.admin();
    let new = new_tenant(&fixture, "C");
    add_rule(&fixture, json!({ "times": 1, "then": { "truncate": 20 } }));
    let request = fixture.request(&admin, "POST", "/api/2/tenants").json(&new);
    let response = request.send().expect("a head");
    assert_eq!(response.status(), 201);
    assert!(response.text().is_err());
    let entries = log(&fixture, "/api/2/tenants");
    assert_eq!((entries[0].status, entries[0].fault), (201, Some(6)));
    let created = entries[0]
        .response_body
        .as_ref()
        .expect("the response that was not sent");
    assert_eq!(created["name"], "C");
}

#[test]
fn control_calls_have_no_faults() {
    let fixture = SandboxFixture::new();
    add_rule(&fixture, json!({ "then": { "reset": true } }));
    assert_eq!(fixture.get(&Caller::Nobody, "/_sandbox/health").status, 200);
    let rules = fixture.get(&Caller::Nobody, FAULTS).items();
    assert_eq!(
        (&rules[0]["seen"], &rules[0]["met"]),
        (&json!(0), &json!(0))
    );
}

#[test]
fn rules_are_added_listed_and_deleted() {
    let fixture = SandboxFixture::with(Options {
        seed: Some(Seed::Empty),
        faults: vec![
            r#"{"match":{"path":"/given"},"then":{"status":503}}"#
                .parse()
                .expect("a rule"),
        ],
        ..Options::default()
    });
    let ids = || {
        let rules = fixture.get(&Caller::Nobody, FAULTS).items();
        rules
            .iter()
            .map(|rule| rule["id"].as_u64())
            .collect::<Vec<_>>()
    };
    let rule = json!({ "then": { "latency_ms": 0 } });
    let added = add_rule(&fixture, json!([rule, rule])).items();
    assert_eq!((&added[0]["id"], &added[1]["id"]), (&json!(2), &json!(3)));
    assert_eq!(add_rule(&fixture, json!([])).body, json!({ "items": [] }));
    let four: Rule = rule.to_string().parse().expect("a rule");
    assert_eq!(fixture.sandbox.fault(four), 4);
    assert_eq!(fixture.get(&Caller::Nobody, "/given").status, 503);
    assert_eq!(fixture.sandbox.fault_hits(1), Some(1));
    let delete = |id: &str| {
        fixture
            .delete(&Caller::Nobody, &format!("{FAULTS}/{id}"))
            .status
    };
    assert_eq!(
        (delete("2"), delete("2"), delete("x"), delete("-1")),
        (204, 404, 404, 404)
    );
    assert_eq!(ids(), [Some(1), Some(3), Some(4)]);
    assert_eq!(fixture.delete(&Caller::Nobody, FAULTS).status, 204);
    assert!(ids().is_empty());
    assert_eq!(fixture.sandbox.fault_hits(1), None);
    add_rule(&fixture, rule);
    assert_eq!(ids(), [Some(5)]);
    // A reset restores the rules of the start.
    assert_eq!(
        fixture
            .post(&Caller::Nobody, "/_sandbox/reset", Value::Null)
            .status,
        204
    );
    assert_eq!(ids(), [Some(1)]);
    assert_eq!(fixture.sandbox.fault_hits(1), Some(0));
}

#[test]
fn rejects_an_invalid_rule() {
    let fixture = SandboxFixture::new();
    let good = json!({ "then": { "status": 503 } });
    for (body, why) in [
        (
            json!({ "then": { "statsu": 503 } }),
            "then.statsu: unknown field",
        ),
        (
            json!([good, { "nth": 0, "then": { "status": 503 } }]),
            "rule 2: nth: must be at least 1.",
        ),
        (json!("503"), "a rule must be a JSON object"),
    ] {
        let rejected = fixture.post(&Caller::Nobody, FAULTS, body);
        assert_eq!(rejected.rejection(), (400, 400));
        let info = crate::support::text(&rejected.body["error"]["details"], "info");
        assert!(info.starts_with(why), "{info}");
    }
    let request = fixture.request(&Caller::Nobody, "POST", FAULTS).body("{");
    assert_eq!(crate::support::send(request).status, 400);
    assert!(fixture.get(&Caller::Nobody, FAULTS).items().is_empty());
    // As curl sends it.
    let request = fixture
        .request(&Caller::Nobody, "POST", FAULTS)
        .body(good.to_string());
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(crate::support::send(request).status, 201);
}

#[test]
fn rules_in_the_readme_are_valid() {
    let mut count = 0;
    for quoted in include_str!("../../README.md").split('\'') {
        if quoted.starts_with('{') && quoted.contains("\"then\"") {
            let rule = quoted.parse::<Rule>();
            assert!(rule.is_ok(), "{quoted}: {rule:?}");
            count += 1;
        }
    }
    assert_eq!(count, 2);
}
