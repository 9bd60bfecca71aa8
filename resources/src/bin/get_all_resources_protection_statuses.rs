//! Tells how well each of the customer's machines is protected, by which plans, and when they run.
//!
//! ```text
//! cargo run -p resources --bin get_all_resources_protection_statuses
//! ```
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes; `api_customer_scoped_token.json`, which
//!   `issue_customer_scoped_token_for_bc` makes.
//! - Calls: GET `/api/resource_management/v4/resource_statuses`.
//! - Leaves: `all_resources_protection_statuses.json`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, counted, list, table, warn_of_more};
use serde_json::Value;

fn main() -> ExitCode {
    common::run_with_customer_token(common::about!(), get_statuses)
}

fn get_statuses(platform: &Platform) -> Result<()> {
    let statuses = platform
        .get("/api/resource_management/v4/resource_statuses", &[])
        .context("reading the protection statuses")?;
    let items = list(&statuses, "items").context("reading the protection statuses")?;
    platform.save("all_resources_protection_statuses.json", &statuses)?;

    if !items.is_empty() {
        let header = ["name", "status", "plans", "last run", "next run"];
        println!("{}\n", table(header, items.iter().map(row)));
    }
    println!(
        "all_resources_protection_statuses.json holds {}",
        counted(items.len(), "status")
    );
    warn_of_more(&statuses);
    Ok(())
}

/// A status as a person wants to see it: the last of all runs, and the next.
fn row(status: &Value) -> [String; 5] {
    let text = |path: &str| {
        let text = status.pointer(path).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    // Documented as last_run_time, seen as last_run.
    let last = times(status, ["last_run_time", "last_run"]).max();
    let next = times(status, ["next_run_time", "next_run"]).min();
    [
        text("/context/name"),
        text("/aggregate/status").replace('_', " "),
        text("/aggregate/names"),
        last.unwrap_or("never").to_owned(),
        next.unwrap_or_default().to_owned(),
    ]
}

/// The times of all its policies that go by one of two names.
fn times<'a>(status: &'a Value, names: [&'static str; 2]) -> impl Iterator<Item = &'a str> {
    let policies = status.get("policies").and_then(Value::as_array);
    let policies = policies.into_iter().flatten();
    policies.filter_map(move |policy| names.iter().find_map(|name| policy.get(name)?.as_str()))
}
