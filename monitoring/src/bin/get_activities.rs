//! Reads the activities that were completed in the last week, and sorts them by how they ended.
//!
//! ```text
//! cargo run -p monitoring --bin get_activities
//! ```
//!
//! {W} below is midnight, in UTC, seven days ago; in the names of files it is the day alone.
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: GET `/api/task_manager/v2/activities?completedAt=gt({W})`.
//! - Leaves: `activities_{W}.json` and, if there are such activities, `activities_{W}_ok.json`, `activities_{W}_error.json` and
//!   `activities_{W}_warning.json`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, counted, dates::week_ago, list, warn_of_more};
use monitoring::{keep_in_groups, result_of};

fn main() -> ExitCode {
    common::run(common::about!(), get_activities)
}

fn get_activities(platform: &Platform) -> Result<()> {
    // A time filter is an operator with a time: gt, ge, lt or le.
    let since = week_ago();
    let filter = format!("gt({since})");
    let activities = platform
        .get(
            "/api/task_manager/v2/activities",
            &[("completedAt", &filter)],
        )
        .context("reading the activities")?;
    let count = list(&activities, "items")
        .context("reading the activities")?
        .len();

    // How an activity ended is in its result; beside these three there are cancelled, abandoned and timedout.
    let name = format!("activities_{}", since.strftime("%Y-%m-%d"));
    let groups = ("result", ["ok", "error", "warning"]);
    let counts = keep_in_groups(platform, &name, &activities, groups, result_of)?;

    println!("{counts}\n");
    println!("{name}.json holds {}", counted(count, "activity"));
    warn_of_more(&activities);
    Ok(())
}
