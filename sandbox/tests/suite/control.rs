//! `/_sandbox`: health, reset, request log, outbox, and who may call it.

use crate::support::{Caller, SandboxFixture, id, text};
use sandbox::{Options, Seed};
use serde_json::{Value, json};

fn log(fixture: &SandboxFixture, query: &str) -> Vec<Value> {
    let response = fixture.get(&Caller::Nobody, &format!("/_sandbox/requests?{query}"));
    assert_eq!(response.status, 200, "{response:?}");
    let items = response.body.get("items").and_then(Value::as_array);
    items.expect("a list").clone()
}

#[test]
fn health_reports_version_and_counts() {
    let fixture = SandboxFixture::new();
    let health = fixture.get(&Caller::Nobody, "/_sandbox/health").body;
    assert_eq!(health["status"], "ok");
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    assert!(health["uptime_ms"].is_i64());
    assert_eq!(
        health["counts"],
        json!({ "tenants": 2, "users": 1, "clients": 0, "mails": 0, "requests": 0 })
    );
}

#[test]
fn reset_restores_the_seed() {
    let fixture = SandboxFixture::new();
    let (admin, top) = (fixture.admin(), fixture.partner());
    let before = fixture.get(&Caller::Nobody, "/_sandbox/health").body["counts"]["tenants"].clone();
    let bearer = fixture.bearer();
    let customer = id(&fixture.tenant(&admin, &top, "customer", "C"));
    fixture.user(&bearer, &customer, "someone");
    let reset = fixture.post(&Caller::Nobody, "/_sandbox/reset", Value::Null);
    assert_eq!((reset.status, reset.body), (204, Value::Null));
    let after = fixture.get(&Caller::Nobody, "/_sandbox/health").body;
    assert_eq!(after["counts"]["tenants"], before);
    assert_eq!(after["counts"]["clients"], 0);
    assert_eq!(fixture.get(&bearer, "/api/2/users/me").status, 401);
    assert_eq!(
        fixture
            .get(&admin, &format!("/api/2/tenants/{customer}"))
            .status,
        404
    );
    assert_eq!(fixture.partner(), top);
    // The same state: the next tenant gets the number that the first one had.
    fixture.tenant(&admin, &top, "customer", "C");
}

#[test]
fn log_shows_caller_call_and_response() {
    let fixture = SandboxFixture::new();
    let top = fixture.partner();
    let (client, secret) = fixture.client(&fixture.admin(), &top);
    let token = text(&fixture.token(&client, &secret).body, "access_token");
    let bearer = Caller::Token(token.clone());
    fixture.get(
        &bearer,
        &format!("/api/2/tenants/{top}?allow_deleted=false"),
    );
    fixture.get(&Caller::Nobody, "/nonsense?token=secret-token&a=b");
    let all = log(&fixture, "");
    let calls: Vec<String> = all
        .iter()
        .map(|call| {
            format!(
                "{} {} {}",
                text(call, "method"),
                text(call, "path"),
                call["status"]
            )
        })
        .collect();
    assert_eq!(
        calls,
        [
            "GET /api/2/users/me 200".to_owned(),
            "POST /api/2/clients 201".to_owned(),
            "POST /api/2/idp/token 200".to_owned(),
            format!("GET /api/2/tenants/{top} 200"),
            "GET /nonsense 404".to_owned(),
        ]
    );
    let [me, created, issued, read, lost] = all.as_slice() else {
        panic!("five calls");
    };
    assert_eq!(me["caller"], "admin");
    assert_eq!(me["tenant_id"], json!(top));
    assert_eq!(created["request_body"]["type"], "api_client");
    assert_eq!(created["response_body"]["client_secret"], "***");
    assert_eq!(created["response_body"]["client_secret_expires_at"], 0);
    assert_eq!(issued["caller"], json!(client));
    assert_eq!(issued["request_body"], "grant_type=client_credentials");
    assert_eq!(issued["response_body"]["access_token"], "***");
    assert_eq!(issued["response_body"]["token_type"], "bearer");
    assert_eq!(read["query"], "allow_deleted=false");
    assert_eq!(read["caller"], json!(client));
    assert_eq!(lost["query"], "token=***&a=b");
    assert_eq!(lost["caller"], Value::Null);
    assert!(
        all.iter()
            .all(|call| call["latency_ms"].is_f64() || call["latency_ms"].is_i64())
    );
    // An HTTP client keeps one connection.
    assert!(
        all.iter()
            .all(|call| call["connection"] == me["connection"])
    );
    let text = json!(all).to_string();
    for hidden in [
        &secret,
        &token,
        fixture.sandbox.admin_password(),
        "secret-token",
    ] {
        assert!(!text.contains(hidden));
    }
}

