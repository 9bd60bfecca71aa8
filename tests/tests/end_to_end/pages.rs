//! Lists that are read page by page on the real sandbox: of every length that matters, and while they grow.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use serde_json::{Value, json};
use tests::{Live, Outcome, Stage};

use crate::with_client;

const ALERTS: &str = "/api/alert_manager/v1/alerts";
const JSON: (&str, &str) = ("Content-Type", "application/json");

/// A home whose API client has a token, and the header that signs with it.
fn signed_in(live: &Live) -> (Stage, String) {
    let stage = with_client(live);
    stage.run("issue_access_token").success();
    let token = stage.file("api_token.json");
    let token = token.get("access_token").and_then(Value::as_str);
    let signed = format!("Bearer {}", token.expect("a token"));
    (stage, signed)
}

fn raise_alert(live: &Live, token: &str) {
    let alert = json!({ "type": "DrStorageHardQuotaExceeds" }).to_string();
    let headers = [("Authorization", token), JSON];
    let (status, body) = live.attempt("POST", ALERTS, &headers, &alert);
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
    live: &Live,
    stage: &Stage,
    (example, list): (&str, &str),
    meanwhile: impl Fn() + Sync,
) -> (Outcome, usize) {
    let ended = AtomicBool::new(false);
    live.skip();
    let calls = |of: &str| {
        let log = live.get(&format!("/_sandbox/requests?limit=10000&{of}"));
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
        let outcome = stage.run(example).success();
        ended.store(true, Ordering::Relaxed);
        (outcome, other.join().expect("it has not failed"))
    })
}

#[test]
fn alerts_of_every_number_are_read_there_and_back() {
    let live = Live::with(&["--seed", "empty"]);
    let (stage, token) = signed_in(&live);
    let mut raised = 0;
    for count in [0_usize, 1, 9, 10, 11, 1000] {
        while raised < count {
            raise_alert(&live, &token);
            raised += 1;
        }
        live.skip();
        let outcome = stage.run("alerts_pagination").success();

        let pages = count.div_ceil(10).max(1);
        assert_eq!(number(&outcome, "Alerts read:"), count, "{outcome}");
        assert_eq!(number(&outcome, "pages:"), pages, "{outcome}");
        let back = outcome.stdout.matches("Back on page").count();
        assert_eq!(back, pages - 1, "{outcome}");
        // One line: the same call again and again, on one connection.
        assert_eq!(live.conversation(), format!("GET {ALERTS} 200"));
    }
}

#[test]
fn alerts_that_come_meanwhile_neither_hide_others_nor_double_them() {
    let live = Live::with(&["--seed", "empty", "--latency", "10"]);
    let (stage, token) = signed_in(&live);
    for _ in 0..45 {
        raise_alert(&live, &token);
    }

    let (outcome, times) = run_while(&live, &stage, ("alerts_pagination", ALERTS), || {
        raise_alert(&live, &token);
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
    let live = Live::with(&["--latency", "5"]);
    let (stage, token) = signed_in(&live);
    let headers = [("Authorization", token.as_str()), JSON];
    let applied = live.call("GET", "/api/policy_management/v4/applications", &headers);
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
        let before = number(&stage.run(example).success(), what);

        let (outcome, times) = run_while(&live, &stage, (example, list), || {
            // Refused while the run before goes on.
            live.attempt(
                "PUT",
                "/api/policy_management/v4/applications/run",
                &headers,
                &run,
            );
        });

        assert!(times > 0, "nothing came meanwhile");
        assert_eq!(number(&outcome, what), before, "{outcome}");
        let after = number(&stage.run(example).success(), what);
        assert!(
            after > before,
            "{after} after {before}: none of the runs has ended"
        );
    }
}
