//! Lists that are read page by page: of different lengths, and while they grow.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use serde_json::{Value, json};
use tests::{Outcome, SandboxProcess, TestHome};

use super::with_client;

const ALERTS: &str = "/api/alert_manager/v1/alerts";
const JSON: (&str, &str) = ("Content-Type", "application/json");

/// A home with a token of its API client, and the header that authorizes calls with this token.
fn signed_in(sandbox: &SandboxProcess) -> (TestHome, String) {
    let home = with_client(sandbox);
    home.run("issue_access_token").success();
    let token = home.file("api_token.json");
    let token = token.get("access_token").and_then(Value::as_str);
    let signed = format!("Bearer {}", token.expect("a token"));
    (home, signed)
}

fn raise_alert(sandbox: &SandboxProcess, token: &str) {
    let alert = json!({ "type": "DrStorageHardQuotaExceeds" }).to_string();
    let headers = [("Authorization", token), JSON];
    let (status, body) = sandbox.attempt("POST", ALERTS, &headers, &alert);
    assert_eq!(status, 200, "{body}");
}

/// The numbers in the last line: `45 alerts read from 5 pages`.
fn counts(outcome: &Outcome) -> (usize, usize) {
    let last = outcome.stdout.lines().last().unwrap_or_default();
    let numbers: Vec<_> = last
        .split(' ')
        .filter_map(|word| word.parse().ok())
        .collect();
    match numbers[..] {
        [items, pages] => (items, pages),
        _ => panic!("no counts: {outcome}"),
    }
}

/// Runs an example. From its first page until it ends, runs `meanwhile` repeatedly, and counts these runs.
fn run_while(
    sandbox: &SandboxProcess,
    home: &TestHome,
    (example, list): (&str, &str),
    meanwhile: impl Fn() + Sync,
) -> (Outcome, usize) {
    let ended = AtomicBool::new(false);
    sandbox.skip();
    let calls = |of: &str| {
        let log = sandbox.get(&format!("/_sandbox/requests?limit=10000&{of}"));
        log.get("items")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let seen = calls("")
        .last()
        .and_then(|call| call.get("number")?.as_u64());
    let pages = format!("method=GET&path={list}&after={}", seen.unwrap_or(0));
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            let mut times = 0;
            while !ended.load(Ordering::Relaxed) {
                if !calls(&pages).is_empty() {
                    meanwhile();
                    times += 1;
                }
            }
            times
        });
        let outcome = home.run(example).success();
        ended.store(true, Ordering::Relaxed);
        (outcome, other.join().expect("it has not panicked"))
    })
}

#[test]
fn alerts_are_read_forward_and_back_whatever_their_number() {
    let sandbox = SandboxProcess::with(&["--seed", "empty"]);
    let (home, token) = signed_in(&sandbox);
    let mut raised = 0;
    for count in [0_usize, 1, 9, 10, 11, 1000] {
        while raised < count {
            raise_alert(&sandbox, &token);
            raised += 1;
        }
        sandbox.skip();
        let outcome = home.run("alerts_pagination").success();

        let pages = count.div_ceil(10).max(1);
        assert_eq!(counts(&outcome), (count, pages), "{outcome}");
        let back = outcome.stdout.matches("Back on page").count();
        assert_eq!(back, pages - 1, "{outcome}");
        // Equal calls on one connection are one line.
        assert_eq!(sandbox.conversation(), format!("GET {ALERTS} 200"));
    }
}

#[test]
fn alerts_raised_in_the_meantime_neither_hide_nor_repeat_others() {
    let sandbox = SandboxProcess::with(&["--seed", "empty", "--latency", "10"]);
    let (home, token) = signed_in(&sandbox);
    for _ in 0..45 {
        raise_alert(&sandbox, &token);
    }

    let (outcome, times) = run_while(&sandbox, &home, ("alerts_pagination", ALERTS), || {
        raise_alert(&sandbox, &token);
    });

    // The newest are first, so the new ones are before page 1 and are read on the way back only.
    assert!(times > 0, "no alert was raised");
    assert_eq!(counts(&outcome), (45, 5), "{outcome}");
    assert!(
        outcome.stdout.contains("Back on page 1: 10 alerts"),
        "{outcome}"
    );
}

#[test]
fn tasks_and_activities_added_in_the_meantime_neither_hide_nor_repeat_others() {
    let sandbox = SandboxProcess::with(&["--latency", "5"]);
    let (home, token) = signed_in(&sandbox);
    let headers = [("Authorization", token.as_str()), JSON];
    let applied = sandbox.call("GET", "/api/policy_management/v4/applications", &headers);
    let applied: Value = serde_json::from_str(&applied).expect("the response is JSON");
    let applied = &applied["items"][0][0];
    let run = json!({
        "state": "running",
        "policy_id": applied["policy"]["id"],
        "context_ids": [applied["context"]["id"]],
    });
    let run = run.to_string();

    for (example, list) in [
        ("tasks_pagination", "/api/task_manager/v2/tasks"),
        ("activities_pagination", "/api/task_manager/v2/activities"),
    ] {
        let (before, _) = counts(&home.run(example).success());

        let (outcome, times) = run_while(&sandbox, &home, (example, list), || {
            // Rejected while the previous run has not ended.
            sandbox.attempt(
                "PUT",
                "/api/policy_management/v4/applications/run",
                &headers,
                &run,
            );
        });

        assert!(times > 0, "no run was started");
        assert_eq!(counts(&outcome).0, before, "{outcome}");
        let (after, _) = counts(&home.run(example).success());
        assert!(
            after > before,
            "{after} after {before}: none of the runs has ended"
        );
    }
}
