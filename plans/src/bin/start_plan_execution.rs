//! Runs the backup plan of the customer's first machine now, regardless of its schedule.
//! **The backup uses cloud storage, which is billed.**
//!
//! ```text
//! cargo run -p plans --bin start_plan_execution
//! ```
//!
//! The backup runs in the background. `get_activities` lists it with its result when it is completed.
//!
//! - Needs: `api_customer_scoped_token.json`, which `issue_customer_scoped_token_for_bc` writes.
//! - Calls: GET `/api/resource_management/v4/resources`, GET `/api/policy_management/v4/applications`,
//!   PUT `/api/policy_management/v4/applications/run`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, Page, Platform, print_json, println};
use plans::{AppliedPlan, Issues, check_issues, first_machine, no_plan_applied};
use serde_json::json;

fn main() -> ExitCode {
    common::run_with_customer_token(common::about!(), start_plan)
}

fn start_plan(platform: &Platform) -> Result<()> {
    let machine = first_machine(platform).context("find a machine")?;

    // Which plan backs it up?
    let applied: Page<AppliedPlan> = platform
        .get("/api/policy_management/v4/applications")
        .query(&[
            ("context_id", &machine),
            ("policy_type", "policy.backup.machine"),
        ])
        .fetch()
        .context("find the plan of the machine")?;
    let plan = applied.items.iter().find_map(AppliedPlan::id);
    let plan = plan.ok_or_else(|| no_plan_applied(&machine))?;

    let response: Option<Lossless<Issues>> = platform
        .put("/api/policy_management/v4/applications/run")
        .json(&json!({ "state": "running", "policy_id": plan, "context_ids": [machine] }))
        .fetch_optional()
        .context("start the plan")?;

    // The response is empty if there is nothing to report.
    if let Some(response) = response {
        check_issues(response.issues.as_deref()).context("start the plan")?;
        print_json(&response)?;
    }
    println!("Plan {plan} started on machine {machine}");
    Ok(())
}
