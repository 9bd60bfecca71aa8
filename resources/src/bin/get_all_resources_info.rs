//! Lists the customer's machines and groups with all that is known of them.
//!
//! ```text
//! cargo run -p resources --bin get_all_resources_info
//! ```
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes; `api_customer_scoped_token.json`, which
//!   `issue_customer_scoped_token_for_bc` makes.
//! - Calls: GET `/api/resource_management/v4/resources`.
//! - Leaves: `all_resources_with_attributes.json`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, counted, list, table, warn_of_more};
use serde_json::Value;

fn main() -> ExitCode {
    common::run_with_customer_token(common::about!(), get_resources)
}

fn get_resources(platform: &Platform) -> Result<()> {
    let resources = platform
        .get(
            "/api/resource_management/v4/resources",
            &[("include_attributes", "true")],
        )
        .context("reading the resources")?;
    let items = list(&resources, "items").context("reading the resources")?;
    platform.save("all_resources_with_attributes.json", &resources)?;

    let rows = items.iter().map(|resource| {
        let text = |field| resource.get(field).and_then(Value::as_str);
        ["name", "type", "id"].map(|field| text(field).unwrap_or_default().to_owned())
    });
    if !items.is_empty() {
        println!("{}\n", table(["name", "type", "id"], rows));
    }
    println!(
        "all_resources_with_attributes.json holds {}",
        counted(items.len(), "resource")
    );
    warn_of_more(&resources);
    Ok(())
}
