//! `--json`: the result as one document with the field names of the API.

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};
use tests::{Outcome, Response, ScriptedServer, TestHome, examples};

use super::{tenant, with_customer, with_fields};

const AGENT: &str = r#""hostname":"pc","online":true,"platform":{"name":"p"},"core_version":{"current":{"release_id":"1"}},"tenant":{"name":"t"}"#;
const FOUND: &str = r#""obj_type":"user","id":"u","path":["Root"]"#;
const TASK: &str = r#""state":"completed","result":{"code":"ok"}"#;
/// Fields that no example reads.
const UNKNOWN: &str =
    r#""zeta":18446744073709551617,"beta":1.50,"alpha":{"a\u009b":"\u007f\u202e"}"#;

/// The examples that print the response with a list, and the fields of an item that they read.
const LISTS: [(&str, &str); 11] = [
    ("agent/get_all_agents_info", AGENT),
    ("agent/get_all_agents_info_for_customer", AGENT),
    ("monitoring/get_activities", TASK),
    ("monitoring/get_alerts", r#""severity":"error""#),
    ("monitoring/get_tasks", TASK),
    (
        "plans/get_all_plans_info",
        r#""policy":[{"id":"p","type":"t","enabled":true}]"#,
    ),
    (
        "resources/get_all_resources_info",
        r#""id":"r","name":"n","type":"t""#,
    ),
    (
        "resources/get_all_resources_protection_statuses",
        r#""context":{"name":"n"}"#,
    ),
    ("tenants/search_for_tenant_or_user", FOUND),
    (
        "usage/get_tenant_usage",
        r#""name":"n","measurement_unit":"bytes","value":1"#,
    ),
    ("users/search_for_tenant_or_user", FOUND),
];

const PAGINATIONS: [&str; 3] = [
    "monitoring/activities_pagination",
    "monitoring/alerts_pagination",
    "monitoring/tasks_pagination",
];

const OTHERS: [&str; 3] = [
    "tenants/get_trial_end_date_for_customer",
    "tenants/navigate_through_tenants",
    "users/ipmpersonate_user_call_me",
];

fn run(home: &TestHome, example: &str) -> Outcome {
    let run = home.example(example).arg("--json").input("text\n");
    run.end().success()
}

/// The document on standard output. All characters in it are displayed.
fn document(outcome: &Outcome) -> Value {
    let not_displayed = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
    assert!(!outcome.stdout.contains(not_displayed), "{outcome}");
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|cause| panic!("{cause}: {outcome}"))
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}

