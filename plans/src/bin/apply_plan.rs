//! Applies a protection plan to the customer's first machine: the first plan that could be applied to it.
//!
//! ```text
//! cargo run -p plans --bin apply_plan
//! ```
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes; `api_customer_scoped_token.json`, which
//!   `issue_customer_scoped_token_for_bc` makes.
//! - Calls: GET `/api/resource_management/v4/resources`, GET `/api/policy_management/v4/policies`,
//!   POST `/api/policy_management/v4/applications`.
//! - Leaves: no file.
//! - Half way: the plan may be applied. Run it again: it applies what is not applied yet.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Failure, Platform, text};
use plans::{application, first_machine, first_policy, plan_id, tell_issues};
use serde_json::json;

fn main() -> ExitCode {
    common::run_with_customer_token(common::about!(), apply_plan)
}

fn apply_plan(platform: &Platform) -> Result<()> {
    let resources = platform
        .get(
            "/api/resource_management/v4/resources",
            &[("type", "resource.machine")],
        )
        .context("looking for a machine")?;
    let machine = first_machine(&resources)
        .and_then(|machine| text(machine, "id"))
        .context("looking for a machine")?;

    // Which plans could be applied to it?
    let query = [
        ("applicable_to_context_id", machine),
        ("type", "policy.protection.total"),
    ];
    let plans = platform
        .get("/api/policy_management/v4/policies", &query)
        .context("looking for a plan")?;
    let policy = first_policy(&plans).context("looking for a plan")?;
    let policy = policy.ok_or_else(|| nothing_applicable(machine))?;
    let plan = plan_id(policy).context("looking for a plan")?;

    // It is the whole plan that is applied, with all its policies.
    let request = json!({
        "policy_id": plan,
        "context": { "items": [machine] },
    });
    let applied = platform
        .post_or_find(
            "/api/policy_management/v4/applications",
            &request,
            application,
        )
        .context("applying the plan")?;
    tell_issues(&applied).context("applying the plan")?;

    println!("Plan {plan} is applied to machine {machine}");
    Ok(())
}

fn nothing_applicable(machine: &str) -> Failure {
    Failure::new(
        format!("no plan could be applied to machine {machine}"),
        "Run `cargo run -p plans --bin create_a_backup_plan` first: it makes one.",
    )
}
