//! `/_sandbox/clock`: one clock for all that takes time, set and made to run.

mod support;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use sandbox::Id;
use sandbox::Options;
use serde_json::{Value, json};
use support::demo::{self, demo};
use support::{By, Stage, answer, id, text};

const CLOCK: &str = "/_sandbox/clock";
const ME: &str = "/api/2/users/me";

fn change(stage: &Stage, change: Value) -> Value {
    stage.put(&By::Nobody, CLOCK, change).ok()
}

fn now(clock: &Value) -> Timestamp {
    text(clock, "now").parse().expect("a time")
}

/// Is it this time, or a moment later?
fn assert_about(clock: &Value, time: Timestamp) {
    let passed = now(clock).as_millisecond() - time.as_millisecond();
    assert!((0..60_000).contains(&passed), "{clock}, {time}");
}

/// The header `Date` of an answer.
fn date(stage: &Stage, path: &str) -> Timestamp {
    let answer = stage.request(&By::Nobody, "GET", path).send();
    let answer = answer.expect("an answer");
    let mut dates = answer.headers().get_all("date").iter();
    let date = dates.next().expect("a date").to_str().expect("text");
    assert!(date.ends_with(" GMT"), "{date}");
    assert!(dates.next().is_none());
    let parsed = DateTimeParser::new().parse_timestamp(date);
    parsed.expect("a date")
}

/// A Unix time in whole seconds of a bare time in UTC.
fn seconds(bare: &Value) -> i64 {
    let time = format!("{}Z", bare.as_str().expect("a time").trim_end_matches('Z'));
    let time: Timestamp = time.parse().expect("a time");
    time.as_second()
}

fn jump(stage: &demo::Stage, millis: u64) {
    let advanced = stage.sandbox().advance(Duration::from_millis(millis));
    advanced.expect("a later time");
}

#[test]
fn it_is_read_set_and_advanced() {
    let stage = Stage::new();
    let machine = Timestamp::now();
    let clock = stage.get(&By::Nobody, CLOCK).ok();
    assert_about(
        &clock,
        Timestamp::from_millisecond(machine.as_millisecond()).expect("a time"),
    );
    assert_eq!(clock["speed"].to_string(), "1.0");
    assert_eq!(text(&clock, "now").len(), "2026-11-26T03:20:00.123Z".len());

    let start: Timestamp = "2030-01-31T22:30:00Z".parse().expect("a time");
    assert_about(
        &change(&stage, json!({ "set": "2030-01-31T22:30:00Z" })),
        start,
    );
    let later: Timestamp = "2030-02-01T00:30:00Z".parse().expect("a time");
    assert_about(&change(&stage, json!({ "advance": "2h" })), later);
    assert_about(&stage.get(&By::Nobody, CLOCK).ok(), later);
    // What is made and what is logged have the time too.
    let made = stage.tenant(&stage.admin(), &stage.partner(), "customer", "C");
    assert!(
        text(&made, "created_at").starts_with("2030-02-01T00:3"),
        "{made}"
    );
    let logged = stage.get(&By::Nobody, "/_sandbox/requests").items();
    let last = logged.last().expect("a call");
    assert!(text(last, "time").starts_with("2030-02-01T00:3"), "{last}");
    let health = stage.get(&By::Nobody, "/_sandbox/health").ok();
    assert!(health["uptime_ms"].as_i64().expect("a number") < 600_000);

    // Back, and all at once.
    let both = json!({ "set": "2020-02-29T00:00:00+02:00", "advance": "1mo", "speed": 2 });
    let clock = change(&stage, both);
    let then: Timestamp = "2020-03-28T22:00:00Z".parse().expect("a time");
    assert_about(&clock, then);
    assert_eq!(clock["speed"].to_string(), "2.0");

    let reset = stage.post(&By::Nobody, "/_sandbox/reset", Value::Null);
    assert_eq!(reset.status, 204);
    let clock = stage.get(&By::Nobody, CLOCK).ok();
    assert_about(
        &clock,
        Timestamp::from_millisecond(machine.as_millisecond()).expect("a time"),
    );
    assert_eq!(clock["speed"].to_string(), "1.0");
}

