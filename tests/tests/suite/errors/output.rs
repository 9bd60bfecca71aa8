//! Standard output that takes nothing.

use std::{io, process::Stdio};

use tests::{Response, ScriptedServer, TestHome, examples};

fn gone() -> Stdio {
    let (reader, writer) = io::pipe().expect("the system has a pipe left");
    drop(reader);
    writer.into()
}

#[test]
fn a_reader_that_has_gone_ends_it_without_a_panic() {
    let server = ScriptedServer::new([Response::no_items()]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example("get_tenant_usage").stdout(gone()).end();

    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(
        outcome
            .stderr
            .starts_with("error: the result could not be printed"),
        "{outcome}"
    );
}

#[test]
fn help_without_a_reader_ends_without_a_panic() {
    let home = TestHome::empty();
    for example in examples::all() {
        let name = format!("{}/{}", example.package, example.name);
        let outcome = home.example(&name).arg("--help").stdout(gone()).end();
        assert_eq!(outcome.code, Some(1), "{outcome}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_standard_output_ends_it_without_a_panic() {
    let server = ScriptedServer::new([Response::no_items()]);
    let home = TestHome::new(&server.url()).signed_in();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");

    let outcome = home.example("get_tenant_usage").stdout(full).end();

    assert_eq!(outcome.code, Some(1), "{outcome}");
}
