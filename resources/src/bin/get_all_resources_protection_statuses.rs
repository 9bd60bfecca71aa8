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
use common::{Lossless, Page, Platform, count, print_table, println};
use resources::ResourceStatus;

fn main() -> ExitCode {
    common::run(common::about!(), list_statuses)
}

fn list_statuses(platform: &Platform) -> Result<()> {
    let statuses: Lossless<Page<ResourceStatus>> = platform
        .get("/api/resource_management/v4/resource_statuses")
        .fetch()
        .context("list the protection statuses")?;
    let file = "all_resources_protection_statuses.json";
    platform.save(file, &statuses)?;

    let rows = statuses.items.iter().map(ResourceStatus::row);
    let number = rows.len();
    if number > 0 {
        let header = ["machine", "status", "plans", "last run", "next run"];
        print_table(header, rows);
        println!();
    }
    println!("{} saved in {file}", count(number, "protection status"));
    statuses.warn_if_truncated();
    Ok(())
}
