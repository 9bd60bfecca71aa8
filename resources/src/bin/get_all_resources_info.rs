//! Lists the customer's machines and groups with all their attributes.
//!
//! ```text
//! cargo run -p resources --bin get_all_resources_info
//! ```
//!
//! Without a customer-scoped token, it lists the machines and groups of all customers.
//!
//! It reads one page and warns if there are more.
//!
//! - Calls: GET `/api/resource_management/v4/resources`.
//! - Writes: `all_resources_with_attributes.json`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, Page, Platform, count, print_table, println};
use resources::Resource;

fn main() -> ExitCode {
    common::run(common::about!(), list_resources)
}

fn list_resources(platform: &Platform) -> Result<()> {
    let resources: Lossless<Page<Resource>> = platform
        .get("/api/resource_management/v4/resources")
        .query(&[("include_attributes", "true")])
        .fetch()
        .context("list the resources")?;
    let file = "all_resources_with_attributes.json";
    platform.save(file, &resources)?;

    let rows = resources.items.iter().map(Resource::row);
    let number = rows.len();
    if number > 0 {
        print_table(["name", "type", "id"], rows);
        println!();
    }
    println!("{} saved in {file}", count(number, "resource"));
    resources.warn_if_truncated();
    Ok(())
}
