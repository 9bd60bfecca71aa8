//! Tasks, activities and alerts: in one response, and page by page.

use std::sync::atomic::{AtomicUsize, Ordering};

use common::count;
use insta::{Settings, internals::SettingsBindDropGuard};
use serde_json::{Value, json};
use tests::{Response, ScriptedServer, TestHome, raw_server::RawServer};

const PAGINATIONS: [&str; 3] = [
    "tasks_pagination",
    "activities_pagination",
    "alerts_pagination",
];

/// Masks the first day of the week, which changes every day.
fn days() -> SettingsBindDropGuard {
    let mut settings = Settings::clone_current();
    settings.add_filter(r"\d{4}-\d\d-\d\d", "DAY");
    settings.add_filter(r"1\d{18}", "NANOS");
    settings.bind_to_scope()
}

fn task(number: i64, state: &str, code: &str) -> Value {
    json!({ "id": number, "state": state, "result": { "code": code } })
}

/// The names of the files that start with `kind`, without digits.
fn saved(home: &TestHome, kind: &str) -> Vec<String> {
    let names = home.names();
    let names = names.lines().filter(|name| name.starts_with(kind));
    names
        .map(|name| name.replace(|c: char| c.is_ascii_digit(), ""))
        .collect()
}

#[test]
fn saves_tasks_and_activities_by_result() {
    let _redacted = days();
    for (example, what) in [("get_tasks", "tasks"), ("get_activities", "activities")] {
        let server = ScriptedServer::new([Response::json(
            200,
            json!({
                "items": [
                    task(944_455_285_181_775_872, "completed", "ok"),
                    task(2, "completed", "error"),
                    task(3, "completed", "ok"),
                    task(4, "started", "error"),
                    task(5, "completed", "cancelled"),
                ],
                "more": 1,
            }),
        )]);
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.run(example).success();

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome.to_string().replace(what, "THINGS"), @"
            result   THINGS
            ok       2
            error    1
            warning  0

            5 THINGS saved in THINGS_DAY.json
            ");
            insta::assert_snapshot!(server.conversation().replace(what, "THINGS"), @"
            GET /api/task_manager/v2/THINGS?completedAt=gt%28DAYT00%3A00%3A00Z%29
              authorization: Bearer kept-t0ken
            ");
        }
        let files = [".json", "_error.json", "_ok.json"].map(|end| format!("{what}_--{end}"));
        assert_eq!(saved(&home, what), files);
        let names = home.names();
        let ok = names
            .lines()
            .find(|name| name.ends_with("_ok.json"))
            .expect("the file of the group exists");
        assert_eq!(home.file(ok)[0]["id"].to_string(), "944455285181775872");
        assert_eq!(home.file(ok).as_array().map_or(0, Vec::len), 2);
    }
}

