//! Creates plans.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::Value;

use super::row::{find_any, plan};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::store::plans::ROOT;
use crate::store::plans::schema::NewPolicy;
use crate::store::tenants::{self, Tenant};

/// A plan to be created.
#[derive(Debug)]
pub(crate) struct NewPlan {
    /// The policies as they were sent.
    pub policies: Vec<Value>,
    /// Whether to replace the ids that were sent.
    pub ignore_ids: bool,
    /// The integer id or UUID of the tenant; `None` for the caller's tenant.
    pub tenant: Option<String>,
}

/// A policy of a created plan.
#[derive(Debug)]
pub(crate) struct CreatedPolicy {
    pub id: Id,
    pub policy_type: String,
}

/// Creates a plan, or replaces the plan with the same id. Returns the policies, the root first.
pub(crate) fn create(
    tx: &Transaction<'_>,
    caller: &Caller,
    new: &NewPlan,
    now: Timestamp,
) -> Result<Vec<CreatedPolicy>> {
    let tenant = tenant_of_plan(tx, caller, new.tenant.as_deref())?;
    let mut policies = new
        .policies
        .iter()
        .map(NewPolicy::parse)
        .collect::<Result<Vec<_>>>()?;
    let root = assign_ids(&mut policies, new.ignore_ids)?;
    let mut existing = Vec::new();
    if let Some(old) = find_any(tx, root)? {
        if old.tenant_id != tenant.id || !old.is_root() {
            return Err(ApiError::denied(format!(
                "The id {root} belongs to a policy of another plan or tenant."
            )));
        }
        existing = plan(tx, root)?;
    }
    for policy in &policies {
        let id = policy.id.unwrap_or(root);
        match find_any(tx, id)? {
            Some(other) if other.root_id != root => {
                return Err(ApiError::Conflict(format!(
                    "The id {id} belongs to a policy of another plan."
                )));
            }
            Some(_) => update_row(tx, id, policy, now)?,
            None => insert(tx, (id, root), tenant.id, policy, now)?,
        }
    }
    let mut created: Vec<CreatedPolicy> = policies
        .into_iter()
        .map(|policy| CreatedPolicy {
            id: policy.id.unwrap_or(root),
            policy_type: policy.policy_type,
        })
        .collect();
    let kept = |id: Id| created.iter().any(|policy| policy.id == id);
    for removed in existing.iter().filter(|policy| !kept(policy.id)) {
        tx.execute("DELETE FROM plan_policies WHERE id = ?", [removed.id])?;
    }
    created.sort_by_key(|policy| policy.id != root);
    Ok(created)
}

/// The tenant that a new plan belongs to.
fn tenant_of_plan(db: &Connection, caller: &Caller, tenant: Option<&str>) -> Result<Tenant> {
    let denied =
        || ApiError::denied("The caller is not allowed to change the plans of this tenant.");
    let id = match tenant {
        None => caller.grants.first().map(|grant| grant.tenant_id),
        Some(text) => db
            .prepare_cached("SELECT id FROM tenants WHERE number = ?1 OR id = lower(?1)")?
            .query_row([text], |row| row.get(0))
            .optional()?,
    };
    let tenant = tenants::find_any(db, id.ok_or_else(denied)?)?.ok_or_else(denied)?;
    match caller.right_over(&tenant.path) {
        Some(Right::Manage) => Ok(tenant),
        _ => Err(denied()),
    }
}

/// Validates ids and parents, and assigns new ids if there are none or if they are ignored. Returns the id of the root.
fn assign_ids(policies: &mut [NewPolicy], ignore_given: bool) -> Result<Id> {
    let invalid = |info: String| Err(ApiError::blocked("DependencyValidationError", info));
    let ids: Vec<Id> = policies.iter().filter_map(|policy| policy.id).collect();
    let has_ids = !ids.is_empty();
    if has_ids && ids.len() != policies.len() {
        return Err(ApiError::bad(
            "id: either all policies of a plan must have one, or none.",
        ));
    }
    let distinct: HashSet<&Id> = ids.iter().collect();
    if distinct.len() != ids.len() {
        return Err(ApiError::bad("id: two policies have the same id."));
    }
    let is_root = |policy: &NewPolicy| {
        policy.parent_ids.is_empty() && (has_ids || policy.policy_type == ROOT)
    };
    let roots = policies.iter().filter(|policy| is_root(policy)).count();
    if roots != 1 {
        return invalid(format!(
            "A plan must have exactly one policy without parents, not {roots}."
        ));
    }
    for policy in policies.iter() {
        if let Some(unknown) = policy.parent_ids.iter().find(|id| !ids.contains(id)) {
            return invalid(format!("The parent {unknown} is not in the plan."));
        }
        if is_root(policy) != (policy.policy_type == ROOT) {
            return invalid(format!("The root of a plan must be of type {ROOT}."));
        }
    }
    if has_ids && !ignore_given {
        return policies
            .iter()
            .find(|policy| is_root(policy))
            .and_then(|policy| policy.id)
            .ok_or_else(|| ApiError::bad("id: missing."));
    }
    let root = Id::random();
    for policy in policies.iter_mut() {
        // A plan with assigned ids has only one level of children.
        if is_root(policy) {
            policy.id = Some(root);
        } else {
            policy.id = Some(Id::random());
            policy.parent_ids = vec![root];
        }
    }
    Ok(root)
}

fn settings(policy: &NewPolicy) -> Option<String> {
    let settings = policy.settings.as_ref()?;
    Some(Value::Object(settings.clone()).to_string())
}

/// Inserts a policy of a plan.
pub(crate) fn insert(
    db: &Connection,
    (id, root): (Id, Id),
    tenant: Id,
    policy: &NewPolicy,
    now: Timestamp,
) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO plan_policies (id, root_id, tenant_id, type, name, enabled, is_default, favorite, favorite_order,
                               template, temporary, document, settings, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        id,
        root,
        tenant,
        policy.policy_type,
        policy.name.as_deref().unwrap_or(""),
        policy.enabled,
        policy.default.unwrap_or(false),
        policy.favorite.unwrap_or(false),
        policy.favorite_order,
        policy.template.unwrap_or(false),
        policy.temporary.unwrap_or(false),
        serde_json::to_string(&policy.details())?,
        settings(policy),
        now,
        now,
    ])?;
    Ok(())
}

fn update_row(tx: &Transaction<'_>, id: Id, policy: &NewPolicy, now: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE plan_policies SET type = ?, name = ?, enabled = ?, document = ?, settings = ?, updated_at = ? WHERE id = ?",
        params![
            policy.policy_type,
            policy.name.as_deref().unwrap_or(""),
            policy.enabled,
            serde_json::to_string(&policy.details())?,
            settings(policy),
            now,
            id,
        ],
    )?;
    Ok(())
}
