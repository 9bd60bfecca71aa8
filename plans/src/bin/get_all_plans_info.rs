//! Reads the protection plans of a customer.
//!
//! ```text
//! cargo run -p plans --bin get_all_plans_info
//! ```
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes; `api_customer_scoped_token.json`, which
//!   `issue_customer_scoped_token_for_bc` makes.
//! - Calls: GET `/api/policy_management/v4/policies`.
//! - Leaves: `all_plans_info.json`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, counted, list, table, warn_of_more};
use serde_json::Value;

fn main() -> ExitCode {
    common::run_with_customer_token(common::about!(), get_plans)
}

fn get_plans(platform: &Platform) -> Result<()> {
    let plans = platform
        .get("/api/policy_management/v4/policies", &[])
        .context("reading the plans")?;
    let items = list(&plans, "items").context("reading the plans")?;
    platform.save("all_plans_info.json", &plans)?;

    let rows: Vec<_> = items.iter().filter_map(row).collect();
    let count = rows.len();
    if count > 0 {
        println!("{}\n", table(["plan", "id", "enabled", "policies"], rows));
    }
    println!("all_plans_info.json holds {}", counted(count, "plan"));
    warn_of_more(&plans);
    Ok(())
}

/// A plan as a person wants to see it. Its first policy is the plan itself, the others are what it does.
fn row(plan: &Value) -> Option<[String; 4]> {
    let (plan, others) = plan.get("policy")?.as_array()?.split_first()?;
    let text = |name| plan.get(name).and_then(Value::as_str).unwrap_or_default();

    let enabled = match plan.get("enabled").and_then(Value::as_bool) {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    let others: Vec<_> = others
        .iter()
        .filter_map(|policy| policy.get("type")?.as_str())
        .collect();
    Some([
        text("name").to_owned(),
        text("id").to_owned(),
        enabled.to_owned(),
        others.join(", "),
    ])
}
