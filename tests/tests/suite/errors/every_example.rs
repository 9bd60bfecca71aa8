//! Every example, on a platform that rejects its calls or sends odd responses.

use std::{fs, process::Stdio};

use serde_json::{Value, json};
use tests::{
    Outcome, Response, Run, ScriptedServer, TestHome,
    examples::{self, Example},
    test_home::{CLIENT_SECRET, CUSTOMER_TOKEN, LOGIN, PASSWORD},
};

/// A home with every file that any example needs.
fn home(server: &ScriptedServer) -> TestHome {
    TestHome::new(&server.url())
        .for_customer()
        .put("partner.json", json!({ "id": "p-1" }))
        .put("customer.json", json!({ "id": "c-1" }))
        .put(
            "user.json",
            json!({ "id": "u-1", "login": "grace", "personal_tenant_id": "t-1" }),
        )
        .put_text("created.jsonl", &created(&server.url()))
}

/// The record of a partner that was created on this platform.
fn created(platform: &str) -> String {
    let line = |event: Value| {
        let mut line = json!({ "entry": "1", "time": "2026-11-24T00:56:05Z" });
        line.as_object_mut()
            .expect("an object")
            .extend(event.as_object().expect("an object").clone());
        format!("{line}\n")
    };
    line(
        json!({ "event": "creating", "platform": platform, "kind": "tenant", "name": "P", "parent": "my-tenant" }),
    ) + &line(json!({ "event": "created", "id": "p-1" }))
}

/// Runs an example, with an answer to each of its prompts.
fn run(example: &Example, home: &TestHome) -> Outcome {
    prepared(example, home).end()
}

fn prepared<'a>(example: &Example, home: &'a TestHome) -> Run<'a> {
    let name = format!("{}/{}", example.package, example.name);
    home.example(&name)
        .input("yes\ngrace@example.com\n\n\n\n\n")
        .env("CYBER_PLATFORM_WAIT_SECONDS", "1")
}

/// All examples except the one that needs a home folder without API client.
fn all() -> impl Iterator<Item = &'static Example> {
    let examples = examples::all().iter();
    examples.filter(|example| example.name != "create_api_client")
}

