//! Tasks, activities and alerts.

use tests::{Outcome, SandboxProcess};

use super::with_client;

/// The first number in a text.
fn number(text: &str) -> usize {
    let digits = text.split(|c: char| !c.is_ascii_digit());
    let mut numbers = digits.filter_map(|digits| digits.parse().ok());
    numbers
        .next()
        .unwrap_or_else(|| panic!("no number: {text}"))
}

/// The number in the line that starts with a word.
fn number_of(outcome: &Outcome, start: &str) -> usize {
    let mut lines = outcome.stdout.lines();
    let line = lines.find(|line| line.starts_with(start));
    number(line.unwrap_or_else(|| panic!("{start}: {outcome}")))
}

fn last_line(outcome: &Outcome) -> &str {
    outcome.stdout.lines().last().unwrap_or_default()
}

#[test]
fn tasks_activities_and_alerts_are_saved_by_result() {
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox);
    sandbox.skip();

    for (example, call) in [
        ("get_tasks", "GET /api/task_manager/v2/tasks 200"),
        ("get_activities", "GET /api/task_manager/v2/activities 200"),
        ("get_alerts", "GET /api/alert_manager/v1/alerts 200"),
    ] {
        let outcome = home.run(example).success();
        assert_eq!(sandbox.conversation().lines().last(), Some(call));
        assert!(
            number_of(&outcome, "error") > 0 || number_of(&outcome, "critical") > 0,
            "{outcome}"
        );
    }
    assert!(home.names().contains("_ok.json"));
    assert!(home.names().contains("_critical.json"));
}

#[test]
fn the_pages_contain_as_much_as_the_complete_list() {
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox);

    for (complete, paged) in [
        ("get_tasks", "tasks_pagination"),
        ("get_activities", "activities_pagination"),
        ("get_alerts", "alerts_pagination"),
    ] {
        let count = number(last_line(&home.run(complete).success()));
        sandbox.skip();
        let outcome = home.run(paged).success();
        assert_eq!(number(last_line(&outcome)), count, "{outcome}");
        assert_eq!(
            outcome.stdout.matches("\nPage ").count() + 1,
            count.div_ceil(10).max(1)
        );
        // Equal calls on one connection are one line.
        assert_eq!(sandbox.conversation().lines().count(), 1);
    }
}
