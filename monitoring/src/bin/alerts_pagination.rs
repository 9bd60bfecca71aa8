//! Reads the alerts of the last seven days page by page, with cursors: forward to the last page and back to the first.
//!
//! ```text
//! cargo run -p monitoring --bin alerts_pagination
//! ```
//!
//! - Calls: GET `/api/alert_manager/v1/alerts` for each page, forward and back.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{
    CursorGuard, Lossless, Options, Page, Platform, count, print_json, println, week_ago,
};
use serde::de::IgnoredAny;
use serde_json::json;

const PATH: &str = "/api/alert_manager/v1/alerts";

fn main() -> ExitCode {
    common::run_with_options(common::about!().json(), read_all)
}

fn read_all(platform: &Platform, options: &Options) -> Result<()> {
    let progress = options.progress("reading the alerts");
    // This service takes nanoseconds.
    let since = format!("gt({})", week_ago().as_nanosecond());
    let mut page = read_page(platform, &since, None).context("read page 1 of the alerts")?;
    let (mut number, mut alerts) = (1_isize, page.items.clone());
    progress.println(&format!("Page 1: {}", count(alerts.len(), "alert")));

    // Forward. The last page has no cursor, or is empty.
    let mut guard = CursorGuard::new(PATH);
    while !page.items.is_empty()
        && let Some(cursor) = page.next_cursor()
    {
        number += 1;
        let step = format!("read page {number} of the alerts");
        guard.check(cursor).context(step.clone())?;
        page = read_page(platform, &since, Some(("after", cursor))).context(step)?;
        let found = count(page.items.len(), "alert");
        progress.println(&format!("Page {number}: {found}"));
        alerts.extend_from_slice(&page.items);
    }
    let pages = number.unsigned_abs();

    // Back. The way starts on the last page, even if it is empty. Alerts that were raised in the meantime can be before
    // page 1, on page 0.
    let mut guard = CursorGuard::new(PATH);
    while let Some(cursor) = page.previous_cursor() {
        number -= 1;
        let step = format!("read page {number} of the alerts again");
        guard.check(cursor).context(step.clone())?;
        page = read_page(platform, &since, Some(("before", cursor))).context(step)?;
        let found = count(page.items.len(), "alert");
        progress.println(&format!("Back on page {number}: {found}"));
        if page.items.is_empty() {
            break;
        }
    }
    drop(progress);

    if options.json {
        return print_json(&json!({ "items": alerts }));
    }
    let (alerts, pages) = (count(alerts.len(), "alert"), count(pages, "page"));
    println!("{alerts} read from {pages}, forward and back");
    Ok(())
}

/// Reads the first page, or another page with its cursor. Unlike tasks and activities, alerts need the filter each time.
fn read_page(
    platform: &Platform,
    since: &str,
    cursor: Option<(&str, &str)>,
) -> Result<Page<Lossless<IgnoredAny>>> {
    let mut query = vec![("limit", "10"), ("updated_at", since)];
    query.extend(cursor);
    platform.get(PATH).query(&query).fetch()
}
