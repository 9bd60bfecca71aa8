//! Lists the protection plans of the customer.
//!
//! ```text
//! cargo run -p plans --bin get_all_plans_info
//! ```
//!
//! Without a customer-scoped token, it lists the plans of all customers.
//!
//! It reads one page and warns if there are more.
//!
//! - Calls: GET `/api/policy_management/v4/policies`.
//! - Writes: `all_plans_info.json`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, Options, Page, Platform, count};
use plans::Plan;

fn main() -> ExitCode {
    common::run_with_options(common::about!().json(), list_plans)
}

fn list_plans(platform: &Platform, options: &Options) -> Result<()> {
    let plans: Lossless<Page<Plan>> = platform
        .get("/api/policy_management/v4/policies")
        .fetch()
        .context("list the plans")?;
    platform.save("all_plans_info.json", &plans)?;

    let rows: Vec<_> = plans.items.iter().filter_map(Plan::row).collect();
    let header = ["plan", "id", "enabled", "policies"];
    let summary = format!("{} saved in all_plans_info.json", count(rows.len(), "plan"));
    options.print_list(&plans, header, rows, &summary)?;
    plans.warn_if_truncated();
    Ok(())
}