#[test]
fn log_redacts_every_secret() {
    let fixture = SandboxFixture::new();
    let (bearer, admin) = (fixture.bearer(), fixture.admin());
    let me = id(&fixture.get(&admin, "/api/2/users/me").body);
    let path = format!("/api/2/users/{me}/password");
    for body in [
        json!("Hidden"),
        json!(["Hidden"]),
        json!({ "password": ["Hidden"] }),
        json!({ "password": { "a": "Hidden" } }),
        json!({ "password": 1_234_567_890 }),
    ] {
        assert_eq!(fixture.post(&bearer, &path, body).status, 400);
    }
    for path in [
        "/activate/Hidden",
        "//activate/Hidden",
        "/Activate/Hidden/x",
    ] {
        assert_eq!(fixture.get(&Caller::Nobody, path).status, 404);
    }
    for (kind, body) in [
        (
            "application/x-www-form-urlencoded",
            r#"{"password":"Hidden"}"#,
        ),
        (
            "Application/X-WWW-Form-Urlencoded",
            "grant_type=password&password=Hidden",
        ),
        ("text/plain", "password=Hidden"),
    ] {
        let request = fixture.request(&Caller::Nobody, "POST", "/api/2/idp/token");
        let sent = request.header("Content-Type", kind).body(body).send();
        assert!(sent.expect("a response").status().is_client_error());
    }
    let kept = json!(log(&fixture, "")).to_string();
    assert!(!kept.contains("Hidden"), "{kept}");
    assert!(!kept.contains("1234567890"), "{kept}");
}

#[test]
fn log_is_filtered_paged_and_bounded() {
    let fixture = SandboxFixture::with(Options {
        seed: Some(Seed::Empty),
        log_size: 5,
        ..Options::default()
    });
    for number in 0..8 {
        fixture.get(&Caller::Nobody, &format!("/n/{number}"));
    }
    fixture.post(&Caller::Nobody, "/api/2/tenants", json!({}));
    let all = log(&fixture, "");
    assert_eq!(all.len(), 5);
    assert_eq!(all[0]["path"], "/n/4");
    assert_eq!(log(&fixture, "method=post").len(), 1);
    assert_eq!(log(&fixture, "status=404").len(), 4);
    assert_eq!(log(&fixture, "path=/n/*").len(), 4);
    assert_eq!(log(&fixture, "path=/n/7").len(), 1);
    let page = fixture.get(&Caller::Nobody, "/_sandbox/requests?limit=3");
    let after = text(&page.body["paging"]["cursors"], "after");
    let rest = log(&fixture, &format!("after={after}"));
    assert_eq!(rest.len(), 2);
    for bad in [
        "limit=0",
        "limit=x",
        "status=99999",
        "status=xx",
        "status=4x",
        "after=-1",
        "request_id=1",
        "since=yesterday",
        "order=newest",
        "statuses=404",
    ] {
        let path = format!("/_sandbox/requests?{bad}");
        let response = fixture.get(&Caller::Nobody, &path);
        assert_eq!(response.status, 400, "{bad}");
        let name = bad.split('=').next().unwrap_or(bad);
        assert!(response.body.to_string().contains(name), "{response:?}");
    }
}

#[test]
fn log_finds_a_call_by_request_id_caller_status_class_and_time() {
    let fixture = SandboxFixture::new();
    fixture.get(&fixture.admin(), "/api/2/users/me");
    let before = fixture.sandbox.now().plus_millis(60_000);
    let advance = std::time::Duration::from_secs(120);
    fixture.sandbox.advance(advance).expect("advanced");
    fixture.get(&Caller::Nobody, "/api/2/users/me");
    fixture.get(&fixture.admin(), "/nonsense");

    let paths = |query: &str| {
        let calls = log(&fixture, query);
        let described = calls
            .iter()
            .map(|call| format!("{} {}", text(call, "path"), call["status"]));
        described.collect::<Vec<String>>()
    };
    let (known, anonymous, lost) = (
        "/api/2/users/me 200",
        "/api/2/users/me 401",
        "/nonsense 404",
    );
    assert_eq!(paths("caller=admin"), [known]);
    assert_eq!(paths("status=4xx"), [anonymous, lost]);
    assert_eq!(paths("status=2xx"), [known]);
    assert_eq!(paths(&format!("since={before}")), [anonymous, lost]);
    let id = text(&log(&fixture, "status=401")[0], "request_id");
    assert_eq!(paths(&format!("request_id={id}")), [anonymous]);
}

