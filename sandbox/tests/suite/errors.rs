//! Invalid requests: always an error body as the platform sends it, never a 500, never a hang.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::{Caller, SandboxFixture, send};
use serde_json::{Value, json};

#[test]
fn rejects_invalid_bodies() {
    let fixture = SandboxFixture::new();
    let me = fixture.admin();
    let send = |kind: Option<&str>, body: &[u8]| {
        let mut request = fixture.request(&me, "POST", "/api/2/tenants");
        if let Some(kind) = kind {
            request = request.header("Content-Type", kind);
        }
        send(request.body(body.to_vec()))
    };
    let json = Some("application/json; charset=utf-8");
    let top = fixture.partner();
    let typed = json!({ "name": ["x"], "parent_id": top, "kind": "customer" }).to_string();
    let kind = json!({ "name": "x", "parent_id": top, "kind": "castle" }).to_string();
    let number = json!({ "name": "x", "parent_id": 12, "kind": "customer" }).to_string();
    let contact = json!({ "name": "x", "parent_id": top, "kind": "customer",
                          "contact": { "email": "nonsense" } })
    .to_string();
    for body in [
        "",
        "{",
        "nonsense",
        "null",
        "[]",
        "{}",
        "\"x\"",
        "{\"name\":\"x\"}",
        "\u{feff}{}",
        &typed,
        &kind,
        &number,
        &contact,
        &"[".repeat(100_000),
    ] {
        let rejected = send(json, body.as_bytes());
        assert_eq!((rejected.status, rejected.code()), (400, 400), "{body:.40}");
        assert!(rejected.body["error"]["details"]["info"].is_string());
    }
    assert_eq!(send(json, b"{\"name\":\"\xff\"}").status, 400);
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
    ] {
        assert_eq!(send(kind, b"{}").status, 415, "{kind:?}");
    }
    let mut large = vec![b' '; 10 * 1024 * 1024 + 1];
    assert_eq!(send(json, &large).status, 413);
    large.truncate(10 * 1024 * 1024 - 100);
    large.extend(b"[]");
    let rejected = send(json, &large);
    assert_eq!((rejected.status, rejected.code()), (400, 400));
    assert!(rejected.body.to_string().contains("JSON object"));
}

#[test]
fn rejects_unknown_paths_and_methods() {
    let fixture = SandboxFixture::new();
    let me = fixture.admin();
    for (method, path, status) in [
        ("GET", "/nonsense", 404),
        ("GET", "/api/2/tenants/", 404),
        ("GET", "/api/2//tenants", 404),
        ("GET", "/api/2/tenants/nonsense", 404),
        ("GET", "/api/2/tenants/%FF", 404),
        ("GET", "/api/2/tenants/%00", 404),
        ("GET", "/api/2/users/{id}", 404),
        ("PATCH", "/api/2/tenants", 405),
        ("DELETE", "/api/2/tenants", 405),
        ("POST", "/api/2/users/me", 405),
        ("DELETE", "/api/2/locations", 405),
        ("GET", "/api/2/locations", 501),
        ("GET", "/api/2/tenants/x/brand", 501),
        ("GET", "/api/1/accounts?login=x", 501),
        ("GET", "/api/2/locations/", 404),
    ] {
        let rejected = fixture.call(&me, method, path, Value::Null);
        assert_eq!(rejected.status, status, "{method} {path}");
        assert_eq!(rejected.body["error"]["domain"], "PlatformAccountServer");
        assert_eq!(rejected.body["error"]["context"], json!({}));
    }
    let head = fixture.call(&me, "HEAD", "/api/2/locations", Value::Null);
    assert_eq!((head.status, head.body), (501, Value::Null));
    let gap = fixture.get(&me, "/api/2/locations");
    assert_eq!(
        gap.body["error"]["details"]["info"],
        "GET /api/2/locations is documented by the platform, but this sandbox does not simulate it yet."
    );
}

