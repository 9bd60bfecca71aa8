//! Tasks, activities and alerts of the real sandbox.

use tests::{Outcome, SandboxProcess};

use super::with_client;

/// What was counted in a line that begins so.
fn number(outcome: &Outcome, begin: &str) -> usize {
    let line = outcome.stdout.lines().find(|line| line.starts_with(begin));
    let line = line.unwrap_or_else(|| panic!("{begin}: {outcome}"));
    let digits = line.split(|c: char| !c.is_ascii_digit());
    let mut numbers = digits.filter_map(|digits| digits.parse().ok());
    numbers.next().unwrap_or_else(|| panic!("{line}"))
}

#[test]
fn what_happened_is_kept() {
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
            number(&outcome, "error") > 0 || number(&outcome, "critical") > 0,
            "{outcome}"
        );
    }
    assert!(home.names().contains("_ok.json"));
    assert!(home.names().contains("_critical.json"));
}

#[test]
fn pages_hold_as_much_as_the_whole() {
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox);

    for (whole, paged, what) in [
        ("get_tasks", "tasks_pagination", "Tasks read"),
        ("get_activities", "activities_pagination", "Activities read"),
        ("get_alerts", "alerts_pagination", "Alerts read"),
    ] {
        let outcome = home.run(whole).success();
        let last = outcome.stdout.lines().last().unwrap_or_default();
        let count: usize = last
            .split(' ')
            .rev()
            .nth(1)
            .and_then(|count| count.parse().ok())
            .expect("a number");
        sandbox.skip();
        let outcome = home.run(paged).success();
        assert_eq!(number(&outcome, what), count, "{outcome}");
        assert_eq!(
            outcome.stdout.matches("\nPage ").count() + 1,
            count.div_ceil(10).max(1)
        );
        // One line: the same call again and again, on one connection.
        assert_eq!(sandbox.conversation().lines().count(), 1);
    }
}
