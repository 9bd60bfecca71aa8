//! Policies: made, changed and deleted as the plans that they are part of.

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde_json::{Map, Value, json};

use super::schema::{self, NewPolicy, Origin};
use super::{ROOT, stamp, visible};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::lists::{self, Asked, Condition, Conditions, Key, Op, Order, Params, Slice, Ways};
use crate::store::resources;
use crate::store::tenants::{self, Tenant};

/// No more plans than these can be favorites.
const MOST_FAVORITES: i64 = 10;

/// A policy as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    /// UUID.
    pub id: Id,
    /// The plan it is part of.
    pub root_id: Id,
    /// Whose it is.
    pub tenant_id: Id,
    /// `policy.backup.machine`, …
    pub policy_type: String,
    /// Mostly the plan's alone.
    pub name: String,
    /// Whether it does anything.
    pub enabled: bool,
    /// Whether it is one that is copied when applied.
    pub template: bool,
    /// As it is answered, settings left out.
    pub document: Map<String, Value>,
    /// The settings, if it has some.
    pub settings: Option<Value>,
}

impl Policy {
    /// Whether it is the plan itself.
    pub(crate) fn is_root(&self) -> bool {
        self.id == self.root_id
    }

    /// As it is answered.
    pub(crate) fn shown(&self, with_settings: bool) -> Value {
        let mut shown = self.document.clone();
        if let (true, Some(settings)) = (with_settings, &self.settings) {
            shown.insert("settings".to_owned(), settings.clone());
        }
        Value::Object(shown)
    }

    /// Its parents, in an answer.
    pub(crate) fn parent_ids(&self) -> Option<&Value> {
        self.document.get("parent_ids")
    }
}

const SELECT: &str = "
    SELECT p.id, p.root_id, p.tenant_id, p.type, p.name, p.enabled, p.template, p.document, p.settings, p.is_default,
           p.favorite, p.favorite_order, p.temporary, p.created_at, p.updated_at, t.number
    FROM plan_policies p JOIN tenants t ON t.id = p.tenant_id";

fn read(row: &Row<'_>) -> Result<Policy> {
    let (id, policy_type): (Id, String) = (row.get(0)?, row.get(3)?);
    let (root_id, name): (Id, String) = (row.get(1)?, row.get(4)?);
    let (enabled, template): (bool, bool) = (row.get(5)?, row.get(6)?);
    let rest: Map<String, Value> = serde_json::from_str(&row.get::<_, String>(7)?)?;
    let settings: Option<String> = row.get(8)?;
    let mut document = Map::new();
    let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
    put("id", id.into());
    put("type", policy_type.as_str().into());
    if !name.is_empty() {
        put("name", name.as_str().into());
    }
    put("enabled", enabled.into());
    for (name, value) in rest {
        put(&name, value);
    }
    put("tenant_id", row.get::<_, i64>(15)?.to_string().into());
    put("created_at", stamp(row.get(13)?).into());
    put("updated_at", stamp(row.get(14)?).into());
    if id == root_id {
        put("default", row.get::<_, bool>(9)?.into());
        put("favorite", row.get::<_, bool>(10)?.into());
        if let Some(order) = row.get::<_, Option<i64>>(11)? {
            put("favorite_order", order.into());
        }
        put("template", template.into());
        put("temporary", row.get::<_, bool>(12)?.into());
    }
    Ok(Policy {
        id,
        root_id,
        tenant_id: row.get(2)?,
        policy_type,
        name,
        enabled,
        template,
        document,
        settings: settings
            .map(|text| serde_json::from_str(&text))
            .transpose()?,
    })
}

/// A plan, the root first.
pub(crate) fn plan(db: &Connection, root: Id) -> Result<Vec<Policy>> {
    let mut rows = db.prepare_cached(&format!(
        "{SELECT} WHERE p.root_id = ?1 ORDER BY p.id <> ?1, p.number"
    ))?;
    let mut rows = rows.query([root])?;
    let mut policies = Vec::new();
    while let Some(row) = rows.next()? {
        policies.push(read(row)?);
    }
    Ok(policies)
}

fn find_any(db: &Connection, id: Id) -> Result<Option<Policy>> {
    let mut rows = db.prepare_cached(&format!("{SELECT} WHERE p.id = ?"))?;
    let mut rows = rows.query([id])?;
    rows.next()?.map(read).transpose()
}

/// The policy of this id and its tenant, if the caller has the right over it: 404 if it is not there for the caller.
pub(crate) fn require_access(
    db: &Connection,
    caller: &Caller,
    id: Id,
    right: Right,
) -> Result<Policy> {
    let missing = || ApiError::NotFound(format!("There is no policy {id}."));
    let policy = find_any(db, id)?.ok_or_else(missing)?;
    let tenant = tenants::find_any(db, policy.tenant_id)?.ok_or_else(missing)?;
    match caller.right_over(&tenant.path) {
        None => Err(missing()),
        Some(found) if found < right => Err(ApiError::denied("This takes the right to change.")),
        Some(_) => Ok(policy),
    }
}

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
pub(super) fn tenant_filter(wanted: &mut Conditions, query: &Params) -> Result<()> {
    wanted.tests(query, "tenant_id", &[Op::Or, Op::Not], |test| {
        let column = match test.values.iter().all(|one| one.parse::<i64>().is_ok()) {
            true => return test.on("t.number", lists::integer),
            false => "t.id",
        };
        test.on(column, lists::id)
    })
}

/// Plans that have a policy that fits.
pub(super) fn in_plan(
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
            if policy.policy_type == super::BACKUP {
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
