//! Lists the activities that were completed in the last seven days and saves them by result.
//!
//! ```text
//! cargo run -p monitoring --bin get_activities
//! ```
//!
//! The week starts at midnight UTC. {W} is its first day, such as 2026-11-17.
//!
//! - Calls: GET `/api/task_manager/v2/activities`.
//! - Writes: `activities_{W}.json`. If there are such activities, also `activities_{W}_ok.json`, `activities_{W}_error.json` and
//!   `activities_{W}_warning.json`. If a group is empty, its file from an earlier run is removed.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, Options, Page, Platform, count, week_ago};
use monitoring::{Task, save_by};

fn main() -> ExitCode {
    common::run_with_options(common::about!().json(), list_activities)
}

fn list_activities(platform: &Platform, options: &Options) -> Result<()> {
    // A time filter is an operator (gt, ge, lt or le) with a time in parentheses.
    let since = week_ago();
    let activities: Lossless<Page<Lossless<Task>>> = platform
        .get("/api/task_manager/v2/activities")
        .query(&[("completedAt", &format!("gt({since})"))])
        .fetch()
        .context("list the activities")?;
    let name = format!("activities_{}", since.strftime("%Y-%m-%d"));
    platform.save(&format!("{name}.json"), &activities)?;

    // Other results are cancelled, abandoned and timedout.
    let groups = ["ok", "error", "warning"];
    let rows = save_by(platform, &name, groups, &activities.items, Task::result)?;

    let summary = format!(
        "{} saved in {name}.json",
        count(activities.items.len(), "activity")
    );
    options.print_list(&activities, ["result", "activities"], rows, &summary)?;
    activities.warn_if_truncated();
    Ok(())
}
