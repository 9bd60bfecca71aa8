//! Standard output that cannot be written.

use std::{io, process::Stdio};

use serde_json::json;
use tests::{Response, ScriptedServer, TestHome, examples};

/// A pipe without a reader.
fn closed_pipe() -> Stdio {
    let (reader, writer) = io::pipe().expect("a pipe can be created");
    drop(reader);
    writer.into()
}

#[test]
fn a_closed_pipe_ends_a_run_without_a_message() {
    let server = ScriptedServer::new([Response::no_items()]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example("get_tenant_usage").stdout(closed_pipe()).end();

    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert_eq!(outcome.stderr, "");
}

#[test]
fn a_closed_pipe_in_the_middle_of_a_change_is_reported_with_what_is_done() {
    let server = ScriptedServer::new([]).from_then_on(Response::json(
        200,
        json!({ "id": "p-1", "name": "A", "kind": "partner", "version": 1, "items": [{ "application_id": "b", "name": "i", "type": "feature", "usage_name": "u", "edition": "pck_per_gigabyte", "status": 1 }] }),
    ));
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home
        .example("create_partner_tenant_and_lock")
        .input("\n\n\n\n")
        .stdout(closed_pipe())
        .end();

    assert_eq!(outcome.code, Some(1), "{outcome}");
    for line in ["\ndone: create the partner", "\nnot done: ", "\nnext: "] {
        assert!(format!("\n{}", outcome.stderr).contains(line), "{outcome}");
    }
    assert!(!outcome.stderr.contains("error: "), "{outcome}");
}

#[test]
fn help_to_a_closed_pipe_ends_without_a_message() {
    let home = TestHome::empty();
    for example in examples::all() {
        let name = format!("{}/{}", example.package, example.name);
        let outcome = home
            .example(&name)
            .arg("--help")
            .stdout(closed_pipe())
            .end();
        assert_eq!(outcome.code, Some(1), "{outcome}");
        assert_eq!(outcome.stderr, "");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_without_a_panic() {
    let server = ScriptedServer::new([Response::no_items()]);
    let home = TestHome::new(&server.url()).signed_in();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");

    let outcome = home
        .example("get_tenant_usage")
        .stdout(full)
        .end()
        .failed(1);

    let expected = "cannot print the result: No space left on device";
    assert!(outcome.error().starts_with(expected), "{outcome}");
}
