//! The guided tour as a program: it succeeds again and again, and leaves the user's own home folder alone.

use std::{
    path::Path,
    process::{Command, Output},
};

use tests::{TestHome, examples};

/// Runs the tour with the examples that were built for all tests.
fn tour(arguments: &[&str]) -> Output {
    tour_in(examples::checkout(), arguments)
}

fn tour_in(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(examples::tour())
        .arg("--binaries")
        .arg(examples::binaries().folder())
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        // Must not lead it elsewhere.
        .env("CYBER_PLATFORM_BASE_URL", "http://127.0.0.1:1/")
        .output()
        .expect("the tour starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[test]
fn every_step_is_done_and_shown_and_the_users_own_files_stay_as_they_are() {
    // The folder of a user who works with another platform.
    let own = TestHome::new("http://127.0.0.1:1/").for_customer();
    let before = own.contents();

    let output = tour_in(own.folder(), &[]);
    let (told, said) = (text(&output.stdout), text(&output.stderr));

    assert!(output.status.success(), "{told}{said}");
    for example in examples::all() {
        let command = format!("$ cargo run -p {} --bin {}", example.package, example.name);
        assert!(told.contains(&command), "{command}");
    }
    for shown in [
        "Login: admin",
        "Password: (typed, not shown)",
        "Press Enter to lock it: (Enter)\n  It is locked\n",
        "Type yes to go on: yes\n  Blue Harbour Cloud is deleted\n",
        "POST   /api/2/clients  201",
        "api_client.json  new, ",
        "readable by you alone",
        "mail   to grace@example.com: ",
        &format!("All {} steps are done: ", examples::all().len()),
    ] {
        assert!(told.contains(shown), "{shown}\n{told}");
    }
    assert!(!told.contains("client_secret\""), "{told}");
    assert_eq!(own.contents(), before);
}

#[test]
fn a_named_home_is_kept_and_must_be_empty() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("new/home");
    let name = home.to_str().expect("text");

    let output = tour(&["--home", name]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for file in [
        "api_client.json",
        "partner.json",
        "customer.json",
        "user.json",
    ] {
        assert!(home.join(file).is_file(), "{file}");
    }

    let output = tour(&["--home", name]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("error: ") && said.contains("is not empty"),
        "{said}"
    );
    assert!(said.contains("help: "), "{said}");
}

#[test]
fn a_chapter_is_gone_through_alone_after_what_it_needs() {
    let list = tour(&["--list"]);
    assert!(list.status.success());
    let list = text(&list.stdout);
    for example in examples::all() {
        assert!(list.contains(&example.name), "{list}");
    }
    let names = list
        .lines()
        .filter_map(|line| line.split_once("--chapter "));
    for (_, name) in names {
        let output = tour(&["--chapter", name]);
        let (told, said) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{name}\n{told}{said}");
        assert!(told.contains("steps are done: "), "{name}\n{told}");
    }
}

#[test]
fn a_chapter_that_there_is_not_is_refused() {
    let output = tour(&["--chapter", "nothing"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("authorization"));
}

#[test]
fn a_home_that_cannot_be_made_is_told() {
    let output = tour(&[
        "--home",
        Path::new("/dev/null/home").to_str().expect("text"),
    ]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("error: /dev/null/home cannot be made"),
        "{said}"
    );
}
