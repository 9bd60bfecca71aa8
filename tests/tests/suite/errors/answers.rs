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
    ! warning: GET /api/2/tenants/my-tenant/usages: no answer from http://127.0.0.1:PORT/: Connection refused (os error N) (try 2 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants/my-tenant/usages: no answer from http://127.0.0.1:PORT/: Connection refused (os error N) (try 3 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants/my-tenant/usages: no answer from http://127.0.0.1:PORT/: Connection refused (os error N) (try 4 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants/my-tenant/usages: no answer from http://127.0.0.1:PORT/: Connection refused (os error N) (try 5 of 5 follows in 0.0 s)
    ! error: reading the usage: after 5 tries: GET /api/2/tenants/my-tenant/usages: no answer from http://127.0.0.1:PORT/: Connection refused (os error N)
    ! help: Start the sandbox in another terminal with `cargo run -p sandbox`, or set base_url in cyber.platform.cfg.json to your data centre.
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
    ! warning: POST /api/2/tenants: CUT SHORT; looking whether it was done
    ! warning: GET /api/2/tenants: no answer from http://127.0.0.1:PORT/: Connection refused (os error N) (try 2 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants: no answer from http://127.0.0.1:PORT/: Connection refused (os error N) (try 3 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants: no answer from http://127.0.0.1:PORT/: Connection refused (os error N) (try 4 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants: no answer from http://127.0.0.1:PORT/: Connection refused (os error N) (try 5 of 5 follows in 0.0 s)
    ! error: creating the partner: POST /api/2/tenants: CUT SHORT; whether it is there cannot be found out: after 5 tries: GET /api/2/tenants: no answer from http://127.0.0.1:PORT/: Connection refused (os error N)
    ! help: Look in the management portal whether it was made before you run it again, or there will be two.
    ! next: a partner that was created stays, with nothing to sell yet. Run it again for another one, and delete this one in the management portal.
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
    ! error: reading the usage: GET /api/2/tenants/my-tenant/usages: the platform answered text/html; charset=utf-8 instead of JSON
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    HTML that says it is JSON, calls: 1
    ! error: reading the usage: GET /api/2/tenants/my-tenant/usages: the platform answered JSON that cannot be read (expected value at line 1 column 1)
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    JSON without its end, calls: 1
    ! error: reading the usage: GET /api/2/tenants/my-tenant/usages: the platform answered JSON that cannot be read (EOF while parsing a list at line 1 column 11)
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    nothing, calls: 1
    ! error: reading the usage: GET /api/2/tenants/my-tenant/usages: the platform's empty answer has no list in `items`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    no object, calls: 1
    ! error: reading the usage: GET /api/2/tenants/my-tenant/usages: the platform's answer, which is no object, has no list in `items`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    null, calls: 1
    ! error: reading the usage: GET /api/2/tenants/my-tenant/usages: the platform's empty answer has no list in `items`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    no list, calls: 1
    ! error: reading the usage: GET /api/2/tenants/my-tenant/usages: the platform's answer has no list in `items`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    cut short, calls: 5
    ! warning: GET /api/2/tenants/my-tenant/usages: CUT SHORT (try 2 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants/my-tenant/usages: CUT SHORT (try 3 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants/my-tenant/usages: CUT SHORT (try 4 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants/my-tenant/usages: CUT SHORT (try 5 of 5 follows in 0.0 s)
    ! error: reading the usage: after 5 tries: GET /api/2/tenants/my-tenant/usages: CUT SHORT
    ! help: Try again later; if it ends so each time, check base_url and your network.
    exit 1

    no gzip, calls: 5
    ! warning: GET /api/2/tenants/my-tenant/usages: the answer from http://127.0.0.1:PORT/ did not come whole: Invalid gzip header (try 2 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants/my-tenant/usages: the answer from http://127.0.0.1:PORT/ did not come whole: Invalid gzip header (try 3 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants/my-tenant/usages: the answer from http://127.0.0.1:PORT/ did not come whole: Invalid gzip header (try 4 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants/my-tenant/usages: the answer from http://127.0.0.1:PORT/ did not come whole: Invalid gzip header (try 5 of 5 follows in 0.0 s)
    ! error: reading the usage: after 5 tries: GET /api/2/tenants/my-tenant/usages: the answer from http://127.0.0.1:PORT/ did not come whole: Invalid gzip header
    ! help: Try again later; if it ends so each time, check base_url and your network.
    exit 1

    a status that is none, calls: 1
    ! error: reading the usage: GET /api/2/tenants/my-tenant/usages: the platform answered text/plain instead of JSON
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
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
    ! error: signing in: GET /api/2/users/me: the platform's answer has no text in `tenant_id`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    create_api_client
    ! Login:
    ! Password:
    ! error: creating the API client: POST /api/2/clients: the platform's answer has no text in `client_id`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    ! next: there may be an API client whose secret nobody knows. Delete it in the management portal, then run it again.
    exit 1

    create_api_client
    ! Login:
    ! Password:
    ! error: creating the API client: POST /api/2/clients: the platform's answer has no text in `client_secret`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    ! next: there may be an API client whose secret nobody knows. Delete it in the management portal, then run it again.
    exit 1

    issue_access_token
    ! error: issuing an access token: POST /api/2/idp/token: the platform's answer has no text in `access_token`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    issue_customer_scoped_token_for_bc
    ! error: issuing a customer-scoped token: POST /api/2/idp/token: the platform's answer has no text in `access_token`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    create_partner_tenant_and_assign_specific_edition
    ! warning: POST /api/2/tenants: the platform's answer has no text in `id`; looking whether it was done
    ! error: creating the partner: POST /api/2/tenants: the platform's answer has no text in `id`; it is not there
    ! help: Run it again. What is slow can still come: look later whether there is one too many.
    exit 1

    create_customer_tenant_and_assign_specific_edition
    ! warning: POST /api/2/tenants: the platform's answer has no text in `id`; looking whether it was done
    ! error: creating the customer: POST /api/2/tenants: the platform's answer has no text in `id`; it is not there
    ! help: Run it again. What is slow can still come: look later whether there is one too many.
    exit 1

    create_user_for_customer_activate_assign_backup_user_role
    ! Login of the new user:
    ! E-mail address of the new user:
    ! warning: POST /api/2/users: the platform's answer has no text in `id`; looking whether it was done
    ! error: creating the user: POST /api/2/users: the platform's answer has no text in `id`; it is not there
    ! help: Run it again. What is slow can still come: look later whether there is one too many.
    exit 1

    create_report_retrieve
    ! error: creating the report: POST /api/2/reports: the platform's answer has no text in `id`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    ! done: creating the report
    ! next: the platform makes the report all the same, and it harms nobody. Run it again for another one.
    exit 1

    create_report_retrieve
    ! error: looking for the report: GET /api/2/reports/x-1/stored: the platform's answer has no text in `status`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    ! done: creating the report
    ! next: the platform makes the report all the same, and it harms nobody. Run it again for another one.
    exit 1

    create_report_retrieve
    ! error: looking for the report: GET /api/2/reports/x-1/stored: the platform's answer has no text in `id`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    ! done: creating the report
    ! next: the platform makes the report all the same, and it harms nobody. Run it again for another one.
    exit 1

    navigate_through_tenants
    ! error: walking through the tenants: GET /api/2/tenants/my-tenant: the platform's answer has no text in `name`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1
    ");
}
