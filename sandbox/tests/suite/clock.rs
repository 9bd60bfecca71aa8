//! `/_sandbox/clock`: one clock for all simulated work.

use std::time::{Duration, Instant};

use crate::support::demo::{self, demo};
use crate::support::{Caller, SandboxFixture, id, plans, send, text};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use sandbox::Id;
use sandbox::Options;
use serde_json::{Value, json};

const CLOCK: &str = "/_sandbox/clock";
const ME: &str = "/api/2/users/me";

fn change(fixture: &SandboxFixture, change: Value) -> Value {
    fixture.put(&Caller::Nobody, CLOCK, change).ok()
}

fn now(clock: &Value) -> Timestamp {
    text(clock, "now").parse().expect("a time")
}

/// Asserts that the clock shows this time or up to a minute later.
fn assert_about(clock: &Value, time: Timestamp) {
    let passed = now(clock).as_millisecond() - time.as_millisecond();
    assert!((0..60_000).contains(&passed), "{clock}, {time}");
}

/// The header `Date` of a response.
fn date(fixture: &SandboxFixture, path: &str) -> Timestamp {
    let response = fixture.request(&Caller::Nobody, "GET", path).send();
    let response = response.expect("a response");
    let mut dates = response.headers().get_all("date").iter();
    let date = dates.next().expect("a date").to_str().expect("text");
    assert!(date.ends_with(" GMT"), "{date}");
    assert!(dates.next().is_none());
    let parsed = DateTimeParser::new().parse_timestamp(date);
    parsed.expect("a date")
}

/// The Unix time of a UTC time without a zone.
fn seconds(bare: &Value) -> i64 {
    let time = format!("{}Z", bare.as_str().expect("a time").trim_end_matches('Z'));
    let time: Timestamp = time.parse().expect("a time");
    time.as_second()
}

fn jump(fixture: &demo::DemoFixture, millis: u64) {
    let advanced = fixture.sandbox().advance(Duration::from_millis(millis));
    advanced.expect("a later time");
}

#[test]
fn clock_is_read_set_and_advanced() {
    let fixture = SandboxFixture::new();
    let machine = Timestamp::now();
    let clock = fixture.get(&Caller::Nobody, CLOCK).ok();
    assert_about(
        &clock,
        Timestamp::from_millisecond(machine.as_millisecond()).expect("a time"),
    );
    assert_eq!(clock["speed"].to_string(), "1.0");
    assert_eq!(text(&clock, "now").len(), "2026-11-26T03:20:00.123Z".len());

    let start: Timestamp = "2030-01-31T22:30:00Z".parse().expect("a time");
    assert_about(
        &change(&fixture, json!({ "set": "2030-01-31T22:30:00Z" })),
        start,
    );
    let later: Timestamp = "2030-02-01T00:30:00Z".parse().expect("a time");
    assert_about(&change(&fixture, json!({ "advance": "2h" })), later);
    assert_about(&fixture.get(&Caller::Nobody, CLOCK).ok(), later);
    // New objects and log entries have this time, too.
    let created = fixture.tenant(&fixture.admin(), &fixture.partner(), "customer", "C");
    assert!(
        text(&created, "created_at").starts_with("2030-02-01T00:3"),
        "{created}"
    );
    let logged = fixture.get(&Caller::Nobody, "/_sandbox/requests").items();
    let last = logged.last().expect("a call");
    assert!(text(last, "time").starts_with("2030-02-01T00:3"), "{last}");
    let health = fixture.get(&Caller::Nobody, "/_sandbox/health").ok();
    assert!(health["uptime_ms"].as_i64().expect("a number") < 600_000);

    // Go back, with all settings in one call.
    let both = json!({ "set": "2020-02-29T00:00:00+02:00", "advance": "1mo", "speed": 2 });
    let clock = change(&fixture, both);
    let then: Timestamp = "2020-03-28T22:00:00Z".parse().expect("a time");
    assert_about(&clock, then);
    assert_eq!(clock["speed"].to_string(), "2.0");

    let reset = fixture.post(&Caller::Nobody, "/_sandbox/reset", Value::Null);
    assert_eq!(reset.status, 204);
    let clock = fixture.get(&Caller::Nobody, CLOCK).ok();
    assert_about(
        &clock,
        Timestamp::from_millisecond(machine.as_millisecond()).expect("a time"),
    );
    assert_eq!(clock["speed"].to_string(), "1.0");
}

