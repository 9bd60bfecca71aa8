//! `--help`, `--version`, and arguments that no example takes.

use std::fs;

use tests::{TestHome, examples};

#[test]
fn help_is_the_header_of_the_source() {
    let outcome = TestHome::empty()
        .example("create_api_client")
        .arg("--help")
        .end()
        .success();
    insta::assert_snapshot!(outcome, @"
    Creates an API client: the account that all other examples use.

    Usage: create_api_client [OPTIONS]

    Options:
          --verbose  Show each call and its response on standard error, without secrets
      -h, --help     Print help
      -V, --version  Print version

    cargo run -p authorization --bin create_api_client

    The secret is saved as clear text. A real integration keeps it in a secure store.

    - Prompts: login and password of an administrator. They are used for these two calls and not saved.
    - Needs: no file. api_client.json must not exist yet: its secret cannot be retrieved again.
    - Calls: GET /api/2/users/me, POST /api/2/clients.
    - Writes: api_client.json.
    - If it fails midway: an API client may exist whose secret was never received. Delete it in the management console,
      then run it again.
    ");
}

#[test]
fn every_example_says_what_it_does_asks_needs_calls_and_leaves() {
    // There is nothing in home: help needs no settings.
    let home = TestHome::empty();
    for example in examples::all() {
        let name = format!("{}/{}", example.package, example.name);
        let source = fs::read_to_string(&example.source).expect("the source is text");
        let first = source
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("//! "));

        for flag in ["--help", "-h"] {
            let help = home.example(&name).arg(flag).end().success().stdout;

            assert_eq!(help.lines().next(), first, "{name}");
            for part in ["Asks for: ", "Needs: ", "Calls: ", "Leaves: "] {
                assert!(help.contains(part), "{name} has no {part}");
            }
        }
    }
}

#[test]
fn every_example_that_changes_something_says_what_to_do_half_way() {
    for example in examples::all() {
        let source = fs::read_to_string(&example.source).expect("the source is text");
        let (header, code) = source.split_once("\n\nuse ").expect("a header");
        let (name, header) = (&example.name, header.replace(['`', '\n'], ""));
        let posts = header.contains("POST /api") && !header.contains("POST /api/2/idp/token.");
        assert!(!posts || header.contains("- Half way: "), "{name}");

        // What is left to do is told from the header, so it has to have each step of the code.
        if let Some((_, changes)) = header.split_once("- Changes: ") {
            let (changes, _) = changes.split_once(".//! - ").expect("an item after it");
            let mut rest = changes;
            for step in code.split(".step(\"").skip(1) {
                let (step, _) = step.split_once('"').expect("its end");
                let at = rest
                    .find(step)
                    .unwrap_or_else(|| panic!("{name}: {step} is not in {changes}"));
                rest = &rest[at + step.len()..];
            }
        }
    }
}

#[test]
fn every_example_tells_its_version() {
    let home = TestHome::empty();
    for example in examples::all() {
        let name = format!("{}/{}", example.package, example.name);
        for flag in ["--version", "-V"] {
            let outcome = home.example(&name).arg(flag).end().success();
            assert_eq!(
                outcome.stdout,
                format!("{} {}\n", example.name, env!("CARGO_PKG_VERSION"))
            );
        }
    }
}

#[test]
fn an_argument_is_refused() {
    let home = TestHome::empty();
    let mut told = String::new();
    for arg in [
        "partner",
        "--verbosely",
        "--verbose=1",
        "-v",
        "--help=1",
        "",
    ] {
        let run = home.example("create_api_client").arg(arg);
        told += &format!("{arg:?}\n{}\n", run.refused(2));
    }
    insta::assert_snapshot!(told, @r#"
    "partner"
    ! error: unexpected argument 'partner' found
    ! help: create_api_client takes no arguments except --verbose; it prompts for what it needs. See --help.
    exit 2

    "--verbosely"
    ! error: unexpected argument '--verbosely' found
    ! help: create_api_client takes no arguments except --verbose; it prompts for what it needs. See --help.
    exit 2

    "--verbose=1"
    ! error: unexpected value '1' for '--verbose' found; no more were expected
    ! help: create_api_client takes no arguments except --verbose; it prompts for what it needs. See --help.
    exit 2

    "-v"
    ! error: unexpected argument '-v' found
    ! help: create_api_client takes no arguments except --verbose; it prompts for what it needs. See --help.
    exit 2

    "--help=1"
    ! error: unexpected value '1' for '--help' found; no more were expected
    ! help: create_api_client takes no arguments except --verbose; it prompts for what it needs. See --help.
    exit 2

    ""
    ! error: unexpected argument '' found
    ! help: create_api_client takes no arguments except --verbose; it prompts for what it needs. See --help.
    exit 2
    "#);

    for example in examples::all() {
        let name = format!("{}/{}", example.package, example.name);
        let outcome = home.example(&name).arg("unknown").refused(2);
        assert!(outcome.stderr.contains("'unknown'"), "{outcome}");
        assert!(outcome.stderr.contains(&example.name), "{outcome}");
    }
}
