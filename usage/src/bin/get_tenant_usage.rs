//! Reads what the API client's tenant and all below it use at the moment.
//!
//! ```text
//! cargo run -p usage --bin get_tenant_usage
//! ```
//!
//! The platform refreshes the figures about every half hour; they are for a look, not for billing.
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: GET `/api/2/tenants/{me}/usages`.
//! - Leaves: `tenant_usage_{me}.json`. Prints what is used against its quota.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, counted, list, table};
use usage::row;

fn main() -> ExitCode {
    common::run(common::about!(), get_usage)
}

fn get_usage(platform: &Platform) -> Result<()> {
    let me = platform.tenant_id();

    // A partner's figures are the sums over its customers.
    let usage = platform
        .get(&format!("/api/2/tenants/{me}/usages"), &[])
        .context("reading the usage")?;
    let items = list(&usage, "items").context("reading the usage")?;

    let file = format!("tenant_usage_{me}.json");
    platform.save(&file, &usage)?;

    // What nobody uses and nothing limits is in the file only.
    let rows: Vec<_> = items.iter().filter_map(row).collect();
    if !rows.is_empty() {
        println!(
            "{}\n",
            table(["item", "edition", "used", "quota", ""], rows)
        );
    }
    println!("{file} holds {}", counted(items.len(), "usage"));
    Ok(())
}