#[test]
fn saves_alerts_by_severity() {
    let _redacted = days();
    let server = ScriptedServer::new([Response::json(
        200,
        json!({ "items": [{ "severity": "critical" }, { "severity": "information" }], "paging": { "cursors": {} } }),
    )]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.run("get_alerts").success();

    insta::assert_snapshot!(outcome, @"
    severity  alerts
    warning   0
    error     0
    critical  1

    2 alerts saved in alerts_NANOS.json
    ");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/alert_manager/v1/alerts?updated_at=gt%28NANOS%29&order=desc%28created_at%29
      authorization: Bearer kept-t0ken
    ");
    assert_eq!(
        saved(&home, "alerts"),
        ["alerts_.json", "alerts__critical.json"]
    );
}

#[test]
fn removes_the_file_of_a_group_that_is_empty_now() {
    let server = ScriptedServer::new([
        Response::items(json!([task(1, "completed", "error")])),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    home.run("get_tasks").success();
    assert_eq!(saved(&home, "tasks").len(), 2);
    home.run("get_tasks").success();
    // If midnight has passed in between, the files of both days exist.
    let left = saved(&home, "tasks");
    assert!(
        !left.is_empty() && (left.len() == 1 || left.len() == 3),
        "{left:?}"
    );
}

/// Pages of at most ten rows, each with the cursor that leads to the next one.
fn script(rows: usize) -> Vec<Response> {
    let count = rows.div_ceil(10).max(1);
    (1..=count)
        .map(|page| {
            let size = (rows - (page - 1) * 10).min(10);
            let items = vec![json!({}); size];
            if page == count {
                return Response::items(json!(items));
            }
            let cursors = json!({ "after": format!("to {}=", page + 1) });
            let page = json!({ "items": items, "paging": { "cursors": cursors } });
            Response::json(200, page)
        })
        .collect()
}

#[test]
fn reads_pages_until_there_is_no_cursor() {
    for (rows, pages) in [(0, 1), (1, 1), (9, 1), (10, 1), (11, 2), (1000, 100)] {
        for example in PAGINATIONS {
            let server = ScriptedServer::new(script(rows));
            let home = TestHome::new(&server.url()).signed_in();

            let outcome = home.run(example).success();

            assert_eq!(server.calls().len(), pages, "{example} {rows}");
            let kind = match example {
                "tasks_pagination" => "task",
                "activities_pagination" => "activity",
                _ => "alert",
            };
            let result = format!("{} read from {}", count(rows, kind), count(pages, "page"));
            assert!(outcome.stdout.contains(&result), "{example}: {outcome}");
            assert_eq!(outcome.stdout.matches("Page ").count(), pages, "{example}");
        }
    }
}

#[test]
fn sends_a_cursor_of_tasks_and_activities_without_the_filter() {
    let _redacted = days();
    for (example, what) in [
        ("tasks_pagination", "tasks"),
        ("activities_pagination", "activities"),
    ] {
        // The API description has the cursors at the top level.
        let first = json!({ "items": [{}, {}], "cursors": { "after": "a+b=" } });
        let last = json!({ "items": [{}, {}] });
        let server = ScriptedServer::new([first, last].map(|page| Response::json(200, page)));
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.run(example).success();

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome.to_string().to_lowercase().replace(what, "THINGS"), @"
            page 1: 2 THINGS
            page 2: 2 THINGS
            4 THINGS read from 2 pages
            ");
            insta::assert_snapshot!(server.conversation().replace(what, "THINGS"), @"
            GET /api/task_manager/v2/THINGS?limit=10&lod=short&completedAt=gt%28DAYT00%3A00%3A00Z%29
              authorization: Bearer kept-t0ken
            GET /api/task_manager/v2/THINGS?limit=10&lod=short&after=a%2Bb%3D
              authorization: Bearer kept-t0ken
            ");
        }
    }
}

#[test]
fn reads_alerts_forward_and_back_with_the_filter_on_every_page() {
    let _redacted = days();
    let page = |cursors: Value| {
        Response::json(
            200,
            json!({ "items": [{}], "paging": { "cursors": cursors } }),
        )
    };
    let server = ScriptedServer::new([
        page(json!({ "after": "to 2" })),
        page(json!({ "after": "to 3", "before": "to 1" })),
        page(json!({ "before": "to 2" })),
        page(json!({ "after": "to 3", "before": "to 1" })),
        page(json!({ "after": "to 2" })),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.run("alerts_pagination").success();

    insta::assert_snapshot!(outcome, @"
    Page 1: 1 alert
    Page 2: 1 alert
    Page 3: 1 alert
    Back on page 2: 1 alert
    Back on page 1: 1 alert
    3 alerts read from 3 pages, forward and back
    ");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/alert_manager/v1/alerts?limit=10&updated_at=gt%28NANOS%29
      authorization: Bearer kept-t0ken
    GET /api/alert_manager/v1/alerts?limit=10&updated_at=gt%28NANOS%29&after=to%202
      authorization: Bearer kept-t0ken
    GET /api/alert_manager/v1/alerts?limit=10&updated_at=gt%28NANOS%29&after=to%203
      authorization: Bearer kept-t0ken
    GET /api/alert_manager/v1/alerts?limit=10&updated_at=gt%28NANOS%29&before=to%202
      authorization: Bearer kept-t0ken
    GET /api/alert_manager/v1/alerts?limit=10&updated_at=gt%28NANOS%29&before=to%201
      authorization: Bearer kept-t0ken
    ");
}

#[test]
fn a_repeated_cursor_is_an_error_and_an_empty_page_is_the_last() {
    for example in PAGINATIONS {
        // The same cursor again.
        let same = Response::json(
            200,
            json!({ "items": [{}], "paging": { "cursors": { "after": "same" } } }),
        );
        let server = ScriptedServer::new([]).from_then_on(same);
        let home = TestHome::new(&server.url()).signed_in();
        let outcome = home.example(example).refused(1);
        let cause = "leads to a page that was already read";
        assert!(
            outcome.stderr.contains("error: read page 3 of the "),
            "{outcome}"
        );
        assert!(outcome.stderr.contains(cause), "{outcome}");
        assert_eq!(server.calls().len(), 2);

        // An empty page with a cursor.
        let empty = json!({ "items": [], "paging": { "cursors": { "after": "more" } } });
        let server = ScriptedServer::new([Response::json(200, empty)]);
        TestHome::new(&server.url())
            .signed_in()
            .run(example)
            .success();
        assert_eq!(server.calls().len(), 1);
    }
}

#[test]
#[ignore = "reads 10,000 pages; `.ci/run all_tests` runs it"]
fn an_endless_list_is_an_error() {
    let number = AtomicUsize::new(0);
    let server = RawServer::new(move |stream| {
        let cursor = number.fetch_add(1, Ordering::Relaxed);
        let page =
            json!({ "items": [{}], "paging": { "cursors": { "after": format!("c{cursor}") } } });
        let page = page.to_string();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", page.len());
        stream.write_all((head + &page).as_bytes())
    });
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example("tasks_pagination").refused(1);

    let cause = "the list does not end after 10000 pages";
    assert!(outcome.stderr.contains(cause), "{}", outcome.stderr);
    assert_eq!(server.calls().len(), 10_000);
}

#[test]
fn a_rejected_page_ends_the_run() {
    for example in PAGINATIONS {
        let mut script = script(20);
        let rejection = json!({ "domain": "TaskManager", "code": "BadRequest" });
        script[1] = Response::json(400, rejection);
        let server = ScriptedServer::new(script);
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.example(example).refused(1);

        assert!(
            outcome.stderr.contains("error: read page 2 of the "),
            "{outcome}"
        );
        assert_eq!(server.calls().len(), 2);
    }
}
