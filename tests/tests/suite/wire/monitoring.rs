//! Tasks, activities and alerts: as a whole, and page by page.

use std::sync::atomic::{AtomicUsize, Ordering};

use insta::{Settings, internals::SettingsBindDropGuard};
use serde_json::{Value, json};
use tests::{Response, ScriptedServer, TestHome, raw_server::RawServer};

const PAGINATIONS: [&str; 3] = [
    "tasks_pagination",
    "activities_pagination",
    "alerts_pagination",
];

/// The week that is looked at begins on another day tomorrow.
fn days() -> SettingsBindDropGuard {
    let mut settings = Settings::clone_current();
    settings.add_filter(r"\d{4}-\d\d-\d\d", "DAY");
    settings.add_filter(r"1\d{18}", "NANOS");
    settings.bind_to_scope()
}

fn task(number: i64, state: &str, code: &str) -> Value {
    json!({ "id": number, "state": state, "result": { "code": code } })
}

/// The names of the files of a kind, without their day.
fn kept(home: &TestHome, kind: &str) -> Vec<String> {
    let names = home.names();
    let names = names.lines().filter(|name| name.starts_with(kind));
    names
        .map(|name| name.replace(|c: char| c.is_ascii_digit(), ""))
        .collect()
}

#[test]
fn tasks_and_activities_are_kept_by_their_result() {
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
            result   number
            ok       2
            error    1
            warning  0

            THINGS_DAY.json holds 5 THINGS
            ");
            insta::assert_snapshot!(server.conversation().replace(what, "THINGS"), @"
            GET /api/task_manager/v2/THINGS?completedAt=gt%28DAYT00%3A00%3A00Z%29
              authorization: Bearer kept-t0ken
            ");
        }
        let files = [".json", "_error.json", "_ok.json"].map(|end| format!("{what}_--{end}"));
        assert_eq!(kept(&home, what), files);
        let names = home.names();
        let ok = names
            .lines()
            .find(|name| name.ends_with("_ok.json"))
            .expect("it is there");
        assert_eq!(
            home.file(ok)["items"][0]["id"].to_string(),
            "944455285181775872"
        );
        assert_eq!(home.file(ok)["items"].as_array().map_or(0, Vec::len), 2);
    }
}

#[test]
fn alerts_are_kept_by_severity() {
    let _redacted = days();
    let server = ScriptedServer::new([Response::json(
        200,
        json!({ "items": [{ "severity": "critical" }, { "severity": "information" }], "paging": { "cursors": {} } }),
    )]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.run("get_alerts").success();

    insta::assert_snapshot!(outcome, @"
    severity  number
    warning   0
    error     0
    critical  1

    alerts_NANOS.json holds 2 alerts
    ");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/alert_manager/v1/alerts?updated_at=gt%28NANOS%29&order=desc%28created_at%29
      authorization: Bearer kept-t0ken
    ");
    assert_eq!(
        kept(&home, "alerts"),
        ["alerts_.json", "alerts__critical.json"]
    );
}

/// A group that is empty now has no file of an earlier run on the same day.
#[test]
fn what_is_true_no_more_goes() {
    let server = ScriptedServer::new([
        Response::json(200, json!({ "items": [task(1, "completed", "error")] })),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    home.run("get_tasks").success();
    assert_eq!(kept(&home, "tasks").len(), 2);
    home.run("get_tasks").success();
    // Over midnight there are two days.
    let left = kept(&home, "tasks");
    assert!(
        !left.is_empty() && (left.len() == 1 || left.len() == 3),
        "{left:?}"
    );
}

/// Pages of at most ten rows, each with the cursor that leads to the next one.
fn pages(rows: usize) -> Vec<Response> {
    let count = rows.div_ceil(10).max(1);
    (1..=count)
        .map(|page| {
            let size = (rows - (page - 1) * 10).min(10);
            let items = vec![json!({}); size];
            let to = format!("to {}=", page + 1);
            Response::json(
                200,
                if page < count {
                    json!({ "items": items, "paging": { "cursors": { "after": to } } })
                } else {
                    json!({ "items": items })
                },
            )
        })
        .collect()
}

#[test]
fn pages_are_read_until_there_is_no_cursor() {
    for (rows, count) in [(0, 1), (1, 1), (9, 1), (10, 1), (11, 2), (1000, 100)] {
        for example in PAGINATIONS {
            let server = ScriptedServer::new(pages(rows));
            let home = TestHome::new(&server.url()).signed_in();

            let outcome = home.run(example).success();

            assert_eq!(server.calls().len(), count, "{example} {rows}");
            let end = format!("read: {rows}, pages: {count}");
            assert!(outcome.stdout.contains(&end), "{example} {rows}: {outcome}");
            assert_eq!(
                outcome.stdout.matches("Page ").count(),
                count,
                "{example} {rows}"
            );
        }
    }
}

#[test]
fn a_cursor_goes_alone_with_tasks_and_activities() {
    let _redacted = days();
    for (example, what) in [
        ("tasks_pagination", "tasks"),
        ("activities_pagination", "activities"),
    ] {
        let mut script = pages(11);
        // As the platform's description has it.
        script[0] = Response::json(
            200,
            json!({ "items": [{}], "cursors": { "after": "a+b=" } }),
        );
        let server = ScriptedServer::new(script);
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.run(example).success();

        insta::allow_duplicates! {
            insta::assert_snapshot!(outcome.to_string().to_lowercase().replace(what, "THINGS"), @"
            page 1: 1 THINGS
            page 2: 1 THINGS
            THINGS read: 2, pages: 2
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
fn alerts_are_read_there_and_back() {
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
    Page 1: 1 alerts
    Page 2: 1 alerts
    Page 3: 1 alerts
    Back on page 2: 1 alerts
    Back on page 1: 1 alerts
    Alerts read: 3, pages: 3, there and back
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
fn no_loop_is_endless() {
    for example in PAGINATIONS {
        // A cursor that comes again.
        let same = Response::json(
            200,
            json!({ "items": [{}], "paging": { "cursors": { "after": "same" } } }),
        );
        let server = ScriptedServer::new([]).from_then_on(same);
        let home = TestHome::new(&server.url()).signed_in();
        let outcome = home.example(example).refused(1);
        let cause = "led to an earlier page";
        assert!(outcome.stderr.contains("leaving page 2"), "{outcome}");
        assert!(outcome.stderr.contains(cause), "{outcome}");
        assert_eq!(server.calls().len(), 2);

        // An empty page that promises more.
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
fn a_list_without_an_end_is_left() {
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

    let cause = "the list has no end after 10000 pages";
    assert!(outcome.stderr.contains(cause), "{}", outcome.stderr);
    assert_eq!(server.calls().len(), 10_000);
}

#[test]
fn a_page_that_fails_is_the_end() {
    for example in PAGINATIONS {
        let mut script = pages(30);
        script[1] = Response::json(
            400,
            json!({ "domain": "TaskManager", "code": "BadRequest" }),
        );
        script.truncate(2);
        let server = ScriptedServer::new(script);
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home.example(example).refused(1);

        assert!(
            outcome.stderr.contains("reading page 2 of the "),
            "{outcome}"
        );
        assert_eq!(server.calls().len(), 2);
    }
}
