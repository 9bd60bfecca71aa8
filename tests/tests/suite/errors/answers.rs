//! Answers that nobody can use, and no answer.

use std::{io::Read, net::TcpListener, thread};

use serde_json::json;
use tests::{
    Response, ScriptedServer, TestHome, redactions,
    test_home::{LOGIN, PASSWORD},
};

const PARTNER: &str = "create_partner_tenant_and_assign_specific_edition";
const CUSTOMER: &str = "create_customer_tenant_and_assign_specific_edition";
const USER: &str = "create_user_for_customer_activate_assign_backup_user_role";

#[test]
fn nobody_listens() {
    let _redacted = redactions::scripted();
    // A port that no server picks by chance.
    let home = TestHome::new("http://127.0.0.1:1/").signed_in();

    insta::assert_snapshot!(home.example("get_tenant_usage").refused(1), @"
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: Connection refused (os error N); retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: Connection refused (os error N); retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: Connection refused (os error N); retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: Connection refused (os error N); retrying in 0.0 s (attempt 5 of 5)
    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: Connection refused (os error N)
    ! help: Start the sandbox in another terminal with `cargo run -p sandbox`, or set base_url in cyber.platform.cfg.json to your data center.
    exit 1
    ");
}

#[test]
fn somebody_listens_and_hangs_up() {
    let _redacted = redactions::scripted();
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it is bound");
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a call");
        stream.read(&mut [0; 4096]).expect("its first bytes")
    });
    let home = TestHome::new(&format!("http://{address}/")).signed_in();

    insta::assert_snapshot!(home.example(PARTNER).refused(1), @"
    ! warning: POST /api/2/tenants: no response from http://127.0.0.1:PORT/: connection closed before message completed; checking whether the call took effect
    ! warning: GET /api/2/tenants: no response from http://127.0.0.1:PORT/: Connection refused (os error N); retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants: no response from http://127.0.0.1:PORT/: Connection refused (os error N); retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants: no response from http://127.0.0.1:PORT/: Connection refused (os error N); retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants: no response from http://127.0.0.1:PORT/: Connection refused (os error N); retrying in 0.0 s (attempt 5 of 5)
    ! error: create the partner: POST /api/2/tenants: no response from http://127.0.0.1:PORT/: connection closed before message completed; whether the call took effect is unknown: after 5 attempts: GET /api/2/tenants: no response from http://127.0.0.1:PORT/: Connection refused (os error N)
    ! help: Check in the management console what exists before you run it again, to avoid creating it twice.
    ! next: the partner may exist. Delete it in the management console, then run it again.
    exit 1
    ");
    assert!(server.join().expect("it has ended") > 0);
}

#[test]
fn somebody_listens_who_speaks_no_tls() {
    let server = ScriptedServer::unused();
    let url = server.url().replace("http://", "https://");
    let home = TestHome::new(&url).signed_in();

    // What it says depends on the system: one without trusted certificates does not get as far as the call.
    home.example("get_tenant_usage").refused(1);

    assert_eq!(server.conversation(), "");
}