#[test]
fn every_answer_is_dated_by_it() {
    let stage = Stage::new();
    let start: Timestamp = "2040-05-06T07:08:00Z".parse().expect("a time");
    change(&stage, json!({ "set": start.to_string() }));
    let rules = json!([
        { "match": { "path": "/busy" }, "then": { "status": 503 } },
        { "match": { "path": "/other" }, "then": { "body": "<html>" } },
        { "match": { "path": "/cut" }, "then": { "truncate": 3 } },
    ]);
    let armed = stage.post(&By::Nobody, "/_sandbox/faults", rules);
    assert_eq!(armed.status, 201);
    for path in [
        "/api/2/idp/keys",
        ME,
        "/nonsense",
        "/busy",
        "/other",
        "/cut",
        CLOCK,
    ] {
        let passed = date(&stage, path).as_second() - start.as_second();
        assert!((0..60).contains(&passed), "{path}: {passed}");
    }
}

#[test]
fn what_makes_no_sense_changes_nothing() {
    let stage = Stage::new();
    let start: Timestamp = "2030-01-31T22:30:00Z".parse().expect("a time");
    change(&stage, json!({ "set": start.to_string(), "speed": 0.5 }));
    for (bad, why) in [
        (json!({}), "None of advance, set, speed is given."),
        (json!([]), "The body cannot be used: no JSON object."),
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
        let refused = stage.put(&By::Nobody, CLOCK, bad.clone());
        assert_eq!(refused.refusal(), (400, 400), "{bad}");
        let info = text(&refused.body["error"]["details"], "info");
        assert!(info.starts_with(why), "{bad}: {info}");
    }
    let request = stage.request(&By::Nobody, "PUT", CLOCK).body("{");
    assert_eq!(answer(request).status, 400);
    let clock = stage.get(&By::Nobody, CLOCK).ok();
    assert_about(&clock, start);
    assert_eq!(clock["speed"].to_string(), "0.5");
}

#[test]
fn tokens_expire_after_two_hours() {
    let stage = Stage::new();
    let base = stage.bearer();
    let customer = id(&stage.tenant(&base, &stage.partner(), "customer", "C"));
    let scoped = |base: &By| {
        let By::Token(token) = base else {
            panic!("a token");
        };
        let scope = format!("urn:acronis.com:tenant-id:{customer}");
        let grant = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", token),
            ("scope", &scope),
        ];
        By::Token(text(
            &stage.form(base, "/bc/idp/token", &grant).ok(),
            "access_token",
        ))
    };
    let for_customer = scoped(&base);
    let path = format!("/api/2/tenants/{customer}");
    let status = |by: &By| stage.get(by, &path).status;

    change(&stage, json!({ "advance": "1h 59m" }));
    assert_eq!((status(&base), status(&for_customer)), (200, 200));
    change(&stage, json!({ "advance": "1m" }));
    assert_eq!((status(&base), status(&for_customer)), (401, 401));
    // A new one is as good as the first was.
    let base = stage.bearer();
    assert_eq!(status(&base), 200);
    let for_customer = scoped(&base);
    assert_eq!(status(&for_customer), 200);
    // Faster, two hours are over at once.
    change(&stage, json!({ "speed": 1_000_000 }));
    let deadline = Instant::now() + Duration::from_secs(30);
    while status(&base) != 401 || status(&for_customer) != 401 {
        assert!(Instant::now() < deadline, "they do not expire");
    }
}

