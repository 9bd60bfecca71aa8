//! Confirmations. A host that only a proxy knows plays a platform on another machine.

use std::fs;

use serde_json::json;
use tests::{
    Outcome, Run, TestHome,
    examples::{self, Example},
    raw_server::RawServer,
};

use super::{
    certificates::{Authority, NO_ITEMS, home},
    proxies::Proxy,
};

const HOST: &str = "platform.test";
const PROMPT: &str = "Type yes to continue: ";
/// They always ask, after they have listed what they delete.
const DELETE: &str = "delete_all_tenant_underneath";
const UNDO: &str = "delete_created_objects";

/// A response to all calls about a user.
const USER_RESPONSE: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                            Content-Length: 62\r\n\r\n{\"id\": \"u-1\", \"login\": \"grace\", \"version\": 1, \"enabled\": true}";

/// The examples that ask before their first call.
fn asking() -> impl Iterator<Item = &'static Example> {
    let all = examples::all().iter();
    all.filter(|example| source(example).contains(".ask_first("))
}

fn source(example: &Example) -> String {
    fs::read_to_string(&example.source).expect("the source is text")
}

/// A platform on another machine: its server, the proxy to it, and a home with all that the examples need.
fn elsewhere() -> (RawServer, Proxy, TestHome) {
    let authority = Authority::new();
    let server = authority.server(HOST, NO_ITEMS);
    let proxy = Proxy::to(server.address());
    (server, proxy, with_files(home(HOST, 443, &authority)))
}

fn with_files(home: TestHome) -> TestHome {
    home.token("api_customer_scoped_token.json", "customer-t0ken", 7200)
        .put("partner.json", json!({ "id": "partner-1" }))
        .put("customer.json", json!({ "id": "customer-1" }))
}

fn run<'a>(home: &'a TestHome, example: &Example, proxy: &Proxy) -> Run<'a> {
    home.example(&example.name)
        .env("CYBER_PLATFORM_CA_FILE", "ca.pem")
        .env("HTTPS_PROXY", format!("http://{}/", proxy.address))
}

/// How often an example has asked.
fn prompts(outcome: &Outcome) -> usize {
    outcome.stderr.matches(PROMPT).count()
}

#[test]
fn every_example_that_cannot_be_undone_asks_first_or_shows_what_it_deletes() {
    let mut asking: Vec<_> = asking().map(|example| &*example.name).collect();
    asking.extend([DELETE, UNDO]);
    asking.sort_unstable();
    let is_final = |example: &&Example| {
        let source = source(example);
        let (header, _) = source.split_once("\n\nuse ").expect("a header");
        example.name.starts_with("update_your_partners_")
            || ["DELETE `/api", "PUT `/api/2/tenants/{new}/pricing`"]
                .iter()
                .any(|call| header.contains(call))
    };
    let mut expected: Vec<_> = examples::all()
        .iter()
        .filter(is_final)
        .map(|example| &*example.name)
        .collect();
    expected.sort_unstable();

    assert_eq!(asking, expected);
    assert_eq!(expected.len(), 8);
}

#[test]
fn help_lists_yes_for_the_examples_that_ask_first() {
    let home = TestHome::empty();
    for example in examples::all() {
        let name = format!("{}/{}", example.package, example.name);
        let help = home.example(&name).arg("--help").end().success().stdout;
        let source = source(example);
        let asks = source.contains(".ask_first(") || source.contains(".ask_before_deleting(");
        assert_eq!(help.contains("--yes "), asks, "{name}");
    }

    let outcome = home.example(DELETE).arg("--yes").refused(2);
    let expected = "unexpected argument '--yes' found";
    assert_eq!(outcome.error(), expected);

    let outcome = home.example("revoke_plan").arg("--no").refused(2);
    let expected = "revoke_plan takes no arguments except --verbose, --home and --yes; it prompts";
    assert!(outcome.help().starts_with(expected), "{outcome}");
}

#[test]
fn nothing_is_sent_without_confirmation() {
    let (server, proxy, home) = elsewhere();
    for example in asking() {
        for input in ["", "\n", "y\n", "YES\n", "yes please\n", "no\nyes\n"] {
            let outcome = run(&home, example, &proxy).input(input).refused(2);

            assert_eq!(outcome.error(), "not confirmed; nothing was sent");
            assert_eq!(
                outcome.help(),
                "Run the example again and type yes, pipe it in, or pass --yes."
            );
            assert_eq!(prompts(&outcome), 1, "{outcome}");
            assert_eq!(outcome.stdout, "");
        }
    }
    assert_eq!(proxy.seen().requests, Vec::<String>::new());
    assert_eq!(server.calls(), Vec::<String>::new());
}

