//! Tells when the trial of the customer ends, from the moment at which it was created.
//!
//! ```text
//! cargo run -p tenants --bin get_trial_end_date_for_customer_legacy
//! ```
//!
//! For platforms that do not tell the date themselves; see `get_trial_end_date_for_customer`. It is right as long as
//! nobody has changed the pricing: each change sets `version` to its own moment.
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes; `customer.json`, which
//!   `create_customer_tenant_and_assign_specific_edition` makes.
//! - Calls: GET `/api/2/tenants/{customer}/pricing`.
//! - Leaves: no file.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::Platform;
use serde_json::Value;

fn main() -> ExitCode {
    common::run(common::about!(), |platform| {
        get_trial_end(platform).context("reading the pricing")
    })
}

fn get_trial_end(platform: &Platform) -> Result<()> {
    let customer = platform.kept("customer.json", "id")?;
    let pricing = platform.get(&format!("/api/2/tenants/{customer}/pricing"), &[])?;

    // The version is a moment in milliseconds. The rest is counting in calendar months: see tenants/src/trial.rs.
    let created = pricing.get("version").unwrap_or(&Value::Null);
    let last_day = tenants::trial_end(created)?;

    println!("{last_day} 23:59:59.999999");
    Ok(())
}
