//! Files in the home folder that are missing, invalid, or must not be overwritten. Nothing is sent.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use serde_json::json;
use tests::{Response, ScriptedServer, TestHome, examples};

const PARTNER: &str = "create_partner_tenant_and_assign_specific_edition";
const CUSTOMER: &str = "create_customer_tenant_and_assign_specific_edition";
const USER: &str = "create_user_for_customer_activate_assign_backup_user_role";
const SCOPED: &str = "issue_customer_scoped_token_for_bc";

#[test]
fn without_an_api_client_every_example_names_the_one_that_creates_it() {
    for example in examples::all() {
        if example.name == "create_api_client" {
            continue;
        }
        let server = ScriptedServer::unused();
        let home = TestHome::new(&server.url());
        let name = format!("{}/{}", example.package, example.name);

        let outcome = home.example(&name).input("a\nb\n").refused(2);

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome, @"
            ! error: HOME/api_client.json is missing
            ! help: Run `cargo run -p authorization --bin create_api_client` first: it creates api_client.json.
            exit 2
            ");
        }
        assert_eq!(server.conversation(), "");
    }
}

#[test]
fn an_existing_api_client_is_not_overwritten() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url()).put_text("api_client.json", "anything");

    let outcome = home
        .example("create_api_client")
        .input("admin\npassword\n")
        .refused(2);

    insta::assert_snapshot!(outcome, @"
    ! error: api_client.json already exists, and its secret cannot be retrieved again
    ! help: Continue with this API client. To create another one, add `-- --replace` to the command.
    exit 2
    ");
    assert_eq!(server.conversation(), "");
}

#[test]
fn an_invalid_api_client_is_reported_with_its_field() {
    for (content, expected) in [
        (
            "",
            "is not JSON: EOF while parsing a value at line 1 column 0",
        ),
        (
            "{",
            "is not JSON: EOF while parsing an object at line 1 column 1",
        ),
        ("[]", "cannot be used: not a JSON object"),
        ("{}", "cannot be used: missing field `client_id`"),
        (
            r#"{"client_id": "c", "tenant_id": "t"}"#,
            "cannot be used: missing field `client_secret`",
        ),
        (
            r#"{"client_id": "c", "client_secret": "", "tenant_id": "t"}"#,
            "cannot be used: client_secret: expected a non-empty string",
        ),
        (
            r#"{"client_id": "c", "client_secret": 7, "tenant_id": "t"}"#,
            "cannot be used: client_secret: expected a non-empty string",
        ),
        (
            r#"{"client_id": "c", "client_secret": "s", "tenant_id": ""}"#,
            r#"cannot be used: tenant_id: "" is not an id"#,
        ),
        // It would lead to another path.
        (
            r#"{"client_id": "c", "client_secret": "s", "tenant_id": "../x"}"#,
            r#"cannot be used: tenant_id: "../x" is not an id"#,
        ),
    ] {
        for example in [PARTNER, "issue_access_token"] {
            let server = ScriptedServer::unused();
            let home = TestHome::new(&server.url()).put_text("api_client.json", content);

            let outcome = home.example(example).refused(2);

            assert_eq!(
                outcome.error(),
                format!("HOME/api_client.json {expected}"),
                "{content}"
            );
            assert_eq!(
                outcome.help(),
                "Correct the file, or restore it from a copy: it must be one JSON object with the client_id and \
                 client_secret of the API client.",
                "{content}"
            );
            assert_eq!(server.conversation(), "");
        }
    }
}

#[test]
fn a_missing_or_invalid_response_file_is_reported_with_the_example_that_writes_it() {
    for (example, file, writer) in [
        (CUSTOMER, "partner.json", PARTNER),
        (USER, "customer.json", CUSTOMER),
        (SCOPED, "customer.json", CUSTOMER),
    ] {
        for (content, expected) in [
            (None, "is missing"),
            (
                Some("{\"id\":"),
                "is not JSON: EOF while parsing a value at line 1 column 6",
            ),
            (Some("{}"), "cannot be used: missing field `id`"),
            (
                Some(r#"{"id": 7}"#),
                "cannot be used: id: invalid type: integer `7`, expected a string",
            ),
            (Some("[1]"), "cannot be used: not a JSON object"),
        ] {
            let server = ScriptedServer::unused();
            let home = TestHome::new(&server.url()).signed_in();
            let home = match content {
                Some(content) => home.put_text(file, content),
                None => home,
            };

            let outcome = home.example(example).input("john\nj@x\n").refused(2);

            assert_eq!(outcome.error(), format!("HOME/{file} {expected}"));
            let command = format!("cargo run -p tenants --bin {writer}");
            let help = match content {
                None => format!("Run `{command}` first: it creates {file}."),
                Some(_) => format!("Correct the file, or run `{command}` for a new one."),
            };
            assert_eq!(outcome.help(), help);
            assert_eq!(server.conversation(), "");
        }
    }
}

#[test]
fn a_folder_in_place_of_a_file_is_reported() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url());
    fs::create_dir(home.path("api_client.json")).expect("home is writable");

    let outcome = home.example(PARTNER).refused(2);

    insta::assert_snapshot!(outcome, @"
    ! error: HOME/api_client.json is not a regular file
    ! help: Move or remove it: it must be a file.
    exit 2
    ");
    assert_eq!(server.conversation(), "");
}

#[test]
fn temporary_files_of_killed_runs_are_removed_after_an_hour() {
    let server = ScriptedServer::new([Response::no_items()]);
    let temporary = [".cyber-platform-aaaaaa", ".cyber-platform-bbbbbb"];
    let home = TestHome::new(&server.url())
        .signed_in()
        .put_text(temporary[0], "{}")
        .put_text(temporary[1], "{}");
    let two_hours = Duration::from_secs(2 * 60 * 60);
    fs::File::options()
        .write(true)
        .open(home.path(temporary[0]))
        .and_then(|file| file.set_modified(SystemTime::now() - two_hours))
        .expect("the test owns the file");

    home.run("get_tenant_usage").success();

    assert_eq!(
        temporary.map(|name| home.path(name).exists()),
        [false, true]
    );
}

#[test]
fn an_invalid_id_in_a_file_leads_to_no_call() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url())
        .signed_in()
        .put("customer.json", json!({ "id": "../users" }));

    let outcome = home.example("get_trial_end_date_for_customer").refused(2);

    let expected = r#"HOME/customer.json cannot be used: id: "../users" is not an id"#;
    assert_eq!(outcome.error(), expected);
    assert_eq!(server.conversation(), "");
}
