//! A home that takes nothing: not the user's, or full.

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

/// A user whom nothing belongs to.
const NOBODY: u32 = 65_534;

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

/// In a process of its own: a file that is open for writing, be it in a child that another test is just starting,
/// cannot be run.
fn copy_binary(from: &Path, to: &Path) {
    let status = Command::new("cp").arg(from).arg(to).status();
    assert!(status.is_ok_and(|status| status.success()), "no copy");
}

#[test]
fn a_home_that_is_not_ones_own() {
    let _redacted = redactions::scripted();
    for name in ["create_api_client", "get_tenant_usage"] {
        let server = ScriptedServer::unused();
        let home = TestHome::new(&server.url());
        // Root may write anywhere, so it is somebody else there. The binary may be where only root may go.
        let is_root = fs::metadata(home.folder()).expect("it is there").uid() == 0;
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
            ! help: Free disk space or fix the permissions, or set CYBER_PLATFORM_HOME to another folder with your settings.
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

    /// A small disk in the place of a folder, gone with this.
    struct Disk(PathBuf);

    impl Disk {
        /// `None` where one may not mount, which the test's output then says.
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
                    eprintln!("skipped: no disk of its own can be mounted here: {other:?}");
                    None
                }
            }
        }
    }

    impl Drop for Disk {
        fn drop(&mut self) {
            let status = Command::new("umount").arg(&self.0).status();
            assert!(
                status.is_ok_and(|status| status.success()),
                "the disk is stuck"
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
    fn a_disk_without_room_for_an_answer_that_comes_once() {
        let _redacted = redactions::scripted();
        let server = ScriptedServer::unused();
        // The disk has to go before the folder under it: it is the later one of the two.
        let mut home = TestHome::empty();
        let Some(_disk) = Disk::mount(home.folder(), "64k") else {
            return;
        };
        home = home.put("cyber.platform.cfg.json", settings(&server));
        let mut filler = fs::File::create(home.path("filler")).expect("so much fits");
        while filler.write_all(&[0; 4096]).is_ok() {}

        let outcome = home
            .example("create_api_client")
            .input(format!("{LOGIN}\n{PASSWORD}\n"))
            .refused(2);

        insta::assert_snapshot!(outcome, @"
        ! error: cannot write to HOME: No space left on device (os error N)
        ! help: Free disk space or fix the permissions, or set CYBER_PLATFORM_HOME to another folder with your settings.
        exit 2
        ");
        assert_eq!(server.conversation(), "");
    }

    #[test]
    fn a_disk_that_gets_full_leaves_the_old_file_whole() {
        let _redacted = redactions::scripted();
        let long = "x".repeat(200_000);
        let server = ScriptedServer::new([Response::json(200, json!({ "items": [long] }))]);
        let mut home = TestHome::empty();
        let Some(_disk) = Disk::mount(home.folder(), "128k") else {
            return;
        };
        let file = format!("tenant_usage_{ME}.json");
        home = home
            .put("cyber.platform.cfg.json", settings(&server))
            .put_text(&file, "of yesterday")
            .signed_in();

        let outcome = home.example("get_tenant_usage").refused(2);

        insta::assert_snapshot!(outcome, @"
        ! error: tenant_usage_my-tenant.json cannot be written in HOME: No space left on device (os error N)
        ! help: Make room or grant yourself the right to write there, or set CYBER_PLATFORM_HOME to another folder with your settings.
        exit 2
        ");
        assert_eq!(home.text(&file), "of yesterday");
        assert_eq!(server.calls().len(), 1);
    }
}