/// The files that an example needs besides the API client, as its header says.
fn needed(example: &Example) -> Vec<String> {
    let source = fs::read_to_string(&example.source).expect("the source is text");
    let mut header = source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .skip_while(|line| !line.starts_with(" - Needs: "));
    let item: String = header
        .next()
        .into_iter()
        .chain(header.take_while(|line| line.starts_with("   ")))
        .collect();
    item.split('`')
        .filter(|name| name.ends_with(".json") && *name != "api_client.json")
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_missing_file_is_reported_with_the_example_that_writes_it() {
    let mut count = 0;
    for example in all() {
        for file in needed(example) {
            count += 1;
            let server = ScriptedServer::unused();
            let home = home(&server);
            fs::remove_file(home.path(&file)).expect("the file exists");
            let before = home.contents();

            let outcome = run(example, &home).failed(2);

            let name = &example.name;
            let missing = format!("{file} is missing");
            assert!(outcome.stderr.contains(&missing), "{name}: {outcome}");
            let writer = examples::all()
                .iter()
                .find(|writer| outcome.stderr.contains(&format!("--bin {}`", writer.name)));
            let writer = writer.unwrap_or_else(|| panic!("{name}: {outcome}"));
            let source = fs::read_to_string(&writer.source).expect("the source is text");
            assert!(
                source.contains(&format!("- Writes: `{file}`")),
                "{name}: {outcome}"
            );
            assert_eq!(home.contents(), before, "{name}: {outcome}");
            assert_eq!(server.conversation(), "", "{name}");
        }
    }
    assert!(count >= 15, "{count}");
}

/// Every example with every case, or only with each `stride`-th one: a different part for each example.
fn pairs<T>(cases: &[T], stride: usize) -> impl Iterator<Item = (&'static Example, &T)> {
    all().enumerate().flat_map(move |(number, example)| {
        let own = cases.iter().skip(number % stride).step_by(stride);
        own.map(move |case| (example, case))
    })
}

#[test]
fn a_rejected_first_call_is_reported_and_changes_nothing() {
    reject_first_calls(4);
}

#[test]
#[ignore = "all cases of the test above; `.ci/run all_tests` runs it"]
fn every_rejected_first_call_is_reported_and_changes_nothing() {
    reject_first_calls(1);
}

fn reject_first_calls(stride: usize) {
    let statuses = [400, 403, 404, 409, 429, 500, 501, 503];
    for (example, &status) in pairs(&statuses, stride) {
        // What is not found needs no deletion.
        if status == 404 && example.name == "delete_created_objects" {
            continue;
        }
        let server = ScriptedServer::new([]).from_then_on(Response::json(
            status,
            json!({ "error": { "code": 1234, "message": "Not today." } }),
        ));
        let home = home(&server);
        let before = home.contents();

        let outcome = run(example, &home).failed(1);

        let name = &example.name;
        assert!(outcome.stderr.contains("Not today."), "{name}: {outcome}");
        assert!(
            outcome.stderr.contains(&format!(": {status} ")),
            "{name}: {outcome}"
        );
        assert_eq!(home.contents(), before, "{name}: {outcome}");
        let calls = server.calls();
        let first = calls.first().expect("the example sends a call");
        let attempts = calls
            .iter()
            .filter(|call| (&call.method, &call.target) == (&first.method, &first.target));
        let expected = if matches!(status, 429 | 503) { 5 } else { 1 };
        assert_eq!(attempts.count(), expected, "{name}: {outcome}");
        assert!(!first.target.contains("//"), "{name}: {}", first.target);
    }
}

#[test]
fn odd_responses_end_in_a_result_or_an_error() {
    send_odd_responses(5);
}

#[test]
#[ignore = "all cases of the test above; `.ci/run all_tests` runs it"]
fn every_odd_response_ends_in_a_result_or_an_error() {
    send_odd_responses(1);
}

fn send_odd_responses(stride: usize) {
    let odd = [
        Response::empty(200),
        Response::empty(204),
        Response::text(200, "null"),
        Response::text(200, "[]"),
        Response::text(200, r#""text""#),
        Response::text(200, "<html>"),
        Response::text(200, r#"{"items": ["#),
        Response::json(200, json!({})),
        Response::items(json!(null)),
        Response::items(json!([])),
        Response::items(json!({})),
        Response::items(json!([null])),
        Response::items(json!([[]])),
        Response::items(json!([{}])),
        Response::items(json!([{ "id": "../x" }])),
        Response::json(
            200,
            json!({ "items": ["a"], "id": "a", "name": "A", "version": 1 }),
        ),
        Response::json(
            200,
            json!({ "items": [{ "id": 7 }], "id": 7, "version": "x" }),
        ),
        Response::json(
            200,
            json!({ "items": [{ "policy": {} }], "paging": { "cursors": { "after": "same" } } }),
        ),
        Response::json(
            200,
            json!({ "items": [], "paging": { "cursors": { "after": "same" } } }),
        ),
        Response::json(200, json!({ "items": [{ "policy": null }], "paging": [] })),
    ];
    for (example, response) in pairs(&odd, stride) {
        let server = ScriptedServer::new([]).from_then_on(response.clone());
        let home = home(&server);

        // `end` checks that it ends, does not panic and prints no secret.
        let outcome = run(example, &home);

        let name = &example.name;
        assert!(
            matches!(outcome.code, Some(0..=2)),
            "{name}: {response:?}: {outcome}"
        );
        let calls = server.calls().len();
        assert!(calls < 60, "{name}: {response:?}: {calls} calls: {outcome}");
        if outcome.code != Some(0) {
            outcome.failed(1);
        }
    }
}

/// A response that every example can use, with secrets under their field names and in other texts.
fn with_secrets(status: u16, sent: &str) -> Response {
    let secrets = json!({
        "access_token": "new-t0ken",
        "refresh_token": "refresh-t0ken",
        "client_secret": CLIENT_SECRET,
        "ott": "0ne-time-token",
        "token": "registration-t0ken",
        "password": { "value": PASSWORD },
    });
    let mut body = json!({
        "id": "a-1", "client_id": "c-1", "tenant_id": "t-1", "name": "A", "kind": "partner", "login": "grace",
        "status": "saved", "version": 1, "expires_on": 4_102_444_800_u32,
        "items": [{
            "id": "a-2", "name": "B", "status": "saved", "secrets": [secrets], "quoted": [sent],
        }],
        "error": { "code": 1, "message": format!("not {sent}"), "details": { "info": [sent] } },
    });
    let fields = body.as_object_mut().expect("an object");
    if status < 300 {
        fields.remove("error");
    }
    fields.extend(secrets.as_object().expect("an object").clone());
    Response::json(status, body).header("Set-Cookie", "session=s3ss10n-secret; Path=/")
}

#[test]
fn the_call_log_redacts_every_secret() {
    let mut logged = 0;
    for example in examples::all() {
        for status in [200, 403] {
            // Only a token that a call has carried can be redacted, so both token files hold the same one.
            let creates_client = example.name == "create_api_client";
            let sent = match example.name.as_str() {
                "create_api_client" => PASSWORD,
                "issue_access_token" => CLIENT_SECRET,
                _ => CUSTOMER_TOKEN,
            };
            let server = ScriptedServer::new([]).from_then_on(with_secrets(status, sent));
            let mut home = home(&server).token("api_token.json", CUSTOMER_TOKEN, 7200);
            for secret in [
                "new-t0ken",
                "refresh-t0ken",
                "0ne-time-token",
                "registration-t0ken",
                "s3ss10n-secret",
            ] {
                home = home.secret(secret);
            }
            let mut run = prepared(example, &home);
            if creates_client {
                fs::remove_file(home.path("api_client.json")).expect("the file exists");
                run = run.input(format!("{LOGIN}\n{PASSWORD}\n"));
            }

            // Some examples print a response, which has no secrets on the real platform. Only the log is checked.
            let outcome = run.arg("--verbose").stdout(Stdio::null()).end();

            let calls = server.calls().len();
            let count = |mark| {
                let lines = outcome.stderr.lines();
                lines.filter(|line| line.starts_with(mark)).count()
            };
            let name = &example.name;
            assert!(calls > 0, "{name}: {outcome}");
            assert_eq!(count("> ") - count(">   "), calls, "{name}: {outcome}");
            assert_eq!(count("< ") - count("<   "), calls, "{name}: {outcome}");
            assert!(outcome.stderr.contains("***"), "{name}: {outcome}");
            logged += calls;
        }
    }
    assert!(logged > 100, "{logged}");
}
