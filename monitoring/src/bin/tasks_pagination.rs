//! Reads the tasks of the last seven days page by page, with a cursor.
//!
//! ```text
//! cargo run -p monitoring --bin tasks_pagination
//! ```
//!
//! - Calls: GET `/api/task_manager/v2/tasks` for each page.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{
    CursorGuard, Lossless, Options, Page, Platform, count, print_json, println, week_ago,
};
use serde::de::IgnoredAny;
use serde_json::json;

const PATH: &str = "/api/task_manager/v2/tasks";

fn main() -> ExitCode {
    common::run_with_options(common::about!().json(), read_all)
}

fn read_all(platform: &Platform, options: &Options) -> Result<()> {
    let progress = options.progress("reading the tasks");

    // Only the first call has the filter: the cursor contains it.
    let since = format!("gt({})", week_ago());
    let mut page =
        read_page(platform, ("completedAt", &since)).context("read page 1 of the tasks")?;
    let (mut pages, mut tasks) = (1, page.items.clone());
    progress.println(&format!("Page 1: {}", count(tasks.len(), "task")));

    // The last page has no cursor. An empty page is the last one too.
    let mut guard = CursorGuard::new(PATH);
    while let Some(cursor) = page.next_cursor().filter(|_| !page.items.is_empty()) {
        pages += 1;
        let step = format!("read page {pages} of the tasks");
        guard.check(cursor).context(step.clone())?;
        page = read_page(platform, ("after", cursor)).context(step)?;
        tasks.extend_from_slice(&page.items);
        progress.println(&format!(
            "Page {pages}: {}",
            count(page.items.len(), "task")
        ));
    }
    drop(progress);

    if options.json {
        return print_json(&json!({ "items": tasks }));
    }
    println!(
        "{} read from {}",
        count(tasks.len(), "task"),
        count(pages, "page")
    );
    Ok(())
}

/// Reads the first page with a filter, or another page with its cursor.
fn read_page(platform: &Platform, start: (&str, &str)) -> Result<Page<Lossless<IgnoredAny>>> {
    platform
        .get(PATH)
        .query(&[("limit", "10"), ("lod", "short"), start])
        .fetch()
}
