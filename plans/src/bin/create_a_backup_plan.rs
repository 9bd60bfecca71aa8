//! Creates a protection plan that backs machines up to the cloud, from a template.
//!
//! ```text
//! cargo run -p plans --bin create_a_backup_plan
//! ```
//!
//! The template is `plans/base_plan.json`. The plan is not applied to any machine yet.
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes; `api_customer_scoped_token.json`, which
//!   `issue_customer_scoped_token_for_bc` makes.
//! - Calls: POST `/api/policy_management/v4/policies`.
//! - Leaves: `plan_creation_response.json`.
//! - Half way: there may be a plan, which does nothing until it is applied. `get_all_plans_info` shows it.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Failure, Platform, texts};
use plans::{plan_by_id, tell_issues};
use serde_json::{Value, json};
use uuid::Uuid;

fn main() -> ExitCode {
    common::run_with_customer_token(common::about!(), create_plan)
}

fn create_plan(platform: &Platform) -> Result<()> {
    // A plan is made of policies: the first one is the plan itself, the others are its children and say what it does.
    // Whoever makes them chooses their ids.
    let mut plan: Value = serde_json::from_str(include_str!("../../base_plan.json"))?;
    let plan_id = Uuid::new_v4().to_string();
    let backup_id = Uuid::new_v4().to_string();
    for (place, id) in [
        ("/subject/policy/0/id", &plan_id),
        ("/subject/policy/1/id", &backup_id),
        ("/subject/policy/1/parent_ids/0", &plan_id),
    ] {
        *plan.pointer_mut(place).context(place)? = json!(id);
    }

    let created = platform
        .post_or_find("/api/policy_management/v4/policies", &plan, plan_by_id)
        .context("creating the plan")?;

    // A success may come with issues, and with nothing else where they have prevented it.
    let policies = texts(&created, "result").context("creating the plan")?;
    if !policies.is_empty() {
        platform.save("plan_creation_response.json", &created)?;
    }
    tell_issues(&created).context("creating the plan")?;
    if policies.is_empty() {
        return Err(Failure::unexpected("creating the plan: the platform names no policy").into());
    }

    println!(
        "Plan {plan_id} is made of {} policies, kept in plan_creation_response.json",
        policies.len()
    );
    Ok(())
}
