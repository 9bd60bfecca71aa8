//! Changes and deletes policies.

use rusqlite::{Transaction, params};
use serde_json::{Map, Value, json};

use super::list::{ensure_no_selections, tenant_filter};
use super::row::{Policy, find_any, require_access};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::lists::{self, Conditions, Key, Op, Order, Params, Ways};
use crate::store::plans::{BACKUP, schema, visible};

/// No more plans than these can be favorites.
const MOST_FAVORITES: i64 = 10;

/// Changes policies of a plan, or one policy that is none's root: given fields replace, settings merge.
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
            "subject.policy: one policy, as this one is not the root of a plan.",
        ));
    }
    for change in changes {
        let Some(change) = change.as_object() else {
            return Err(ApiError::bad("subject.policy: a policy is an object."));
        };
        let meant: Id = match change.get("id").and_then(Value::as_str) {
            Some(text) => text
                .parse()
                .map_err(|_| ApiError::bad(format!("id: {text:?} is no UUID.")))?,
            None => id,
        };
        let policy = find_any(tx, meant)?
            .filter(|policy| policy.root_id == target.root_id && (target.is_root() || meant == id))
            .ok_or_else(|| ApiError::bad(format!("id: {meant} is not in the plan.")))?;
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
    let wrong = |name: &str, what: &str| ApiError::bad(format!("{name}: not {what}."));
    let flag = |name: &str| -> Result<Option<bool>> {
        match change.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_bool()
                .map(Some)
                .ok_or_else(|| wrong(name, "true or false")),
        }
    };
    let text = |name: &str| -> Result<Option<&str>> {
        match change.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_str()
                .map(Some)
                .ok_or_else(|| wrong(name, "a text")),
        }
    };
    let order = match change.get("favorite_order") {
        None | Some(Value::Null) => None,
        Some(value) => Some(
            value
                .as_i64()
                .ok_or_else(|| wrong("favorite_order", "an integer"))?,
        ),
    };
    let name = text("name")?;
    if policy.is_root() && name.is_some_and(|name| name.trim().is_empty()) {
        return Err(ApiError::bad("name: a plan needs one."));
    }
    let settings = match change.get("settings") {
        None | Some(Value::Null) => None,
        Some(new @ Value::Object(_)) => {
            let mut merged = policy.settings.clone().unwrap_or_else(|| json!({}));
            merge(&mut merged, new);
            if policy.policy_type == BACKUP {
                schema::check_settings(&merged)?;
            }
            Some(merged.to_string())
        }
        Some(_) => return Err(wrong("settings", "an object")),
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

/// Objects grow into one another; all else is replaced. Nothing goes.
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

/// Deletes a policy; a plan with all its policies and applications.
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

/// Deletes all policies that fit.
pub(crate) fn delete_all(tx: &Transaction<'_>, caller: &Caller, params: &Params) -> Result<()> {
    ensure_no_selections(params)?;
    if params.all("tenant_id").is_empty() && params.all("policy_id").is_empty() {
        return Err(ApiError::bad("policy_id or tenant_id says what to delete."));
    }
    let mut wanted = Conditions::default();
    wanted.any(visible(caller, "t.path"));
    tenant_filter(&mut wanted, params)?;
    wanted.filter(params, "policy_id", "p.id", &[Op::Or, Op::Not], lists::id)?;
    const KEYS: &[Key] = &[Key {
        name: "number",
        sql: "p.number",
    }];
    let order = Order::parse(&Params::default(), KEYS, "asc(number)", "asc(number)")?;
    let all = Params::default().asked("deletion", &[], Ways::Both)?;
    let tables = "plan_policies p JOIN tenants t ON t.id = p.tenant_id";
    let found = lists::page(tx, ("p.id", tables), &wanted, &order, &all, |row| {
        Ok(row.get::<_, Id>(0)?)
    })?;
    for id in found.items {
        // One of a plan that went before is gone with it.
        if find_any(tx, id)?.is_some() {
            delete(tx, caller, id)?;
        }
    }
    Ok(())
}

/// Which plan is a favorite, and where it stands among them.
pub(crate) fn set_favorite(
    tx: &Transaction<'_>,
    caller: &Caller,
    (id, favorite, order): (Id, bool, Option<i64>),
) -> Result<()> {
    // 404 is none of the documented answers.
    let policy = require_access(tx, caller, id, Right::Manage).map_err(|error| match error {
        ApiError::NotFound(info) => ApiError::BadRequest(info),
        other => other,
    })?;
    tx.execute(
        "UPDATE plan_policies SET favorite = ?, favorite_order = coalesce(?, favorite_order) WHERE id = ?",
        params![favorite, order, policy.root_id],
    )?;
    let count: i64 = tx.query_row(
        "SELECT count(*) FROM plan_policies WHERE favorite = 1 AND tenant_id = ? AND id = root_id",
        [policy.tenant_id],
        |row| row.get(0),
    )?;
    if count > MOST_FAVORITES {
        return Err(ApiError::bad(format!(
            "There are {MOST_FAVORITES} favorites at most."
        )));
    }
    Ok(())
}