#[test]
fn a_success_that_makes_no_sense() {
    let _redacted = redactions::scripted();
    let page = "<html>Sign in</html>";
    let mut told = String::new();
    for (what, answer) in [
        (
            "HTML",
            Response::empty(200).body("text/html; charset=utf-8", page),
        ),
        ("HTML that says it is JSON", Response::text(200, page)),
        (
            "JSON without its end",
            Response::text(200, r#"{"items": ["#),
        ),
        ("nothing", Response::empty(200)),
        ("no object", Response::text(200, "[]")),
        ("null", Response::text(200, "null")),
        ("no list", Response::json(200, json!({ "items": {} }))),
        ("cut short", Response::no_items().cut_short()),
        (
            "no gzip",
            Response::empty(200)
                .header("Content-Encoding", "gzip")
                .body("application/json", "{}"),
        ),
        (
            "a status that is none",
            Response::empty(299).body("text/plain", "?"),
        ),
    ] {
        let server = ScriptedServer::new([]).from_then_on(answer);
        let home = TestHome::new(&server.url()).signed_in();
        let outcome = home.example("get_tenant_usage").refused(1);
        let calls = server.calls().len();
        told += &format!("{what}, calls: {calls}\n{outcome}\n");
    }
    insta::assert_snapshot!(told, @"
    HTML, calls: 1
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: unexpected response: text/html; charset=utf-8 instead of JSON
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1

    HTML that says it is JSON, calls: 1
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: unexpected response: invalid JSON (expected value at line 1 column 1)
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1

    JSON without its end, calls: 1
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: unexpected response: invalid JSON (EOF while parsing a list at line 1 column 11)
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1

    nothing, calls: 1
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: unexpected response: empty body
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1

    no object, calls: 1
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: unexpected response: not a JSON object
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1

    null, calls: 1
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: unexpected response: not a JSON object
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1

    no list, calls: 1
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: unexpected response: items: invalid type: map, expected a sequence
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1

    cut short, calls: 5
    ! warning: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: unexpected EOF during chunk size line; retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: unexpected EOF during chunk size line; retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: unexpected EOF during chunk size line; retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: unexpected EOF during chunk size line; retrying in 0.0 s (attempt 5 of 5)
    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: unexpected EOF during chunk size line
    ! help: Try again later. If it happens every time, check base_url and your network.
    exit 1

    no gzip, calls: 5
    ! warning: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: Invalid gzip header; retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: Invalid gzip header; retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: Invalid gzip header; retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: Invalid gzip header; retrying in 0.0 s (attempt 5 of 5)
    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: Invalid gzip header
    ! help: Try again later. If it happens every time, check base_url and your network.
    exit 1

    a status that is none, calls: 1
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: unexpected response: text/plain instead of JSON
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1
    ");
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
        let told = format!("(it leads to {})", host.trim_end_matches('/'));
        assert!(outcome.stderr.contains(&told), "{outcome}");
        assert_eq!(server.calls().len(), 1);
        assert_eq!(elsewhere.conversation(), "");
    }
}

#[test]
fn what_a_later_call_needs_is_missing() {
    let made = || Response::json(201, json!({ "id": "x-1", "name": "X" }));
    let nothing = || Response::json(200, json!({}));
    let free = || Response::empty(204);
    let mut told = String::new();
    for (name, script) in [
        ("create_api_client", vec![nothing()]),
        (
            "create_api_client",
            vec![Response::json(200, json!({ "tenant_id": "t" })), nothing()],
        ),
        (
            "create_api_client",
            vec![
                Response::json(200, json!({ "tenant_id": "t" })),
                Response::json(201, json!({ "client_id": "c" })),
            ],
        ),
        ("issue_access_token", vec![nothing()]),
        ("issue_customer_scoped_token_for_bc", vec![nothing()]),
        (PARTNER, vec![nothing()]),
        (CUSTOMER, vec![nothing()]),
        (USER, vec![free(), nothing()]),
        ("create_report_retrieve", vec![nothing()]),
        (
            "create_report_retrieve",
            vec![
                made(),
                Response::json(200, json!({ "items": [{ "id": "s" }] })),
            ],
        ),
        (
            "create_report_retrieve",
            vec![
                made(),
                Response::json(200, json!({ "items": [{ "status": "saved" }] })),
            ],
        ),
        ("navigate_through_tenants", vec![nothing()]),
    ] {
        let server = ScriptedServer::new(script).from_then_on(Response::json(200, json!({})));
        // What is there from earlier stays whole.
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
        told += &format!("{name}\n{outcome}\n");
        let _ = server.calls();
    }
    insta::assert_snapshot!(told, @"
    create_api_client
    ! Login:
    ! Password:
    ! error: sign in: GET /api/2/users/me: unexpected response: missing field `tenant_id`
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1

    create_api_client
    ! Login:
    ! Password:
    ! error: create the API client: POST /api/2/clients: unexpected response: missing field `client_id`
    ! help: The call may have taken effect: check what exists before you run it again. If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    ! next: an API client may exist whose secret was never received. Delete it in the management console, then run it again.
    exit 1

    create_api_client
    ! Login:
    ! Password:
    ! error: create the API client: POST /api/2/clients: unexpected response: missing field `client_secret`
    ! help: The call may have taken effect: check what exists before you run it again. If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    ! next: an API client may exist whose secret was never received. Delete it in the management console, then run it again.
    exit 1

    issue_access_token
    ! error: issue an access token: POST /api/2/idp/token: unexpected response: missing field `access_token`
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1

    issue_customer_scoped_token_for_bc
    ! error: issue a customer-scoped token: POST /api/2/idp/token: unexpected response: missing field `access_token`
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1

    create_partner_tenant_and_assign_specific_edition
    ! warning: POST /api/2/tenants: unexpected response: missing field `id`; checking whether the call took effect
    ! error: create the partner: POST /api/2/tenants: unexpected response: missing field `id`; the call did not take effect
    ! help: Run it again. A slow call can still take effect later: check then that nothing exists twice.
    exit 1

    create_customer_tenant_and_assign_specific_edition
    ! warning: POST /api/2/tenants: unexpected response: missing field `id`; checking whether the call took effect
    ! error: create the customer: POST /api/2/tenants: unexpected response: missing field `id`; the call did not take effect
    ! help: Run it again. A slow call can still take effect later: check then that nothing exists twice.
    exit 1

    create_user_for_customer_activate_assign_backup_user_role
    ! Login of the new user:
    ! E-mail address of the new user:
    ! warning: POST /api/2/users: unexpected response: missing field `id`; checking whether the call took effect
    ! error: create the user: POST /api/2/users: unexpected response: missing field `id`; the call did not take effect
    ! help: Run it again. A slow call can still take effect later: check then that nothing exists twice.
    exit 1

    create_report_retrieve
    ! error: order the report: POST /api/2/reports: unexpected response: missing field `id`
    ! help: The call may have taken effect: check what exists before you run it again. If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    ! next: the platform still generates the report; this is harmless. Run the example again to order a new report.
    exit 1

    create_report_retrieve
    ! error: wait for the report: GET /api/2/reports/x-1/stored: unexpected response: items[0]: missing field `status`
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    ! done: order the report
    ! next: the platform still generates the report; this is harmless. Run the example again to order a new report.
    exit 1

    create_report_retrieve
    ! error: wait for the report: GET /api/2/reports/x-1/stored: unexpected response: items[0]: missing field `id`
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    ! done: order the report
    ! next: the platform still generates the report; this is harmless. Run the example again to order a new report.
    exit 1

    navigate_through_tenants
    ! error: read a tenant: GET /api/2/tenants/my-tenant: unexpected response: missing field `id`
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1
    ");
}
