//! Changes and deletes policies.

use rusqlite::{Transaction, params};
use serde_json::{Map, Value, json};

use super::list::{ensure_no_selections, tenant_filter};
use super::row::{Policy, find_any, not_found_to_bad_request, require_access};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::lists::{self, Conditions, Key, Op, Order, PageRequest, Params};
use crate::store::plans::{BACKUP, backup_settings, visible};

/// The maximum number of favorite plans per tenant.
const MAX_FAVORITES: i64 = 10;

/// Changes policies of a plan, or one policy that is not a root. Fields are replaced, settings are merged.
pub(crate) fn update(
    tx: &Transaction<'_>,
    caller: &Caller,
    id: Id,
    changes: &[Value],
    now: Timestamp,
) -> Result<()> {
    let target = require_access(tx, caller, id, Right::Manage)?;
    if !target.is_root() && changes.len() != 1 {
        return Err(ApiError::bad(
            "subject.policy: exactly one policy is required, because this policy is not the root of a plan.",
        ));
    }
    for change in changes {
        let Some(change) = change.as_object() else {
            return Err(ApiError::bad("subject.policy: a policy must be an object."));
        };
        let policy_id: Id = match change.get("id").and_then(Value::as_str) {
            Some(text) => text
                .parse()
                .map_err(|_| ApiError::bad(format!("id: {text:?} is not a valid UUID.")))?,
            None => id,
        };
        let policy = find_any(tx, policy_id)?
            .filter(|policy| {
                policy.root_id == target.root_id && (target.is_root() || policy_id == id)
            })
            .ok_or_else(|| ApiError::bad(format!("id: {policy_id} is not in the plan.")))?;
        change_one(tx, &policy, change, now)?;
    }
    Ok(())
}

fn change_one(
    tx: &Transaction<'_>,
    policy: &Policy,
    change: &Map<String, Value>,
    now: Timestamp,
) -> Result<()> {
    let invalid = |name: &str, kind: &str| ApiError::bad(format!("{name}: must be {kind}."));
    let flag = |name: &str| -> Result<Option<bool>> {
        match change.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_bool()
                .map(Some)
                .ok_or_else(|| invalid(name, "true or false")),
        }
    };
    let text = |name: &str| -> Result<Option<&str>> {
        match change.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_str()
                .map(Some)
                .ok_or_else(|| invalid(name, "a string")),
        }
    };
    let order = match change.get("favorite_order") {
        None | Some(Value::Null) => None,
        Some(value) => Some(
            value
                .as_i64()
                .ok_or_else(|| invalid("favorite_order", "an integer"))?,
        ),
    };
    let name = text("name")?;
    if policy.is_root() && name.is_some_and(|name| name.trim().is_empty()) {
        return Err(ApiError::bad("name: a plan requires a name."));
    }
    let settings = match change.get("settings") {
        None | Some(Value::Null) => None,
        Some(new @ Value::Object(_)) => {
            let mut merged = policy.settings.clone().unwrap_or_else(|| json!({}));
            merge(&mut merged, new);
            if policy.policy_type == BACKUP {
                backup_settings::check_settings(&merged)?;
            }
            Some(merged.to_string())
        }
        Some(_) => return Err(invalid("settings", "an object")),
    };
    tx.execute(
        "UPDATE plan_policies SET name = coalesce(?, name), enabled = coalesce(?, enabled),
                is_default = coalesce(?, is_default), favorite = coalesce(?, favorite),
                favorite_order = coalesce(?, favorite_order), settings = coalesce(?, settings),
                document = CASE WHEN ?7 IS NULL THEN document ELSE json_set(document, '$.comment', ?7) END,
                updated_at = ?8
         WHERE id = ?9",
        params![
            name,
            flag("enabled")?,
            flag("default")?,
            flag("favorite")?,
            order,
            settings,
            text("comment")?,
            now,
            policy.id,
        ],
    )?;
    Ok(())
}

/// Merges objects recursively; other values are replaced. No field is removed.
fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

/// Deletes a policy; if it is a root, with the whole plan and its applications.
pub(crate) fn delete(tx: &Transaction<'_>, caller: &Caller, id: Id) -> Result<()> {
    let policy = require_access(tx, caller, id, Right::Manage)?;
    if policy.is_root() {
        tx.execute("DELETE FROM plan_applications WHERE plan_id = ?", [id])?;
        tx.execute("DELETE FROM plan_policies WHERE root_id = ?", [id])?;
    } else {
        tx.execute("DELETE FROM plan_policies WHERE id = ?", [id])?;
    }
    Ok(())
}

/// Deletes all matching policies.
pub(crate) fn delete_all(tx: &Transaction<'_>, caller: &Caller, params: &Params) -> Result<()> {
    ensure_no_selections(params)?;
    if params.all("tenant_id").is_empty() && params.all("policy_id").is_empty() {
        return Err(ApiError::bad(
            "Give policy_id or tenant_id to select the policies to delete.",
        ));
    }
    let mut conditions = Conditions::default();
    conditions.any_of(visible(caller, "t.path"));
    tenant_filter(&mut conditions, params)?;
    conditions.filter(params, "policy_id", "p.id", &[Op::Or, Op::Not], lists::id)?;
    const KEYS: &[Key] = &[Key {
        name: "number",
        sql: "p.number",
    }];
    let order = Order::parse(&Params::default(), KEYS, "asc(number)", "asc(number)")?;
    let all = PageRequest::whole_list("policies");
    let tables = "plan_policies p JOIN tenants t ON t.id = p.tenant_id";
    let found = lists::page(tx, ("p.id", tables), &conditions, &order, &all, |row| {
        Ok(row.get::<_, Id>(0)?)
    })?;
    for id in found.items {
        // A policy may already have been deleted together with its plan.
        if find_any(tx, id)?.is_some() {
            delete(tx, caller, id)?;
        }
    }
    Ok(())
}

/// Marks a plan as a favorite and sets its position among them, or removes the mark.
pub(crate) fn set_favorite(
    tx: &Transaction<'_>,
    caller: &Caller,
    (id, favorite, order): (Id, bool, Option<i64>),
) -> Result<()> {
    let policy = require_access(tx, caller, id, Right::Manage).map_err(not_found_to_bad_request)?;
    tx.execute(
        "UPDATE plan_policies SET favorite = ?, favorite_order = coalesce(?, favorite_order) WHERE id = ?",
        params![favorite, order, policy.root_id],
    )?;
    let count: i64 = tx.query_row(
        "SELECT count(*) FROM plan_policies WHERE favorite = 1 AND tenant_id = ? AND id = root_id",
        [policy.tenant_id],
        |row| row.get(0),
    )?;
    if count > MAX_FAVORITES {
        return Err(ApiError::bad(format!(
            "At most {MAX_FAVORITES} plans can be favorites."
        )));
    }
    Ok(())
}
