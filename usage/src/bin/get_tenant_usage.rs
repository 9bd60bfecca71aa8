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
//! - Leaves: `tenant_usage_{me}.json`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, list};

fn main() -> ExitCode {
    common::run(common::about!(), get_usage)
}

fn get_usage(platform: &Platform) -> Result<()> {
    let me = platform.tenant_id();

    // A partner's figures are the sums over its customers.
    let usage = platform
        .get(&format!("/api/2/tenants/{me}/usages"), &[])
        .context("reading the usage")?;
    let count = list(&usage, "items").context("reading the usage")?.len();

    let file = format!("tenant_usage_{me}.json");
    platform.save(&file, &usage)?;

    println!("{count} usages are in {file}");
    Ok(())
}
