//! Lists the agents of the API client's tenant and of all below it.
//!
//! ```text
//! cargo run -p agent --bin get_all_agents_info
//! ```
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: GET `/api/agent_manager/v2/agents`.
//! - Leaves: `all_agents.json`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, counted, list, warn_of_more};

fn main() -> ExitCode {
    common::run(common::about!(), get_agents)
}

fn get_agents(platform: &Platform) -> Result<()> {
    // Without tenant_id these are the agents of all tenants that the token reaches.
    let agents = platform
        .get("/api/agent_manager/v2/agents", &[])
        .context("reading the agents")?;
    let items = list(&agents, "items").context("reading the agents")?;
    platform.save("all_agents.json", &agents)?;

    if !items.is_empty() {
        println!("{}\n", agent::shown(items));
    }
    println!("all_agents.json holds {}", counted(items.len(), "agent"));
    warn_of_more(&agents);
    Ok(())
}
