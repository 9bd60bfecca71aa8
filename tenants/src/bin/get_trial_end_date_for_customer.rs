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
use common::{Lossless, Options, Platform, SavedTenant, print_json, println};
use tenants::ProductionStart;

fn main() -> ExitCode {
    common::run_with_options(common::about!().json(), get_trial_end)
}

fn get_trial_end(platform: &Platform, options: &Options) -> Result<()> {
    let customer: SavedTenant = platform.load("customer.json")?;

    let pricing: Lossless<ProductionStart> = platform
        .get(&format!("/api/2/tenants/{}/pricing", customer.id))
        .fetch()
        .context("read the pricing")?;

    if options.json {
        return print_json(&pricing);
    }
    match &pricing.production_start_date {
        Some(date) => println!("End of trial and start of production: {date}"),
        None => println!("No start of production is set"),
    }
    Ok(())
}
