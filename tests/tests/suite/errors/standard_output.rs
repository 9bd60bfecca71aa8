//! Standard output that cannot be written.

use std::{io, process::Stdio};

use tests::{Response, ScriptedServer, TestHome, examples};

/// A pipe without a reader.
fn closed_pipe() -> Stdio {
    let (reader, writer) = io::pipe().expect("a pipe can be created");
    drop(reader);
    writer.into()
}

#[test]
fn a_closed_pipe_is_reported_without_a_panic() {
    let server = ScriptedServer::new([Response::no_items()]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example("get_tenant_usage").stdout(closed_pipe()).end();

    assert_eq!(outcome.code, Some(1), "{outcome}");
    let expected = "error: cannot print the result: ";
    assert!(outcome.stderr.starts_with(expected), "{outcome}");
}

#[test]
fn help_to_a_closed_pipe_ends_without_a_panic() {
    let home = TestHome::empty();
    for example in examples::all() {
        let name = format!("{}/{}", example.package, example.name);
        let outcome = home
            .example(&name)
            .arg("--help")
            .stdout(closed_pipe())
            .end();
        assert_eq!(outcome.code, Some(1), "{outcome}");
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

    let outcome = home.example("get_tenant_usage").stdout(full).end();

    assert_eq!(outcome.code, Some(1), "{outcome}");
}
