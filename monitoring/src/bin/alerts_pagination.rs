//! Reads the alerts of the last week page by page, with cursors, to the end and back to the start.
//!
//! ```text
//! cargo run -p monitoring --bin alerts_pagination
//! ```
//!
//! {W} below is midnight, in UTC, seven days ago, in nanoseconds since 1970.
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: GET `/api/alert_manager/v1/alerts?limit=10&updated_at=gt({W})`, then the same with `&after={cursor}` while
//!   there is such a cursor, then with `&before={cursor}` while there is such a one.
//! - Leaves: no file.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, Trail, cursor, dates::week_ago, list, progress};

fn main() -> ExitCode {
    common::run(common::about!(), read_pages)
}

fn read_pages(platform: &Platform) -> Result<()> {
    let progress = progress("reading the alerts");
    let since = format!("gt({})", week_ago().as_nanosecond());
    let (mut pages, mut count) = (0, 0);
    let mut trail = Trail::default();

    // To the end, and then, by the cursors to the page before, to the start.
    let (mut way, mut number, mut to) = ("after", 1, None);
    loop {
        progress.at(&format!("reading the alerts, page {number}"));
        // The filter goes with every call, beside the cursor.
        let mut query = vec![("limit", "10"), ("updated_at", &since)];
        query.extend(to.as_deref().map(|cursor| (way, cursor)));
        let page = platform
            .get("/api/alert_manager/v1/alerts", &query)
            .with_context(|| format!("reading page {number} of the alerts"))?;
        let items = list(&page, "items").with_context(|| format!("reading page {number}"))?;
        progress.say(&match way {
            "after" => format!("Page {number}: {} alerts", items.len()),
            _ => format!("Back on page {number}: {} alerts", items.len()),
        });
        if way == "after" {
            (pages, count) = (number, count + items.len());
        }

        // An empty page is the last on its way, whatever cursors it has.
        to = cursor(&page, way).filter(|_| !items.is_empty());
        if to.is_none() && way == "after" {
            way = "before";
            to = cursor(&page, way);
            trail = Trail::default();
        }
        let Some(next) = &to else { break };
        trail
            .step(next)
            .with_context(|| format!("leaving page {number} of the alerts"))?;
        // Alerts that came meanwhile may stand before the first page, on page 0.
        number += if way == "after" { 1 } else { -1 };
    }
    drop(progress);

    println!("Alerts read: {count}, pages: {pages}, there and back");
    Ok(())
}