#[test]
fn every_response_has_the_date_of_the_clock() {
    let fixture = SandboxFixture::new();
    let start: Timestamp = "2040-05-06T07:08:00Z".parse().expect("a time");
    change(&fixture, json!({ "set": start.to_string() }));
    let rules = json!([
        { "match": { "path": "/busy" }, "then": { "status": 503 } },
        { "match": { "path": "/other" }, "then": { "body": "<html>" } },
        { "match": { "path": "/cut" }, "then": { "truncate": 3 } },
    ]);
    let added = fixture.post(&Caller::Nobody, "/_sandbox/faults", rules);
    assert_eq!(added.status, 201);
    for path in [
        "/api/2/idp/keys",
        ME,
        "/nonsense",
        "/busy",
        "/other",
        "/cut",
        CLOCK,
    ] {
        let passed = date(&fixture, path).as_second() - start.as_second();
        assert!((0..60).contains(&passed), "{path}: {passed}");
    }
}

#[test]
fn invalid_settings_change_nothing() {
    let fixture = SandboxFixture::new();
    let start: Timestamp = "2030-01-31T22:30:00Z".parse().expect("a time");
    change(&fixture, json!({ "set": start.to_string(), "speed": 0.5 }));
    for (bad, why) in [
        (json!({}), "Give at least one of advance, set and speed."),
        (json!([]), "The body is not a JSON object."),
        (json!({ "advanse": "2h" }), "advanse: unknown field"),
        (json!({ "advance": 2 }), "advance: invalid type: "),
        (json!({ "advance": "2" }), "advance: "),
        (json!({ "advance": "-2h" }), "advance: "),
        (
            json!({ "advance": "2h", "speed": 0 }),
            "speed: 0 is not a number from 0.001 to 1000000.",
        ),
        (json!({ "speed": "60" }), "speed: invalid type: "),
        (
            json!({ "set": "1999-01-01T00:00:00Z", "speed": 60 }),
            "set: 1999",
        ),
        (json!({ "set": "now" }), "set: "),
    ] {
        let rejected = fixture.put(&Caller::Nobody, CLOCK, bad.clone());
        assert_eq!(rejected.rejection(), (400, 400), "{bad}");
        let info = text(&rejected.body["error"]["details"], "info");
        assert!(info.starts_with(why), "{bad}: {info}");
    }
    let request = fixture.request(&Caller::Nobody, "PUT", CLOCK).body("{");
    assert_eq!(send(request).status, 400);
    let clock = fixture.get(&Caller::Nobody, CLOCK).ok();
    assert_about(&clock, start);
    assert_eq!(clock["speed"].to_string(), "0.5");
}

#[test]
fn tokens_expire_after_two_hours() {
    let fixture = SandboxFixture::new();
    let base = fixture.bearer();
    let customer = id(&fixture.tenant(&base, &fixture.partner(), "customer", "C"));
    let scoped = |base: &Caller| {
        let Caller::Token(token) = base else {
            panic!("a token");
        };
        let scope = format!("urn:acronis.com:tenant-id:{customer}");
        let grant = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", token),
            ("scope", &scope),
        ];
        Caller::Token(text(
            &fixture.form(base, "/bc/idp/token", &grant).ok(),
            "access_token",
        ))
    };
    let for_customer = scoped(&base);
    let path = format!("/api/2/tenants/{customer}");
    let status = |caller: &Caller| fixture.get(caller, &path).status;

    change(&fixture, json!({ "advance": "1h 59m" }));
    assert_eq!((status(&base), status(&for_customer)), (200, 200));
    change(&fixture, json!({ "advance": "1m" }));
    assert_eq!((status(&base), status(&for_customer)), (401, 401));
    // A new one is valid.
    let base = fixture.bearer();
    assert_eq!(status(&base), 200);
    let for_customer = scoped(&base);
    assert_eq!(status(&for_customer), 200);
    // At this speed two hours pass at once.
    change(&fixture, json!({ "speed": 1_000_000 }));
    let deadline = Instant::now() + Duration::from_secs(30);
    while status(&base) != 401 || status(&for_customer) != 401 {
        assert!(Instant::now() < deadline, "they do not expire");
    }
}

