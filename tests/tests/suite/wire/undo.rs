//! Deleting what the examples have created.

use serde_json::{Value, json};
use tests::{Response, ScriptedServer, TestHome, redactions, test_home::CLIENT_ID};

use super::{conversation, rejection, tenant, with_fields};

const UNDO: &str = "delete_created_objects";

/// What was created on a platform, as the lines of `created.jsonl`.
fn record(platform: &str, objects: &[(&str, &str, &str, Option<&str>)]) -> String {
    let mut lines = String::new();
    for (number, (kind, name, parent, id)) in objects.iter().enumerate() {
        let entry = format!("entry-{number}");
        let time = "2026-11-24T00:56:05Z";
        let creating = json!({
            "entry": entry, "time": time, "event": "creating", "platform": platform, "kind": kind, "name": name,
            "parent": parent,
        });
        lines += &format!("{creating}\n");
        if let Some(id) = id {
            let created = json!({ "entry": entry, "time": time, "event": "created", "id": id });
            lines += &format!("{created}\n");
        }
    }
    lines
}

fn home(server: &ScriptedServer, objects: &[(&str, &str, &str, Option<&str>)]) -> TestHome {
    TestHome::new(&server.url())
        .signed_in()
        .put_text("created.jsonl", &record(&server.url(), objects))
}

const PARTNER: (&str, &str, &str, Option<&str>) = ("tenant", "Partner", "my-tenant", Some("p-1"));
const CUSTOMER: (&str, &str, &str, Option<&str>) = ("tenant", "Customer", "p-1", Some("c-1"));
const USER: (&str, &str, &str, Option<&str>) = ("user", "grace", "c-1", Some("u-1"));

/// An enabled tenant of this version.
fn enabled(version: u32) -> Response {
    let lock = json!({ "enabled": false, "owner_id": null });
    Response::json(
        200,
        json!({ "version": version, "enabled": true, "update_lock": lock }),
    )
}

fn user(id: &str, login: &str) -> Response {
    Response::json(
        200,
        json!({ "id": id, "login": login, "version": 2, "enabled": true, "personal_tenant_id": "personal-1" }),
    )
}

fn changed(version: u32) -> Response {
    Response::json(200, tenant("t", "T", version))
}

fn items(ids: Value) -> Response {
    Response::items(ids)
}

