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
use common::{Lossless, Options, Page, Platform, count};
use resources::Resource;

fn main() -> ExitCode {
    common::run_with_options(common::about!().json(), list_resources)
}

fn list_resources(platform: &Platform, options: &Options) -> Result<()> {
    let resources: Lossless<Page<Resource>> = platform
        .get("/api/resource_management/v4/resources")
        .query(&[("include_attributes", "true")])
        .fetch()
        .context("list the resources")?;
    let file = "all_resources_with_attributes.json";
    platform.save(file, &resources)?;

    let rows = resources.items.iter().map(Resource::row);
    let summary = format!("{} saved in {file}", count(rows.len(), "resource"));
    options.print_list(&resources, ["name", "type", "id"], rows, &summary)?;
    resources.warn_if_truncated();
    Ok(())
}
