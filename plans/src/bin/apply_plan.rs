//! Applies a protection plan to the customer's first machine: the first plan that can be applied to it.
//! **A protected machine counts toward the customer's usage, which is billed.**
//!
//! ```text
//! cargo run -p plans --bin apply_plan
//! ```
//!
//! - Needs: `api_customer_scoped_token.json`, which `issue_customer_scoped_token_for_bc` writes.
//! - Calls: GET `/api/resource_management/v4/resources`, GET `/api/policy_management/v4/policies`,
//!   POST `/api/policy_management/v4/applications`.
//! - If it fails midway: the plan may be applied. Run the example again: it applies the plan if it is not applied yet.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Failure, ObjectKind, Page, Platform, println};
use plans::{Issues, Plan, check_issues, first_machine, is_applied};
use serde_json::json;

fn main() -> ExitCode {
    common::run_with_customer_token(common::about!(), apply_plan)
}

fn apply_plan(platform: &Platform) -> Result<()> {
    let machine = first_machine(platform).context("find a machine")?;

    // Which plans can be applied to it?
    let plans: Page<Plan> = platform
        .get("/api/policy_management/v4/policies")
        .query(&[
            ("applicable_to_context_id", &machine),
            ("type", "policy.protection.total"),
        ])
        .fetch()
        .context("find a plan")?;
    let plan = plans.items.iter().find_map(Plan::id).ok_or_else(|| {
        let reason = "every plan is applied already, or there is none";
        let message = format!("no plan can be applied to machine {machine}: {reason}");
        let help = "For another plan, run `cargo run -p plans --bin create_a_backup_plan` first.";
        Failure::new(message, help)
    })?;

    // A plan is applied with all its policies.
    let customer = platform.customer_id();
    let response: Option<Issues> = platform
        .post("/api/policy_management/v4/applications")
        .json(&json!({ "policy_id": plan, "context": { "items": [machine] } }))
        .creates(ObjectKind::PlanApplication, &machine, customer.as_ref())
        .fetch_optional_or_check(|| is_applied(platform, plan, &machine))
        .context("apply the plan")?;
    check_issues(response.unwrap_or_default().issues.as_deref()).context("apply the plan")?;

    println!("Plan {plan} applied to machine {machine}");
    Ok(())
}
