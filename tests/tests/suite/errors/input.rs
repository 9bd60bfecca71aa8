//! Prompts that get no answer. Nothing is sent.

use serde_json::json;
use tests::{ScriptedServer, TestHome, redactions};

const CLIENT: &str = "create_api_client";
const USER: &str = "create_user_for_customer_activate_assign_backup_user_role";

#[test]
fn nothing_is_sent_unless_every_prompt_is_answered() {
    let cases: &[(&str, &[u8], &str)] = &[
        (CLIENT, b"", "no login at SERVER was given: the input ended"),
        (CLIENT, b"\n", "no login at SERVER was given"),
        (CLIENT, b" \t \r\n", "no login at SERVER was given"),
        (CLIENT, b"admin\n", "no password was given: the input ended"),
        (CLIENT, b"admin\n\n", "no password was given"),
        (CLIENT, b"admin\n   ", "no password was given"),
        (
            USER,
            b"",
            "no login of the new user was given: the input ended",
        ),
        (USER, b"\n", "no login of the new user was given"),
        (
            USER,
            b"john",
            "no e-mail address of the new user was given: the input ended",
        ),
        (
            USER,
            b"john\n \n",
            "no e-mail address of the new user was given",
        ),
        (
            "tenants/search_for_tenant_or_user",
            b"",
            "no text to search for was given: the input ended",
        ),
        (
            "users/search_for_tenant_or_user",
            b"  \n",
            "no text to search for was given",
        ),
    ];
    for &(name, input, expected) in cases {
        let server = ScriptedServer::unused();
        let home = TestHome::new(&server.url());
        let home = match name {
            CLIENT => home,
            _ => home.signed_in().put("customer.json", json!({ "id": "c" })),
        };

        let outcome = home.example(name).input(input).refused(2);

        let url = server.url();
        let error = outcome.error().replace(url.trim_end_matches('/'), "SERVER");
        assert_eq!(error, expected, "{name}: {outcome}");
        let expected = "Run the example again and type an answer";
        assert!(outcome.help().starts_with(expected), "{outcome}");
        assert_eq!(server.conversation(), "");
    }
}

#[test]
fn input_that_is_not_utf_8_is_reported() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url());

    let outcome = home.example(CLIENT).input(b"\xff\xfe\n").refused(2);

    insta::assert_snapshot!(outcome, @"
    ! Login at http://127.0.0.1:PORT:
    ! error: Login at http://127.0.0.1:PORT cannot be read: stream did not contain valid UTF-8
    ! help: Type it at a terminal, or pipe it in as a line of UTF-8.
    exit 2
    ");
    assert_eq!(server.conversation(), "");
}
