//! Responses that cannot be used, and no response.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use serde_json::{Value, json};
use tests::{
    AVAILABLE_ITEMS, Response, ScriptedServer, TestHome, redactions,
    test_home::{LOGIN, PASSWORD},
};

const PARTNER: &str = "create_partner_tenant_and_assign_specific_edition";
const CUSTOMER: &str = "create_customer_tenant_and_assign_specific_edition";
const USER: &str = "create_user_for_customer_activate_assign_backup_user_role";
const SCOPED: &str = "issue_customer_scoped_token_for_bc";

#[test]
fn a_sandbox_that_is_not_running_is_reported_at_once() {
    let _redacted = redactions::scripted();
    // No server listens on this port.
    let home = TestHome::new("http://127.0.0.1:1/").signed_in();

    insta::assert_snapshot!(home.example("get_tenant_usage").refused(1), @"
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: Connection refused (os error N)
    ! help: Start the sandbox in another terminal with `cargo run -p sandbox`, or set base_url in cyber.platform.cfg.json to your data center.
    exit 1
    ");
}

#[test]
fn a_sandbox_that_is_not_running_is_reported_before_the_password_prompt() {
    let _redacted = redactions::scripted();
    for url in ["http://127.0.0.1:1/", "https://localhost:1/"] {
        let home = TestHome::new(url);

        let outcome = home.example("create_api_client").refused(1);

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome.to_string().replace(url, "URL"), @"
            ! error: no response from URL: Connection refused (os error N)
            ! help: Start the sandbox in another terminal with `cargo run -p sandbox`, or set base_url in cyber.platform.cfg.json to your data center.
            exit 1
            ");
        }
    }
}

#[test]
fn after_a_lost_post_response_the_object_is_looked_for_and_the_post_not_sent_again() {
    let _redacted = redactions::scripted();
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it is bound");
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a call");
        // Before the example gets its error, so that further calls are refused.
        drop(listener);
        let read = stream.read(&mut [0; 4096]);
        read.expect("the call for the offering items");
        let length = AVAILABLE_ITEMS.len();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{AVAILABLE_ITEMS}"
        )
        .expect("it is read");
        stream
            .read(&mut [0; 4096])
            .expect("the first bytes of the POST")
    });
    let home = TestHome::new(&format!("http://{address}/")).signed_in();

    insta::assert_snapshot!(home.example(PARTNER).refused(1), @"
    ! warning: POST /api/2/tenants: CUT SHORT; checking whether the call took effect
    ! error: create the partner: POST /api/2/tenants: CUT SHORT; whether the call took effect is unknown: GET /api/2/tenants: no response from http://127.0.0.1:PORT/: Connection refused (os error N)
    ! help: Check in the management console what exists before you run the example again, to avoid creating it twice.
    ! next: the partner may exist. Run the example again; delete_created_objects deletes both partners.
    exit 1
    ");
    assert!(server.join().expect("the server has ended") > 0);
}

#[test]
fn a_server_without_tls_receives_nothing() {
    let server = ScriptedServer::unused();
    let url = server.url().replace("http://", "https://");
    let home = TestHome::new(&url).signed_in();

    // The message depends on the system: without trusted certificates, the client cannot be set up.
    home.example("get_tenant_usage").refused(1);

    assert_eq!(server.conversation(), "");
}

#[test]
fn an_unusable_success_is_an_error_that_names_call_and_reason() {
    let page = "<html>Sign in</html>";
    for (response, reason) in [
        (
            Response::empty(200).body("text/html; charset=utf-8", page),
            "text/html; charset=utf-8 instead of JSON",
        ),
        (
            Response::empty(299).body("text/plain", "?"),
            "text/plain instead of JSON",
        ),
        (
            Response::text(200, page),
            "invalid JSON (expected value at line 1 column 1)",
        ),
        (
            Response::text(200, r#"{"items": ["#),
            "invalid JSON (EOF while parsing a list at line 1 column 11)",
        ),
        (Response::empty(200), "empty body"),
        (Response::text(200, "[]"), "not a JSON object"),
        (Response::text(200, "null"), "not a JSON object"),
        (
            Response::items(json!({})),
            "items: invalid type: map, expected a sequence",
        ),
    ] {
        let server = ScriptedServer::new([response]);
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.example("get_tenant_usage").refused(1);

        assert_eq!(
            outcome.error(),
            format!(
                "read the usage: GET /api/2/tenants/my-tenant/usages: unexpected response: {reason}"
            )
        );
        assert_eq!(
            outcome.help(),
            "If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the \
             address of the platform itself, not of a proxy or a sign-in page."
        );
        assert_eq!(server.calls().len(), 1);
    }
}

#[test]
fn an_incomplete_success_is_retried() {
    for response in [
        Response::no_items().cut_short(),
        Response::empty(200)
            .header("Content-Encoding", "gzip")
            .body("application/json", "{}"),
    ] {
        let server = ScriptedServer::new([]).from_then_on(response);
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.example("get_tenant_usage").refused(1);

        // If the connection ends before the client has read the head, it reports that no response arrived.
        let is_incomplete = [
            "was cut short",
            "connection closed before message completed",
        ]
        .iter()
        .any(|reason| outcome.error().contains(reason));
        assert!(is_incomplete, "{outcome}");
        assert_eq!(server.calls().len(), 5);
    }
}

#[test]
fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = ScriptedServer::unused();
        let server = ScriptedServer::new([
            Response::empty(status).header("Location", &format!("{}api/2/x", elsewhere.url()))
        ]);
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.example("get_tenant_usage").refused(1);

        assert!(
            outcome.stderr.contains("Redirects are not followed"),
            "{outcome}"
        );
        let host = elsewhere.url();
        let target = format!("(redirects to {})", host.trim_end_matches('/'));
        assert!(outcome.stderr.contains(&target), "{outcome}");
        assert_eq!(server.calls().len(), 1);
        assert_eq!(elsewhere.conversation(), "");
    }
}

