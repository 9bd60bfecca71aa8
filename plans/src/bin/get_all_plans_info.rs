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
use common::{Lossless, Page, Platform, count, print_table, println};
use plans::Plan;

fn main() -> ExitCode {
    common::run(common::about!(), list_plans)
}

fn list_plans(platform: &Platform) -> Result<()> {
    let plans: Lossless<Page<Plan>> = platform
        .get("/api/policy_management/v4/policies")
        .fetch()
        .context("list the plans")?;
    platform.save("all_plans_info.json", &plans)?;

    let rows: Vec<_> = plans.items.iter().filter_map(Plan::row).collect();
    let number = rows.len();
    if number > 0 {
        print_table(["plan", "id", "enabled", "policies"], rows);
        println!();
    }
    println!("{} saved in all_plans_info.json", count(number, "plan"));
    plans.warn_if_truncated();
    Ok(())
}
