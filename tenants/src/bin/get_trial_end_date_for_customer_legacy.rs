//! Computes the end of the customer's trial from the customer's creation time.
//!
//! ```text
//! cargo run -p tenants --bin get_trial_end_date_for_customer_legacy
//! ```
//!
//! For platforms that do not return the date; see `get_trial_end_date_for_customer`. That example prints when production
//! starts; this one prints the last moment of the trial, in UTC, a microsecond earlier. The result is right only until
//! the pricing is changed for the first time: each change sets `version` to the current time.
//!
//! - Needs: `customer.json`, which `create_customer_tenant_and_assign_specific_edition` writes,
//!   unless `--tenant` is given.
//! - Calls: GET `/api/2/tenants/{customer}/pricing`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Options, Platform, UnexpectedResponse, println};
use tenants::{Pricing, trial_end};

fn main() -> ExitCode {
    let about = common::about!().tenant("the customer in customer.json");
    common::run_with_options(about, get_trial_end)
}

fn get_trial_end(platform: &Platform, options: &Options) -> Result<()> {
    let customer = options.tenant_or_saved(platform, "customer.json")?;

    let path = format!("/api/2/tenants/{customer}/pricing");
    let pricing: Pricing = platform.get(&path).fetch().context("read the pricing")?;

    // In a new customer the version is the time of creation.
    let created = pricing.version;
    let last_day = trial_end(created).ok_or_else(|| {
        let reason = format!("version: {created} is not a time in Unix milliseconds");
        UnexpectedResponse::new(format!("GET {path}"), reason)
    })?;
    println!("End of trial (UTC): {last_day} 23:59:59.999999");
    Ok(())
}
