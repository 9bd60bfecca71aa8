//! Lists that are read page by page on the real sandbox: of every length that matters, and while they grow.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use serde_json::{Value, json};
use tests::{Outcome, SandboxProcess, TestHome};

use super::with_client;

const ALERTS: &str = "/api/alert_manager/v1/alerts";
const JSON: (&str, &str) = ("Content-Type", "application/json");

/// A home whose API client has a token, and the header that signs with it.
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

/// The number behind `what` in the last line.
fn number(outcome: &Outcome, what: &str) -> usize {
    let last = outcome.stdout.lines().last().unwrap_or_default();
    let (_, rest) = last.split_once(what).unwrap_or_else(|| panic!("{outcome}"));
    let digits: String = rest
        .trim_start()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap_or_else(|_| panic!("{outcome}"))
}

/// Runs an example, and from its first page on, until it ends, `meanwhile` again and again. How often that was.
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
        (outcome, other.join().expect("it has not failed"))
    })
}

#[test]
fn alerts_of_every_number_are_read_there_and_back() {
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
        assert_eq!(number(&outcome, "Alerts read:"), count, "{outcome}");
        assert_eq!(number(&outcome, "pages:"), pages, "{outcome}");
        let back = outcome.stdout.matches("Back on page").count();
        assert_eq!(back, pages - 1, "{outcome}");
        // One line: the same call again and again, on one connection.
        assert_eq!(sandbox.conversation(), format!("GET {ALERTS} 200"));
    }
}

#[test]
fn alerts_that_come_meanwhile_neither_hide_others_nor_double_them() {
    let sandbox = SandboxProcess::with(&["--seed", "empty", "--latency", "10"]);
    let (home, token) = signed_in(&sandbox);
    for _ in 0..45 {
        raise_alert(&sandbox, &token);
    }

    let (outcome, times) = run_while(&sandbox, &home, ("alerts_pagination", ALERTS), || {
        raise_alert(&sandbox, &token);
    });

    // The newest come first, so those that come meanwhile are before the first page: on the way back they are met.
    assert!(times > 0, "nothing came meanwhile");
    assert_eq!(number(&outcome, "Alerts read:"), 45, "{outcome}");
    assert!(
        outcome.stdout.contains("Back on page 1: 10 alerts"),
        "{outcome}"
    );
}

#[test]
fn tasks_and_activities_that_come_meanwhile_neither_hide_others_nor_double_them() {
    let sandbox = SandboxProcess::with(&["--latency", "5"]);
    let (home, token) = signed_in(&sandbox);
    let headers = [("Authorization", token.as_str()), JSON];
    let applied = sandbox.call("GET", "/api/policy_management/v4/applications", &headers);
    let applied: Value = serde_json::from_str(&applied).expect("it is JSON");
    let applied = &applied["items"][0][0];
    let run = json!({
        "state": "running",
        "policy_id": applied["policy"]["id"],
        "context_ids": [applied["context"]["id"]],
    });
    let run = run.to_string();

    for (example, list, what) in [
        (
            "tasks_pagination",
            "/api/task_manager/v2/tasks",
            "Tasks read:",
        ),
        (
            "activities_pagination",
            "/api/task_manager/v2/activities",
            "Activities read:",
        ),
    ] {
        let before = number(&home.run(example).success(), what);

        let (outcome, times) = run_while(&sandbox, &home, (example, list), || {
            // Refused while the run before goes on.
            sandbox.attempt(
                "PUT",
                "/api/policy_management/v4/applications/run",
                &headers,
                &run,
            );
        });

        assert!(times > 0, "nothing came meanwhile");
        assert_eq!(number(&outcome, what), before, "{outcome}");
        let after = number(&home.run(example).success(), what);
        assert!(
            after > before,
            "{after} after {before}: none of the runs has ended"
        );
    }
}
