//! Transient failures: which calls are retried, which are not, and what an error midway reports.

use serde_json::json;
use tests::{Response, ScriptedServer, TestHome, redactions};

const USAGE: &str = "get_tenant_usage";
const REPORT: &str = "create_report_retrieve";
const PARTNER: &str = "create_partner_tenant_and_assign_specific_edition";
const CUSTOMER: &str = "create_customer_tenant_and_assign_specific_edition";
const LOCK: &str = "create_partner_tenant_and_lock";

/// Method, path and query of each call, one line each.
fn calls(server: &ScriptedServer) -> String {
    let calls = server.calls();
    let lines = calls
        .iter()
        .map(|call| format!("{} {}", call.method, call.target));
    lines.collect::<Vec<_>>().join("\n")
}

fn tenant(version: u32) -> Response {
    Response::json(200, super::tenant("p-1", "P", version))
}

#[test]
fn retries_a_get_until_it_succeeds() {
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
    0 usages saved in tenant_usage_my-tenant.json
    ! warning: GET /api/2/tenants/my-tenant/usages: 503 Service Unavailable; retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: 429 Too Many Requests; retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: 502 Bad Gateway; retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: CUT SHORT; retrying in 0.0 s (attempt 5 of 5)
    ");
    assert_eq!(server.calls().len(), 5);
}

#[test]
fn stops_after_five_attempts() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([]).from_then_on(Response::empty(504));
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(USAGE).refused(1);

    insta::assert_snapshot!(outcome, @"
    ! warning: GET /api/2/tenants/my-tenant/usages: 504 Gateway Timeout; retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: 504 Gateway Timeout; retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: 504 Gateway Timeout; retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: 504 Gateway Timeout; retrying in 0.0 s (attempt 5 of 5)
    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: 504 Gateway Timeout
    ! help: The platform has a problem. Try again in a few minutes.
    exit 1
    ");
    assert_eq!(server.calls().len(), 5);
}

