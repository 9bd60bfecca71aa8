//! Reads the alerts that came or were dismissed in the last week, and sorts them by severity.
//!
//! ```text
//! cargo run -p monitoring --bin get_alerts
//! ```
//!
//! {W} below is midnight, in UTC, seven days ago, in nanoseconds since 1970: alerts know no other form.
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: GET `/api/alert_manager/v1/alerts?updated_at=gt({W})&order=desc(created_at)`.
//! - Leaves: `alerts_{W}.json` and, if there are such alerts, `alerts_{W}_warning.json`, `alerts_{W}_error.json` and
//!   `alerts_{W}_critical.json`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, counted, dates::week_ago, list, warn_of_more};
use monitoring::keep_in_groups;

fn main() -> ExitCode {
    common::run(common::about!(), get_alerts)
}

fn get_alerts(platform: &Platform) -> Result<()> {
    // Milliseconds or microseconds would be a time in 1970, and select every alert there is.
    let since = week_ago().as_nanosecond();
    let filter = format!("gt({since})");
    let alerts = platform
        .get(
            "/api/alert_manager/v1/alerts",
            &[("updated_at", &filter), ("order", "desc(created_at)")],
        )
        .context("reading the alerts")?;
    let count = list(&alerts, "items").context("reading the alerts")?.len();

    // Beside these three there are ok and information.
    let name = format!("alerts_{since}");
    let groups = ("severity", ["warning", "error", "critical"]);
    let counts = keep_in_groups(platform, &name, &alerts, groups, |alert| {
        alert.get("severity")?.as_str()
    })?;

    println!("{counts}\n");
    println!("{name}.json holds {}", counted(count, "alert"));
    warn_of_more(&alerts);
    Ok(())
}
