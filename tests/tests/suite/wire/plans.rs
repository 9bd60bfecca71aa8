//! Creating, listing, applying, starting and revoking a protection plan.

use serde_json::{Value, json};
use tests::{Response, ScriptedServer, TestHome};

use super::without_token_warning;

const CREATE: &str = "create_a_backup_plan";
const ALL: &str = "get_all_plans_info";
const APPLY: &str = "apply_plan";
const START: &str = "start_plan_execution";
const REVOKE: &str = "revoke_plan";

fn home(server: &ScriptedServer) -> TestHome {
    TestHome::new(&server.url()).for_customer()
}

fn machines() -> Response {
    Response::items(json!([{ "id": "m-1" }, { "id": "m-2" }]))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "so that `json!` needs no `&`"
)]
fn list(items: Value) -> Response {
    Response::items(json!(items))
}

/// A policy of a plan.
fn policy(id: &str, parents: Option<&[&str]>) -> Value {
    json!({ "id": id, "type": "policy.backup.machine", "enabled": true, "parent_ids": parents })
}

/// The plan `p-1` in the form that the call of this example returns: a plan, or the applications of its policies.
fn plan(example: &str) -> Response {
    let policy = policy("p-1", None);
    match example {
        APPLY => list(json!([{ "policy": [policy] }])),
        _ => list(json!([[{ "policy": policy }]])),
    }
}

