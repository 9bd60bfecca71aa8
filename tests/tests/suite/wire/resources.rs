//! Machines, groups and their protection.

use serde_json::json;
use tests::{Response, ScriptedServer, TestHome, examples};

#[test]
fn a_dynamic_group_is_posted_and_answered_by_nothing() {
    let server = ScriptedServer::new([Response::empty(204)]);
    let home = TestHome::new(&server.url()).for_customer();

    insta::assert_snapshot!(home.run("create_dynamic_group").success(), @"
    The group My Dynamic Group has all machines whose names begin with test
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    insta::assert_snapshot!(server.conversation(), @r#"
    POST /api/resource_management/v4/resources
      authorization: Bearer customer-t0ken
      content-type: application/json
      {"type":"resource.group.computers","parent_group_ids":["301d1574-849e-4714-859f-3a2ec12a218b"],"group_condition":"test*","allowed_member_types":["resource.machine"],"name":"My Dynamic Group","user_defined_name":"My Dynamic Group"}
    "#);
}

#[test]
fn resources_are_shown_and_kept_as_they_came() {
    let server = ScriptedServer::new([Response::text(
        200,
        r#"{"items":[{"id":"1","name":"pc","type":"resource.machine","attributes":[{"name":"agent","kvs":[{"key":"x","value":18446744073709551617}]}]},{"id":"2","name":"My Group","type":"resource.group.computers"},{}],"paging":{"cursors":{"after":"more"}}}"#,
    )]);
    let home = TestHome::new(&server.url()).for_customer();

    insta::assert_snapshot!(home.run("get_all_resources_info").success(), @"
    name      type                      id
    pc        resource.machine          1
    My Group  resource.group.computers  2


    all_resources_with_attributes.json holds 3 resources
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ! warning: this is the first page only, and the platform has more: follow paging.cursors.after for the rest
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
        },
        {}
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
fn statuses_tell_plans_and_runs() {
    let server = ScriptedServer::new([Response::json(
        200,
        json!({ "items": [
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
            { "context": null, "policies": null },
        ] }),
    )]);
    let home = TestHome::new(&server.url()).for_customer();

    insta::assert_snapshot!(home.run("get_all_resources_protection_statuses").success(), @"
    name  status               plans    last run              next run
    pc    idle                 My Plan  2026-01-02T00:00:00Z  2026-01-03T00:00:00Z
    bare  no policies applied           never
                                        never

    all_resources_protection_statuses.json holds 3 statuses
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
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
fn lists_may_be_empty() {
    for name in [
        "get_all_resources_info",
        "get_all_resources_protection_statuses",
    ] {
        for answer in [json!({}), json!({ "items": null }), json!({ "items": [] })] {
            let server = ScriptedServer::new([Response::json(200, answer)]);
            let home = TestHome::new(&server.url()).for_customer();
            let outcome = home.run(name).success();
            assert!(outcome.stdout.contains(" holds 0 "), "{outcome}");
            server.calls();
        }
    }
}

#[test]
fn a_refusal_is_told() {
    let refused = json!({
        "code": "AccessDeniedError",
        "domain": "Access",
        "context": { "scope": "", "required_scope": "urn:acronis.com::resource_manager::admin" },
    });
    for name in [
        "create_dynamic_group",
        "get_all_resources_info",
        "get_all_resources_protection_statuses",
    ] {
        let server = ScriptedServer::new([Response::json(403, refused.clone())]);
        let home = TestHome::new(&server.url()).for_customer();
        let outcome = home.example(name).refused(1);
        assert!(outcome.stderr.contains("403 Forbidden"), "{outcome}");
        server.calls();
    }
}

#[test]
fn without_a_token_for_a_customer_nothing_is_asked() {
    let mut told = String::new();
    for package in ["plans", "resources"] {
        for example in examples::all().iter().filter(|it| it.package == package) {
            let server = ScriptedServer::unused();
            let home = TestHome::new(&server.url()).signed_in();
            let missing = home.example(&example.name).refused(2).to_string();
            if told.is_empty() {
                told += &missing;
            }
            assert_eq!(missing, told, "{}", example.name);
            assert_eq!(server.conversation(), "");
        }
    }
    insta::assert_snapshot!(told, @"
    ! error: HOME/api_customer_scoped_token.json is missing
    ! help: Run `cargo run -p authorization --bin issue_customer_scoped_token_for_bc` first: it makes api_customer_scoped_token.json.
    exit 2
    ");
}

#[test]
fn a_token_for_a_customer_that_has_ended_is_told() {
    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url()).signed_in().token(
        "api_customer_scoped_token.json",
        "ended-t0ken",
        899,
    );
    let outcome = home.example("create_dynamic_group").end().failed(2);
    insta::assert_snapshot!(outcome, @"
    ! warning: the customer-scoped token is at its end and was removed; `cargo run -p authorization --bin issue_customer_scoped_token_for_bc` issues a new one
    ! error: the customer-scoped token has ended, and this works within one customer only
    ! help: Run `cargo run -p authorization --bin issue_customer_scoped_token_for_bc` for a new one.
    exit 2
    ");
    assert_eq!(server.conversation(), "");
}
