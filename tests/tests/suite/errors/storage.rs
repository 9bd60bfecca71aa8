//! A home that cannot be written: another user's, or full.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::Path,
    process::Command,
};

use tests::{ScriptedServer, TestHome, examples, redactions};

/// A user who owns nothing.
const NOBODY: u32 = 65_534;

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the test owns the path");
}

/// Copies in a separate process. If this process wrote the file, a child that another test is starting could inherit
/// the open handle, and a file that is open for writing cannot be run.
fn copy_binary(from: &Path, to: &Path) {
    let status = Command::new("cp").arg(from).arg(to).status();
    assert!(status.is_ok_and(|status| status.success()), "no copy");
}

#[test]
fn the_home_of_another_user_is_reported() {
    let _redacted = redactions::scripted();
    for name in ["create_api_client", "get_tenant_usage"] {
        let server = ScriptedServer::unused();
        let home = TestHome::new(&server.url());
        // Root can write everywhere, so the example runs as another user, who may not have access to the build folder.
        let is_root = fs::metadata(home.folder()).expect("it exists").uid() == 0;
        let elsewhere = tempfile::tempdir().expect("a temporary folder can be made");
        let copy = elsewhere.path().join("example");
        copy_binary(&examples::named(name).binary(), &copy);
        allow(elsewhere.path(), 0o755);
        allow(home.folder(), 0o555);

        let run = home
            .example(name)
            .instead(&copy)
            .input("admin\npassword\n")
            .with(|command| {
                if is_root {
                    command.uid(NOBODY).gid(NOBODY);
                }
            });
        let outcome = run.refused(2);
        allow(home.folder(), 0o755);

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome, @"
            ! error: cannot write to HOME: Permission denied (os error N)
            ! help: Free disk space or fix the permissions, or use another folder with your settings: --home or CYBER_PLATFORM_HOME.
            exit 2
            ");
        }
        assert_eq!(server.conversation(), "");
    }
}

#[cfg(target_os = "linux")]
mod full {
    use std::{io::Write, path::PathBuf};

    use serde_json::{Value, json};
    use tests::{
        Response,
        test_home::{LOGIN, ME, PASSWORD},
    };

    use super::*;

    /// A small disk mounted on a folder, unmounted on drop.
    struct Disk(PathBuf);

    impl Disk {
        /// `None` if mounting is not permitted, which the test then prints.
        fn mount(folder: &Path, size: &str) -> Option<Self> {
            let mounted = Command::new("mount")
                .args(["-t", "tmpfs", "-o"])
                .arg(format!("size={size}"))
                .arg("tmpfs")
                .arg(folder)
                .output();
            match mounted {
                Ok(output) if output.status.success() => Some(Self(folder.to_owned())),
                other => {
                    eprintln!("skipped: no disk can be mounted here: {other:?}");
                    None
                }
            }
        }
    }

    impl Drop for Disk {
        fn drop(&mut self) {
            // Lazily, because a child that another test is starting can have a file open on the disk.
            let status = Command::new("umount").arg("--lazy").arg(&self.0).status();
            assert!(
                status.is_ok_and(|status| status.success()),
                "the disk cannot be unmounted"
            );
        }
    }

    fn settings(server: &ScriptedServer) -> Value {
        json!({
            "base_url": server.url(), "partner_tenant": "partner", "customer_tenant": "customer",
            "edition": "e", "switch_edition": "s", "cyber_protection_application_id": "a",
        })
    }

    #[test]
    fn nothing_is_sent_if_the_disk_is_full() {
        let _redacted = redactions::scripted();
        let server = ScriptedServer::unused();
        // Dropped in reverse order: the disk before the folder below it.
        let mut home = TestHome::empty();
        let Some(_disk) = Disk::mount(home.folder(), "64k") else {
            return;
        };
        home = home.put("cyber.platform.cfg.json", settings(&server));
        let mut filler = fs::File::create(home.path("filler")).expect("an empty file fits");
        while filler.write_all(&[0; 4096]).is_ok() {}

        let outcome = home
            .example("create_api_client")
            .input(format!("{LOGIN}\n{PASSWORD}\n"))
            .refused(2);

        insta::assert_snapshot!(outcome, @"
        ! error: cannot write to HOME: No space left on device (os error N)
        ! help: Free disk space or fix the permissions, or use another folder with your settings: --home or CYBER_PLATFORM_HOME.
        exit 2
        ");
        assert_eq!(server.conversation(), "");
    }

    #[test]
    fn a_disk_that_becomes_full_leaves_the_old_file_unchanged() {
        let _redacted = redactions::scripted();
        let long = "x".repeat(200_000);
        let server =
            ScriptedServer::new([Response::json(200, json!({ "items": [], "text": long }))]);
        let mut home = TestHome::empty();
        let Some(_disk) = Disk::mount(home.folder(), "128k") else {
            return;
        };
        let file = format!("tenant_usage_{ME}.json");
        home = home
            .put("cyber.platform.cfg.json", settings(&server))
            .put_text(&file, "of an earlier run")
            .signed_in();

        let outcome = home.example("get_tenant_usage").refused(2);

        insta::assert_snapshot!(outcome, @"
        ! error: cannot write tenant_usage_my-tenant.json in HOME: No space left on device (os error N)
        ! help: Free disk space or fix the permissions, or use another folder with your settings: --home or CYBER_PLATFORM_HOME.
        exit 2
        ");
        assert_eq!(home.text(&file), "of an earlier run");
        assert_eq!(server.calls().len(), 1);
    }

    #[test]
    fn an_api_client_that_cannot_be_saved_is_reported_as_created() {
        let _redacted = redactions::scripted();
        let long = "x".repeat(200_000);
        let server = ScriptedServer::new([
            Response::json(200, json!({ "tenant_id": ME })),
            Response::json(
                201,
                json!({ "client_id": "c-1", "client_secret": "s", "text": long }),
            ),
        ]);
        let mut home = TestHome::empty();
        let Some(_disk) = Disk::mount(home.folder(), "128k") else {
            return;
        };
        home = home.put("cyber.platform.cfg.json", settings(&server));

        let outcome = home
            .example("create_api_client")
            .input(format!("{LOGIN}\n{PASSWORD}\n"))
            .refused(2);

        insta::assert_snapshot!(outcome, @"
        ! Login at http://127.0.0.1:PORT:
        ! Password:
        ! error: cannot write api_client.json in HOME: No space left on device (os error N)
        ! help: Free disk space or fix the permissions, or use another folder with your settings: --home or CYBER_PLATFORM_HOME.
        ! done: create the API client
        ! next: an API client may exist whose secret was never received or saved. Delete it in the management console, then run the example again.
        exit 2
        ");
        assert_eq!(server.calls().len(), 2);
    }
}
