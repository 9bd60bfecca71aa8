//! Files of home that are missing, broken or in the way. Nothing is sent.

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
fn without_an_api_client_every_example_names_the_one_that_makes_it() {
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
fn an_api_client_that_cannot_be_used() {
    let mut told = String::new();
    for content in [
        "",
        "{",
        "[]",
        "{}",
        r#"{"client_id": "c", "tenant_id": "t"}"#,
        r#"{"client_id": "c", "client_secret": "", "tenant_id": "t"}"#,
        r#"{"client_id": "c", "client_secret": 7, "tenant_id": "t"}"#,
        r#"{"client_id": "c", "client_secret": "s"}"#,
    ] {
        let server = ScriptedServer::unused();
        let home = TestHome::new(&server.url()).put_text("api_client.json", content);
        for name in [PARTNER, "issue_access_token"] {
            let outcome = home.example(name).refused(2).to_string();
            if name == PARTNER {
                told += &format!("{content:?}\n{outcome}\n");
            } else {
                assert!(told.ends_with(&format!("{outcome}\n")), "{outcome}");
            }
        }
        assert_eq!(server.conversation(), "");
    }
    insta::assert_snapshot!(told, @r#"
    ""
    ! error: HOME/api_client.json is not JSON: EOF while parsing a value at line 1 column 0
    ! help: Move it away. Run `cargo run -p authorization --bin create_api_client` first: it creates api_client.json.
    exit 2

    "{"
    ! error: HOME/api_client.json is not JSON: EOF while parsing an object at line 1 column 1
    ! help: Move it away. Run `cargo run -p authorization --bin create_api_client` first: it creates api_client.json.
    exit 2

    "[]"
    ! error: HOME/api_client.json cannot be used: not a JSON object
    ! help: Move it away. Run `cargo run -p authorization --bin create_api_client` first: it creates api_client.json.
    exit 2

    "{}"
    ! error: HOME/api_client.json cannot be used: missing field `client_id`
    ! help: Move it away. Run `cargo run -p authorization --bin create_api_client` first: it creates api_client.json.
    exit 2

    "{\"client_id\": \"c\", \"tenant_id\": \"t\"}"
    ! error: HOME/api_client.json cannot be used: missing field `client_secret`
    ! help: Move it away. Run `cargo run -p authorization --bin create_api_client` first: it creates api_client.json.
    exit 2

    "{\"client_id\": \"c\", \"client_secret\": \"\", \"tenant_id\": \"t\"}"
    ! error: HOME/api_client.json cannot be used: client_secret: expected a non-empty string
    ! help: Move it away. Run `cargo run -p authorization --bin create_api_client` first: it creates api_client.json.
    exit 2

    "{\"client_id\": \"c\", \"client_secret\": 7, \"tenant_id\": \"t\"}"
    ! error: HOME/api_client.json cannot be used: client_secret: expected a non-empty string
    ! help: Move it away. Run `cargo run -p authorization --bin create_api_client` first: it creates api_client.json.
    exit 2

    "{\"client_id\": \"c\", \"client_secret\": \"s\"}"
    ! error: HOME/api_client.json cannot be used: missing field `tenant_id`
    ! help: Move it away. Run `cargo run -p authorization --bin create_api_client` first: it creates api_client.json.
    exit 2
    "#);
}

#[test]
fn an_api_client_is_not_overwritten() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url()).put_text("api_client.json", "anything");

    let outcome = home
        .example("create_api_client")
        .input("admin\npassword\n")
        .refused(2);

    insta::assert_snapshot!(outcome, @"
    ! error: api_client.json already exists, and its secret cannot be retrieved again
    ! help: Continue with this API client, or move the file away to create another one.
    exit 2
    ");
    assert_eq!(server.conversation(), "");
}

#[test]
fn what_an_earlier_example_leaves_is_missing_or_cannot_be_used() {
    let mut told = String::new();
    for (name, file) in [
        (CUSTOMER, "partner.json"),
        (USER, "customer.json"),
        (SCOPED, "customer.json"),
    ] {
        for content in [
            None,
            Some(""),
            Some("{\"id\":"),
            Some("{}"),
            Some(r#"{"id": 7}"#),
            Some("[1]"),
        ] {
            let server = ScriptedServer::unused();
            let home = TestHome::new(&server.url()).signed_in();
            let home = match content {
                Some(content) => home.put_text(file, content),
                None => home,
            };

            let outcome = home.example(name).input("john\nj@x\n").refused(2);

            assert_eq!(server.conversation(), "");
            if name != SCOPED {
                told += &format!("{file} {}\n{outcome}\n", content.unwrap_or("missing"));
            } else {
                assert!(told.contains(&outcome.to_string()), "{outcome}");
            }
        }
    }
    insta::assert_snapshot!(told, @r#"
    partner.json missing
    ! error: HOME/partner.json is missing
    ! help: Run `cargo run -p tenants --bin create_partner_tenant_and_assign_specific_edition` first: it creates partner.json.
    exit 2

    partner.json 
    ! error: HOME/partner.json is not JSON: EOF while parsing a value at line 1 column 0
    ! help: Run `cargo run -p tenants --bin create_partner_tenant_and_assign_specific_edition` first: it creates partner.json.
    exit 2

    partner.json {"id":
    ! error: HOME/partner.json is not JSON: EOF while parsing a value at line 1 column 6
    ! help: Run `cargo run -p tenants --bin create_partner_tenant_and_assign_specific_edition` first: it creates partner.json.
    exit 2

    partner.json {}
    ! error: HOME/partner.json cannot be used: missing field `id`
    ! help: Run `cargo run -p tenants --bin create_partner_tenant_and_assign_specific_edition` first: it creates partner.json.
    exit 2

    partner.json {"id": 7}
    ! error: HOME/partner.json cannot be used: id: invalid type: integer `7`, expected a string
    ! help: Run `cargo run -p tenants --bin create_partner_tenant_and_assign_specific_edition` first: it creates partner.json.
    exit 2

    partner.json [1]
    ! error: HOME/partner.json cannot be used: not a JSON object
    ! help: Run `cargo run -p tenants --bin create_partner_tenant_and_assign_specific_edition` first: it creates partner.json.
    exit 2

    customer.json missing
    ! error: HOME/customer.json is missing
    ! help: Run `cargo run -p tenants --bin create_customer_tenant_and_assign_specific_edition` first: it creates customer.json.
    exit 2

    customer.json 
    ! error: HOME/customer.json is not JSON: EOF while parsing a value at line 1 column 0
    ! help: Run `cargo run -p tenants --bin create_customer_tenant_and_assign_specific_edition` first: it creates customer.json.
    exit 2

    customer.json {"id":
    ! error: HOME/customer.json is not JSON: EOF while parsing a value at line 1 column 6
    ! help: Run `cargo run -p tenants --bin create_customer_tenant_and_assign_specific_edition` first: it creates customer.json.
    exit 2

    customer.json {}
    ! error: HOME/customer.json cannot be used: missing field `id`
    ! help: Run `cargo run -p tenants --bin create_customer_tenant_and_assign_specific_edition` first: it creates customer.json.
    exit 2

    customer.json {"id": 7}
    ! error: HOME/customer.json cannot be used: id: invalid type: integer `7`, expected a string
    ! help: Run `cargo run -p tenants --bin create_customer_tenant_and_assign_specific_edition` first: it creates customer.json.
    exit 2

    customer.json [1]
    ! error: HOME/customer.json cannot be used: not a JSON object
    ! help: Run `cargo run -p tenants --bin create_customer_tenant_and_assign_specific_edition` first: it creates customer.json.
    exit 2
    "#);
}

#[test]
fn a_folder_where_a_file_should_be() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url());
    fs::create_dir(home.path("api_client.json")).expect("home is writable");

    let outcome = home.example(PARTNER).refused(2);

    assert!(
        outcome.stderr.contains("api_client.json cannot be read"),
        "{outcome}"
    );
    assert_eq!(server.conversation(), "");
}

#[test]
fn an_id_that_is_none_is_not_put_into_a_path() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url()).put(
        "api_client.json",
        json!({ "client_id": "c", "client_secret": "s3cr3t-of-c", "tenant_id": "../x" }),
    );
    let home = home
        .secret("s3cr3t-of-c")
        .token("api_token.json", "t0ken-of-c", 7200);

    let outcome = home.example("get_tenant_usage").refused(1);

    assert!(outcome.stderr.contains("was not called"), "{outcome}");
    assert_eq!(server.conversation(), "");
}

#[test]
fn what_a_killed_run_has_left_goes_after_an_hour() {
    let server = ScriptedServer::new([Response::no_items()]);
    let left = [".cyber-platform-aaaaaa", ".cyber-platform-bbbbbb"];
    let home = TestHome::new(&server.url())
        .signed_in()
        .put_text(left[0], "{}")
        .put_text(left[1], "{}");
    let two_hours = Duration::from_secs(2 * 60 * 60);
    fs::File::options()
        .write(true)
        .open(home.path(left[0]))
        .and_then(|file| file.set_modified(SystemTime::now() - two_hours))
        .expect("it is ours");

    home.run("get_tenant_usage").success();

    assert_eq!(left.map(|name| home.path(name).exists()), [false, true]);
}