#[test]
fn the_prompt_names_the_consequence_and_the_platform() {
    let (_server, proxy, home) = elsewhere();
    let mut all = String::new();
    for example in asking() {
        let outcome = run(&home, example, &proxy).refused(2);
        let prompt = outcome.stderr.lines().next().unwrap_or_default();
        all += &format!("{}\n{}\n\n", example.name, prompt.trim_end());
    }
    insta::assert_snapshot!(all, @"
    revoke_plan
    This ends the protection of the customer's first machine. The platform is https://platform.test/. Type yes to continue:

    create_customer_tenant_and_assign_specific_edition
    This starts production for a new customer, which is billed from then on. It cannot be undone. The platform is https://platform.test/. Type yes to continue:

    create_partner_tenant_and_lock
    This creates a partner, disables it and deletes it. The platform is https://platform.test/. Type yes to continue:

    disable_all_applications_for_customer
    This disables all services of the customer in customer.json. The platform is https://platform.test/. Type yes to continue:

    update_your_partners_to_all_available_editions
    This changes what all your partners can use and what they are billed for. The platform is https://platform.test/. Type yes to continue:

    update_your_partners_to_all_offering_items_for_specific_edition
    This changes what all your partners can use and what they are billed for. The platform is https://platform.test/. Type yes to continue:
    ");
}

#[test]
fn after_yes_or_with_the_option_yes_the_calls_are_sent() {
    let (server, proxy, home) = elsewhere();
    let mut sent = 0;
    for example in asking() {
        // Each fails later: the response to all calls is an empty list.
        let typed = run(&home, example, &proxy).input(" yes \n").end();
        assert_eq!(prompts(&typed), 1, "{typed}");
        let calls = server.calls().len();
        assert!(calls > sent, "{typed}");

        let in_advance = run(&home, example, &proxy).arg("--yes").end();
        assert_eq!(prompts(&in_advance), 0, "{in_advance}");
        sent = server.calls().len();
        assert!(sent > calls, "{in_advance}");
    }
}

#[test]
fn deleting_what_was_created_shows_it_first_and_names_the_platform() {
    let authority = Authority::new();
    let server = authority.server(HOST, USER_RESPONSE);
    let proxy = Proxy::to(server.address());
    let line = json!({
        "entry": "1", "time": "2026-11-24T00:56:05Z", "event": "creating", "platform": format!("https://{HOST}/"),
        "kind": "user", "name": "grace", "parent": "p-1",
    });
    let created =
        json!({ "entry": "1", "time": "2026-11-24T00:56:05Z", "event": "created", "id": "u-1" });
    let home = with_files(home(HOST, 443, &authority))
        .put_text("created.jsonl", &format!("{line}\n{created}\n"));
    let example = examples::named(UNDO);

    for input in ["", "y\n", "client\n"] {
        let outcome = run(&home, example, &proxy).input(input).refused(2);
        assert_eq!(outcome.error(), "not confirmed; nothing was deleted");
        assert!(outcome.stdout.contains("is deleted"), "{outcome}");
        let prompt = "The platform is https://platform.test/. Type yes to continue: ";
        assert!(outcome.stderr.contains(prompt), "{outcome}");
    }
    assert!(server.calls().iter().all(|call| call.starts_with("GET ")));

    let in_advance = run(&home, example, &proxy).arg("--yes").end().success();
    assert_eq!(prompts(&in_advance), 0, "{in_advance}");
    let last = server.calls().pop().expect("calls");
    assert!(
        last.starts_with("DELETE /api/2/users/u-1?version=1 "),
        "{last}"
    );
}

#[test]
fn a_platform_on_this_machine_does_not_ask() {
    let authority = Authority::new();
    for host in ["127.0.0.1", "localhost"] {
        let server = authority.server(host, NO_ITEMS);
        let home = with_files(home(host, server.address().port(), &authority));
        let mut sent = 0;
        for example in asking() {
            let run = home.example(&example.name);
            let outcome = run.env("CYBER_PLATFORM_CA_FILE", "ca.pem").end();
            assert_eq!(prompts(&outcome), 0, "{outcome}");
            let calls = server.calls().len();
            assert!(calls > sent, "{outcome}");
            sent = calls;
        }
    }
}

#[test]
fn the_text_of_the_host_decides_whether_the_platform_is_on_this_machine() {
    const EXAMPLE: &str = "update_your_partners_to_all_available_editions";
    for (host, asks) in [
        ("127.200.0.1", false),
        ("[::1]", false),
        ("LOCALHOST", false),
        ("128.0.0.1", true),
        ("0.0.0.0", true),
        ("[::]", true),
        ("localhost.platform.test", true),
        ("127.0.0.1.platform.test", true),
    ] {
        // Nobody listens on this port.
        let home = TestHome::new(&format!("https://{host}:1/")).signed_in();
        let outcome = home.example(EXAMPLE).end();
        assert_eq!(prompts(&outcome), usize::from(asks), "{host}: {outcome}");
        assert_eq!(outcome.code, Some(if asks { 2 } else { 1 }), "{outcome}");
    }
}