#[test]
fn one_time_tokens_and_sessions_expire() {
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    let customer = id(&fixture.tenant(&me, &fixture.partner(), "customer", "C"));
    fixture.user(&me, &customer, "carol");
    let token = || {
        let request = json!({ "purpose": "user_login", "login": "carol" });
        text(&fixture.post(&me, "/api/2/idp/ott", request).ok(), "ott")
    };
    let sign_in = |token: &str| {
        let request = fixture.request(&Caller::Nobody, "POST", "/api/2/idp/ott/login");
        let response = request.json(&json!({ "ott": token })).send();
        response.expect("a response")
    };
    let (first, second) = (token(), token());
    change(&fixture, json!({ "advance": "4m" }));
    let signed_in = sign_in(&first);
    assert_eq!(signed_in.status(), 200);
    change(&fixture, json!({ "advance": "1m" }));
    assert_eq!(sign_in(&second).status(), 401);

    let cookie = signed_in.headers()["set-cookie"].to_str().expect("text");
    let cookie = cookie.split(';').next().expect("a pair");
    let seen = || {
        let request = fixture.request(&Caller::Nobody, "GET", ME);
        send(request.header("Cookie", cookie)).status
    };
    change(&fixture, json!({ "advance": "7h 50m" }));
    assert_eq!(seen(), 200);
    change(&fixture, json!({ "advance": "10m" }));
    assert_eq!(seen(), 401);
}

#[test]
fn registration_token_expires() {
    let fixture = SandboxFixture::new();
    let admin = fixture.admin();
    let customer = id(&fixture.tenant(&admin, &fixture.partner(), "customer", "C"));
    let tokens = format!("/api/2/tenants/{customer}/registration_tokens");
    let scope = "urn:acronis.com:tenant-id::backup_agent_admin";
    let new = json!({ "expires_in": 3600, "scopes": [scope] });
    fixture.post(&admin, &tokens, new).ok();
    change(&fixture, json!({ "advance": "59m" }));
    assert_eq!(fixture.get(&admin, &tokens).items().len(), 1);
    change(&fixture, json!({ "advance": "1m" }));
    assert!(fixture.get(&admin, &tokens).items().is_empty());
}

#[test]
fn report_is_saved_after_its_duration() {
    // A report takes an hour.
    let fixture = demo::DemoFixture::with(Options {
        speed: 4.0 / 3600.0,
        ..Options::default()
    });
    let request = json!({
        "parameters": {
            "kind": "usage_current", "tenant_id": fixture.me, "level": "accounts", "formats": ["csv_v2_0"],
        },
        "schedule": { "type": "once" },
        "result_action": "save",
    });
    let report = id(&fixture.post("reports", &request).ok());
    let state = || fixture.get(&format!("reports/{report}/stored")).items()[0]["status"].clone();
    assert_eq!(state(), "in_progress");
    jump(&fixture, 59 * 60_000);
    assert_eq!(state(), "in_progress");
    jump(&fixture, 60_000);
    assert_eq!(state(), "saved");
}

