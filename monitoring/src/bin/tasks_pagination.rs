//! Reads the tasks of the last week page by page, with a cursor.
//!
//! ```text
//! cargo run -p monitoring --bin tasks_pagination
//! ```
//!
//! {W} below is midnight, in UTC, seven days ago.
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: GET `/api/task_manager/v2/tasks?limit=10&lod=short&completedAt=gt({W})`, then GET
//!   `/api/task_manager/v2/tasks?limit=10&lod=short&after={cursor}` while there is a cursor.
//! - Leaves: no file.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, Trail, cursor, dates::week_ago, list, progress};

fn main() -> ExitCode {
    common::run(common::about!(), read_pages)
}

fn read_pages(platform: &Platform) -> Result<()> {
    let progress = progress("reading the tasks");
    let (mut pages, mut count) = (0, 0);
    let mut trail = Trail::default();

    // Only the first call says what is wanted: a cursor keeps it.
    let mut wanted = ("completedAt", format!("gt({})", week_ago()));
    loop {
        pages += 1;
        progress.at(&format!("reading the tasks, page {pages}"));
        let query = [("limit", "10"), ("lod", "short"), (wanted.0, &wanted.1)];
        let page = platform
            .get("/api/task_manager/v2/tasks", &query)
            .with_context(|| format!("reading page {pages} of the tasks"))?;
        let items = list(&page, "items").with_context(|| format!("reading page {pages}"))?;
        count += items.len();
        progress.say(&format!("Page {pages}: {} tasks", items.len()));

        // The last page has no cursor. An empty one is the last whatever it has.
        let Some(after) = cursor(&page, "after").filter(|_| !items.is_empty()) else {
            break;
        };
        trail
            .step(&after)
            .with_context(|| format!("leaving page {pages} of the tasks"))?;
        wanted = ("after", after);
    }
    drop(progress);

    println!("Tasks read: {count}, pages: {pages}");
    Ok(())
}