#[test]
fn deletes_what_is_inside_first_and_unlocks_what_is_locked() {
    let _redacted = redactions::scripted();
    let locked = Response::json(
        200,
        json!({ "version": 5, "enabled": true, "update_lock": { "enabled": true, "owner_id": "my-tenant" } }),
    );
    let report = || Response::json(200, json!({ "version": 1 }));
    let server = ScriptedServer::new([
        report(),
        user("u-1", "grace"),
        enabled(3),
        // A personal tenant may be listed too: it is deleted with its user.
        items(json!(["personal-1"])),
        items(json!(["u-1"])),
        locked.clone(),
        items(json!(["c-1"])),
        Response::no_items(),
        // From here on, after the confirmation.
        report(),
        Response::empty(204),
        user("u-1", "grace"),
        Response::json(200, json!({ "version": 3 })),
        Response::empty(204),
        enabled(3),
        Response::no_items(),
        Response::no_items(),
        changed(4),
        Response::empty(204),
        locked,
        Response::no_items(),
        Response::no_items(),
        changed(6),
        changed(7),
        Response::empty(204),
    ]);
    let home = home(
        &server,
        &[
            PARTNER,
            CUSTOMER,
            USER,
            ("plan", "Plan", "c-1", Some("plan-1")),
            ("registration_token", "personal-1", "u-1", Some("12")),
            ("report", "usage_current", "my-tenant", Some("r-1")),
        ],
    )
    .put("partner.json", json!({ "id": "p-1" }))
    .put("partner.1.json", json!({ "id": "p-0" }))
    .put("customer.json", json!({ "id": "c-0" }))
    .put("customer.1.json", json!({ "id": "c-1" }))
    .put("user.json", json!({ "id": "u-1" }))
    .token("agent_installation_token.json", "installation-t0ken", 7200);

    let outcome = home.example(UNDO).input("yes\n").end().success();

    insta::assert_snapshot!(outcome, @"
    name           kind                id      what happens
    usage_current  report              r-1     is deleted
    personal-1     registration token  12      is deleted with grace
    Plan           plan                plan-1  is deleted with Customer
    grace          user                u-1     is deleted
    Customer       tenant              c-1     is deleted
    Partner        tenant              p-1     is deleted
    usage_current deleted
    grace deleted
    Customer deleted
    Partner deleted
    partner.json removed
    customer.1.json removed
    user.json removed
    agent_installation_token.json removed
    The API client stays: no example has created it
    ! This deletes the objects as listed above. The platform is http://127.0.0.1:PORT/. Type yes to continue:
    ");
    insta::assert_snapshot!(conversation(&server), @r#"
    GET /api/2/reports/r-1
    GET /api/2/users/u-1
    GET /api/2/tenants/c-1
    GET /api/2/tenants/c-1/children
    GET /api/2/tenants/c-1/users
    GET /api/2/tenants/p-1
    GET /api/2/tenants/p-1/children
    GET /api/2/tenants/p-1/users
    GET /api/2/reports/r-1
    DELETE /api/2/reports/r-1?version=1
    GET /api/2/users/u-1
    PUT /api/2/users/u-1
      {"enabled":false,"version":2}
    DELETE /api/2/users/u-1?version=3
    GET /api/2/tenants/c-1
    GET /api/2/tenants/c-1/children
    GET /api/2/tenants/c-1/users
    PUT /api/2/tenants/c-1
      {"enabled":false,"version":3}
    DELETE /api/2/tenants/c-1?version=4
    GET /api/2/tenants/p-1
    GET /api/2/tenants/p-1/children
    GET /api/2/tenants/p-1/users
    PUT /api/2/tenants/p-1
      {"update_lock":{"enabled":false},"version":5}
    PUT /api/2/tenants/p-1
      {"enabled":false,"version":6}
    DELETE /api/2/tenants/p-1?version=7
    "#);
    insta::assert_snapshot!(home.names(), @"
    api_client.json
    api_token.json
    customer.json
    cyber.platform.cfg.json
    partner.1.json
    ");

    // Everything is recorded as deleted, also what was deleted with its customer or user.
    let again = home.run(UNDO).success();
    assert!(
        again.stdout.starts_with("Nothing to delete on http://"),
        "{again}"
    );
}

#[test]
fn sends_nothing_if_nothing_was_created_on_this_platform() {
    let server = ScriptedServer::unused();
    let other = record("https://elsewhere.test/", &[PARTNER]);
    for home in [
        TestHome::new(&server.url()).signed_in(),
        TestHome::new(&server.url())
            .signed_in()
            .put_text("created.jsonl", &other),
    ] {
        let outcome = home.run(UNDO).success();
        let expected = format!(
            "Nothing to delete on {}\nThe API client stays: no example has created it\n",
            server.url()
        );
        assert_eq!(outcome.stdout, expected);
        let note = "note: created.jsonl also lists objects on https://elsewhere.test/, which are not looked up";
        let has_other = home.path("created.jsonl").exists();
        assert_eq!(outcome.stderr.contains(note), has_other, "{outcome}");
    }
}

#[test]
fn removes_the_files_about_what_was_deleted_before() {
    let server = ScriptedServer::unused();
    let deleted = json!({ "entry": "entry-0", "time": "2026-11-24T00:56:05Z", "event": "deleted" });
    let home = TestHome::new(&server.url())
        .signed_in()
        .put_text(
            "created.jsonl",
            // With the partner, its customer and the user were deleted.
            &format!(
                "{}{deleted}\n",
                record(&server.url(), &[PARTNER, CUSTOMER, USER])
            ),
        )
        .put("partner.json", json!({ "id": "p-1" }))
        .put("customer.json", json!({ "id": "another" }))
        .put("user.json", json!({ "id": "u-1" }));

    let outcome = home.example(UNDO).arg("--yes").end().success();

    insta::assert_snapshot!(outcome, @"
    name          kind  id  what happens
    partner.json  file      is removed: its object does not exist
    user.json     file      is removed: its object does not exist
    partner.json removed
    user.json removed
    The API client stays: no example has created it
    ");
    assert!(!home.path("partner.json").exists());
    assert!(home.path("customer.json").exists());
}

#[test]
fn says_what_stays_and_why() {
    let _redacted = redactions::scripted();
    let locked = json!({ "version": 5, "enabled": true, "update_lock": { "enabled": true, "owner_id": "other" } });
    let server = ScriptedServer::new([
        // Lost, Locked, Full, Outer: the newest first.
        Response::json(200, locked),
        enabled(1),
        items(json!(["foreign-1"])),
        Response::no_items(),
        enabled(1),
        items(json!(["full-1", "locked-1"])),
        Response::no_items(),
    ]);
    let home = home(
        &server,
        &[
            ("tenant", "Outer", "my-tenant", Some("outer-1")),
            ("tenant", "Full", "outer-1", Some("full-1")),
            ("tenant", "Locked", "outer-1", Some("locked-1")),
            ("group", "My Dynamic Group", "full-1", None),
            ("registration_token", "personal-1", "u-0", Some("12")),
            ("report", "usage_current", "my-tenant", None),
            ("api_client", "Rust.Client", "my-tenant", None),
            ("api_client", "Rust.Client", "my-tenant", Some(CLIENT_ID)),
        ],
    );

    let outcome = home.run(UNDO).success();

    insta::assert_snapshot!(outcome, @"
    name              kind                id        what happens
    Rust.Client       API client                    stays: its id is unknown; if it exists, delete it in the management console
    usage_current     report                        stays: its id is unknown; if it exists, delete it in the management console
    personal-1        registration token  12        stays: it expires an hour after it was issued
    My Dynamic Group  group                         stays: its customer stays; delete it in the management console
    Locked            tenant              locked-1  stays: another tenant has locked it
    Full              tenant              full-1    stays: it contains tenant foreign-1, which no example has created
    Outer             tenant              outer-1   stays: it contains tenant full-1, which stays
    The API client stays: you need it to delete the rest
    ");
}

#[test]
fn without_the_word_yes_nothing_is_deleted() {
    let script = || [enabled(1), Response::no_items(), Response::no_items()];
    for input in ["", "\n", "y\n", "no\nyes\n"] {
        let server = ScriptedServer::new(script());
        let home = home(&server, &[PARTNER]);

        let outcome = home.example(UNDO).input(input).refused(2);

        assert_eq!(outcome.error(), "not confirmed; nothing was deleted");
        assert!(server.calls().iter().all(|call| call.method == "GET"));
    }
}

#[test]
fn an_object_without_an_id_is_looked_for_by_its_name() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        items(json!(["u-0", "u-1"])),
        user("u-0", "ada"),
        user("u-1", "grace"),
        items(json!([
            tenant("t-0", "Other", 1),
            tenant("p-1", "Partner", 1)
        ])),
        Response::json(200, tenant("p-1", "Partner", 1)),
        enabled(1),
        Response::no_items(),
        items(json!(["u-1"])),
        user("u-1", "grace"),
        Response::json(200, json!({ "version": 3 })),
        Response::empty(204),
        enabled(1),
        Response::no_items(),
        Response::no_items(),
        changed(2),
        Response::empty(204),
    ]);
    let home = home(
        &server,
        &[
            ("tenant", "Partner", "my-tenant", None),
            ("user", "grace", "p-1", None),
        ],
    );

    let outcome = home.example(UNDO).arg("--yes").end().success();

    insta::assert_snapshot!(outcome, @"
    name     kind    id   what happens
    grace    user    u-1  is deleted; it was found by its name
    Partner  tenant  p-1  is deleted; it was found by its name
    grace deleted
    Partner deleted
    The API client stays: no example has created it
    ");
    insta::assert_snapshot!(conversation(&server), @r#"
    GET /api/2/tenants/p-1/users
    GET /api/2/users/u-0
    GET /api/2/users/u-1
    GET /api/2/tenants?parent_id=my-tenant&lod=basic
    GET /api/2/tenants/p-1
    GET /api/2/tenants/p-1
    GET /api/2/tenants/p-1/children
    GET /api/2/tenants/p-1/users
    GET /api/2/users/u-1
    PUT /api/2/users/u-1
      {"enabled":false,"version":2}
    DELETE /api/2/users/u-1?version=3
    GET /api/2/tenants/p-1
    GET /api/2/tenants/p-1/children
    GET /api/2/tenants/p-1/users
    PUT /api/2/tenants/p-1
      {"enabled":false,"version":1}
    DELETE /api/2/tenants/p-1?version=2
    "#);
}

#[test]
fn reports_what_is_gone_and_what_a_lost_response_never_created() {
    let missing = || Response::json(404, json!({ "error": { "code": 1005, "message": "No." } }));
    let server = ScriptedServer::new([missing(), missing(), Response::no_items()]);
    let home = home(
        &server,
        &[
            ("tenant", "Lost", "my-tenant", None),
            CUSTOMER,
            ("user", "grace", "c-1", None),
            ("plan", "Plan", "c-1", None),
        ],
    );

    let outcome = home.run(UNDO).success();

    insta::assert_snapshot!(outcome, @"
    name      kind    id   what happens
    Plan      plan         does not exist
    grace     user         does not exist
    Customer  tenant  c-1  does not exist
    Lost      tenant       does not exist
    The API client stays: no example has created it
    ");
}

#[test]
fn continues_with_the_next_object_if_one_is_rejected() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        enabled(1),
        Response::no_items(),
        Response::no_items(),
        enabled(1),
        Response::no_items(),
        Response::no_items(),
        rejection(403),
        // After the confirmation: one is rejected, and one is no longer empty.
        enabled(1),
        Response::no_items(),
        Response::no_items(),
        rejection(409),
        enabled(1),
        items(json!(["new"])),
        Response::no_items(),
    ]);
    let tenants = ["Unreadable", "Changed", "Rejected"];
    let tenants = tenants.map(|name| ("tenant", name, "my-tenant", Some(name)));
    let home = home(&server, &tenants);

    let outcome = home.example(UNDO).input("yes\n").end().failed(1);

    insta::assert_snapshot!(outcome, @"
    name        kind    id          what happens
    Rejected    tenant  Rejected    is deleted
    Changed     tenant  Changed     is deleted
    Unreadable  tenant  Unreadable  stays: see the warning above
    Changed stays: it is not empty
    ! warning: look for Unreadable: GET /api/2/tenants/Unreadable: 403 Forbidden, code 1012, Locked.
    ! This deletes the objects as listed above. The platform is http://127.0.0.1:PORT/. Type yes to continue:
    ! warning: disable Rejected: PUT /api/2/tenants/Rejected: 409 Conflict, code 1012, Locked.
    ! error: the platform rejected 2 objects
    ! help: The warnings above name each one and the reason. Changes to other objects are kept. Resolve the reasons, then run the example again.
    exit 1
    ");
}

#[test]
fn the_api_client_is_deleted_last_with_its_files() {
    let _redacted = redactions::scripted();
    let own = ("api_client", "Rust.Client", "my-tenant", Some(CLIENT_ID));
    for (input, is_deleted) in [("client\n", true), ("yes\n", false), ("", false)] {
        let server = ScriptedServer::new(is_deleted.then(|| Response::empty(204)));
        let home = home(&server, &[own]);

        let outcome = home.example(UNDO).input(input).end().success();

        assert!(
            outcome.stderr.contains("are deleted too. Type client"),
            "{outcome}"
        );
        let (files, report) = match is_deleted {
            true => ("cyber.platform.cfg.json", "deleted with its files"),
            false => (
                "api_client.json\napi_token.json\ncyber.platform.cfg.json",
                "The API client stays",
            ),
        };
        assert!(outcome.stdout.trim_end().ends_with(report), "{outcome}");
        let names: Vec<_> = home.contents().into_keys().collect();
        assert_eq!(names.join("\n"), files);
        if is_deleted {
            assert_eq!(
                server.calls()[0].target,
                format!("/api/2/clients/{CLIENT_ID}")
            );
        }
    }
}

#[test]
fn an_earlier_api_client_is_deleted_with_the_copy_of_its_file() {
    let server = ScriptedServer::new([
        Response::json(200, json!({ "client_id": "old-client" })),
        Response::empty(204),
    ]);
    let client = |id: &str| json!({ "client_id": id, "client_secret": "earlier-s3cret" });
    let home = home(
        &server,
        &[("api_client", "Rust.Client", "my-tenant", Some("old-client"))],
    )
    .put("api_client.1.json", client("old-client"))
    .put("api_client.2.json", client("other-client"));

    let outcome = home.example(UNDO).input("yes\n").end().success();

    let removed = "Rust.Client deleted\napi_client.1.json removed\n";
    assert!(outcome.stdout.contains(removed), "{outcome}");
    assert_eq!(server.calls()[1].target, "/api/2/clients/old-client");
    let names = "api_client.2.json\napi_client.json\napi_token.json\ncyber.platform.cfg.json";
    assert_eq!(home.names(), names);
}

#[test]
fn deletes_disabled_objects_without_disabling_them_again() {
    let disabled = || {
        Response::json(
            200,
            with_fields(json!({ "version": 4 }), &json!({ "enabled": false })),
        )
    };
    let server = ScriptedServer::new([
        disabled(),
        Response::no_items(),
        Response::no_items(),
        disabled(),
        Response::no_items(),
        Response::no_items(),
        Response::empty(204),
    ]);
    let home = home(&server, &[PARTNER]);

    home.example(UNDO).arg("--yes").end().success();

    let calls = server.calls();
    assert_eq!(calls[6].method, "DELETE");
    assert_eq!(calls[6].target, "/api/2/tenants/p-1?version=4");
}

#[test]
fn warns_once_if_it_also_offers_to_delete_the_api_client() {
    let server = ScriptedServer::unused();
    let own = ("api_client", "Rust.Client", "my-tenant", Some(CLIENT_ID));
    let text = record(&server.url(), &[own]) + "torn\n";
    let home = TestHome::new(&server.url())
        .signed_in()
        .put_text("created.jsonl", &text);

    let outcome = home.example(UNDO).input("no\n").end().success();

    assert_eq!(outcome.stderr.matches("warning: ").count(), 1, "{outcome}");
}

#[test]
fn names_the_lines_that_it_cannot_read() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url())
        .signed_in()
        .put_text("created.jsonl", "{}\n\n{\"entry\": torn");

    let outcome = home.run(UNDO).success();

    let lines: Vec<_> = outcome.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{outcome}");
    assert!(
        lines[0].ends_with("line 1 is not a valid record; ignoring it"),
        "{outcome}"
    );
    assert!(lines[1].contains("line 3 is not"), "{outcome}");
}
