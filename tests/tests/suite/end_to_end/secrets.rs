//! No secret leaves the wire and the files that are meant for it: not to the terminal, not with `--verbose`, not to the
//! sandbox's log, and not to what the sandbox itself prints.

use std::thread;

use serde_json::Value;
use tests::{SandboxProcess, TestHome, recording_proxy::RecordingProxy, run, tutorial::STEPS};

#[test]
fn no_example_and_no_log_shows_a_secret() {
    thread::scope(|scope| {
        for arguments in [&[][..], &["--verbose"]] {
            scope.spawn(move || look_at_all(arguments));
        }
    });
}

fn look_at_all(arguments: &[&str]) {
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
    let mut secrets = went_by(&record);
    secrets.extend(links(&sandbox));
    secrets.push(sandbox.password.clone());
    let (told, more) = sandbox.end();
    // The one line that tells the password, as the first one of standard output does.
    let (first, told) = told.split_once('\n').expect("it says where it is");
    assert!(first.contains("sign in as"), "{first}");

    let places = [
        ("the output of an example", printed.as_str()),
        ("the sandbox's log", &log.to_string()),
        ("the sandbox's standard error", told),
        ("the sandbox's standard output", &more),
    ];
    for secret in run::forms(secrets) {
        for (place, text) in places {
            assert!(!text.contains(&secret), "{secret} is in {place}");
        }
    }
}

/// What was secret on the wire, of every kind that there is: also what no file keeps, and what was replaced.
fn went_by(record: &RecordingProxy) -> Vec<String> {
    let secrets = record.secrets();
    for name in RecordingProxy::names() {
        assert!(secrets.iter().any(|(kind, _)| *kind == name), "no {name}");
    }
    secrets.into_iter().map(|(_, secret)| secret).collect()
}

/// What makes the links in mails secret.
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
