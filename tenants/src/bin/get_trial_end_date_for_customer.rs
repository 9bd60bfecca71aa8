//! Prints when the trial of the customer ends and production starts.
//!
//! ```text
//! cargo run -p tenants --bin get_trial_end_date_for_customer
//! ```
//!
//! - Needs: `customer.json`, which `create_customer_tenant_and_assign_specific_edition` writes,
//!   unless `--tenant` is given.
//! - Calls: GET `/api/2/tenants/{customer}/pricing`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, Options, Platform, print_json, println};
use tenants::ProductionStart;

fn main() -> ExitCode {
    let about = common::about!()
        .json()
        .tenant("the customer in customer.json");
    common::run_with_options(about, get_trial_end)
}

fn get_trial_end(platform: &Platform, options: &Options) -> Result<()> {
    let customer = options.tenant_or_saved(platform, "customer.json")?;

    let pricing: Lossless<ProductionStart> = platform
        .get(&format!("/api/2/tenants/{customer}/pricing"))
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
