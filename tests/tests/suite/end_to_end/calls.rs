//! The calls that the examples send, and those that their headers name.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::Value;
use tests::{SandboxProcess, examples, tutorial::STEPS};

const UNDO: &str = "delete_created_objects";
/// Every example can send it before its own calls.
const TOKEN: &str = "POST /api/2/idp/token";

#[test]
fn the_headers_name_exactly_the_calls_that_the_examples_send() {
    let sandbox = SandboxProcess::start();
    let home = sandbox.home();
    let mut sent_by = BTreeMap::new();
    for (number, step) in STEPS.iter().enumerate() {
        let run = step.run(&sandbox, &home, number);
        sandbox.skip();
        run.end().success();
        sent_by.insert(step.example, sent(&sandbox.new_calls()));
    }
    // Now the API client can be deleted too.
    sandbox.skip();
    home.example(UNDO).input("client\n").end().success();
    let calls = sent(&sandbox.new_calls());
    sent_by.entry(UNDO).or_default().extend(calls);

    let mut corrections = String::new();
    for step in STEPS.iter() {
        let sent = &sent_by[step.example];
        let source = &examples::named(step.example).source;
        let header = fs::read_to_string(source).expect("the source is text");
        let named = named(&header);
        let file = source.strip_prefix(examples::checkout()).unwrap_or(source);
        for call in sent {
            let is_named = named.iter().any(|pattern| matches(pattern, call));
            if !is_named && call != TOKEN {
                corrections += &format!("{}: add {call} to Calls\n", file.display());
            }
        }
        for pattern in &named {
            if !sent.iter().any(|call| matches(pattern, call)) {
                corrections += &format!("{}: remove {pattern} from Calls\n", file.display());
            }
        }
    }
    assert!(
        corrections.is_empty(),
        "correct these headers:\n{corrections}"
    );
}

/// Method and path of each call in a log of the sandbox.
fn sent(log: &[Value]) -> BTreeSet<String> {
    let text = |call: &Value, key: &str| {
        let text = call.get(key).and_then(Value::as_str);
        text.expect("a call has a method and a path").to_owned()
    };
    log.iter()
        .map(|call| format!("{} {}", text(call, "method"), text(call, "path")))
        .collect()
}

/// Method and path of each call that a header names: ``- Calls: GET `/api/2/tenants/{me}` …``.
fn named(header: &str) -> Vec<String> {
    let mut lines = header
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .skip_while(|line| !line.starts_with(" - Calls: "));
    let first = lines.next().expect("every header has calls");
    let rest = lines.take_while(|line| line.starts_with("   "));
    let item: String = [first].into_iter().chain(rest).collect();
    let parts: Vec<_> = item.split('`').collect();
    parts
        .chunks_exact(2)
        .map(|part| match part {
            [text, path] => {
                let method = text.split_whitespace().last().unwrap_or_default();
                format!("{method} {path}")
            }
            _ => unreachable!("chunks have two parts"),
        })
        .collect()
}

/// Whether a call is of this method and path, in which `{…}` stands for an id.
fn matches(pattern: &str, call: &str) -> bool {
    let is_id = |part: &str| part.len() == 36 && part.matches('-').count() == 4;
    let (pattern, call) = (pattern.split('/'), call.split('/'));
    pattern.clone().count() == call.clone().count()
        && pattern
            .zip(call)
            .all(|(expected, part)| expected == part || expected.starts_with('{') && is_id(part))
}

#[test]
fn the_calls_of_a_header_may_span_lines() {
    let header = "//! Summary.\n//!\n//! - Calls: GET `/api/2/tenants/{id}`, POST\n//!   `/api/2/users` for each.\n\
                  //! - Writes: `GET `.\n";
    let named = named(header);
    assert_eq!(named, ["GET /api/2/tenants/{id}", "POST /api/2/users"]);
    let id = "3b5a0c9a-6e16-5998-ba06-ad2e8083ebb0";
    assert!(matches(&named[0], &format!("GET /api/2/tenants/{id}")));
    assert!(!matches(&named[0], "GET /api/2/tenants/batch"));
    assert!(!matches(&named[0], &format!("PUT /api/2/tenants/{id}")));
}
