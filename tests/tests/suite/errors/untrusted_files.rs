//! Files in the home folder that another user controls, and pipes and links in their place. Nothing is sent, nothing is
//! asked for, and nothing hangs.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    path::Path,
    process::Command,
};

use serde_json::json;
use tests::{Outcome, Response, ScriptedServer, TestHome, redactions};

const SETTINGS: &str = "cyber.platform.cfg.json";
const DEFAULTS: &str = "cyber.platform.cfg.defaults.json";
const LOCK: &str = ".cyber-platform.lock";
/// A user who owns nothing else.
const NOBODY: u32 = 65_534;

/// Each file, and an example that reads it.
const FILES: [(&str, &str); 6] = [
    (SETTINGS, "create_api_client"),
    (DEFAULTS, "create_api_client"),
    ("api_client.json", "get_tenant_usage"),
    ("api_token.json", "get_tenant_usage"),
    ("api_customer_scoped_token.json", "get_all_plans_info"),
    ("customer.json", "get_trial_end_date_for_customer"),
];

/// A home folder with all of these files.
fn home(server: &ScriptedServer) -> TestHome {
    TestHome::new(&server.url())
        .put(DEFAULTS, json!({}))
        .for_customer()
        .put("customer.json", json!({ "id": "c" }))
}

/// Runs an example that must not use the file after this change to it.
fn rejected(file: &str, example: &str, change: impl FnOnce(&Path)) -> Outcome {
    let server = ScriptedServer::unused();
    let home = home(&server);
    if example == "create_api_client" {
        fs::remove_file(home.path("api_client.json")).expect("the test owns the file");
    }
    change(&home.path(file));
    let outcome = home.example(example).input("admin\npassword\n").refused(2);
    assert!(!outcome.stderr.contains("Login"), "{outcome}");
    assert_eq!(server.conversation(), "");
    outcome
}

fn make_pipe(path: &Path) {
    let _ = fs::remove_file(path);
    let status = Command::new("mkfifo").arg(path).status();
    assert!(status.is_ok_and(|status| status.success()), "no pipe");
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the test owns the path");
}

/// Gives the file to another user. `false` if that is not permitted, which the test then prints.
fn give_away(path: &Path) -> bool {
    let given = chown(path, Some(NOBODY), None);
    if let Err(cause) = &given {
        eprintln!("skipped: the owner of a file cannot be changed here: {cause}");
    }
    given.is_ok()
}

#[test]
fn a_file_of_another_user_is_rejected() {
    for (file, example) in FILES {
        let probe = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        if !give_away(probe.path()) {
            return;
        }
        let outcome = rejected(file, example, |path| assert!(give_away(path)));
        assert_eq!(
            outcome.error(),
            format!("HOME/{file} belongs to another user (uid {NOBODY})")
        );
        assert_eq!(
            outcome.help(),
            "Use a folder with your own settings: --home or CYBER_PLATFORM_HOME. If you trust the file, you can also run \
             `sudo chown $(id -u)` with its path."
        );
    }
}

#[test]
fn the_settings_of_another_user_above_the_current_folder_are_rejected() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url());
    allow(home.folder(), 0o1777);
    let below = home.path("work/project");
    fs::create_dir_all(&below).expect("home is writable");
    if !give_away(&home.path(SETTINGS)) {
        return;
    }

    let outcome = home
        .example("create_api_client")
        .standing_in(&below)
        .input("admin\npassword\n")
        .refused(2);

    assert_eq!(
        outcome.error(),
        format!("HOME/{SETTINGS} belongs to another user (uid {NOBODY})")
    );
    assert_eq!(server.conversation(), "");
}

#[test]
fn a_link_of_another_user_to_the_settings_is_rejected() {
    let server = ScriptedServer::unused();
    let real = TestHome::new(&server.url());
    let home = TestHome::empty().signed_in();
    let link = home.path(SETTINGS);
    symlink(real.path(SETTINGS), &link).expect("home is writable");
    if std::os::unix::fs::lchown(&link, Some(NOBODY), None).is_err() {
        eprintln!("skipped: the owner of a link cannot be changed here");
        return;
    }

    let outcome = home.example("get_tenant_usage").refused(2);

    assert_eq!(
        outcome.error(),
        format!("HOME/{SETTINGS} belongs to another user (uid {NOBODY})")
    );
    assert_eq!(server.conversation(), "");
}

