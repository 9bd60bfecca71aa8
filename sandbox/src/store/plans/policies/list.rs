//! The list of plans: filters and paging.

use rusqlite::Connection;
use rusqlite::types::Value as Sql;

use super::row::{Policy, plan};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::lists::{self, Condition, Conditions, CursorPage, Key, Op, Order, PageRequest, Params};
use crate::store::plans::visible;
use crate::store::resources;

/// The parameters that a cursor contains.
pub(crate) const FILTERS: &[&str] = &[
    "tenant_id",
    "types",
    "enabled",
    "policy_id",
    "parent_ids",
    "search",
    "applicable_to_context_id",
    "os_type",
    "include_settings",
    "include_applied_context",
    "templates_only",
    "include_templates",
    "include_temporaries",
    "favorite",
    "default",
];

/// A plan in a list.
#[derive(Debug)]
pub(crate) struct PlanEntry {
    /// The policies, the root first.
    pub policies: Vec<Policy>,
    /// The machines that the plan is applied to, if requested.
    pub contexts: Option<Vec<Id>>,
}

/// A page of the matching plans, the newest first, and their total number.
pub(crate) fn list(
    db: &Connection,
    caller: &Caller,
    request: &PageRequest,
    now: Timestamp,
) -> Result<(CursorPage<PlanEntry>, i64)> {
    let query = &request.params;
    let with_contexts = query.flag("include_applied_context")?;
    let applicable = query.one("applicable_to_context_id")?;
    if with_contexts && applicable.is_some() {
        return Err(ApiError::bad(
            "include_applied_context and applicable_to_context_id cannot be combined.",
        ));
    }
    if query.one("os_type")?.is_some() && applicable.is_some() {
        return Err(ApiError::bad(
            "os_type and applicable_to_context_id cannot be combined.",
        ));
    }
    let mut conditions = Conditions::default();
    conditions.and("p.id = p.root_id", []);
    conditions.any_of(visible(caller, "t.path"));
    let ids = &[Op::Or, Op::Not];
    tenant_filter(&mut conditions, query)?;
    in_plan(&mut conditions, query, "types", "q.type", lists::text)?;
    in_plan(&mut conditions, query, "policy_id", "q.id", lists::id)?;
    let roots_only = query.one("parent_ids")? == Some("");
    if !roots_only {
        conditions.filter(query, "parent_ids", "p.id", ids, lists::id)?;
    }
    for (name, column) in [
        ("enabled", "p.enabled"),
        ("favorite", "p.favorite"),
        ("default", "p.is_default"),
    ] {
        conditions.filter(query, name, column, &[], |text| {
            Ok(Sql::Integer(lists::boolean(text)?.into()))
        })?;
    }
    if query.flag("templates_only")? {
        conditions.and("p.template = 1", []);
    } else if !query.flag("include_templates")? {
        conditions.and("p.template = 0", []);
    }
    if !query.flag("include_temporaries")? {
        conditions.and("p.temporary = 0", []);
    }
    if let Some(text) = query.one("search")? {
        conditions.and("p.name LIKE ? ESCAPE '\\'", [Sql::Text(pattern(text)?)]);
    }
    conditions.filter_with(query, "applicable_to_context_id", ids, |filter| {
        let machines = filter
            .values
            .iter()
            .map(|id| {
                let id = id
                    .parse()
                    .map_err(|_| ApiError::bad(format!("{id:?} is not a valid UUID.")))?;
                resources::machine(db, caller, id, now)
            })
            .collect::<Result<Vec<_>>>();
        // No plan is applicable to an unknown machine.
        let machines = machines.unwrap_or_default();
        let one = "instr(?, t.path) = 1 AND NOT EXISTS (SELECT 1 FROM plan_applications a
                   WHERE a.plan_id = p.id AND a.resource_id = ?)";
        let sql = match machines.len() {
            0 => "0".to_owned(),
            many => format!("p.enabled = 1 AND ({})", vec![one; many].join(" OR ")),
        };
        let values = machines
            .into_iter()
            .flat_map(|it| [Sql::Text(it.tenant_path), Sql::Text(it.id.to_string())]);
        Ok(Condition {
            sql,
            values: values.collect(),
        })
    })?;
    let tables = "plan_policies p JOIN tenants t ON t.id = p.tenant_id";
    const KEYS: &[Key] = &[Key {
        name: "number",
        sql: "p.number",
    }];
    let order = Order::parse(&Params::default(), KEYS, "desc(number)", "desc(number)")?;
    let total = lists::count(db, tables, &conditions)?;
    let roots = lists::page(db, ("p.id", tables), &conditions, &order, request, |row| {
        Ok(row.get::<_, Id>(0)?)
    })?;
    let items = roots
        .items
        .into_iter()
        .map(|root| {
            let mut policies = plan(db, root)?;
            if roots_only {
                policies.truncate(1);
            }
            let contexts = with_contexts.then(|| applied_to(db, root)).transpose()?;
            Ok(PlanEntry { policies, contexts })
        })
        .collect::<Result<Vec<_>>>()?;
    let page = CursorPage {
        items,
        after: roots.after,
        before: roots.before,
    };
    Ok((page, total))
}

/// Rejects stored selections, which are not simulated.
pub(crate) fn ensure_no_selections(params: &Params) -> Result<()> {
    for name in [
        "policy_selection_id",
        "context_selection_id",
        "applicable_to_context_selection_id",
        "dependency_namespace",
        "dependency_path",
    ] {
        if params.one(name)?.is_some() {
            return Err(ApiError::not_simulated(name));
        }
    }
    Ok(())
}

/// Filters by tenants, given as integer ids or UUIDs.
pub(in crate::store::plans) fn tenant_filter(
    conditions: &mut Conditions,
    query: &Params,
) -> Result<()> {
    conditions.filter_with(query, "tenant_id", &[Op::Or, Op::Not], |filter| {
        let column = match filter.values.iter().all(|id| id.parse::<i64>().is_ok()) {
            true => return filter.condition("t.number", lists::integer),
            false => "t.id",
        };
        filter.condition(column, lists::id)
    })
}

/// Filters plans by a column of their policies: one of them must match.
pub(in crate::store::plans) fn in_plan(
    conditions: &mut Conditions,
    query: &Params,
    name: &str,
    column: &str,
    parse: impl Fn(&str) -> Result<Sql>,
) -> Result<()> {
    conditions.filter_with(query, name, &[Op::Or, Op::Not], |filter| {
        let Condition { sql, values } = filter.condition(column, &parse)?;
        Ok(Condition {
            sql: format!("EXISTS (SELECT 1 FROM plan_policies q WHERE q.root_id = p.id AND {sql})"),
            values,
        })
    })
}

/// Translates a search text to a `LIKE` pattern. `*` matches anything; without `*` the text may be anywhere in the name.
fn pattern(text: &str) -> Result<String> {
    if text.contains(['=', '<', '>', '\'']) {
        return Err(ApiError::not_simulated("A search with operators"));
    }
    let escaped = text
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    Ok(match escaped.contains('*') {
        true => escaped.replace('*', "%"),
        false => format!("%{escaped}%"),
    })
}

/// The machines that a plan is applied to.
pub(crate) fn applied_to(db: &Connection, root: Id) -> Result<Vec<Id>> {
    let mut rows = db.prepare_cached(
        "SELECT resource_id FROM plan_applications WHERE plan_id = ? ORDER BY number",
    )?;
    let rows = rows.query_map([root], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
