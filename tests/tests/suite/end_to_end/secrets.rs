//! No secret is printed or logged: not by an example, not with `--verbose`, not in the sandbox's request log, and not in
//! the sandbox's own output.

use serde_json::Value;
use tests::{SandboxProcess, TestHome, recording_proxy::RecordingProxy, run, tutorial::STEPS};

#[test]
fn no_output_and_no_log_contains_a_secret() {
    run_all_examples(&["--verbose"]);
}

#[test]
#[ignore = "prints a part of what the test above prints; `.ci/run all_tests` runs it"]
fn no_output_contains_a_secret_without_a_call_log() {
    run_all_examples(&[]);
}

fn run_all_examples(arguments: &[&str]) {
    let sandbox = SandboxProcess::start();
    let record = RecordingProxy::of(sandbox.host());
    let home = TestHome::new(&record.url()).secret(&sandbox.password);
    let mut printed = String::new();
    for (number, step) in STEPS.iter().enumerate() {
        let run = step.run(&sandbox, &home, number);
        let run = arguments
            .iter()
            .fold(run, |run, argument| run.arg(argument));
        printed += &run.end().success().to_string();
    }

    let log = sandbox.get("/_sandbox/requests?limit=10000");
    assert!(items(&log).len() > STEPS.len(), "{log}");
    let mut secrets = transferred(&record);
    secrets.extend(links(&sandbox));
    secrets.push(sandbox.password.clone());
    let (stderr, stdout) = sandbox.end();
    assert!(stderr.contains("sign in as"), "{stderr}");

    let places = [
        ("the output of an example", printed.as_str()),
        ("the sandbox's log", &log.to_string()),
        ("the sandbox's standard error", &stderr),
        ("the sandbox's standard output", &stdout),
    ];
    for secret in run::forms(secrets) {
        for (place, text) in places {
            assert!(!text.contains(&secret), "{secret} is in {place}");
        }
    }
}

/// The secrets on the wire, at least one of each kind, including those that no file contains or that were replaced.
fn transferred(record: &RecordingProxy) -> Vec<String> {
    let secrets = record.secrets();
    for name in RecordingProxy::names() {
        assert!(secrets.iter().any(|(kind, _)| *kind == name), "no {name}");
    }
    secrets.into_iter().map(|(_, secret)| secret).collect()
}

/// The secret parts of the links in e-mails.
fn links(sandbox: &SandboxProcess) -> Vec<String> {
    let mails = sandbox.get("/_sandbox/outbox");
    let links = items(&mails)
        .iter()
        .filter_map(|mail| mail.get("link")?.as_str());
    let links: Vec<_> = links
        .filter_map(|link| link.rsplit('/').next().map(str::to_owned))
        .collect();
    assert!(!links.is_empty());
    links
}

fn items(list: &Value) -> &[Value] {
    let items = list.get("items").and_then(Value::as_array);
    items.unwrap_or_else(|| panic!("no items in {list}"))
}