/// A response with an issue of this severity.
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
fn creates_a_plan_from_the_template_with_new_ids() {
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

    // Except for the ids it equals the template. The size is too large for a float.
    let template = include_str!("../../../../plans/base_plan.json");
    let template: Value = serde_json::from_str(template).expect("the template is JSON");
    assert!(bodies[0].contains(r#""splitting":{"size":9223372036854775807}"#));
    let mut ids = Vec::new();
    for body in bodies {
        let mut plan: Value = serde_json::from_str(&body).expect("the body is JSON");
        let mut take = |place: &str| {
            let id = plan.pointer_mut(place).expect(place);
            id.take().as_str().expect("the id is a string").to_owned()
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
fn issues_decide_whether_a_plan_was_created() {
    let _without_warning = without_token_warning();
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID");
    settings.bind(|| {
        let mut outcomes = String::new();
        let created = json!(["a@policy.protection.total", "b@policy.backup.machine"]);
        let with = |severity: &str, result: Option<&Value>| {
            let mut response = json!({ "issues": [{
                "severity": severity,
                "error": { "code": "SomeCode", "message": "The schedule is empty." },
            }] });
            if let Some(result) = result {
                response["result"] = result.clone();
            }
            Response::json(200, response)
        };
        for (what, response, is_saved) in [
            ("a plan and a warning", with("warning", Some(&created)), true),
            ("a plan and an error", with("error", Some(&created)), true),
            ("only a critical issue", with("critical", None), false),
            ("only a warning", with("warning", None), false),
            (
                "rejected",
                Response::json(422, json!({ "issues": [{
                    "severity": "error",
                    "link": "",
                    "error": { "code": "SchemaValidationError", "domain": "PolicyManagement", "message": "No such scheme." },
                }] })),
                false,
            ),
        ] {
            let server = ScriptedServer::new([response]);
            let home = home(&server);
            let outcome = home.run(CREATE);
            outcomes += &format!("{what}\n{outcome}\n");
            assert_eq!(home.path("plan_creation_response.json").exists(), is_saved, "{what}");
        }
        insta::assert_snapshot!(outcomes, @"
        a plan and a warning
        Plan ID created with 2 policies, saved in plan_creation_response.json
        ! warning: SomeCode, The schedule is empty.

        a plan and an error
        ! error: create the plan: the platform reports: SomeCode, The schedule is empty.
        ! help: Fix the problems that the platform reports above, then run the example again.
        ! done: send the plan
        ! next: a plan may exist, which does nothing until it is applied. get_all_plans_info lists it.
        exit 1

        only a critical issue
        ! error: create the plan: the platform reports: SomeCode, The schedule is empty.
        ! help: Fix the problems that the platform reports above, then run the example again.
        ! done: send the plan
        ! next: a plan may exist, which does nothing until it is applied. get_all_plans_info lists it.
        exit 1

        only a warning
        ! warning: SomeCode, The schedule is empty.
        ! error: create the plan: POST /api/policy_management/v4/policies: unexpected response: `result` is missing or empty
        ! help: The call may have taken effect: check what exists before you run the example again. If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
        ! done: send the plan
        ! next: a plan may exist, which does nothing until it is applied. get_all_plans_info lists it.
        exit 1

        rejected
        ! error: send the plan: POST /api/policy_management/v4/policies: 422 Unprocessable Entity, code SchemaValidationError, No such scheme.
        ! help: Fix the problem in the platform's message above, then run the example again.
        exit 1
        ");
    });
}

#[test]
fn looks_for_the_plan_if_the_response_is_empty() {
    let _redacted = without_token_warning();
    let server = ScriptedServer::new([Response::empty(204), plan(APPLY)]);

    insta::assert_snapshot!(home(&server).example(CREATE).refused(1), @"
    ! warning: POST /api/policy_management/v4/policies: unexpected response: empty body; checking whether the call took effect
    ! error: send the plan: POST /api/policy_management/v4/policies: unexpected response: empty body; no effect of the call was found
    ! help: Run the example again. A slow call may still take effect later: check afterward for duplicates.
    ! next: a plan may exist, which does nothing until it is applied. get_all_plans_info lists it.
    exit 1
    ");
    insta::assert_snapshot!(server.calls()[1], @"
    GET /api/policy_management/v4/policies?limit=100
      authorization: Bearer customer-t0ken
    ");
}

#[test]
fn looks_for_the_plan_on_every_page() {
    let _redacted = without_token_warning();
    let server = ScriptedServer::new([
        Response::empty(500),
        Response::json(
            200,
            json!({ "items": [], "paging": { "cursors": { "after": "page-2" } } }),
        ),
        Response::no_items(),
    ]);

    let outcome = home(&server).example(CREATE).refused(1);

    assert!(
        outcome.error().ends_with("no effect of the call was found"),
        "{outcome}"
    );
    assert_eq!(
        server.calls()[2].target,
        "/api/policy_management/v4/policies?limit=100&after=page-2"
    );
}

#[test]
fn an_applied_plan_of_a_lost_response_is_found_on_the_second_page() {
    let _redacted = without_token_warning();
    let server = ScriptedServer::new([
        machines(),
        plan(APPLY),
        Response::empty(500),
        Response::json(
            200,
            json!({ "items": [], "paging": { "cursors": { "after": "page-2" } } }),
        ),
        plan(REVOKE),
    ]);

    let outcome = home(&server).run(APPLY).success();

    assert!(
        outcome.stdout.contains("Plan p-1 applied to machine m-1"),
        "{outcome}"
    );
    assert_eq!(
        server.calls()[4].target,
        "/api/policy_management/v4/applications?context_id=m-1&policy_type=policy.protection.total&limit=100&after=page-2"
    );
}

#[test]
fn lists_plans_and_saves_the_response() {
    let _redacted = without_token_warning();
    let server = ScriptedServer::new([Response::text(
        200,
        r#"{"timestamp":"t","items":[
            {"policy":[{"id":"p-1","type":"policy.protection.total","name":"Nightly\u001b[2J","enabled":true,"big":18446744073709551617},
                       {"id":"p-2","type":"policy.backup.machine","enabled":true,"parent_ids":["p-1"]},
                       {"id":"p-3","type":"policy.security.patch_management","enabled":true,"parent_ids":["p-1"]}]},
            {"policy":[{"id":"p-4","type":"policy.protection.total","name":"Nothing","enabled":false}]},
            {"policy":[]},
            {"policy":null},
            {}
        ],"paging":{"cursors":{"total":5}}}"#,
    )]);
    let home = home(&server);

    let outcome = home.run(ALL).success();

    insta::assert_snapshot!(outcome, @"
    plan         id   enabled  policies
    Nightly [2J  p-1  yes      policy.backup.machine, policy.security.patch_management
    Nothing      p-4  no

    2 plans saved in all_plans_info.json
    ");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/policy_management/v4/policies
      authorization: Bearer customer-t0ken
    ");
    let saved = home.text("all_plans_info.json");
    assert!(saved.contains("18446744073709551617"), "{saved}");
    assert_eq!(
        home.file("all_plans_info.json")["paging"],
        json!({ "cursors": { "total": 5 } })
    );
}

#[test]
fn an_empty_list_of_plans_is_a_success() {
    for items in [json!([]), Value::Null] {
        let server = ScriptedServer::new([list(items)]);
        let home = home(&server);
        let outcome = home.run(ALL).success();
        assert_eq!(outcome.stdout, "0 plans saved in all_plans_info.json\n");
    }
}

#[test]
fn applies_the_first_plan_to_the_first_machine() {
    let _redacted = without_token_warning();
    let server = ScriptedServer::new([
        machines(),
        list(json!([
            { "policy": [policy("p-1", None), policy("p-2", Some(&["p-1"]))] },
            { "policy": [policy("p-3", None)] },
        ])),
        Response::empty(204),
    ]);
    let home = home(&server);
    let before = home.contents();

    let outcome = home.run(APPLY).success();

    insta::assert_snapshot!(outcome, @"Plan p-1 applied to machine m-1");
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
fn starts_the_backup_plan_of_the_first_machine() {
    let _redacted = without_token_warning();
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

    insta::assert_snapshot!(outcome, @"Plan p-1 started on machine m-1");
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
fn prints_the_response_to_a_start() {
    let _redacted = without_token_warning();
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
      "state": "running",
      "activity": 18446744073709551617
    }
    Plan p-1 started on machine m-1
    "#);
}

#[test]
fn revokes_the_plan_of_the_first_machine() {
    let _redacted = without_token_warning();
    let server = ScriptedServer::new([
        machines(),
        list(json!([[{ "policy": { "id": "p-1", "type": "policy.protection.total" } }]])),
        Response::empty(204),
    ]);
    let home = home(&server);
    let before = home.contents();

    let outcome = home.run(REVOKE).success();

    insta::assert_snapshot!(outcome, @"Plan p-1 revoked from machine m-1");
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
fn finds_a_plan_in_every_form_of_the_list() {
    let child = policy("c", Some(&["p-1", "other"]));
    let root = policy("p-1", Some(&[]));
    let applied = || {
        [
            json!([[{ "policy": child }]]),
            json!([[{ "policy": root }, { "policy": child }]]),
            json!([[], [{ "policy": child }]]),
            // Some pages of the vendor's guide show a flat list.
            json!([{ "policy": child }]),
        ]
    };
    let applicable = [
        json!([{ "policy": [root, child] }]),
        json!([{ "policy": [] }, { "policy": [child] }]),
        json!([{}, { "policy": null }, { "policy": [root] }]),
    ];
    let applicable = applicable.map(|items| (APPLY, items));
    let started = applied().map(|items| (START, items));
    let revoked = applied().map(|items| (REVOKE, items));
    for (name, items) in applicable.into_iter().chain(started).chain(revoked) {
        let server =
            ScriptedServer::new([machines(), list(items.clone()), issue("warning", "So so.")]);

        let outcome = home(&server).run(name).success();

        let call = server.calls().remove(2);
        let change = format!("{} {}", call.target, call.body);
        assert!(
            change.contains("p-1") && change.contains("m-1"),
            "{name}: {items}: {change}"
        );
        assert!(
            outcome.stderr.contains("warning: SomeCode, So so.\n"),
            "{outcome}"
        );
    }
}

#[test]
fn a_missing_machine_or_plan_is_an_error() {
    let _redacted = without_token_warning();
    let mut outcomes = String::new();
    for (name, no_plan) in [
        (APPLY, json!([{ "policy": [] }])),
        (START, json!([[]])),
        (REVOKE, json!([[]])),
    ] {
        for script in [
            vec![Response::no_items()],
            vec![machines(), Response::no_items()],
            vec![machines(), list(no_plan)],
        ] {
            let server = ScriptedServer::new(script);
            let outcome = home(&server).example(name).refused(1).to_string();
            if !outcomes.contains(&outcome) {
                outcomes += &format!("{name}\n{outcome}\n");
            }
            let _ = server.calls();
        }
    }
    insta::assert_snapshot!(outcomes, @"
    apply_plan
    ! error: find a machine: the customer has no machine
    ! help: Install an agent with the token of `cargo run -p agent --bin get_agent_installation_token`. The sandbox simulates this a few seconds after the token is issued.
    exit 1

    apply_plan
    ! error: no plan can be applied to machine m-1: every plan is applied already, or there is none
    ! help: For another plan, run `cargo run -p plans --bin create_a_backup_plan` first.
    exit 1

    start_plan_execution
    ! error: no plan is applied to machine m-1
    ! help: Run `cargo run -p plans --bin apply_plan` first.
    exit 1
    ");
}

#[test]
fn a_critical_issue_in_a_successful_response_is_an_error() {
    let _redacted = without_token_warning();
    let mut outcomes = String::new();
    for name in [APPLY, START, REVOKE] {
        let server = ScriptedServer::new([
            machines(),
            plan(name),
            issue("critical", "Another plan conflicts with this one."),
        ]);
        let outcome = home(&server).example(name).refused(1);
        outcomes += &format!("{name}\n{outcome}\n");
    }
    insta::assert_snapshot!(outcomes, @"
    apply_plan
    ! error: apply the plan: the platform reports: SomeCode, Another plan conflicts with this one.
    ! help: Fix the problems that the platform reports above, then run the example again.
    exit 1

    start_plan_execution
    ! error: start the plan: the platform reports: SomeCode, Another plan conflicts with this one.
    ! help: Fix the problems that the platform reports above, then run the example again.
    exit 1

    revoke_plan
    ! error: revoke the plan: the platform reports: SomeCode, Another plan conflicts with this one.
    ! help: Fix the problems that the platform reports above, then run the example again.
    exit 1
    ");
}