#[test]
fn a_missing_field_ends_the_example_before_the_next_call() {
    let available_items =
        || serde_json::from_str::<Value>(AVAILABLE_ITEMS).expect("the items are JSON");
    let mut all = String::new();
    for (name, script) in [
        ("create_api_client", vec![json!({})]),
        (
            "create_api_client",
            vec![json!({ "tenant_id": "t" }), json!({})],
        ),
        (
            "create_api_client",
            vec![json!({ "tenant_id": "t" }), json!({ "client_id": "c" })],
        ),
        ("issue_access_token", vec![json!({})]),
        (SCOPED, vec![json!({})]),
        (PARTNER, vec![available_items(), json!({})]),
        (CUSTOMER, vec![available_items(), json!({})]),
        // The login is free.
        (USER, vec![json!(null), json!({})]),
        ("create_report_retrieve", vec![json!({})]),
        (
            "create_report_retrieve",
            vec![json!({ "id": "x-1" }), json!({ "items": [{ "id": "s" }] })],
        ),
        (
            "create_report_retrieve",
            vec![
                json!({ "id": "x-1" }),
                json!({ "items": [{ "status": "saved" }] }),
            ],
        ),
        ("navigate_through_tenants", vec![json!({})]),
    ] {
        let script = script.into_iter().map(|body| match body {
            Value::Null => Response::empty(204),
            body => Response::json(200, body),
        });
        // What looks for an object with an unknown outcome finds nothing.
        let server = ScriptedServer::new(script).from_then_on(Response::no_items());
        let mut home = TestHome::new(&server.url())
            .put("partner.json", json!({ "id": "p" }))
            .put("customer.json", json!({ "id": "c" }))
            .put("user.json", json!({ "id": "u" }));
        if name != "create_api_client" {
            home = home.signed_in();
        }

        let outcome = home
            .example(name)
            .input(format!("{LOGIN}\n{PASSWORD}\n"))
            .refused(1);

        let lines = outcome.stderr.lines();
        let lines = lines.filter(|line| !line.starts_with("help: ") && !line.ends_with(": "));
        all += &format!("{name}\n{}\n\n", lines.collect::<Vec<_>>().join("\n"));
        let _ = server.calls();
    }
    insta::assert_snapshot!(all, @"
    create_api_client
    error: sign in: GET /api/2/users/me: unexpected response: missing field `tenant_id`

    create_api_client
    error: create the API client: POST /api/2/clients: unexpected response: missing field `client_id`
    next: an API client may exist whose secret was never received or saved. Delete it in the management console, then run the example again.

    create_api_client
    error: create the API client: POST /api/2/clients: unexpected response: missing field `client_secret`
    next: an API client may exist whose secret was never received or saved. Delete it in the management console, then run the example again.

    issue_access_token
    error: issue an access token: POST /api/2/idp/token: unexpected response: missing field `access_token`

    issue_customer_scoped_token_for_bc
    error: issue a customer-scoped token: POST /api/2/idp/token: unexpected response: missing field `access_token`

    create_partner_tenant_and_assign_specific_edition
    warning: POST /api/2/tenants: unexpected response: missing field `id`; checking whether the call took effect
    error: create the partner: POST /api/2/tenants: unexpected response: missing field `id`; no effect of the call was found
    next: the partner may exist. Run the example again; delete_created_objects deletes both partners.

    create_customer_tenant_and_assign_specific_edition
    warning: POST /api/2/tenants: unexpected response: missing field `id`; checking whether the call took effect
    error: create the customer: POST /api/2/tenants: unexpected response: missing field `id`; no effect of the call was found
    next: the customer may exist. Run the example again; delete_created_objects deletes both customers.

    create_user_for_customer_activate_assign_backup_user_role
    warning: POST /api/2/users: unexpected response: missing field `id`; checking whether the call took effect
    error: create the user: POST /api/2/users: unexpected response: missing field `id`; no effect of the call was found
    next: the user may exist. Run the example again; delete_created_objects deletes both users.

    create_report_retrieve
    error: order the report: POST /api/2/reports: unexpected response: missing field `id`
    next: the platform still generates the report; this is harmless. Run the example again for a new one.

    create_report_retrieve
    error: wait for the report x-1: GET /api/2/reports/x-1/stored: unexpected response: items[0]: missing field `status`
    done: order the report
    next: the platform still generates the report; this is harmless. Run the example again for a new one.

    create_report_retrieve
    error: wait for the report x-1: GET /api/2/reports/x-1/stored: unexpected response: items[0]: missing field `id`
    done: order the report
    next: the platform still generates the report; this is harmless. Run the example again for a new one.

    navigate_through_tenants
    error: read a tenant: GET /api/2/tenants/my-tenant: unexpected response: missing field `id`
    ");
}
