//! The access modes of the files that an example writes.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::json;
use tests::{
    Response, ScriptedServer, TestHome,
    test_home::{LOGIN, PASSWORD},
};

const SCOPED: &str = "api_customer_scoped_token.json";

#[test]
fn files_with_secrets_are_readable_by_their_owner_only() {
    for umask in ["0", "022", "077"] {
        let script = format!("umask {umask}; exec \"$0\"");
        let server = ScriptedServer::new([
            Response::json(200, json!({ "tenant_id": "t" })),
            Response::json(
                201,
                json!({ "client_id": "c", "client_secret": "client-s3cret", "tenant_id": "t" }),
            ),
            Response::token("new-t0ken"),
            Response::token("new-t0ken"),
        ]);
        let home = TestHome::new(&server.url()).put("customer.json", json!({ "id": "c" }));

        for name in [
            "create_api_client",
            "issue_access_token",
            "issue_customer_scoped_token_for_bc",
        ] {
            home.example(name)
                .shell(&script)
                .input(format!("{LOGIN}\n{PASSWORD}\n"))
                .end()
                .success();
        }

        for name in ["api_client.json", "api_token.json", SCOPED] {
            assert_eq!(home.mode(name), "600", "{name} under umask {umask}");
        }
    }
}

#[test]
fn rewriting_a_file_with_a_secret_restricts_its_mode() {
    let server = ScriptedServer::new([Response::token("new-t0ken"), Response::token("new-t0ken")]);
    let home = TestHome::new(&server.url())
        .client()
        .token("api_token.json", "old-t0ken", 0)
        .token(SCOPED, "scoped-t0ken", 7200)
        .put("customer.json", json!({ "id": "c" }));
    for name in ["api_token.json", SCOPED] {
        fs::set_permissions(home.path(name), fs::Permissions::from_mode(0o644))
            .expect("the test owns the file");
    }

    home.run("issue_access_token").success();
    home.run("issue_customer_scoped_token_for_bc").success();

    for name in ["api_token.json", SCOPED] {
        assert_eq!(home.mode(name), "600", "{name}");
    }
}

#[test]
fn files_without_secrets_follow_the_umask() {
    for (umask, mode) in [("0", "664"), ("022", "644"), ("077", "600")] {
        let server = ScriptedServer::new([Response::no_items()]);
        let home = TestHome::new(&server.url()).signed_in();

        home.example("get_tenant_usage")
            .shell(&format!("umask {umask}; exec \"$0\""))
            .end()
            .success();

        let names = home.names();
        let file = names
            .lines()
            .find(|name| name.starts_with("tenant_usage_"))
            .expect("the usage was saved");
        assert_eq!(home.mode(file), mode, "under umask {umask}");
    }
}

#[test]
fn a_secret_that_others_can_read_is_reported_once() {
    for (mode, expected) in [(0o644, 1), (0o640, 1), (0o620, 1), (0o600, 0), (0o400, 0)] {
        let server = ScriptedServer::new([Response::no_items()]);
        let home = TestHome::new(&server.url()).for_customer();
        fs::set_permissions(home.path(SCOPED), fs::Permissions::from_mode(mode))
            .expect("the test owns the file");

        // The example reads the file twice.
        let outcome = home.run("get_all_plans_info").success();

        let warning = format!(
            "warning: {SCOPED} contains a secret, and others on this machine may read it; run `chmod 600 \
             HOME/{SCOPED}`\n"
        );
        let count = outcome.stderr.matches(&warning).count();
        assert_eq!(count, expected, "mode {mode:o}:\n{outcome}");
    }
}