#[test]
fn rejects_invalid_queries() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.admin(), fixture.partner());
    for path in [
        format!("/api/2/tenants/{top}?allow_deleted=perhaps"),
        format!("/api/2/tenants?parent_id={top}&limit=many"),
        format!("/api/2/tenants?parent_id={top}&limit=0"),
        format!("/api/2/tenants?parent_id={top}&limit=99999999999999999999"),
        format!("/api/2/tenants?parent_id={top}&lod=huge"),
        format!("/api/2/tenants?parent_id={top}&updated_since=yesterday"),
        "/api/2/tenants?parent_id=%FF".to_owned(),
        "/api/2/search".to_owned(),
    ] {
        assert_eq!(fixture.get(&me, &path).status, 400, "{path}");
    }
    // Unknown keys and unexpected bodies are ignored.
    let path = format!("/api/2/tenants/{top}?what=ever&=&&x");
    assert_eq!(
        fixture.call(&me, "GET", &path, json!({ "a": 1 })).status,
        200
    );
}

#[test]
fn every_response_has_a_request_id() {
    let fixture = SandboxFixture::new();
    for path in ["/api/2/users/me", "/nonsense", "/_sandbox/health"] {
        let request = fixture.request(&Caller::Nobody, "GET", path);
        let response = request.send().expect("a response");
        assert!(response.headers().contains_key("x-request-id"), "{path}");
    }
}

#[test]
fn accepts_long_numbers_and_unusual_text() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.admin(), fixture.partner());
    let path = format!("/api/2/tenants/{top}");
    for version in [
        json!(-1),
        json!(1.5),
        json!(i64::MAX),
        json!("99999999999999999999999"),
        json!({}),
        json!(true),
        Value::Null,
    ] {
        let rejected = fixture.put(&me, &path, json!({ "version": version, "name": "X" }));
        assert!(
            [400, 409].contains(&rejected.status),
            "{version}: {rejected:?}"
        );
    }
    let name = "'; DROP TABLE tenants; -- \u{202e}\u{1f600}";
    let created = fixture.tenant(&me, &top, "customer", name);
    assert_eq!(created["name"], name);
}

#[test]
fn closes_the_connection_on_anything_but_http() {
    let fixture = SandboxFixture::new();
    let address = fixture
        .sandbox
        .url()
        .trim_start_matches("http://")
        .trim_end_matches('/');
    for nonsense in [
        &b"\x16\x03\x01\x02\x00\x01\x00"[..],
        b"GET\r\n\r\n",
        b"\r\n\r\nHELLO\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("a timeout");
        stream.write_all(nonsense).expect("written");
        stream
            .shutdown(std::net::Shutdown::Write)
            .expect("the sending side is closed");
        let mut response = Vec::new();
        // A reset counts as closed, too.
        let _ = stream.read_to_end(&mut response);
        assert!(
            response.is_empty() || response.starts_with(b"HTTP/1.1 400"),
            "{response:?}"
        );
    }
    assert_eq!(fixture.get(&Caller::Nobody, "/_sandbox/health").status, 200);
}

/// The account server has the error in `error`, the other services at the top level.
#[test]
fn every_service_has_its_own_error_body() {
    let fixture = SandboxFixture::new();
    let callers = [fixture.admin(), Caller::Nobody];
    for (path, domain) in [
        ("/api/task_manager/v2/nothing", "TaskManager"),
        ("/api/alert_manager/v1/nothing", "AlertManager"),
        ("/api/agent_manager/v2/nothing", "AGENT_MANAGER"),
        ("/api/policy_management/v4/nothing", "General"),
        ("//api/policy_management/v4/nothing", "General"),
        ("/api/resource_management/v4/nothing", "General"),
    ] {
        for caller in &callers {
            let rejected = fixture.get(caller, path);
            assert_eq!(rejected.status, 404, "{path}");
            assert_eq!(rejected.body["domain"], domain, "{path}");
            assert!(rejected.body["code"].is_string(), "{path}: {rejected:?}");
            assert_eq!(rejected.body["error"], Value::Null, "{path}");
        }
    }
}
