//! Lists the alerts that were raised or dismissed in the last seven days and saves them by severity.
//!
//! ```text
//! cargo run -p monitoring --bin get_alerts
//! ```
//!
//! The week starts at midnight UTC. {W} is that time in Unix nanoseconds, the only unit that this service accepts.
//!
//! - Calls: GET `/api/alert_manager/v1/alerts`.
//! - Writes: `alerts_{W}.json`. If there are such alerts, also `alerts_{W}_warning.json`, `alerts_{W}_error.json` and
//!   `alerts_{W}_critical.json`. If a group is empty, its file from an earlier run is removed.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, Options, Page, Platform, count, week_ago};
use monitoring::{Alert, save_by};

fn main() -> ExitCode {
    common::run_with_options(common::about!().json(), list_alerts)
}

fn list_alerts(platform: &Platform, options: &Options) -> Result<()> {
    // Milliseconds or microseconds would be a time in 1970 and select every alert.
    let since = week_ago().as_nanosecond();
    let alerts: Lossless<Page<Lossless<Alert>>> = platform
        .get("/api/alert_manager/v1/alerts")
        .query(&[
            ("updated_at", &format!("gt({since})")),
            ("order", "desc(created_at)"),
        ])
        .fetch()
        .context("list the alerts")?;
    let name = format!("alerts_{since}");
    platform.save(&format!("{name}.json"), &alerts)?;

    // Other severities are ok and information.
    let groups = ["warning", "error", "critical"];
    let rows = save_by(platform, &name, groups, &alerts.items, |alert| {
        Some(&alert.severity)
    })?;

    let summary = format!(
        "{} saved in {name}.json",
        count(alerts.items.len(), "alert")
    );
    options.print_list(&alerts, ["severity", "alerts"], rows, &summary)?;
    alerts.warn_if_truncated();
    Ok(())
}