#[test]
fn one_time_tokens_and_sessions_expire() {
    let stage = Stage::new();
    let me = stage.bearer();
    let customer = id(&stage.tenant(&me, &stage.partner(), "customer", "C"));
    stage.user(&me, &customer, "carol");
    let token = || {
        let wanted = json!({ "purpose": "user_login", "login": "carol" });
        text(&stage.post(&me, "/api/2/idp/ott", wanted).ok(), "ott")
    };
    let sign_in = |token: &str| {
        let request = stage.request(&By::Nobody, "POST", "/api/2/idp/ott/login");
        let answer = request.json(&json!({ "ott": token })).send();
        answer.expect("an answer")
    };
    let (first, second) = (token(), token());
    change(&stage, json!({ "advance": "4m" }));
    let signed_in = sign_in(&first);
    assert_eq!(signed_in.status(), 200);
    change(&stage, json!({ "advance": "1m" }));
    assert_eq!(sign_in(&second).status(), 401);

    let cookie = signed_in.headers()["set-cookie"].to_str().expect("text");
    let cookie = cookie.split(';').next().expect("a pair");
    let seen = || {
        let request = stage.request(&By::Nobody, "GET", ME);
        answer(request.header("Cookie", cookie)).status
    };
    change(&stage, json!({ "advance": "7h 50m" }));
    assert_eq!(seen(), 200);
    change(&stage, json!({ "advance": "10m" }));
    assert_eq!(seen(), 401);
}

#[test]
fn a_registration_token_expires() {
    let stage = Stage::new();
    let admin = stage.admin();
    let customer = id(&stage.tenant(&admin, &stage.partner(), "customer", "C"));
    let tokens = format!("/api/2/tenants/{customer}/registration_tokens");
    let scope = "urn:acronis.com:tenant-id::backup_agent_admin";
    let new = json!({ "expires_in": 3600, "scopes": [scope] });
    stage.post(&admin, &tokens, new).ok();
    change(&stage, json!({ "advance": "59m" }));
    assert_eq!(stage.get(&admin, &tokens).items().len(), 1);
    change(&stage, json!({ "advance": "1m" }));
    assert!(stage.get(&admin, &tokens).items().is_empty());
}

#[test]
fn a_report_is_saved_when_its_time_has_come() {
    // It takes an hour.
    let stage = demo::Stage::with(Options {
        speed: 4.0 / 3600.0,
        ..Options::default()
    });
    let wanted = json!({
        "parameters": {
            "kind": "usage_current", "tenant_id": stage.me, "level": "accounts", "formats": ["csv_v2_0"],
        },
        "schedule": { "type": "once" },
        "result_action": "save",
    });
    let report = id(&stage.post("reports", &wanted).ok());
    let state = || stage.get(&format!("reports/{report}/stored")).items()[0]["status"].clone();
    assert_eq!(state(), "in_progress");
    jump(&stage, 59 * 60_000);
    assert_eq!(state(), "in_progress");
    jump(&stage, 60_000);
    assert_eq!(state(), "saved");
}

#[test]
fn one_jump_passes_all_that_is_due_in_its_order() {
    // A machine registers 50 minutes after its token is made, a run takes 10 hours.
    let stage = demo::Stage::with(Options {
        speed: 1.0 / 600.0,
        ..Options::default()
    });
    let customer = demo("Alder Dental Practice");
    let [plan, child] = [Id::random(), Id::random()].map(|id| id.to_string());
    let mut body: Value =
        serde_json::from_str(include_str!("../../plans/base_plan.json")).expect("JSON");
    for (place, value) in [
        ("/0/id", &plan),
        ("/1/id", &child),
        ("/1/parent_ids/0", &plan),
    ] {
        let place = format!("/subject/policy{place}");
        *body.pointer_mut(&place).expect("a place") = value.as_str().into();
    }
    body["override_tenant_id"] = customer.as_str().into();
    stage.post("/api/policy_management/v4/policies", &body).ok();
    let applications = "/api/policy_management/v4/applications";
    let machine = Id::named("machine alder-srv01.alder.example").to_string();
    let wish = json!({ "policy_id": plan, "context": { "items": [machine] } });
    stage.post(applications, &wish).ok();

    let scope = "urn:acronis.com:tenant-id::backup_agent_admin";
    let new = json!({ "expires_in": 86_400, "scopes": [scope] });
    let path = format!("tenants/{customer}/registration_tokens");
    let token = stage.post(&path, &new).ok();
    let order = json!({ "state": "running", "policy_id": plan, "context_ids": [machine] });
    stage.put(&format!("{applications}/run"), &order).ok();

    // With a token of its own each time, as those expire on the way.
    let items = |path: &str| {
        let call = stage.as_client_of(&stage.me, reqwest::Method::GET, path);
        answer(call).items()
    };
    let tasks = format!("/api/task_manager/v2/tasks?policyId={child}");
    let hostname = format!("test-machine-{}.example", token["id"]);
    let agents = format!("/api/agent_manager/v2/agents?hostname={hostname}");
    assert!(items(&agents).is_empty());
    assert_ne!(items(&tasks)[0]["state"], "completed");

    // A day later all of it has happened, each thing at its own time and not at the time of looking.
    let made = seconds(&token["created_at"]);
    jump(&stage, 86_400_000);
    let agent = items(&agents);
    let registered = text(&agent[0], "registration_date");
    let registered = DateTimeParser::new().parse_timestamp(registered);
    let registered = registered.expect("a date").as_second();
    assert!(
        (0..60).contains(&(registered - made - 3000)),
        "{registered} {made}"
    );
    let task = items(&tasks)[0].clone();
    assert_eq!(
        (&task["state"], &task["result"]["code"]),
        (&json!("completed"), &json!("ok"))
    );
    let completed = seconds(&task["completedAt"]);
    assert!(
        (0..60).contains(&(completed - made - 36_000)),
        "{completed} {made}"
    );
    let settled = Instant::now();
    stage.sandbox().settle().expect("an end");
    assert!(settled.elapsed() < Duration::from_secs(5));
}

