//! Creates plans.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::{Map, Value};

use super::row::{find_any, plan};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::store::plans::ROOT;
use crate::store::plans::schema::{NewPolicy, Origin};
use crate::store::tenants::{self, Tenant};

/// What a plan is to be made of.
#[derive(Debug)]
pub(crate) struct NewPlan {
    /// As they came.
    pub policies: Vec<Value>,
    /// Whether ids of the caller are to be dropped.
    pub ignore_ids: bool,
    /// Whose it is to be, a number or a UUID, instead of the caller's.
    pub tenant: Option<String>,
}

/// Makes a plan, or another one of a plan whose id is known. Answers ids and types, the root first.
pub(crate) fn create(
    tx: &Transaction<'_>,
    caller: &Caller,
    new: &NewPlan,
    now: Timestamp,
) -> Result<Vec<String>> {
    let tenant = home(tx, caller, new.tenant.as_deref())?;
    let mut policies = new
        .policies
        .iter()
        .map(|policy| Ok((NewPolicy::read(policy)?, policy)))
        .collect::<Result<Vec<_>>>()?;
    let root = give_ids(&mut policies, new.ignore_ids)?;
    let mut known = Vec::new();
    if let Some(old) = find_any(tx, root)? {
        if old.tenant_id != tenant.id || !old.is_root() {
            return Err(ApiError::denied(format!(
                "The id {root} is that of a policy of another plan or tenant."
            )));
        }
        known = plan(tx, root)?;
    }
    for (policy, source) in &policies {
        let id = policy.id.unwrap_or(root);
        match find_any(tx, id)? {
            Some(other) if other.root_id != root => {
                return Err(ApiError::Conflict(format!(
                    "The id {id} is that of a policy of another plan."
                )));
            }
            Some(_) => update_row(tx, id, policy, source, now)?,
            None => insert(tx, (id, root), tenant.id, policy, source, now)?,
        }
    }
    let kept: Vec<Id> = policies
        .iter()
        .filter_map(|(policy, _)| policy.id)
        .collect();
    for gone in known.iter().filter(|old| !kept.contains(&old.id)) {
        tx.execute("DELETE FROM plan_policies WHERE id = ?", [gone.id])?;
    }
    let mut named: Vec<(bool, String)> = policies
        .iter()
        .filter_map(|(policy, _)| {
            let id = policy.id?;
            Some((id != root, format!("{id}@{}", policy.policy_type)))
        })
        .collect();
    named.sort_by_key(|(child, _)| *child);
    Ok(named.into_iter().map(|(_, name)| name).collect())
}

/// The tenant that a new plan belongs to.
fn home(db: &Connection, caller: &Caller, asked: Option<&str>) -> Result<Tenant> {
    let denied = || ApiError::denied("The caller may not change the plans of this tenant.");
    let id = match asked {
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

/// Checks the ids and how the policies hang together, gives ids to those without; answers the root's.
fn give_ids(policies: &mut [(NewPolicy, &Value)], ignore: bool) -> Result<Id> {
    let given = policies
        .iter()
        .filter(|(policy, _)| policy.id.is_some())
        .count();
    if given != 0 && given != policies.len() {
        return Err(ApiError::bad(
            "id: given for all policies of a plan, or for none.",
        ));
    }
    let old: Vec<Option<Id>> = policies.iter().map(|(policy, _)| policy.id).collect();
    if (1..old.len()).any(|at| {
        old.iter()
            .take(at)
            .any(|id| id.is_some() && Some(id) == old.get(at))
    }) {
        return Err(ApiError::bad("id: the same for two policies."));
    }
    let is_root = |policy: &NewPolicy| {
        policy.parent_ids.is_empty() && (given != 0 || policy.policy_type == ROOT)
    };
    let roots = policies
        .iter()
        .filter(|(policy, _)| is_root(policy))
        .count();
    if roots != 1 {
        return Err(ApiError::blocked(
            "DependencyValidationError",
            format!("A plan has one policy without parents, not {roots}."),
        ));
    }
    for (policy, _) in policies.iter() {
        if let Some(stranger) = policy
            .parent_ids
            .iter()
            .find(|id| !old.contains(&Some(**id)))
        {
            return Err(ApiError::blocked(
                "DependencyValidationError",
                format!("The parent {stranger} is not in the plan."),
            ));
        }
        if is_root(policy) != (policy.policy_type == ROOT) {
            return Err(ApiError::blocked(
                "DependencyValidationError",
                format!("A {ROOT}, and nothing else, is the root of a plan."),
            ));
        }
    }
    if given != 0 && !ignore {
        return policies
            .iter()
            .find(|(policy, _)| is_root(policy))
            .and_then(|(policy, _)| policy.id)
            .ok_or_else(|| ApiError::bad("id: missing."));
    }
    let fresh: Vec<Id> = policies.iter().map(|_| Id::random()).collect();
    let root = policies
        .iter()
        .zip(&fresh)
        .find(|((policy, _), _)| is_root(policy))
        .map_or(Id::NIL, |(_, id)| *id);
    for ((policy, _), id) in policies.iter_mut().zip(&fresh) {
        policy.id = Some(*id);
        // One level is all that there is of a plan without ids.
        policy.parent_ids = match *id == root {
            true => Vec::new(),
            false => vec![root],
        };
    }
    Ok(root)
}

/// What is kept of a policy as it came.
fn document(policy: &NewPolicy, source: &Value) -> Value {
    let mut document = Map::new();
    document.insert(
        "origin".to_owned(),
        match policy.origin {
            Origin::Upstream => "upstream",
            Origin::Local => "local",
        }
        .into(),
    );
    if !policy.parent_ids.is_empty() {
        let parents: Vec<Value> = policy.parent_ids.iter().map(|id| (*id).into()).collect();
        document.insert("parent_ids".to_owned(), parents.into());
    }
    for name in ["comment", "settings_schema", "ttl"] {
        if let Some(value) = source.get(name).filter(|value| !value.is_null()) {
            document.insert(name.to_owned(), value.clone());
        }
    }
    Value::Object(document)
}

fn settings(policy: &NewPolicy) -> Option<String> {
    let settings = policy.settings.as_ref()?;
    Some(Value::Object(settings.clone()).to_string())
}

/// Keeps a policy of a plan.
pub(crate) fn insert(
    db: &Connection,
    (id, root): (Id, Id),
    tenant: Id,
    policy: &NewPolicy,
    source: &Value,
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
        document(policy, source).to_string(),
        settings(policy),
        now,
        now,
    ])?;
    Ok(())
}

fn update_row(
    tx: &Transaction<'_>,
    id: Id,
    policy: &NewPolicy,
    source: &Value,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "UPDATE plan_policies SET type = ?, name = ?, enabled = ?, document = ?, settings = ?, updated_at = ? WHERE id = ?",
        params![
            policy.policy_type,
            policy.name.as_deref().unwrap_or(""),
            policy.enabled,
            document(policy, source).to_string(),
            settings(policy),
            now,
            id,
        ],
    )?;
    Ok(())
}
