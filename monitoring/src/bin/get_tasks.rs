//! Lists the tasks that were completed in the last seven days and saves them by result.
//!
//! ```text
//! cargo run -p monitoring --bin get_tasks
//! ```
//!
//! The week starts at midnight UTC. {W} is its first day, such as 2026-11-17.
//!
//! - Calls: GET `/api/task_manager/v2/tasks`.
//! - Writes: `tasks_{W}.json`. If there are such tasks, also `tasks_{W}_ok.json`, `tasks_{W}_error.json` and
//!   `tasks_{W}_warning.json`. If a group is empty, its file from an earlier run is removed.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, Options, Page, Platform, count, week_ago};
use monitoring::{Task, save_by};

fn main() -> ExitCode {
    common::run_with_options(common::about!().json(), list_tasks)
}

fn list_tasks(platform: &Platform, options: &Options) -> Result<()> {
    // A time filter is an operator (gt, ge, lt or le) with a time in parentheses.
    let since = week_ago();
    let tasks: Lossless<Page<Lossless<Task>>> = platform
        .get("/api/task_manager/v2/tasks")
        .query(&[("completedAt", &format!("gt({since})"))])
        .fetch()
        .context("list the tasks")?;
    let name = format!("tasks_{}", since.strftime("%Y-%m-%d"));
    platform.save(&format!("{name}.json"), &tasks)?;

    // Other results are cancelled, abandoned and timedout.
    let groups = ["ok", "error", "warning"];
    let rows = save_by(platform, &name, groups, &tasks.items, Task::result)?;

    let summary = format!("{} saved in {name}.json", count(tasks.items.len(), "task"));
    options.print_list(&tasks, ["result", "tasks"], rows, &summary)?;
    tasks.warn_if_truncated();
    Ok(())
}
