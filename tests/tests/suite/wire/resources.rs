//! Machines, groups and their protection status.

use serde_json::json;
use tests::{Response, ScriptedServer, TestHome, test_home::TOKEN};

use super::without_token_warning;

#[test]
fn creates_a_dynamic_group() {
    let _redacted = without_token_warning();
    let server = ScriptedServer::new([Response::empty(204)]);
    let home = TestHome::new(&server.url()).for_customer();

    insta::assert_snapshot!(home.run("create_dynamic_group").success(), @"Group My Dynamic Group created; it contains all machines whose names begin with test");
    insta::assert_snapshot!(server.conversation(), @r#"
    POST /api/resource_management/v4/resources
      authorization: Bearer customer-t0ken
      content-type: application/json
      {"type":"resource.group.computers","parent_group_ids":["301d1574-849e-4714-859f-3a2ec12a218b"],"group_condition":"test*","allowed_member_types":["resource.machine"],"name":"My Dynamic Group","user_defined_name":"My Dynamic Group"}
    "#);
}

#[test]
fn finds_a_group_of_a_lost_response_on_the_second_page() {
    let _redacted = without_token_warning();
    let group = json!({
        "id": "g-1", "name": "My Dynamic Group", "type": "resource.group.computers",
        "parent_group_ids": ["301d1574-849e-4714-859f-3a2ec12a218b"],
    });
    let server = ScriptedServer::new([
        Response::empty(500),
        Response::json(
            200,
            json!({ "items": [], "paging": { "cursors": { "after": "page 2" } } }),
        ),
        Response::json(200, json!({ "items": [group] })),
    ]);
    let home = TestHome::new(&server.url()).for_customer();

    let outcome = home.run("create_dynamic_group").success();

    assert!(
        outcome.stdout.contains("Group My Dynamic Group created"),
        "{outcome}"
    );
    let targets: Vec<_> = server.calls().into_iter().map(|call| call.target).collect();
    assert_eq!(
        targets[1..],
        [
            "/api/resource_management/v4/resources?type=resource.group.computers&limit=100",
            "/api/resource_management/v4/resources?type=resource.group.computers&limit=100&after=page%202",
        ]
    );
}

#[test]
fn lists_resources_and_saves_the_response() {
    let _redacted = without_token_warning();
    let server = ScriptedServer::new([Response::text(
        200,
        r#"{"items":[{"id":"1","name":"pc","type":"resource.machine","attributes":[{"name":"agent","kvs":[{"key":"x","value":18446744073709551617}]}]},{"id":"2","name":"My Group","type":"resource.group.computers"}],"paging":{"cursors":{"after":"more"}}}"#,
    )]);
    let home = TestHome::new(&server.url()).for_customer();

    insta::assert_snapshot!(home.run("get_all_resources_info").success(), @"
    name      type                      id
    pc        resource.machine          1
    My Group  resource.group.computers  2

    2 resources saved in all_resources_with_attributes.json
    ! warning: this is only the first page of the list; follow paging.cursors.after for the rest
    ");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/resource_management/v4/resources?include_attributes=true
      authorization: Bearer customer-t0ken
    ");
    insta::assert_snapshot!(home.text("all_resources_with_attributes.json"), @r#"
    {
      "items": [
        {
          "id": "1",
          "name": "pc",
          "type": "resource.machine",
          "attributes": [
            {
              "name": "agent",
              "kvs": [
                {
                  "key": "x",
                  "value": 18446744073709551617
                }
              ]
            }
          ]
        },
        {
          "id": "2",
          "name": "My Group",
          "type": "resource.group.computers"
        }
      ],
      "paging": {
        "cursors": {
          "after": "more"
        }
      }
    }
    "#);
}

#[test]
fn shows_status_plans_and_runs_of_each_machine() {
    let _redacted = without_token_warning();
    let server = ScriptedServer::new([Response::items(json!([
        {
            "context": { "name": "pc" },
            "aggregate": { "status": "idle", "names": "My Plan", "running": { "state": "idle" } },
            "policies": [
                { "type": "a", "last_run_time": "2026-01-01T00:00:00Z", "next_run_time": "2026-01-03T00:00:00Z" },
                { "type": "b", "last_run": "2026-01-02T00:00:00Z" },
                {},
            ],
        },
        { "context": { "name": "bare" }, "aggregate": { "status": "no_policies_applied" } },
        { "context": { "name": "new" }, "aggregate": null, "policies": null },
    ]))]);
    let home = TestHome::new(&server.url()).for_customer();

    insta::assert_snapshot!(home.run("get_all_resources_protection_statuses").success(), @"
    machine  status               plans    last run              next run
    pc       idle                 My Plan  2026-01-02T00:00:00Z  2026-01-03T00:00:00Z
    bare     no policies applied           never
    new                                    never

    3 protection statuses saved in all_resources_protection_statuses.json
    ");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/resource_management/v4/resource_statuses
      authorization: Bearer customer-t0ken
    ");
    assert!(
        home.text("all_resources_protection_statuses.json")
            .contains("bare")
    );
}

#[test]
fn an_empty_list_is_a_success() {
    for name in [
        "get_all_resources_info",
        "get_all_resources_protection_statuses",
    ] {
        for response in [json!({}), json!({ "items": null }), json!({ "items": [] })] {
            let server = ScriptedServer::new([Response::json(200, response)]);
            let home = TestHome::new(&server.url()).for_customer();
            let outcome = home.run(name).success();
            assert!(outcome.stdout.starts_with("0 "), "{outcome}");
            server.calls();
        }
    }
}

#[test]
fn a_rejection_is_an_error() {
    let rejection = json!({
        "code": "AccessDeniedError",
        "domain": "Access",
        "context": { "scope": "", "required_scope": "urn:acronis.com::resource_manager::admin" },
    });
    for name in [
        "create_dynamic_group",
        "get_all_resources_info",
        "get_all_resources_protection_statuses",
    ] {
        let server = ScriptedServer::new([Response::json(403, rejection.clone())]);
        let home = TestHome::new(&server.url()).for_customer();
        let outcome = home.example(name).refused(1);
        assert!(outcome.stderr.contains("403 Forbidden"), "{outcome}");
        server.calls();
    }
}

#[test]
fn changes_inside_a_customer_need_a_customer_scoped_token() {
    for name in [
        "create_dynamic_group",
        "create_a_backup_plan",
        "apply_plan",
        "start_plan_execution",
        "revoke_plan",
    ] {
        let server = ScriptedServer::unused();
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.example(name).refused(2);

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome, @"
            ! error: HOME/api_customer_scoped_token.json is missing
            ! help: Run `cargo run -p authorization --bin issue_customer_scoped_token_for_bc` first: it creates api_customer_scoped_token.json.
            exit 2
            ");
        }
        assert_eq!(server.conversation(), "", "{name}");
    }
}

#[test]
fn lists_use_the_base_token_without_a_customer_scoped_one() {
    for name in [
        "get_all_resources_info",
        "get_all_resources_protection_statuses",
        "get_all_plans_info",
    ] {
        let server = ScriptedServer::new([Response::no_items()]);
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.run(name).success();

        assert_eq!(outcome.stderr, "", "{name}");
        let calls = server.calls();
        assert_eq!(
            calls[0].headers["authorization"],
            format!("Bearer {TOKEN}"),
            "{name}"
        );
    }
}

#[test]
fn an_expired_customer_scoped_token_is_an_error() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url()).signed_in().token(
        "api_customer_scoped_token.json",
        "expired-t0ken",
        899,
    );

    let outcome = home.example("create_dynamic_group").end().failed(2);

    let expected = "error: the customer-scoped token has expired, and this example works inside one customer only";
    assert!(outcome.stderr.contains(expected), "{outcome}");
    assert_eq!(server.conversation(), "");
}
