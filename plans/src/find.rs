//! Calls that find a machine or a plan.

use anyhow::Result;
use common::{Failure, Id, Lossless, Page, Platform};
use serde_json::json;

use crate::{AppliedPlan, CreatedPlan, Machine, Plan};

/// The number of items on a page. A cursor must be sent together with a limit.
const LIMIT: (&str, &str) = ("limit", "100");

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

/// Looks for a plan by its id. The result has the form of the response that was never received.
///
/// # Errors
/// Those of [`Platform::find_item`].
pub fn find_created_plan(
    platform: &Platform,
    plan_id: &str,
) -> Result<Option<Lossless<CreatedPlan>>> {
    let path = "/api/policy_management/v4/policies";
    let is_wanted = |plan: &Plan| plan.id().is_some_and(|id| **id == *plan_id);
    let Some(plan) = platform.find_item(path, &[LIMIT], is_wanted)? else {
        return Ok(None);
    };
    let created = Lossless::from_value(&json!({ "result": plan.policy_names() }))?;
    Ok(Some(created))
}

/// Whether a plan is applied to a machine.
///
/// # Errors
/// Those of [`Platform::find_item`].
pub fn is_applied(platform: &Platform, plan: &Id, machine: &Id) -> Result<bool> {
    let query = [
        ("context_id", machine.as_ref()),
        ("policy_type", "policy.protection.total"),
        LIMIT,
    ];
    let found = platform.find_item(
        "/api/policy_management/v4/applications",
        &query,
        |applied: &AppliedPlan| applied.id() == Some(plan),
    )?;
    Ok(found.is_some())
}