#[test]
fn a_list_is_printed_as_the_platform_sent_it() {
    for (example, fields) in LISTS {
        for items in [
            format!("[{{{UNKNOWN},{fields}}},{{{fields}}}]"),
            "[]".to_owned(),
        ] {
            let response = format!(r#"{{{UNKNOWN},"items":{items}}}"#);
            let mut script = vec![Response::text(200, &response)];
            if example == "agent/get_all_agents_info_for_customer" {
                script.insert(0, Response::json(200, json!({ "id": 1 })));
            }
            let server = ScriptedServer::new(script);

            let outcome = run(&with_customer(&server), example);

            // Text is compared too, because two numbers can be equal as floating-point numbers.
            assert_eq!(document(&outcome), parsed(&response), "{example}");
            assert!(outcome.stdout.contains("18446744073709551617"), "{outcome}");
            assert!(outcome.stdout.contains("1.50"), "{outcome}");
        }
    }
}

#[test]
fn all_pages_are_printed_as_one_list() {
    let page = |number: i64, cursors: Value| {
        let paging = json!({ "cursors": cursors });
        let item = with_fields(parsed(&format!("{{{UNKNOWN}}}")), &json!({ "id": number }));
        Response::json(200, json!({ "items": [item], "paging": paging }))
    };
    for example in PAGINATIONS {
        let mut script = vec![
            page(1, json!({ "after": "a" })),
            page(2, json!({ "before": "b" })),
        ];
        if example == "monitoring/alerts_pagination" {
            script.push(page(1, json!({})));
        }
        let server = ScriptedServer::new(script);

        let outcome = run(&TestHome::new(&server.url()).signed_in(), example);

        let document = document(&outcome);
        let items = document["items"].as_array().expect("a list").iter();
        let ids: Vec<_> = items.map(|item| &item["id"]).collect();
        assert_eq!(ids, [1, 2], "{example}");
        assert_eq!(
            document["items"][0]["zeta"].to_string(),
            "18446744073709551617"
        );
        assert_eq!(outcome.stderr, "", "{example}");
    }
}

#[test]
fn the_tree_is_printed_as_two_lists() {
    let unknown = parsed(&format!("{{{UNKNOWN}}}"));
    let root = with_fields(tenant("my-tenant", "Root", 1), &unknown);
    let child = with_fields(
        tenant("a", "Child", 1),
        &json!({ "parent_id": "my-tenant" }),
    );
    let user = with_fields(json!({ "login": "ada", "tenant_id": "a" }), &unknown);
    let server = ScriptedServer::new([
        Response::json(200, root.clone()),
        Response::items(json!(["a"])),
        Response::json(200, child.clone()),
        Response::items(json!(["u"])),
        Response::json(200, user.clone()),
        Response::items(json!([])),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = run(&home, "navigate_through_tenants");

    let expected = json!({ "tenants": [root, child], "users": [user] });
    assert_eq!(document(&outcome), expected);
}

#[test]
fn a_run_that_fails_prints_no_part_of_the_document() {
    let first = json!({ "items": [{ "id": 1 }], "paging": { "cursors": { "after": "a" } } });
    for (example, first) in [
        ("tasks_pagination", first.clone()),
        ("activities_pagination", first.clone()),
        ("alerts_pagination", first),
        ("navigate_through_tenants", tenant("my-tenant", "Root", 1)),
    ] {
        let server = ScriptedServer::new([Response::json(200, first), Response::empty(400)]);
        let home = TestHome::new(&server.url()).signed_in();
        let outcome = home.example(example).arg("--json").refused(1);
        assert_eq!(outcome.stdout, "", "{example}");
    }
}

#[test]
fn the_pricing_is_printed_instead_of_its_date() {
    let pricing = format!(r#"{{"mode":"trial",{UNKNOWN},"production_start_date":null}}"#);
    let server = ScriptedServer::new([Response::text(200, &pricing)]);

    let outcome = run(&with_customer(&server), "get_trial_end_date_for_customer");

    assert_eq!(document(&outcome), parsed(&pricing));
}

#[test]
fn the_signed_in_user_is_printed_alone() {
    let user = format!(r#"{{"id":"u","login":"grace",{UNKNOWN}}}"#);
    let server = ScriptedServer::new([
        Response::json(200, json!({ "ott": "once" })),
        Response::json(200, json!({})),
        Response::text(200, &user),
        Response::empty(200),
    ]);
    let home = TestHome::new(&server.url()).signed_in();
    let home = home.put("user.json", json!({ "login": "grace" }));

    let outcome = run(&home, "ipmpersonate_user_call_me");

    assert_eq!(document(&outcome), parsed(&user));
}

#[test]
fn only_examples_with_a_result_have_the_option() {
    let tested: BTreeSet<_> = LISTS
        .into_iter()
        .map(|(example, _)| example)
        .chain(PAGINATIONS)
        .chain(OTHERS)
        .map(str::to_owned)
        .collect();
    let home = TestHome::empty();
    let mut found = BTreeSet::new();
    for example in examples::all() {
        let name = format!("{}/{}", example.package, example.name);
        let source = fs::read_to_string(&example.source).expect("the source is text");
        // Without a home folder, the run ends before its first call.
        let outcome = home.example(&name).arg("--json").refused(2);
        let is_unknown = outcome.error() == "unexpected argument '--json' found";
        if source.contains("print_table") || source.contains("print_list") {
            assert!(!is_unknown || name.contains("/delete_"), "{name}");
        }
        if !is_unknown {
            found.insert(name);
        }
    }
    assert_eq!(found, tested);
}
