//! Faults that pass: which call is sent again, which is not, and what is told where a run ends half way.

use serde_json::json;
use tests::{Response, ScriptedServer, TestHome, redactions};

const USAGE: &str = "get_tenant_usage";
const REPORT: &str = "create_report_retrieve";
const PARTNER: &str = "create_partner_tenant_and_assign_specific_edition";
const CUSTOMER: &str = "create_customer_tenant_and_assign_specific_edition";
const LOCK: &str = "create_partner_tenant_and_lock";

/// Method and target of each call, a line each.
fn calls(server: &ScriptedServer) -> String {
    let calls = server.calls();
    let lines = calls
        .iter()
        .map(|call| format!("{} {}", call.method, call.target));
    lines.collect::<Vec<_>>().join("\n")
}

fn tenant(version: u32) -> Response {
    Response::json(200, json!({ "id": "p-1", "version": version }))
}

#[test]
fn what_reads_is_sent_again_until_there_is_an_answer() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        Response::empty(503),
        Response::empty(429).header("Retry-After", "0"),
        Response::empty(502),
        Response::no_items().cut_short(),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.run(USAGE).success();

    insta::assert_snapshot!(outcome, @"
    tenant_usage_my-tenant.json holds 0 usages
    ! warning: GET /api/2/tenants/my-tenant/usages: 503 Service Unavailable (try 2 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants/my-tenant/usages: 429 Too Many Requests (try 3 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants/my-tenant/usages: 502 Bad Gateway (try 4 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants/my-tenant/usages: CUT SHORT (try 5 of 5 follows in 0.0 s)
    ");
    assert_eq!(server.calls().len(), 5);
}

#[test]
fn there_is_no_sixth_try() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([]).from_then_on(Response::empty(504));
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(USAGE).refused(1);

    insta::assert_snapshot!(outcome, @"
    ! warning: GET /api/2/tenants/my-tenant/usages: 504 Gateway Timeout (try 2 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants/my-tenant/usages: 504 Gateway Timeout (try 3 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants/my-tenant/usages: 504 Gateway Timeout (try 4 of 5 follows in 0.0 s)
    ! warning: GET /api/2/tenants/my-tenant/usages: 504 Gateway Timeout (try 5 of 5 follows in 0.0 s)
    ! error: reading the usage: after 5 tries: GET /api/2/tenants/my-tenant/usages: 504 Gateway Timeout
    ! help: The fault is on the platform's side: try again in a few minutes.
    exit 1
    ");
    assert_eq!(server.calls().len(), 5);
}

#[test]
fn what_asks_for_more_patience_than_there_is_gets_none() {
    let server = ScriptedServer::new([Response::empty(503).header("Retry-After", "3600")]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home
        .example(USAGE)
        .env("CYBER_PLATFORM_RETRY_TOTAL_SECONDS", "50")
        .refused(1);

    assert!(!outcome.stderr.contains("warning"), "{outcome}");
    assert_eq!(server.calls().len(), 1);
}

#[test]
fn a_token_is_asked_for_again() {
    let server = ScriptedServer::new([
        Response::empty(502),
        Response::token("new-t0ken").cut_short(),
        Response::token("new-t0ken"),
    ]);
    let home = TestHome::new(&server.url()).client().secret("new-t0ken");

    home.run("issue_access_token").success();

    assert_eq!(server.calls().len(), 3);
}

#[test]
fn what_makes_something_is_sent_again_where_it_was_not_acted_upon() {
    let server = ScriptedServer::new([
        Response::empty(429),
        Response::empty(503),
        Response::json(201, json!({ "id": "r-1" })),
        Response::json(
            200,
            json!({ "items": [{ "id": "s-1", "status": "saved" }] }),
        ),
        Response::empty(200).body("text/csv", "a,b\n1,2\n"),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    home.run(REPORT).success();

    insta::assert_snapshot!(calls(&server), @"
    POST /api/2/reports
    POST /api/2/reports
    POST /api/2/reports
    GET /api/2/reports/r-1/stored
    GET /api/2/reports/r-1/stored/s-1
    ");
}

#[test]
fn what_may_have_made_something_is_not_sent_again() {
    for answer in [
        Response::empty(504),
        Response::empty(502),
        Response::json(201, json!({ "id": "r-1" })).cut_short(),
    ] {
        let server = ScriptedServer::new([answer]);
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.example(REPORT).refused(1);

        assert!(outcome.stderr.contains("\nnext: "), "{outcome}");
        assert_eq!(server.calls().len(), 1);
    }
}

#[test]
fn a_tenant_that_may_have_been_made_is_looked_for() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        tenant(1).cut_short(),
        Response::json(
            200,
            json!({ "items": [{ "id": "other", "name": "Other" }], "paging": { "cursors": { "after": "a" } } }),
        ),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(PARTNER).refused(1);

    insta::assert_snapshot!(outcome, @"
    ! warning: POST /api/2/tenants: CUT SHORT; looking whether it was done
    ! error: creating the partner: POST /api/2/tenants: CUT SHORT; it is not there
    ! help: Run it again. What is slow can still come: look later whether there is one too many.
    exit 1
    ");
    insta::assert_snapshot!(calls(&server), @"
    POST /api/2/tenants
    GET /api/2/tenants?parent_id=my-tenant&lod=basic
    GET /api/2/tenants?parent_id=my-tenant&lod=basic&after=a
    ");
}

#[test]
fn it_is_not_looked_for_in_circles() {
    let page = |after: &str| {
        let paging = json!({ "cursors": { "after": after } });
        Response::json(200, json!({ "items": [], "paging": paging }))
    };
    let server = ScriptedServer::new([tenant(1).cut_short(), page("a"), page("b"), page("a")]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(PARTNER).refused(1);

    assert!(
        outcome.stderr.contains("led to an earlier page"),
        "{outcome}"
    );
    assert_eq!(server.calls().len(), 4);
}

#[test]
fn where_it_cannot_be_looked_for_the_error_tells_what_may_exist() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([Response::empty(504), Response::empty(403)]);
    let home = TestHome::new(&server.url()).signed_in();

    insta::assert_snapshot!(home.example(PARTNER).refused(1), @"
    ! warning: POST /api/2/tenants: 504 Gateway Timeout; looking whether it was done
    ! error: creating the partner: POST /api/2/tenants: 504 Gateway Timeout; whether it is there cannot be found out: GET /api/2/tenants: 403 Forbidden
    ! help: Look in the management portal whether it was made before you run it again, or there will be two.
    ! next: a partner that was created stays, with nothing to sell yet. Run it again for another one, and delete this one in the management portal.
    exit 1
    ");
    let _ = server.calls();
}

#[test]
fn what_a_first_try_has_changed_or_deleted_is_not_taken_for_an_error() {
    let _redacted = redactions::scripted();
    let locked = json!({
        "id": "p-1", "version": 2, "update_lock": { "enabled": true, "owner_id": tests::test_home::ME },
    });
    let server = ScriptedServer::new([
        tenant(1),
        Response::no_items(),
        Response::no_items(),
        // Locked, without an answer that came whole; the second try comes with the old version.
        tenant(2).cut_short(),
        Response::empty(409),
        Response::json(200, locked),
        tenant(3),
        tenant(4),
        // Deleted likewise.
        Response::empty(504),
        Response::empty(404),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(LOCK).input("\n\n\n\n").end().success();

    insta::assert_snapshot!(outcome, @"
    Rust Locked Partner RANDOM v3.0 is a partner with 0 offering items
    It is locked
    It is unlocked
    It is disabled
    Rust Locked Partner RANDOM v3.0 is deleted
    ! Press Enter to lock it:
    ! warning: PUT /api/2/tenants/p-1: CUT SHORT (try 2 of 5 follows in 0.0 s)
    ! warning: PUT /api/2/tenants/p-1: an earlier try has done it
    ! Press Enter to unlock it:
    ! Press Enter to disable it:
    ! Press Enter to delete it:
    ! warning: DELETE /api/2/tenants/p-1: 504 Gateway Timeout (try 2 of 5 follows in 0.0 s)
    ! warning: DELETE /api/2/tenants/p-1: an earlier try has done it
    ");
    insta::assert_snapshot!(calls(&server), @"
    POST /api/2/tenants
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=partner&edition=pck_per_gigabyte
    PUT /api/2/tenants/p-1/offering_items
    PUT /api/2/tenants/p-1
    PUT /api/2/tenants/p-1
    GET /api/2/tenants/p-1
    PUT /api/2/tenants/p-1
    PUT /api/2/tenants/p-1
    DELETE /api/2/tenants/p-1?version=4
    DELETE /api/2/tenants/p-1?version=4
    ");
}

#[test]
fn what_somebody_else_has_changed_stays_a_conflict() {
    let other = json!({ "id": "p-1", "version": 2, "update_lock": { "enabled": false } });
    for (first, there) in [
        // Nobody has acted upon an earlier try, as there was none.
        (None, None),
        (Some(Response::empty(504)), Some(Response::json(200, other))),
        (Some(Response::empty(504)), Some(Response::empty(404))),
    ] {
        let made = [tenant(1), Response::no_items(), Response::no_items()];
        let script = made.into_iter().chain(first).chain([Response::empty(409)]);
        let server = ScriptedServer::new(script.chain(there));
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.example(LOCK).input("\n\n\n\n").refused(1);

        assert!(outcome.stderr.contains("409 Conflict"), "{outcome}");
        let _ = server.calls();
    }
}

#[test]
fn half_way_it_says_what_was_done_and_how_to_go_on() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        Response::json(201, json!({ "id": "c-1" })),
        Response::no_items(),
        Response::no_items(),
        Response::json(500, json!({ "error": { "code": 1000, "message": "No." } })),
    ]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .put("partner.json", json!({ "id": "p-1" }));

    let outcome = home.example(CUSTOMER).end().failed(1);

    insta::assert_snapshot!(outcome, @"
    ! error: reading the pricing: GET /api/2/tenants/c-1/pricing: 500 Internal Server Error, code 1000, No.
    ! help: The fault is on the platform's side: try again in a few minutes.
    ! done: creating the customer, enabling the offering items
    ! not done: switching the customer to production
    ! next: a customer that was created stays, in trial until the last change is made. Run it again for another one, and delete this one in the management portal.
    exit 1
    ");
    assert_eq!(home.file("customer.json"), json!({ "id": "c-1" }));
    let _ = server.calls();
}
