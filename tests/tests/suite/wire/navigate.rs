//! The tenant tree, and the search.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tests::{Response, ScriptedServer, TestHome, raw_server::RawServer};

use super::{conversation, tenant};

#[test]
fn prints_the_tree_depth_first() {
    let named = |id: &str, name: &str| Response::json(200, tenant(id, name, 1));
    let ids = |ids: &[&str]| Response::items(json!(ids));
    let user = |login: &str| Response::json(200, json!({ "login": login }));
    let server = ScriptedServer::new([
        named("my-tenant", "Root"),
        ids(&["a", "b"]),
        // a has two users and a child.
        named("a", "Partner A"),
        ids(&["u1", "u2"]),
        user("one"),
        user("two"),
        ids(&["c"]),
        // c has nothing: some services send null, or no list, instead of an empty one.
        named("c", "Customer C"),
        Response::items(json!(null)),
        Response::json(200, json!({})),
        // b has nothing either.
        named("b", "Customer B"),
        ids(&[]),
        ids(&[]),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.run("navigate_through_tenants").success();

    insta::assert_snapshot!(outcome, @"
    Root (partner) my-tenant
      Partner A (partner) a
        user one
        user two
        Customer C (partner) c
      Customer B (partner) b
    4 tenants, 2 users
    ");
    insta::assert_snapshot!(
        conversation(&server),
        @"
    GET /api/2/tenants/my-tenant
    GET /api/2/tenants/my-tenant/children
    GET /api/2/tenants/a
    GET /api/2/tenants/a/users
    GET /api/2/users/u1
    GET /api/2/users/u2
    GET /api/2/tenants/a/children
    GET /api/2/tenants/c
    GET /api/2/tenants/c/users
    GET /api/2/tenants/c/children
    GET /api/2/tenants/b
    GET /api/2/tenants/b/users
    GET /api/2/tenants/b/children
    "
    );
    insta::assert_snapshot!(home.names(), @"
    api_client.json
    api_token.json
    cyber.platform.cfg.json
    ");
}

#[test]
fn a_tenant_in_two_places_is_an_error() {
    for (children, calls) in [
        // The root is its own child; the root has a child twice.
        (&["my-tenant"][..], 2),
        (&["a", "a"], 5),
    ] {
        let server = ScriptedServer::new([
            Response::json(200, tenant("my-tenant", "Root", 1)),
            Response::items(json!(children)),
        ])
        .from_then_on(Response::json(200, tenant("a", "A", 1)));
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.example("navigate_through_tenants").refused(1);

        assert!(
            outcome.stderr.contains("in more than one place"),
            "{outcome}"
        );
        assert_eq!(server.calls().len(), calls);
    }
}

#[test]
fn a_tree_without_end_is_an_error() {
    let count = AtomicUsize::new(0);
    let server = RawServer::new(move |stream| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        let body = json!({
            "id": "t", "name": "T", "kind": "partner", "version": 1, "login": "l", "items": [format!("t-{number}")],
        });
        let body = body.to_string();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        // At once: the next of several small writes would wait until the first one is acknowledged.
        stream.write_all((head + &body).as_bytes())
    });
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example("navigate_through_tenants").refused(1);

    let expected = "unexpected response: the tree has more than 100 levels";
    assert!(outcome.error().ends_with(expected), "{outcome}");
}

#[test]
fn an_id_that_is_unsafe_in_a_path_is_not_called() {
    for id in ["../users", "a?b", "..", "a b", "%2e%2e"] {
        let server = ScriptedServer::new([
            Response::json(200, tenant("my-tenant", "Root", 1)),
            Response::items(json!([id])),
        ]);
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.example("navigate_through_tenants").refused(1);

        assert!(outcome.stderr.contains("items[0]: "), "{id:?}: {outcome}");
        assert_eq!(server.calls().len(), 2, "{id:?}");
    }
}

#[test]
fn both_searches_encode_the_text_and_print_a_table() {
    for name in [
        "tenants/search_for_tenant_or_user",
        "users/search_for_tenant_or_user",
    ] {
        let server = ScriptedServer::new([Response::items(json!([
            { "obj_type": "tenant", "kind": "customer", "id": "a", "name": "ACME", "path": ["Root", "Partner"] },
            { "obj_type": "user", "id": "u", "login": "grace", "path": ["Root", "Partner", "ACME"] },
            { "obj_type": "tenant", "kind": null, "id": "b", "name": null, "login": null, "path": [] },
        ]))]);
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home
            .example(name)
            .input("  Ünï & Co + 100%/?#=x  \n")
            .end()
            .success();

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome, @"
            name   kind      path                   id
            ACME   customer  Root / Partner         a
            grace  user      Root / Partner / ACME  u
                   tenant                           b

            3 results
            ! Text to search for:
            ");
            insta::assert_snapshot!(server.conversation(), @"
            GET /api/2/search?text=%C3%9Cn%C3%AF%20%26%20Co%20%2B%20100%25%2F%3F%23%3Dx&tenant=my-tenant
              authorization: Bearer kept-t0ken
            ");
            insta::assert_snapshot!(home.names(), @"
            api_client.json
            api_token.json
            cyber.platform.cfg.json
            ");
        }
    }
}

#[test]
fn a_search_that_may_have_more_results_warns() {
    for (number, warns) in [(9, false), (10, true)] {
        let found = json!({ "obj_type": "user", "id": "u", "login": "grace", "path": [] });
        let server = ScriptedServer::new([Response::items(json!(vec![found; number]))]);
        let home = TestHome::new(&server.url()).signed_in();
        let search = home.example("tenants/search_for_tenant_or_user");
        let outcome = search.input("grace\n").end().success();
        let warning = "warning: there may be more results: the platform returns at most 10;";
        assert_eq!(outcome.stderr.contains(warning), warns, "{outcome}");
    }
}

#[test]
fn a_search_without_results_prints_no_table() {
    let server = ScriptedServer::new([Response::no_items()]);
    let home = TestHome::new(&server.url()).signed_in();
    let search = home.example("tenants/search_for_tenant_or_user");
    assert_eq!(
        search.input("nothing\n").end().success().stdout,
        "0 results\n"
    );
}