#[test]
fn one_jump_processes_all_due_events_in_order() {
    // A machine registers 50 minutes after its token is created; a run takes 10 hours.
    let fixture = demo::DemoFixture::with(Options {
        speed: 1.0 / 600.0,
        ..Options::default()
    });
    let customer = demo("Alder Dental Practice");
    let mut body = plans::plan("Test plan");
    let [plan, child] = [0, 1].map(|policy| plans::policy_id(&body, policy));
    body["override_tenant_id"] = customer.as_str().into();
    fixture
        .post("/api/policy_management/v4/policies", &body)
        .ok();
    let applications = "/api/policy_management/v4/applications";
    let machine = Id::named("machine alder-srv01.alder.example").to_string();
    let request = json!({ "policy_id": plan, "context": { "items": [machine] } });
    fixture.post(applications, &request).ok();

    let scope = "urn:acronis.com:tenant-id::backup_agent_admin";
    let new = json!({ "expires_in": 86_400, "scopes": [scope] });
    let path = format!("tenants/{customer}/registration_tokens");
    let token = fixture.post(&path, &new).ok();
    let order = json!({ "state": "running", "policy_id": plan, "context_ids": [machine] });
    fixture.put(&format!("{applications}/run"), &order).ok();

    // With a new token each time: they expire in between.
    let items = |path: &str| {
        let call = fixture.as_client_of(&fixture.me, reqwest::Method::GET, path);
        send(call).items()
    };
    let tasks = format!("/api/task_manager/v2/tasks?policyId={child}");
    let hostname = format!("test-machine-{}.example", token["id"]);
    let agents = format!("/api/agent_manager/v2/agents?hostname={hostname}");
    assert!(items(&agents).is_empty());
    assert_ne!(items(&tasks)[0]["state"], "completed");

    // A day later everything has happened, each event at its own time and not when it was read.
    let created = seconds(&token["created_at"]);
    jump(&fixture, 86_400_000);
    let agent = items(&agents);
    let registered = text(&agent[0], "registration_date");
    let registered = DateTimeParser::new().parse_timestamp(registered);
    let registered = registered.expect("a date").as_second();
    assert!(
        (0..60).contains(&(registered - created - 3000)),
        "{registered} {created}"
    );
    let task = items(&tasks)[0].clone();
    assert_eq!(
        (&task["state"], &task["result"]["code"]),
        (&json!("completed"), &json!("ok"))
    );
    let completed = seconds(&task["completedAt"]);
    assert!(
        (0..60).contains(&(completed - created - 36_000)),
        "{completed} {created}"
    );
    let settled = Instant::now();
    fixture.sandbox().settle().expect("an end");
    assert!(settled.elapsed() < Duration::from_secs(5));
}

#[test]
fn work_duration_scales_with_speed() {
    // A report takes half an hour.
    let fixture = demo::DemoFixture::with(Options {
        speed: 4.0 / 1800.0,
        ..Options::default()
    });
    send(
        fixture
            .as_nobody(reqwest::Method::PUT, CLOCK)
            .json(&json!({ "speed": 1800 })),
    )
    .ok();
    let request = json!({
        "parameters": { "kind": "usage_current", "tenant_id": fixture.me, "level": "accounts" },
        "schedule": { "type": "once" },
        "result_action": "save",
    });
    let report = id(&fixture.post("reports", &request).ok());
    let began = Instant::now();
    fixture.sandbox().settle().expect("an end");
    assert!(began.elapsed() < Duration::from_secs(30));
    let files = fixture.get(&format!("reports/{report}/stored")).items();
    assert_eq!(files[0]["status"], "saved");
}

#[test]
fn trial_ends_automatically() {
    let fixture = SandboxFixture::new();
    let admin = fixture.admin();
    change(&fixture, json!({ "set": "2026-01-30T12:00:00Z" }));
    let customer = id(&fixture.tenant(&admin, &fixture.partner(), "customer", "C"));
    let path = format!("/api/2/tenants/{customer}/pricing");
    let trial = fixture.get(&admin, &path).ok();
    // The last full month is February now.
    let end = "2026-03-01T00:00:00";
    assert_eq!(
        (&trial["mode"], &trial["production_start_date"]),
        (&json!("trial"), &json!(end))
    );
    change(&fixture, json!({ "set": "2026-02-28T23:50:00Z" }));
    assert_eq!(fixture.get(&admin, &path).ok(), trial);

    change(&fixture, json!({ "advance": "10m" }));
    let over = fixture.get(&admin, &path).ok();
    assert_eq!(
        (&over["mode"], &over["production_start_date"]),
        (&json!("production"), &json!(end))
    );
    let tenant = fixture
        .get(&admin, &format!("/api/2/tenants/{customer}"))
        .ok();
    assert_eq!(tenant["pricing_mode"], "production");
    // The change to production was an update and is final.
    assert!(over["version"].as_i64() > trial["version"].as_i64());
    let set = |version: &Value, mode: &str| {
        let settings = json!({ "version": version, "mode": mode });
        fixture.put(&admin, &path, settings).rejection()
    };
    assert_eq!(set(&trial["version"], "production"), (409, 1001));
    assert_eq!(set(&over["version"], "trial"), (400, 1027));
    assert_eq!(set(&over["version"], "production").0, 200);
    change(&fixture, json!({ "advance": "1 year" }));
    assert_eq!(
        fixture.get(&admin, &path).ok()["production_start_date"],
        end
    );
}