#[test]
fn waiting_for_work_is_as_fast_as_the_clock() {
    // Half an hour for a report.
    let stage = demo::Stage::with(Options {
        speed: 4.0 / 1800.0,
        ..Options::default()
    });
    answer(
        stage
            .as_nobody(reqwest::Method::PUT, CLOCK)
            .json(&json!({ "speed": 1800 })),
    )
    .ok();
    let wanted = json!({
        "parameters": { "kind": "usage_current", "tenant_id": stage.me, "level": "accounts" },
        "schedule": { "type": "once" },
        "result_action": "save",
    });
    let report = id(&stage.post("reports", &wanted).ok());
    let began = Instant::now();
    stage.sandbox().settle().expect("an end");
    assert!(began.elapsed() < Duration::from_secs(30));
    let files = stage.get(&format!("reports/{report}/stored")).items();
    assert_eq!(files[0]["status"], "saved");
}

#[test]
fn a_trial_ends_by_itself() {
    let stage = Stage::new();
    let admin = stage.admin();
    change(&stage, json!({ "set": "2026-01-30T12:00:00Z" }));
    let customer = id(&stage.tenant(&admin, &stage.partner(), "customer", "C"));
    let path = format!("/api/2/tenants/{customer}/pricing");
    let trial = stage.get(&admin, &path).ok();
    // January is not a full month any more, February is one.
    let end = "2026-03-01T00:00:00";
    assert_eq!(
        (&trial["mode"], &trial["production_start_date"]),
        (&json!("trial"), &json!(end))
    );
    change(&stage, json!({ "set": "2026-02-28T23:50:00Z" }));
    assert_eq!(stage.get(&admin, &path).ok(), trial);

    change(&stage, json!({ "advance": "10m" }));
    let over = stage.get(&admin, &path).ok();
    assert_eq!(
        (&over["mode"], &over["production_start_date"]),
        (&json!("production"), &json!(end))
    );
    let tenant = stage
        .get(&admin, &format!("/api/2/tenants/{customer}"))
        .ok();
    assert_eq!(tenant["pricing_mode"], "production");
    // The switch was an update, and nothing leads back.
    assert!(over["version"].as_i64() > trial["version"].as_i64());
    let set = |version: &Value, mode: &str| {
        let settings = json!({ "version": version, "mode": mode });
        stage.put(&admin, &path, settings).refusal()
    };
    assert_eq!(set(&trial["version"], "production"), (409, 1001));
    assert_eq!(set(&over["version"], "trial"), (400, 1027));
    assert_eq!(set(&over["version"], "production").0, 200);
    change(&stage, json!({ "advance": "1 year" }));
    assert_eq!(stage.get(&admin, &path).ok()["production_start_date"], end);
}
