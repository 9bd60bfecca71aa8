//! Revokes the protection plan of the customer's first machine, which is then no longer protected.
//! The plan is not deleted and can be applied to other machines.
//!
//! ```text
//! cargo run -p plans --bin revoke_plan
//! ```
//!
//! - Needs: `api_customer_scoped_token.json`, which `issue_customer_scoped_token_for_bc` writes.
//! - Calls: GET `/api/resource_management/v4/resources`, GET `/api/policy_management/v4/applications`,
//!   DELETE `/api/policy_management/v4/applications`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Page, Platform, println};
use plans::{AppliedPlan, Issues, check_issues, first_machine, no_plan_applied};

fn main() -> ExitCode {
    let about =
        common::about!().ask_first("This ends the protection of the customer's first machine.");
    common::run_with_customer_token(about, revoke_plan)
}

fn revoke_plan(platform: &Platform) -> Result<()> {
    let machine = first_machine(platform).context("find a machine")?;

    // Which plan is applied to it?
    let applied: Page<AppliedPlan> = platform
        .get("/api/policy_management/v4/applications")
        .query(&[
            ("context_id", &machine),
            ("policy_type", "policy.protection.total"),
        ])
        .fetch()
        .context("find the plan of the machine")?;
    let plan = applied.items.iter().find_map(AppliedPlan::id);
    let plan = plan.ok_or_else(|| no_plan_applied(&machine))?;

    // Without the machine's id, the plan would be revoked from all machines.
    let response: Option<Issues> = platform
        .delete("/api/policy_management/v4/applications")
        .query(&[("context_id", &machine), ("policy_id", plan)])
        .fetch_optional()
        .context("revoke the plan")?;
    let issues = response.unwrap_or_default().issues;
    check_issues(issues.as_deref()).context("revoke the plan")?;

    println!("Plan {plan} revoked from machine {machine}");
    Ok(())
}
