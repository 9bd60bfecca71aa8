//! Lists the agents of the API client's tenant and everything below it.
//!
//! ```text
//! cargo run -p agent --bin get_all_agents_info
//! ```
//!
//! It reads one page and warns if there are more.
//!
//! - Calls: GET `/api/agent_manager/v2/agents`.
//! - Writes: `all_agents.json`.

use std::process::ExitCode;

use agent::Agent;
use anyhow::{Context, Result};
use common::{Lossless, Options, Page, Platform, count};

fn main() -> ExitCode {
    common::run_with_options(common::about!().json(), list_agents)
}

fn list_agents(platform: &Platform, options: &Options) -> Result<()> {
    // Without tenant_id, the agents of all tenants that the token gives access to.
    let agents: Lossless<Page<Agent>> = platform
        .get("/api/agent_manager/v2/agents")
        .fetch()
        .context("list the agents")?;
    platform.save("all_agents.json", &agents)?;

    let rows = agents.items.iter().map(Agent::row);
    let summary = format!("{} saved in all_agents.json", count(rows.len(), "agent"));
    options.print_list(&agents, Agent::HEADER, rows, &summary)?;
    agents.warn_if_truncated();
    Ok(())
}
