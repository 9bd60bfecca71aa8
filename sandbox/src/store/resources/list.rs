//! The list of resources: filters, order and pages.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};

use super::WITH_AGENTS;
use super::condition::Condition;
use super::groups::{members, visible_groups, with_parents};
use super::machines::visible_machines;
use super::row::{COLUMNS, Resource, TABLES, from_row};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::lists::{self, Conditions, CursorPage, Key, Op, Order, PageRequest, Params, id, text};
use crate::store::tenant_filter;
use crate::store::tenants;

const KEYS: &[Key] = &[
    Key {
        name: "created_at",
        sql: "r.created_at",
    },
    Key {
        name: "updated_at",
        sql: "r.updated_at",
    },
    Key {
        name: "is_group",
        sql: "(r.type LIKE 'resource.group.%')",
    },
    Key {
        name: "number",
        sql: "r.number",
    },
];

/// The parameters that a cursor contains.
pub(crate) const FILTERS: &[&str] = &[
    "tenant_id",
    "agent_id",
    "parent_id",
    "type",
    "resource_id",
    "search",
    "is_group",
    "include_attributes",
    "order",
];

/// Rejects filters that the platform documents and the sandbox does not simulate.
fn ensure_simulated(params: &Params) -> Result<()> {
    const NOT_SIMULATED: [&str; 9] = [
        "has_member_id",
        "not_applied_only",
        "applicable_to_policy_id",
        "applicable_to_policy_selection_id",
        "applied_only",
        "applied_to_policy_id",
        "applied_to_policy_selection_id",
        "allowed_actions",
        "updated_at",
    ];
    match NOT_SIMULATED
        .into_iter()
        .find(|name| !params.all(name).is_empty())
    {
        Some(name) => Err(ApiError::not_simulated(format_args!("The filter {name}"))),
        None => Ok(()),
    }
}

/// The conditions for the visible resources that match the query.
fn conditions(
    db: &Connection,
    caller: &Caller,
    request: &PageRequest,
    now: Timestamp,
) -> Result<Conditions> {
    let params = &request.params;
    ensure_simulated(params)?;
    let mut conditions = Conditions::default();
    let visible = tenants::within(db, caller)?;
    conditions.and(visible.sql, visible.values);
    conditions.and("r.created_at <= ?", [Value::Integer(now.millis())]);
    conditions.filter_with(params, "tenant_id", &[Op::Or], |filter| {
        let mut any = lists::Condition {
            sql: "0".to_owned(),
            values: Vec::new(),
        };
        for tenant in &filter.values {
            let subtree = tenant_filter::subtree(db, caller, tenant)?;
            any.sql = format!("({} OR {})", any.sql, subtree.sql);
            any.values.extend(subtree.values);
        }
        Ok(any)
    })?;
    let ops = &[Op::Or, Op::Not];
    conditions.filter(params, "agent_id", "r.agent_id", ops, id)?;
    conditions.filter(params, "resource_id", "r.id", ops, id)?;
    conditions.filter(params, "type", "r.type", ops, text)?;
    if params.one("is_group")?.is_some() {
        let is_group = i64::from(params.flag("is_group")?);
        conditions.and("(r.type LIKE 'resource.group.%') = ?", [is_group.into()]);
    }
    if let Some(search) = params.one("search")? {
        let search = Condition::parse(search).map_err(|error| error.of_field("search"))?;
        one_of(&mut conditions, &matching(db, caller, &search, now)?);
    }
    if let Some(group) = params.one("parent_id")? {
        let group = group
            .parse()
            .map_err(|_| ApiError::bad(format!("parent_id: {group:?} is not a valid UUID.")))?;
        one_of(&mut conditions, &children(db, caller, group, now)?);
    }
    Ok(conditions)
}

fn one_of(conditions: &mut Conditions, ids: &[Id]) {
    let ids = serde_json::json!(ids).to_string();
    conditions.and(
        "r.id IN (SELECT value FROM json_each(?))",
        [Value::Text(ids)],
    );
}

/// The machines and groups that meet a condition.
fn matching(
    db: &Connection,
    caller: &Caller,
    condition: &Condition,
    now: Timestamp,
) -> Result<Vec<Id>> {
    let machines = visible_machines(db, caller, now)?;
    let machines = machines
        .iter()
        .filter(|machine| condition.holds_for_machine(machine))
        .map(|machine| machine.id);
    let groups = visible_groups(db, caller, now)?;
    let groups = groups
        .iter()
        .filter(|group| condition.holds_for_group(group))
        .map(|group| group.id);
    Ok(machines.chain(groups).collect())
}

/// The resources in a group.
fn children(db: &Connection, caller: &Caller, group: Id, now: Timestamp) -> Result<Vec<Id>> {
    let mut machines = Vec::new();
    if group == WITH_AGENTS {
        machines = visible_machines(db, caller, now)?;
    }
    for known in visible_groups(db, caller, now)? {
        if known.id == group {
            machines.extend(members(db, &known, now)?);
        }
    }
    let mut children: Vec<Id> = machines.into_iter().map(|machine| machine.id).collect();
    let mut added =
        db.prepare_cached("SELECT resource_id FROM resource_parents WHERE group_id = ?")?;
    for child in added.query_map([group], |row| row.get(0))? {
        children.push(child?);
    }
    Ok(children)
}

/// A page of the resources that the caller can see.
pub(crate) fn list(
    db: &Connection,
    caller: &Caller,
    request: &PageRequest,
    now: Timestamp,
) -> Result<CursorPage<Resource>> {
    let order = Order::parse(&request.params, KEYS, "asc(created_at)", "asc(number)")?;
    let conditions = conditions(db, caller, request, now)?;
    let page = lists::page(db, (COLUMNS, TABLES), &conditions, &order, request, |row| {
        Ok(from_row(row)?)
    })?;
    Ok(CursorPage {
        items: with_parents(db, caller, page.items, now)?,
        ..page
    })
}

/// Counts the resources that the caller can see.
pub(crate) fn count(
    db: &Connection,
    caller: &Caller,
    request: &PageRequest,
    now: Timestamp,
) -> Result<i64> {
    let conditions = conditions(db, caller, request, now)?;
    lists::count(db, TABLES, &conditions)
}

/// Finds a resource; 404 if there is none, 403 or 404 if the caller cannot access it.
pub(crate) fn find(db: &Connection, caller: &Caller, id: Id, now: Timestamp) -> Result<Resource> {
    let not_found = || ApiError::NotFound(format!("There is no resource {id}."));
    let found = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE r.id = ? AND r.created_at <= ? AND t.deleted_at IS NULL"
        ))?
        .query_row(params![id, now], from_row)
        .optional()?
        .ok_or_else(not_found)?;
    tenants::require_access(db, caller, found.tenant_id, Right::View)?;
    let found = with_parents(db, caller, vec![found], now)?.pop();
    found.ok_or_else(not_found)
}
