//! Prints when the trial of the customer ends and production starts.
//!
//! ```text
//! cargo run -p tenants --bin get_trial_end_date_for_customer
//! ```
//!
//! - Needs: `customer.json`, which `create_customer_tenant_and_assign_specific_edition` writes.
//! - Calls: GET `/api/2/tenants/{customer}/pricing`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, SavedTenant, println};
use tenants::ProductionStart;

fn main() -> ExitCode {
    common::run(common::about!(), get_trial_end)
}

fn get_trial_end(platform: &Platform) -> Result<()> {
    let customer: SavedTenant = platform.load("customer.json")?;

    let pricing: ProductionStart = platform
        .get(&format!("/api/2/tenants/{}/pricing", customer.id))
        .fetch()
        .context("read the pricing")?;

    match pricing.production_start_date {
        Some(date) => println!("End of trial and start of production: {date}"),
        None => println!("No start of production is set"),
    }
    Ok(())
}
