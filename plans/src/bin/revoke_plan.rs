//! Revokes the protection plan of the customer's first machine. The plan itself stays.
//!
//! ```text
//! cargo run -p plans --bin revoke_plan
//! ```
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes; `api_customer_scoped_token.json`, which
//!   `issue_customer_scoped_token_for_bc` makes.
//! - Calls: GET `/api/resource_management/v4/resources`, GET and DELETE `/api/policy_management/v4/applications`.
//! - Leaves: no file.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, text};
use plans::{first_machine, first_policy, nothing_applied, plan_id, tell_issues};

fn main() -> ExitCode {
    common::run_with_customer_token(common::about!(), revoke_plan)
}

fn revoke_plan(platform: &Platform) -> Result<()> {
    let resources = platform
        .get(
            "/api/resource_management/v4/resources",
            &[("type", "resource.machine")],
        )
        .context("looking for a machine")?;
    let machine = first_machine(&resources)
        .and_then(|machine| text(machine, "id"))
        .context("looking for a machine")?;

    // Which plan is applied to it?
    let query = [
        ("context_id", machine),
        ("policy_type", "policy.protection.total"),
    ];
    let applications = platform
        .get("/api/policy_management/v4/applications", &query)
        .context("looking for a plan")?;
    let policy = first_policy(&applications).context("looking for a plan")?;
    let policy = policy.ok_or_else(|| nothing_applied(machine))?;
    let plan = plan_id(policy).context("looking for a plan")?;

    // Without the machine's id it would be revoked from all machines.
    let revoked = platform
        .delete(
            "/api/policy_management/v4/applications",
            &[("context_id", machine), ("policy_id", plan)],
        )
        .context("revoking the plan")?;
    tell_issues(&revoked).context("revoking the plan")?;

    println!("Plan {plan} is revoked from machine {machine}");
    Ok(())
}
