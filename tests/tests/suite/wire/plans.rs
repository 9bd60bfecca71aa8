//! How a protection plan is made, applied, run and revoked.

use serde_json::{Value, json};
use tests::{Response, ScriptedServer, TestHome};

const CREATE: &str = "create_a_backup_plan";
const ALL: &str = "get_all_plans_info";
const APPLY: &str = "apply_plan";
const START: &str = "start_plan_execution";
const REVOKE: &str = "revoke_plan";

fn home(server: &ScriptedServer) -> TestHome {
    TestHome::new(&server.url()).for_customer()
}

fn machines() -> Response {
    Response::json(200, json!({ "items": [{ "id": "m-1" }, { "id": "m-2" }] }))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "so that `json!` needs no `&`"
)]
fn list(items: Value) -> Response {
    Response::json(200, json!({ "items": items }))
}

/// An answer with an issue of this severity.
fn issue(severity: &str, message: &str) -> Response {
    Response::json(
        200,
        json!({ "issues": [{
            "severity": severity,
            "link": "",
            "error": { "code": "SomeCode", "domain": "PolicyManagement", "message": message },
        }] }),
    )
}

#[test]
fn a_plan_is_the_template_with_fresh_ids() {
    let mut bodies = Vec::new();
    for _ in 0..2 {
        let server = ScriptedServer::new([Response::text(
            200,
            r#"{"result":["a@policy.protection.total","b@policy.backup.machine"],"more":18446744073709551617}"#,
        )]);
        let home = home(&server);

        home.run(CREATE).success();

        let call = server.calls().remove(0);
        assert_eq!(call.method, "POST");
        assert_eq!(call.target, "/api/policy_management/v4/policies");
        assert_eq!(call.headers["authorization"], "Bearer customer-t0ken");
        assert_eq!(call.headers["content-type"], "application/json");
        insta::allow_duplicates! {
            insta::assert_snapshot!(home.text("plan_creation_response.json"), @r#"
            {
              "result": [
                "a@policy.protection.total",
                "b@policy.backup.machine"
              ],
              "more": 18446744073709551617
            }
            "#);
        }
        bodies.push(call.body);
    }

    // But for the ids it is the template to the letter; the size is larger than a float can tell.
    let template = include_str!("../../../../plans/base_plan.json");
    let template: Value = serde_json::from_str(template).expect("the template is JSON");
    assert!(bodies[0].contains(r#""splitting":{"size":9223372036854775807}"#));
    let mut ids = Vec::new();
    for body in bodies {
        let mut plan: Value = serde_json::from_str(&body).expect("the body is JSON");
        let mut take = |place: &str| {
            let id = plan.pointer_mut(place).expect(place);
            id.take().as_str().expect("a text").to_owned()
        };
        let (plan_id, backup_id) = (take("/subject/policy/0/id"), take("/subject/policy/1/id"));
        assert_eq!(take("/subject/policy/1/parent_ids/0"), plan_id);
        ids.extend([plan_id, backup_id]);

        let mut without_ids = template.clone();
        for place in [
            "/subject/policy/0/id",
            "/subject/policy/1/id",
            "/subject/policy/1/parent_ids/0",
        ] {
            without_ids.pointer_mut(place).expect(place).take();
        }
        assert_eq!(plan.to_string(), without_ids.to_string());
    }
    assert!(ids.iter().all(|id| id.len() == 36), "{ids:?}");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4, "all are fresh");
}

#[test]
fn a_plan_may_come_with_issues_or_with_nothing_else() {
    let id = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    insta::with_settings!({ filters => vec![(id, "ID")] }, {
        let mut told = String::new();
        let made = json!(["a@policy.protection.total", "b@policy.backup.machine"]);
        let with = |severity: &str, result: Option<&Value>| {
            let mut answer = json!({ "issues": [{
                "severity": severity,
                "error": { "code": "SomeCode", "message": "Something is so." },
            }] });
            if let Some(result) = result {
                answer["result"] = result.clone();
            }
            Response::json(200, answer)
        };
        for (what, answer, kept) in [
            ("a plan with a warning", with("warning", Some(&made)), true),
            ("a plan that was made, but", with("error", Some(&made)), true),
            ("an issue only", with("critical", None), false),
            ("a warning only", with("warning", None), false),
            ("nothing at all", Response::empty(204), false),
            (
                "blocked",
                Response::json(422, json!({ "issues": [{
                    "severity": "error",
                    "link": "",
                    "error": { "code": "SchemaValidationError", "domain": "PolicyManagement", "message": "No such scheme." },
                }] })),
                false,
            ),
        ] {
            let server = ScriptedServer::new([answer]);
            let home = home(&server);
            let outcome = home.run(CREATE);
            told += &format!("{what}\n{outcome}\n");
            assert_eq!(home.path("plan_creation_response.json").exists(), kept, "{what}");
        }
        insta::assert_snapshot!(told, @"
        a plan with a warning
        Plan ID is made of 2 policies, kept in plan_creation_response.json
        ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
        ! warning: SomeCode, Something is so.

        a plan that was made, but
        ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
        ! error: creating the plan: the platform reports: SomeCode, Something is so.
        ! help: Resolve what the platform tells above, then run it again.
        exit 1

        an issue only
        ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
        ! error: creating the plan: the platform reports: SomeCode, Something is so.
        ! help: Resolve what the platform tells above, then run it again.
        exit 1

        a warning only
        ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
        ! warning: SomeCode, Something is so.
        ! error: creating the plan: the platform names no policy
        ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
        exit 1

        nothing at all
        ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
        ! error: creating the plan: POST /api/policy_management/v4/policies: the platform's empty answer has no list in `result`
        ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
        ! next: there may be a plan, which does nothing until it is applied. get_all_plans_info shows it.
        exit 1

        blocked
        ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
        ! error: creating the plan: POST /api/policy_management/v4/policies: 422 Unprocessable Entity, code SchemaValidationError, No such scheme.
        ! help: Resolve what the platform tells above, then run it again.
        exit 1
        ");
    });
}

#[test]
fn plans_are_kept_and_shown() {
    let server = ScriptedServer::new([Response::text(
        200,
        r#"{"timestamp":"t","items":[
            {"policy":[{"id":"p-1","type":"policy.protection.total","name":"Nightly\u001b[2J","enabled":true,"big":18446744073709551617},
                       {"id":"p-2","type":"policy.backup.machine","parent_ids":["p-1"]},
                       {"id":"p-3","type":"policy.security.patch_management","parent_ids":["p-1"]}]},
            {"policy":[{"id":"p-4","type":"policy.protection.total","name":"Nothing","enabled":false}]},
            {"policy":[]},
            {},
            null
        ],"paging":{"cursors":{"total":5}}}"#,
    )]);
    let home = home(&server);

    let outcome = home.run(ALL).success();

    insta::assert_snapshot!(outcome, @"
    plan         id   enabled  policies
    Nightly [2J  p-1  yes      policy.backup.machine, policy.security.patch_management
    Nothing      p-4  no

    all_plans_info.json holds 2 plans
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/policy_management/v4/policies
      authorization: Bearer customer-t0ken
    ");
    let kept = home.text("all_plans_info.json");
    assert!(kept.contains("18446744073709551617"), "{kept}");
    assert_eq!(
        home.file("all_plans_info.json")["paging"],
        json!({ "cursors": { "total": 5 } })
    );
}

#[test]
fn there_may_be_no_plan_at_all() {
    for items in [json!([]), Value::Null] {
        let server = ScriptedServer::new([list(items)]);
        let home = home(&server);
        let outcome = home.run(ALL).success();
        assert_eq!(outcome.stdout, "all_plans_info.json holds 0 plans\n");
    }
}

#[test]
fn the_first_plan_goes_to_the_first_machine() {
    let server = ScriptedServer::new([
        machines(),
        list(json!([
            { "policy": [{ "id": "p-1", "type": "policy.protection.total" }, { "id": "p-2", "parent_ids": ["p-1"] }] },
            { "policy": [{ "id": "p-3", "type": "policy.protection.total" }] },
        ])),
        Response::empty(204),
    ]);
    let home = home(&server);
    let before = home.contents();

    let outcome = home.run(APPLY).success();

    insta::assert_snapshot!(outcome, @"
    Plan p-1 is applied to machine m-1
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    insta::assert_snapshot!(server.conversation(), @r#"
    GET /api/resource_management/v4/resources?type=resource.machine
      authorization: Bearer customer-t0ken
    GET /api/policy_management/v4/policies?applicable_to_context_id=m-1&type=policy.protection.total
      authorization: Bearer customer-t0ken
    POST /api/policy_management/v4/applications
      authorization: Bearer customer-t0ken
      content-type: application/json
      {"policy_id":"p-1","context":{"items":["m-1"]}}
    "#);
    assert_eq!(home.contents(), before);
}

#[test]
fn the_backup_of_the_first_machine_is_run() {
    let server = ScriptedServer::new([
        machines(),
        list(
            json!([[{ "policy": { "id": "p-2", "type": "policy.backup.machine", "parent_ids": ["p-1"] } }]]),
        ),
        Response::empty(202),
    ]);
    let home = home(&server);
    let before = home.contents();

    let outcome = home.run(START).success();

    insta::assert_snapshot!(outcome, @"
    Plan p-1 is started on machine m-1
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    insta::assert_snapshot!(server.conversation(), @r#"
    GET /api/resource_management/v4/resources?type=resource.machine
      authorization: Bearer customer-t0ken
    GET /api/policy_management/v4/applications?context_id=m-1&policy_type=policy.backup.machine
      authorization: Bearer customer-t0ken
    PUT /api/policy_management/v4/applications/run
      authorization: Bearer customer-t0ken
      content-type: application/json
      {"state":"running","policy_id":"p-1","context_ids":["m-1"]}
    "#);
    assert_eq!(home.contents(), before);
}

#[test]
fn what_is_answered_to_a_run_is_printed() {
    let server = ScriptedServer::new([
        machines(),
        list(json!([[{ "policy": { "id": "p-1", "type": "policy.backup.machine" } }]])),
        Response::text(
            200,
            r#"{"state":"running","activity":18446744073709551617}"#,
        ),
    ]);

    let outcome = home(&server).run(START).success();

    insta::assert_snapshot!(outcome, @r#"
    {
      "activity": 18446744073709551617,
      "state": "running"
    }
    Plan p-1 is started on machine m-1
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    "#);
}

#[test]
fn the_plan_of_the_first_machine_is_revoked() {
    let server = ScriptedServer::new([
        machines(),
        list(json!([[{ "policy": { "id": "p-1", "type": "policy.protection.total" } }]])),
        Response::empty(204),
    ]);
    let home = home(&server);
    let before = home.contents();

    let outcome = home.run(REVOKE).success();

    insta::assert_snapshot!(outcome, @"
    Plan p-1 is revoked from machine m-1
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/resource_management/v4/resources?type=resource.machine
      authorization: Bearer customer-t0ken
    GET /api/policy_management/v4/applications?context_id=m-1&policy_type=policy.protection.total
      authorization: Bearer customer-t0ken
    DELETE /api/policy_management/v4/applications?context_id=m-1&policy_id=p-1
      authorization: Bearer customer-t0ken
    ");
    assert_eq!(home.contents(), before);
}

#[test]
fn a_plan_is_found_whatever_form_the_list_has() {
    let flat = json!({ "policy": { "id": "c", "parent_ids": ["p-1"] } });
    let without_parent = json!({ "policy": { "id": "p-1" } });
    for name in [APPLY, START, REVOKE] {
        for items in [
            json!([flat]),
            json!([[flat]]),
            json!([[], [flat]]),
            json!([{ "policy": [] }, { "policy": [{ "id": "c", "parent_ids": ["p-1"] }] }]),
            json!([{}, null, { "policy": [{ "id": "p-1", "parent_ids": [] }] }]),
            json!([{ "policy": [{ "id": "p-1", "parent_ids": null }] }]),
            json!([[without_parent]]),
        ] {
            let server =
                ScriptedServer::new([machines(), list(items.clone()), issue("warning", "So so.")]);

            let outcome = home(&server).run(name).success();

            let call = server.calls().remove(2);
            let what = format!("{} {}", call.target, call.body);
            assert!(
                what.contains("p-1") && what.contains("m-1"),
                "{name}: {items}: {what}"
            );
            assert!(
                outcome.stderr.contains("warning: SomeCode, So so.\n"),
                "{outcome}"
            );
        }
    }
}

#[test]
fn what_is_not_there_is_told() {
    let mut told = String::new();
    for name in [APPLY, START, REVOKE] {
        for script in [
            vec![Response::no_items()],
            vec![machines(), list(json!([]))],
            vec![machines(), list(json!([[]]))],
            vec![machines(), list(json!([{ "policy": [] }]))],
            vec![machines(), list(json!([{ "policy": [{}] }]))],
        ] {
            let server = ScriptedServer::new(script);
            let outcome = home(&server).example(name).refused(1);
            let outcome = outcome.to_string();
            if !told.contains(&outcome) {
                told += &format!("{name}\n{outcome}\n");
            }
            let _ = server.calls();
        }
    }
    insta::assert_snapshot!(told, @"
    apply_plan
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ! error: looking for a machine: the customer has no machine
    ! help: Install an agent with a registration token of the customer; in the sandbox a machine comes a few seconds after `cargo run -p agent --bin get_agent_installation_token`.
    exit 1

    apply_plan
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ! error: no plan could be applied to machine m-1
    ! help: Run `cargo run -p plans --bin create_a_backup_plan` first: it makes one.
    exit 1

    apply_plan
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ! error: looking for a plan: GET /api/policy_management/v4/policies: the platform's answer has no text in `id`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1

    start_plan_execution
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ! error: no plan is applied to machine m-1
    ! help: Run `cargo run -p plans --bin apply_plan` first: it applies one.
    exit 1

    start_plan_execution
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ! error: looking for a plan: GET /api/policy_management/v4/applications: the platform's answer has no text in `id`
    ! help: Check that base_url leads to the platform itself, not to a proxy or a sign-in page; if it does, try again later.
    exit 1
    ");
}

#[test]
fn a_success_that_is_none_is_told() {
    let mut told = String::new();
    for name in [APPLY, START, REVOKE] {
        let plan = list(json!([{ "policy": [{ "id": "p-1" }] }]));
        let server = ScriptedServer::new([
            machines(),
            plan,
            issue("critical", "Another plan is in the way."),
        ]);
        let outcome = home(&server).example(name).refused(1);
        told += &format!("{name}\n{outcome}\n");
    }
    insta::assert_snapshot!(told, @"
    apply_plan
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ! error: applying the plan: the platform reports: SomeCode, Another plan is in the way.
    ! help: Resolve what the platform tells above, then run it again.
    exit 1

    start_plan_execution
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ! error: starting the plan: the platform reports: SomeCode, Another plan is in the way.
    ! help: Resolve what the platform tells above, then run it again.
    exit 1

    revoke_plan
    ! warning: calls use the customer-scoped token and reach that customer only; remove api_customer_scoped_token.json to work as the API client again
    ! error: revoking the plan: the platform reports: SomeCode, Another plan is in the way.
    ! help: Resolve what the platform tells above, then run it again.
    exit 1
    ");
}
