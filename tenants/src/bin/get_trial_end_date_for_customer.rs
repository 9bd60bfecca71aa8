//! Tells when the trial of the customer ends and production begins.
//!
//! ```text
//! cargo run -p tenants --bin get_trial_end_date_for_customer
//! ```
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes; `customer.json`, which
//!   `create_customer_tenant_and_assign_specific_edition` makes.
//! - Calls: GET `/api/2/tenants/{customer}/pricing`.
//! - Leaves: no file.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, plain};
use serde_json::Value;

fn main() -> ExitCode {
    common::run(common::about!(), |platform| {
        get_trial_end(platform).context("reading the pricing")
    })
}

fn get_trial_end(platform: &Platform) -> Result<()> {
    let customer = platform.kept("customer.json", "id")?;
    let pricing = platform.get(&format!("/api/2/tenants/{customer}/pricing"), &[])?;

    // Null where nothing begins by itself; but each pricing has a version.
    common::integer(&pricing, "version")?;
    match pricing.get("production_start_date") {
        None | Some(Value::Null) => println!("No date is set on which production begins"),
        Some(_) => {
            let date = common::text(&pricing, "production_start_date")?;
            println!("The trial ends, and production begins, at {}", plain(date));
        }
    }
    Ok(())
}
