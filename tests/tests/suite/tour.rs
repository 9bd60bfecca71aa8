//! The options of the guided tour. The test `pages` runs all of it.

use std::{
    process::{Command, Output, Stdio},
    thread,
};

use tests::examples;

/// Runs the tour with the examples that were built for all tests.
fn tour(arguments: &[&str]) -> Output {
    Command::new(examples::tour())
        .arg("--binaries")
        .arg(examples::binaries().folder())
        .args(arguments)
        .current_dir(examples::checkout())
        .env("NO_COLOR", "1")
        // The tour must ignore the user's own settings.
        .env("CYBER_PLATFORM_BASE_URL", "http://127.0.0.1:1/")
        .stdin(Stdio::null())
        .output()
        .expect("the tour starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[test]
fn home_is_kept_and_must_be_empty() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("new/home");
    let name = home.to_str().expect("text");

    let output = tour(&["--home", name, "--chapter", "authorization"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(home.join("api_client.json").is_file());
    assert!(home.join("api_token.json").is_file());

    let output = tour(&["--home", name]);
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("error: ") && stderr.contains("is not empty"),
        "{stderr}"
    );
    assert!(stderr.contains("help: "), "{stderr}");
}

/// Each chapter alone, after the examples that it needs.
#[test]
fn runs_each_chapter_after_what_it_needs() {
    let list = tour(&["--list"]);
    assert!(list.status.success());
    let list = text(&list.stdout);
    for example in examples::all() {
        assert!(list.contains(&example.name), "{list}");
    }
    let names = list
        .lines()
        .filter_map(|line| line.split_once("--chapter "));
    // Most of the time they wait for simulated work.
    thread::scope(|scope| {
        for (_, name) in names {
            scope.spawn(move || {
                let output = tour(&["--chapter", name]);
                let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
                assert!(output.status.success(), "{name}\n{stdout}{stderr}");
                let summary = stdout.split_once(" succeeded: ");
                let (_, summary) = summary.unwrap_or_else(|| panic!("{name}\n{stdout}"));
                // The chapter on usage has one step.
                let wrong = ["All 1 ", ": 1 calls"]
                    .iter()
                    .any(|text| stdout.contains(text));
                assert!(!wrong, "{name}\n{stdout}");
                // One file per line, so that no line wraps.
                let is_short = |line: &str| line.matches(".json").count() <= 1;
                assert!(summary.lines().all(is_short), "{name}\n{summary}");
            });
        }
    });
}

#[test]
fn a_chapter_is_chosen_by_its_folder_or_its_heading_in_any_case() {
    for chapter in ["Usage", "protection PLANS"] {
        let output = tour(&["--chapter", chapter]);
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
}

#[test]
fn pause_shows_the_source_and_continues_at_the_end_of_the_input() {
    let output = tour(&["--chapter", "usage", "--pause"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let stdout = text(&output.stdout);
    let (_, shown) = stdout
        .split_once("\n  usage/src/bin/get_tenant_usage.rs\n")
        .unwrap_or_else(|| panic!("{stdout}"));
    let (source, _) = shown
        .split_once("\n\n  Press Enter to run it.")
        .unwrap_or_else(|| panic!("{stdout}"));
    assert!(source.contains("  | "), "{stdout}");
    assert!(source.contains(".get("), "{stdout}");
}

#[test]
fn rejects_an_unknown_chapter() {
    let output = tour(&["--chapter", "nothing"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("authorization"));
}

#[cfg(unix)]
#[test]
fn reports_a_home_that_cannot_be_created() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let below_file = file.path().join("home");
    let home = below_file.to_str().expect("text");
    let output = tour(&["--home", home]);
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    let expected = format!("error: {home} cannot be created");
    assert!(stderr.contains(&expected), "{stderr}");
}