#[test]
fn a_file_that_every_user_can_change_is_rejected() {
    for (file, example) in FILES {
        let outcome = rejected(file, example, |path| allow(path, 0o602));
        assert_eq!(
            outcome.error(),
            format!("every user of this machine can change HOME/{file}")
        );
        assert_eq!(
            outcome.help(),
            format!("Check its content, then run `chmod o-w HOME/{file}`.")
        );
    }
}

#[test]
fn a_pipe_in_place_of_a_file_is_rejected() {
    for (file, example) in FILES {
        let outcome = rejected(file, example, make_pipe);
        assert_eq!(
            outcome.error(),
            format!("HOME/{file} is not a regular file")
        );
        assert_eq!(outcome.help(), "Move or remove it: it must be a file.");
    }
}

#[test]
fn a_link_in_place_of_a_saved_file_is_rejected() {
    for (file, example) in FILES {
        if [SETTINGS, DEFAULTS].contains(&file) {
            continue;
        }
        for target in ["the-file", "missing"] {
            let outcome = rejected(file, example, |path| {
                fs::rename(path, path.with_file_name("the-file")).expect("home is writable");
                symlink(target, path).expect("home is writable");
            });
            assert_eq!(outcome.error(), format!("HOME/{file} is a symbolic link"));
            assert_eq!(
                outcome.help(),
                "Replace the link with the file itself, or remove it."
            );
        }
    }
}

#[test]
fn a_new_file_replaces_a_link_or_a_pipe_and_leaves_the_target_of_the_link() {
    let elsewhere = tempfile::tempdir().expect("a temporary folder can be made");
    let target = elsewhere.path().join("target");
    fs::write(&target, "unchanged").expect("the folder is writable");
    let link = |path: &Path| symlink(&target, path).expect("home is writable");
    for change in [&make_pipe as &dyn Fn(&Path), &link] {
        let server = ScriptedServer::new([Response::token("new-t0ken")]);
        let home = TestHome::new(&server.url()).client();
        change(&home.path("api_token.json"));

        home.run("issue_access_token").success();

        assert_eq!(home.file("api_token.json")["access_token"], "new-t0ken");
        assert_eq!(home.mode("api_token.json"), "600");
        let content = fs::read_to_string(&target).expect("it is still there");
        assert_eq!(content, "unchanged");
    }
}

#[test]
fn an_api_client_is_not_created_in_place_of_a_link() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url());
    symlink("missing", home.path("api_client.json")).expect("home is writable");

    let outcome = home
        .example("create_api_client")
        .input("admin\npassword\n")
        .refused(2);

    let expected = "api_client.json already exists";
    assert!(outcome.error().starts_with(expected), "{outcome}");
    assert_eq!(server.conversation(), "");
}

#[test]
fn the_settings_may_be_a_link() {
    let server = ScriptedServer::new([Response::no_items()]);
    let real = TestHome::new(&server.url());
    let home = TestHome::empty().signed_in();
    symlink(real.path(SETTINGS), home.path(SETTINGS)).expect("home is writable");

    home.run("get_tenant_usage").success();

    assert_eq!(server.calls().len(), 1);
}

#[test]
fn a_pipe_or_a_link_in_place_of_the_lock_is_rejected() {
    let _redacted = redactions::scripted();
    let elsewhere = tempfile::tempdir().expect("a temporary folder can be made");
    let target = elsewhere.path().join("created");
    let link = |path: &Path| symlink(&target, path).expect("home is writable");
    for (change, expected) in [
        (&make_pipe as &dyn Fn(&Path), "is not a regular file"),
        (&link, "is a symbolic link"),
    ] {
        let server = ScriptedServer::unused();
        let home = TestHome::new(&server.url()).client();
        change(&home.path(LOCK));

        let outcome = home.example("get_tenant_usage").refused(2);

        assert_eq!(outcome.error(), format!("HOME/{LOCK} {expected}"));
        assert!(!target.exists(), "the lock followed the link");
        assert_eq!(server.conversation(), "");
    }
}

#[test]
fn the_files_that_an_example_writes_can_be_read_again_under_any_umask() {
    let server = ScriptedServer::new([Response::token("new-t0ken"), Response::no_items()]);
    let home = TestHome::new(&server.url()).client();

    home.example("get_tenant_usage")
        .shell("umask 0; exec \"$0\"")
        .end()
        .success();

    for name in fs::read_dir(home.folder()).expect("home is readable") {
        let name = name.expect("home is readable");
        let mode = name.metadata().expect("home is readable").mode();
        assert_eq!(mode & 0o002, 0, "{:?}: {mode:o}", name.file_name());
    }
}
