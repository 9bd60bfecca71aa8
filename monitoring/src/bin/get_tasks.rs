//! Reads the tasks that were completed in the last week, and sorts them by how they ended.
//!
//! ```text
//! cargo run -p monitoring --bin get_tasks
//! ```
//!
//! {W} below is midnight, in UTC, seven days ago; in the names of files it is the day alone.
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: GET `/api/task_manager/v2/tasks?completedAt=gt({W})`.
//! - Leaves: `tasks_{W}.json` and, if there are such tasks, `tasks_{W}_ok.json`, `tasks_{W}_error.json` and
//!   `tasks_{W}_warning.json`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, counted, dates::week_ago, list, warn_of_more};
use monitoring::{keep_in_groups, result_of};

fn main() -> ExitCode {
    common::run(common::about!(), get_tasks)
}

fn get_tasks(platform: &Platform) -> Result<()> {
    // A time filter is an operator with a time: gt, ge, lt or le.
    let since = week_ago();
    let filter = format!("gt({since})");
    let tasks = platform
        .get("/api/task_manager/v2/tasks", &[("completedAt", &filter)])
        .context("reading the tasks")?;
    let count = list(&tasks, "items").context("reading the tasks")?.len();

    // How a task ended is in its result; beside these three there are cancelled, abandoned and timedout.
    let name = format!("tasks_{}", since.strftime("%Y-%m-%d"));
    let groups = ("result", ["ok", "error", "warning"]);
    let counts = keep_in_groups(platform, &name, &tasks, groups, result_of)?;

    println!("{counts}\n");
    println!("{name}.json holds {}", counted(count, "task"));
    warn_of_more(&tasks);
    Ok(())
}
