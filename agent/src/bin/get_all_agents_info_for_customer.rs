//! Lists the agents of one customer.
//!
//! ```text
//! cargo run -p agent --bin get_all_agents_info_for_customer
//! ```
//!
//! It reads one page and warns if there are more.
//!
//! - Needs: `customer.json`, which `create_customer_tenant_and_assign_specific_edition` writes,
//!   unless `--tenant` is given.
//! - Calls: GET `/api/1/groups/{customer}`, GET `/api/agent_manager/v2/agents`.
//! - Writes: `customer_agents.json`.

use std::process::ExitCode;

use agent::{Agent, Group};
use anyhow::{Context, Result};
use common::{Lossless, Options, Page, Platform, count};

fn main() -> ExitCode {
    let about = common::about!()
        .json()
        .tenant("the customer in customer.json");
    common::run_with_options(about, list_agents)
}

fn list_agents(platform: &Platform, options: &Options) -> Result<()> {
    let customer = options.tenant_or_saved(platform, "customer.json")?;

    // The agent service identifies tenants by a number. Version 1 of the API, which calls tenants groups, returns it.
    let group: Group = platform
        .get(&format!("/api/1/groups/{customer}"))
        .fetch()
        .context("read the customer's number")?;

    let agents: Lossless<Page<Agent>> = platform
        .get("/api/agent_manager/v2/agents")
        .query(&[("tenant_id", &group.id.to_string())])
        .fetch()
        .context("list the agents")?;
    platform.save("customer_agents.json", &agents)?;

    let rows = agents.items.iter().map(Agent::row);
    let summary = format!(
        "{} saved in customer_agents.json",
        count(rows.len(), "agent")
    );
    options.print_list(&agents, Agent::HEADER, rows, &summary)?;
    agents.warn_if_truncated();
    Ok(())
}
