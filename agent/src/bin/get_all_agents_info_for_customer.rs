//! Lists the agents of one customer, whom this service knows by an older number.
//!
//! ```text
//! cargo run -p agent --bin get_all_agents_info_for_customer
//! ```
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes; `customer.json`, which
//!   `create_customer_tenant_and_assign_specific_edition` makes.
//! - Calls: GET `/api/1/groups/{customer}`, GET `/api/agent_manager/v2/agents`.
//! - Leaves: `customer_agents.json`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, counted, integer, list, warn_of_more};

fn main() -> ExitCode {
    common::run(common::about!(), get_agents)
}

fn get_agents(platform: &Platform) -> Result<()> {
    let customer = platform.kept("customer.json", "id")?;

    // The first version of the API called tenants groups and numbered them. It still tells the number of a UUID.
    let group = platform
        .get(&format!("/api/1/groups/{customer}"), &[])
        .context("reading the customer's number")?;
    let number = integer(&group, "id").context("reading the customer's number")?;

    let agents = platform
        .get(
            "/api/agent_manager/v2/agents",
            &[("tenant_id", &number.to_string())],
        )
        .context("reading the agents")?;
    let items = list(&agents, "items").context("reading the agents")?;
    platform.save("customer_agents.json", &agents)?;

    if !items.is_empty() {
        println!("{}\n", agent::shown(items));
    }
    println!(
        "customer_agents.json holds {}",
        counted(items.len(), "agent")
    );
    warn_of_more(&agents);
    Ok(())
}
