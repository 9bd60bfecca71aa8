//! Creates a protection plan that backs up machines to the cloud.
//!
//! ```text
//! cargo run -p plans --bin create_a_backup_plan
//! ```
//!
//! The template is `plans/base_plan.json`. The plan does nothing until it is applied to a machine.
//!
//! - Needs: `api_customer_scoped_token.json`, which `issue_customer_scoped_token_for_bc` writes.
//! - Calls: POST `/api/policy_management/v4/policies`.
//! - Writes: `plan_creation_response.json`.
//! - If it fails midway: a plan may exist, which does nothing until it is applied. `get_all_plans_info` lists it.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, ObjectKind, Platform, count, println};
use plans::{CreatedPlan, find_created_plan, plan_name};
use serde_json::Value;
use uuid::Uuid;

fn main() -> ExitCode {
    common::run_with_customer_token(common::about!().steps(&["send the plan"]), create_plan)
}

fn create_plan(platform: &Platform) -> Result<()> {
    // A plan is a list of policies: the first represents the plan, the others define what it does. The caller chooses
    // their ids, so that a policy can refer to its plan. Replacing the text keeps the rest of the template as it is.
    let [plan_id, backup_id] = [Uuid::new_v4(), Uuid::new_v4()].map(|id| id.to_string());
    let template = include_str!("../../base_plan.json");
    let request = template
        .replace("PLAN_ID", &plan_id)
        .replace("BACKUP_ID", &backup_id);
    let request: Value = serde_json::from_str(&request).context("read the template")?;
    let name = plan_name(&request);

    // The platform can report a problem although it has created the plan, so the response is saved before it is checked.
    let created: Lossless<CreatedPlan> = platform
        .post("/api/policy_management/v4/policies")
        .json(&request)
        .step("send the plan")
        .creates(ObjectKind::Plan, name, platform.customer_id().as_ref())
        .fetch_or_find(|| find_created_plan(platform, &plan_id))?;
    let policies = created.policies.as_deref().unwrap_or_default();
    if !policies.is_empty() {
        platform.save("plan_creation_response.json", &created)?;
    }
    created.check().context("create the plan")?;

    println!(
        "Plan {plan_id} created with {}, saved in plan_creation_response.json",
        count(policies.len(), "policy")
    );
    Ok(())
}
