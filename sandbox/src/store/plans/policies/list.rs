//! The list of plans: filters and pages.

use rusqlite::Connection;
use rusqlite::types::Value as Sql;

use super::row::{Policy, plan};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::lists::{self, Asked, Condition, Conditions, Key, Op, Order, Params, Slice, Ways};
use crate::store::plans::visible;
use crate::store::resources;

/// The filters of the list.
const FILTERS: &[&str] = &[
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

/// A plan in a list: its policies, and what it is applied to if that was asked for.
pub(crate) type Listed = (Vec<Policy>, Option<Vec<Id>>);

/// The plans that fit, the newest first, and how many there are in all.
pub(crate) fn list(
    db: &Connection,
    caller: &Caller,
    params: &Params,
    now: Timestamp,
) -> Result<(Asked, Slice<Listed>, i64)> {
    let asked = params.asked("policies", FILTERS, Ways::Both)?;
    let query = &asked.params;
    ensure_no_selections(params)?;
    let with_contexts = query.flag("include_applied_context")?;
    let applicable = query.one("applicable_to_context_id")?;
    if with_contexts && applicable.is_some() {
        return Err(ApiError::bad(
            "include_applied_context goes with applicable_to_context_id never.",
        ));
    }
    if query.one("os_type")?.is_some() && applicable.is_some() {
        return Err(ApiError::bad(
            "os_type goes with applicable_to_context_id never.",
        ));
    }
    let mut wanted = Conditions::default();
    wanted.and("p.id = p.root_id", []);
    wanted.any(visible(caller, "t.path"));
    let ids = &[Op::Or, Op::Not];
    tenant_filter(&mut wanted, query)?;
    in_plan(&mut wanted, query, "types", "q.type", lists::text)?;
    in_plan(&mut wanted, query, "policy_id", "q.id", lists::id)?;
    let roots_only = query.one("parent_ids")? == Some("");
    if !roots_only {
        wanted.filter(query, "parent_ids", "p.id", ids, lists::id)?;
    }
    for (name, column) in [
        ("enabled", "p.enabled"),
        ("favorite", "p.favorite"),
        ("default", "p.is_default"),
    ] {
        wanted.filter(query, name, column, &[], |text| {
            Ok(Sql::Integer(lists::boolean(text)?.into()))
        })?;
    }
    if query.flag("templates_only")? {
        wanted.and("p.template = 1", []);
    } else if !query.flag("include_templates")? {
        wanted.and("p.template = 0", []);
    }
    if !query.flag("include_temporaries")? {
        wanted.and("p.temporary = 0", []);
    }
    if let Some(text) = query.one("search")? {
        wanted.and("p.name LIKE ? ESCAPE '\\'", [Sql::Text(pattern(text)?)]);
    }
    wanted.tests(query, "applicable_to_context_id", ids, |test| {
        let machines = test
            .values
            .iter()
            .map(|id| {
                let id = lists::id(id)?;
                let Sql::Text(id) = id else {
                    return Err(ApiError::bad("no UUID"));
                };
                let id: Id = id.parse().map_err(|_| ApiError::bad("no UUID"))?;
                resources::machine(db, caller, id, now)
            })
            .collect::<Result<Vec<_>>>();
        // Nothing can be applied to a machine that is not there.
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
    let total = lists::count(db, tables, &wanted)?;
    let roots = lists::page(db, ("p.id", tables), &wanted, &order, &asked, |row| {
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
            Ok((policies, contexts))
        })
        .collect::<Result<Vec<_>>>()?;
    let slice = Slice {
        items,
        after: roots.after,
        before: roots.before,
    };
    Ok((asked, slice, total))
}

/// Selections that are stored on the platform are not simulated.
pub(crate) fn ensure_no_selections(params: &Params) -> Result<()> {
    for name in [
        "policy_selection_id",
        "context_selection_id",
        "applicable_to_context_selection_id",
        "dependency_namespace",
        "dependency_path",
    ] {
        if params.one(name)?.is_some() {
            return Err(ApiError::NotImplemented(format!(
                "{name} is documented by the platform and not simulated by this sandbox yet."
            )));
        }
    }
    Ok(())
}

/// Tenants by their numbers or their UUIDs.
pub(in crate::store::plans) fn tenant_filter(
    wanted: &mut Conditions,
    query: &Params,
) -> Result<()> {
    wanted.tests(query, "tenant_id", &[Op::Or, Op::Not], |test| {
        let column = match test.values.iter().all(|one| one.parse::<i64>().is_ok()) {
            true => return test.on("t.number", lists::integer),
            false => "t.id",
        };
        test.on(column, lists::id)
    })
}

/// Plans that have a policy that fits.
pub(in crate::store::plans) fn in_plan(
    wanted: &mut Conditions,
    query: &Params,
    name: &str,
    column: &str,
    value: impl Fn(&str) -> Result<Sql>,
) -> Result<()> {
    wanted.tests(query, name, &[Op::Or, Op::Not], |test| {
        let Condition { sql, values } = test.on(column, &value)?;
        Ok(Condition {
            sql: format!("EXISTS (SELECT 1 FROM plan_policies q WHERE q.root_id = p.id AND {sql})"),
            values,
        })
    })
}

/// A bare search text, `*` for anything; without one it may stand anywhere in the name.
fn pattern(text: &str) -> Result<String> {
    if text.contains(['=', '<', '>', '\'']) {
        return Err(ApiError::NotImplemented(
            "A search with operators is documented by the platform and not simulated by this sandbox yet.".to_owned(),
        ));
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