#[test]
fn log_is_paged_from_the_newest_call() {
    let fixture = SandboxFixture::new();
    for number in 1..=5 {
        fixture.get(&Caller::Nobody, &format!("/n/{number}"));
    }
    let (mut paths, mut after) = (Vec::new(), 0.to_string());
    loop {
        let path = format!("/_sandbox/requests?order=desc&limit=2&after={after}");
        let page = fixture.get(&Caller::Nobody, &path).body;
        let calls = page["items"].as_array().expect("a list");
        paths.extend(calls.iter().map(|call| text(call, "path")));
        match page["paging"]["cursors"]["after"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(paths, ["/n/5", "/n/4", "/n/3", "/n/2", "/n/1"]);
}

#[test]
fn its_address_describes_what_it_serves() {
    let fixture = SandboxFixture::new();
    for path in ["/", "/_sandbox", "/_sandbox/"] {
        let request = fixture.request(&Caller::Nobody, "GET", path);
        let response = request.send().expect("a response");
        assert_eq!(response.status(), 200);
        assert_eq!(
            response.headers()["content-type"],
            "text/plain; charset=utf-8"
        );
        let text = response.text().expect("text");
        let url = fixture.sandbox.url();
        // Every address of the control interface that it names works.
        let prefix = format!("{url}_sandbox/");
        let named: Vec<&str> = text
            .split_whitespace()
            .filter_map(|word| word.strip_prefix(&prefix))
            .collect();
        assert_eq!(named, ["health", "requests", "outbox", "clock", "faults"]);
        for name in named {
            let path = format!("/_sandbox/{name}");
            assert_eq!(fixture.get(&Caller::Nobody, &path).status, 200, "{name}");
        }
    }
    fixture.get(&Caller::Nobody, "/_sandbox/misspelled");
    assert!(log(&fixture, "").is_empty());
}

#[test]
fn log_truncates_large_bodies() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.admin(), fixture.partner());
    let tag = "x".repeat(50_000);
    let body = json!({ "name": "N", "parent_id": top, "kind": "customer", "internal_tag": tag });
    assert_eq!(fixture.post(&me, "/api/2/tenants", body).status, 400);
    let kept = log(&fixture, "path=/api/2/tenants");
    let kept = kept[0]["request_body"].as_str().expect("a shortened text");
    assert!(kept.len() < 17_000 && kept.ends_with("bytes in all)"));
}

#[test]
fn rejects_requests_from_other_web_sites() {
    let fixture = SandboxFixture::new();
    let ask = |header: &str, value: &str| {
        let request = fixture.request(&Caller::Nobody, "GET", "/_sandbox/requests");
        let response = request.header(header, value).send().expect("a response");
        response.status().as_u16()
    };
    assert_eq!(ask("Origin", "http://evil.example"), 403);
    assert_eq!(ask("Origin", "null"), 403);
    assert_eq!(ask("Host", "evil.example"), 403);
    assert_eq!(ask("Host", "127.0.0.1.evil.example:80"), 403);
    let request = fixture.request(&Caller::Nobody, "GET", "/_sandbox/requests");
    let two = request
        .header("Host", "localhost")
        .header("Host", "evil.example");
    assert_eq!(two.send().expect("a response").status(), 403);
    assert_eq!(ask("Origin", "http://localhost:3000"), 200);
    assert_eq!(ask("Host", "localhost:8080"), 200);
}

#[test]
fn responses_are_delayed_by_the_latency() {
    let fixture = SandboxFixture::with(Options {
        seed: Some(Seed::Empty),
        latency: std::time::Duration::from_millis(150),
        ..Options::default()
    });
    fixture.get(&Caller::Nobody, "/api/2/idp/keys");
    let latency_ms = log(&fixture, "")[0]["latency_ms"]
        .as_f64()
        .expect("a number");
    assert!(latency_ms >= 150.0, "{latency_ms}");
}
