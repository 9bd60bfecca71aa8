//! Runs the backup plan of the customer's first machine now, whatever its schedule.
//!
//! ```text
//! cargo run -p plans --bin start_plan_execution
//! ```
//!
//! The platform begins at once and works on; `get_activities` shows what became of it.
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes; `api_customer_scoped_token.json`, which
//!   `issue_customer_scoped_token_for_bc` makes.
//! - Calls: GET `/api/resource_management/v4/resources`, GET `/api/policy_management/v4/applications`,
//!   PUT `/api/policy_management/v4/applications/run`.
//! - Leaves: no file. Prints what the platform answers, if anything.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, sorted, text};
use plans::{first_machine, first_policy, nothing_applied, plan_id, tell_issues};
use serde_json::json;

fn main() -> ExitCode {
    common::run_with_customer_token(common::about!(), start_plan)
}

fn start_plan(platform: &Platform) -> Result<()> {
    let resources = platform
        .get(
            "/api/resource_management/v4/resources",
            &[("type", "resource.machine")],
        )
        .context("looking for a machine")?;
    let machine = first_machine(&resources)
        .and_then(|machine| text(machine, "id"))
        .context("looking for a machine")?;

    // Of the policies that are applied to it, the one that backs it up.
    let query = [
        ("context_id", machine),
        ("policy_type", "policy.backup.machine"),
    ];
    let applications = platform
        .get("/api/policy_management/v4/applications", &query)
        .context("looking for a plan")?;
    let policy = first_policy(&applications).context("looking for a plan")?;
    let policy = policy.ok_or_else(|| nothing_applied(machine))?;
    let plan = plan_id(policy).context("looking for a plan")?;

    let request = json!({
        "state": "running",
        "policy_id": plan,
        "context_ids": [machine],
    });
    let started = platform
        .put("/api/policy_management/v4/applications/run", &request)
        .context("starting the plan")?;
    tell_issues(&started).context("starting the plan")?;

    if !started.is_null() {
        println!("{:#}", sorted(&started));
    }
    println!("Plan {plan} is started on machine {machine}");
    Ok(())
}
