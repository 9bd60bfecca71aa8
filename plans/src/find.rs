//! Calls that find a machine or a plan.

use anyhow::Result;
use common::{Failure, Id, Lossless, Page, Platform};
use serde_json::json;

use crate::{AppliedPlan, CreatedPlan, Machine, Plan};

/// The id of the customer's first machine.
///
/// # Errors
/// The error of the call; a [`Failure`] if there is no machine.
pub fn first_machine(platform: &Platform) -> Result<Id> {
    let machines: Page<Machine> = platform
        .get("/api/resource_management/v4/resources")
        .query(&[("type", "resource.machine")])
        .fetch()?;
    let first = machines.items.into_iter().next();
    let machine = first.ok_or_else(|| {
        Failure::new(
            "the customer has no machine",
            "Install an agent with the token of `cargo run -p agent --bin get_agent_installation_token`. The sandbox \
             simulates this a few seconds after the token is issued.",
        )
    })?;
    Ok(machine.id)
}

/// The error for a machine that has no plan.
#[must_use]
pub fn no_plan_applied(machine: &Id) -> Failure {
    Failure::new(
        format!("no plan is applied to machine {machine}"),
        "Run `cargo run -p plans --bin apply_plan` first.",
    )
}

/// Looks for a plan that consists of these policies. The result has the form of the response that was never received.
///
/// # Errors
/// The error of the call.
pub fn find_created_plan(
    platform: &Platform,
    policies: &[String],
) -> Result<Option<Lossless<CreatedPlan>>> {
    let plans: Page<Plan> = platform.get("/api/policy_management/v4/policies").fetch()?;
    let mut ids = plans.items.iter().filter_map(Plan::id);
    if !ids.any(|id| policies.iter().any(|policy| **policy == **id)) {
        return Ok(None);
    }
    let created = Lossless::from_value(&json!({ "result": policies }))?;
    Ok(Some(created))
}

/// Whether a plan is applied to a machine.
///
/// # Errors
/// The error of the call.
pub fn is_applied(platform: &Platform, plan: &Id, machine: &Id) -> Result<bool> {
    let applied: Page<AppliedPlan> = platform
        .get("/api/policy_management/v4/applications")
        .query(&[
            ("context_id", machine),
            ("policy_type", "policy.protection.total"),
        ])
        .fetch()?;
    Ok(applied.items.iter().any(|it| it.id() == Some(plan)))
}
