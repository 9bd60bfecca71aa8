//! Shows how each of the customer's machines is protected: its status, its plans, and when they run.
//!
//! ```text
//! cargo run -p resources --bin get_all_resources_protection_statuses
//! ```
//!
//! Without a customer-scoped token, it shows the machines of all customers.
//!
//! It reads one page and warns if there are more.
//!
//! - Calls: GET `/api/resource_management/v4/resource_statuses`.
//! - Writes: `all_resources_protection_statuses.json`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, Options, Page, Platform, count};
use resources::ResourceStatus;

fn main() -> ExitCode {
    common::run_with_options(common::about!().json(), list_statuses)
}

fn list_statuses(platform: &Platform, options: &Options) -> Result<()> {
    let statuses: Lossless<Page<ResourceStatus>> = platform
        .get("/api/resource_management/v4/resource_statuses")
        .fetch()
        .context("list the protection statuses")?;
    let file = "all_resources_protection_statuses.json";
    platform.save(file, &statuses)?;

    let rows = statuses.items.iter().map(ResourceStatus::row);
    let header = ["machine", "status", "plans", "last run", "next run"];
    let summary = format!("{} saved in {file}", count(rows.len(), "protection status"));
    options.print_list(&statuses, header, rows, &summary)?;
    statuses.warn_if_truncated();
    Ok(())
}