#[test]
fn does_not_wait_longer_than_the_total_limit() {
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
fn retries_token_calls() {
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
fn retries_a_post_that_was_not_processed() {
    let server = ScriptedServer::new([
        Response::empty(429),
        Response::empty(503),
        Response::json(201, json!({ "id": "r-1" })),
        Response::items(json!([{ "id": "s-1", "status": "saved" }])),
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
fn does_not_retry_a_post_that_may_have_taken_effect() {
    for response in [
        Response::empty(504),
        Response::empty(502),
        Response::json(201, json!({ "id": "r-1" })).cut_short(),
        Response::json(201, json!({ "error": { "message": "Partly done." } })),
    ] {
        let server = ScriptedServer::new([response]);
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.example(REPORT).refused(1);

        assert!(outcome.stderr.contains("\nnext: "), "{outcome}");
        assert_eq!(server.calls().len(), 1);
    }
}

#[test]
fn looks_for_a_tenant_that_may_have_been_created() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        Response::available_items(),
        tenant(1).cut_short(),
        Response::json(
            200,
            json!({
                "items": [super::tenant("other", "Other", 1)],
                "paging": { "cursors": { "after": "a" } },
            }),
        ),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(PARTNER).refused(1);

    insta::assert_snapshot!(outcome, @"
    ! warning: POST /api/2/tenants: CUT SHORT; checking whether the call took effect
    ! error: create the partner: POST /api/2/tenants: CUT SHORT; no effect of the call was found
    ! help: Run the example again. A slow call may still take effect later: check afterward for duplicates.
    ! next: the partner may exist. Run the example again; delete_created_objects deletes both partners.
    exit 1
    ");
    insta::assert_snapshot!(calls(&server), @"
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=partner&edition=pck_per_gigabyte
    POST /api/2/tenants
    GET /api/2/tenants?parent_id=my-tenant&lod=basic
    GET /api/2/tenants?parent_id=my-tenant&lod=basic&after=a
    ");
}

#[test]
fn looks_for_a_tenant_if_the_response_reports_success_and_an_error() {
    let _redacted = redactions::scripted();
    let partly = json!({ "id": "p-1", "error": { "code": 500, "message": "Partly done." } });
    let server = ScriptedServer::new([
        Response::available_items(),
        Response::json(201, partly),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    insta::assert_snapshot!(home.example(PARTNER).refused(1), @"
    ! warning: POST /api/2/tenants: 201 Created, code 500, Partly done.; checking whether the call took effect
    ! error: create the partner: POST /api/2/tenants: 201 Created, code 500, Partly done.; no effect of the call was found
    ! help: Run the example again. A slow call may still take effect later: check afterward for duplicates.
    ! next: the partner may exist. Run the example again; delete_created_objects deletes both partners.
    exit 1
    ");
    insta::assert_snapshot!(calls(&server), @"
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=partner&edition=pck_per_gigabyte
    POST /api/2/tenants
    GET /api/2/tenants?parent_id=my-tenant&lod=basic
    ");
}

#[test]
fn a_repeated_cursor_ends_the_search_for_a_tenant() {
    let page = |after: &str| {
        let paging = json!({ "cursors": { "after": after } });
        Response::json(200, json!({ "items": [], "paging": paging }))
    };
    let server = ScriptedServer::new([
        Response::available_items(),
        tenant(1).cut_short(),
        page("a"),
        page("b"),
        page("a"),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(PARTNER).refused(1);

    assert!(
        outcome
            .stderr
            .contains("leads to a page that was already read"),
        "{outcome}"
    );
    assert_eq!(server.calls().len(), 5);
}

#[test]
fn if_the_search_fails_the_error_says_what_may_exist() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        Response::available_items(),
        Response::empty(504),
        Response::empty(403),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    insta::assert_snapshot!(home.example(PARTNER).refused(1), @"
    ! warning: POST /api/2/tenants: 504 Gateway Timeout; checking whether the call took effect
    ! error: create the partner: POST /api/2/tenants: 504 Gateway Timeout; whether the call took effect is unknown: GET /api/2/tenants: 403 Forbidden
    ! help: Check in the management console what exists before you run the example again, to avoid creating it twice.
    ! next: the partner may exist. Run the example again; delete_created_objects deletes both partners.
    exit 1
    ");
    let _ = server.calls();
}

#[test]
fn a_retry_accepts_what_an_earlier_attempt_has_changed_or_deleted() {
    let _redacted = redactions::scripted();
    let lock = json!({ "update_lock": { "enabled": true, "owner_id": tests::test_home::ME } });
    let locked = super::with_fields(super::tenant("p-1", "P", 2), &lock);
    let server = ScriptedServer::new([
        Response::available_items(),
        tenant(1),
        Response::no_items(),
        // Locked, but the response is cut short. The second attempt is sent with the old version.
        tenant(2).cut_short(),
        Response::empty(409),
        Response::json(200, locked),
        tenant(3),
        tenant(4),
        // Deleted, but the response is 504. The second attempt finds nothing.
        Response::empty(504),
        Response::empty(404),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example(LOCK).input("\n\n\n\n").end().success();

    insta::assert_snapshot!(outcome, @"
    Rust Locked Partner RANDOM v3.0 created with 1 offering item of pck_per_gigabyte
    Locked
    Unlocked
    Disabled
    Rust Locked Partner RANDOM v3.0 deleted
    ! Press Enter to lock the partner:
    ! warning: PUT /api/2/tenants/p-1: CUT SHORT; retrying in 0.0 s (attempt 2 of 5)
    ! warning: PUT /api/2/tenants/p-1: an earlier attempt has already succeeded
    ! Press Enter to unlock the partner:
    ! Press Enter to disable the partner:
    ! Press Enter to delete the partner:
    ! warning: DELETE /api/2/tenants/p-1: 504 Gateway Timeout; retrying in 0.0 s (attempt 2 of 5)
    ! warning: DELETE /api/2/tenants/p-1: an earlier attempt has already succeeded
    ");
    insta::assert_snapshot!(calls(&server), @"
    GET /api/2/tenants/my-tenant/offering_items/available_for_child?kind=partner&edition=pck_per_gigabyte
    POST /api/2/tenants
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
fn a_change_by_someone_else_is_a_conflict() {
    let lock = json!({ "update_lock": { "enabled": false } });
    let other = super::with_fields(super::tenant("p-1", "P", 2), &lock);
    for (first, current) in [
        // There was no earlier attempt.
        (None, None),
        (Some(Response::empty(504)), Some(Response::json(200, other))),
        (Some(Response::empty(504)), Some(Response::empty(404))),
    ] {
        let created = [Response::available_items(), tenant(1), Response::no_items()];
        let script = created
            .into_iter()
            .chain(first)
            .chain([Response::empty(409)]);
        let server = ScriptedServer::new(script.chain(current));
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.example(LOCK).input("\n\n\n\n").refused(1);

        assert!(outcome.stderr.contains("409 Conflict"), "{outcome}");
        let _ = server.calls();
    }
}

#[test]
fn an_error_midway_lists_the_steps_and_how_to_continue() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        Response::available_items(),
        Response::json(201, super::tenant("c-1", "C", 1)),
        Response::no_items(),
        Response::json(500, json!({ "error": { "code": 1000, "message": "No." } })),
    ]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .put("partner.json", json!({ "id": "p-1" }));

    let outcome = home.example(CUSTOMER).end().failed(1);

    insta::assert_snapshot!(outcome, @"
    ! error: read the pricing: GET /api/2/tenants/c-1/pricing: 500 Internal Server Error, code 1000, No.
    ! help: The platform has a problem. Try again in a few minutes.
    ! done: create the customer, enable the offering items
    ! not done: start production
    ! next: the customer may exist. Run the example again; delete_created_objects deletes both customers.
    exit 1
    ");
    assert_eq!(home.file("customer.json")["id"], "c-1");
    let _ = server.calls();
}
