//! Finding what a call was to make, where no answer has told what became of it.

use anyhow::{Context, Result};
use common::{Platform, text};
use serde_json::{Value, json};

use crate::{plan_id, policies};

/// The plan that a POST with this body was to create, by the ids that were chosen for it: the ids of its policies, in
/// the form of the answer that did not come.
///
/// # Errors
/// What [`Platform::get`] can meet, and a `Failure` where an answer lacks what is needed.
pub fn plan_by_id(platform: &Platform, wanted: &Value) -> Result<Option<Value>> {
    let wanted = wanted.pointer("/subject/policy").and_then(Value::as_array);
    let ids = wanted.context("a plan is made of policies")?;
    let ids: Vec<&str> = ids
        .iter()
        .map(|policy| text(policy, "id"))
        .collect::<Result<_, _>>()?;
    let plans = platform.get("/api/policy_management/v4/policies", &[])?;
    let found = policies(&plans)?.any(|policy| plan_id(policy).is_ok_and(|id| ids.contains(&id)));
    Ok(found.then(|| json!({ "result": ids })))
}

/// The application of a plan to a machine that a POST with this body was to make.
///
/// # Errors
/// What [`Platform::get`] can meet, and a `Failure` where an answer lacks what is needed.
pub fn application(platform: &Platform, wanted: &Value) -> Result<Option<Value>> {
    let machine = wanted.pointer("/context/items/0").and_then(Value::as_str);
    let machine = machine.context("a plan is applied to a machine")?;
    let query = [
        ("context_id", machine),
        ("policy_type", "policy.protection.total"),
    ];
    let applied = platform.get("/api/policy_management/v4/applications", &query)?;
    let wanted = text(wanted, "policy_id")?;
    let found = policies(&applied)?.any(|policy| plan_id(policy).is_ok_and(|id| id == wanted));
    Ok(found.then_some(Value::Null))
}
