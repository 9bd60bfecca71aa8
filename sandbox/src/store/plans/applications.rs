//! Which machines a plan is applied to.

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row, Transaction, params};
use serde_json::{Value, json};

use super::conflicts::{self, Conflict};
use super::policies::{self, Policy};
use super::runs::Run;
use super::visible;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::lists::{self, Asked, Condition, Conditions, Key, Op, Order, Params, Slice, Ways};
use crate::store::resources::{self, Machine};

/// A plan on a machine.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    /// The place in the list.
    pub number: i64,
    /// The root policy.
    pub plan_id: Id,
    /// The machine.
    pub resource_id: Id,
    /// The number of the machine's tenant.
    pub tenant_number: i64,
    /// Who protects the machine.
    pub agent_id: Id,
    /// Whether the plan works there.
    pub enabled: bool,
    /// The machine itself, and the groups it has the plan from.
    pub origins: Vec<Id>,
    /// The last run.
    pub run: Run,
    /// When the plan was applied.
    pub created_at: Timestamp,
    /// When that last changed.
    pub updated_at: Timestamp,
}

const COLUMNS: &str =
    "a.number, a.plan_id, a.resource_id, t.number, a.agent_id, a.enabled, a.origins, a.created_at,
    a.updated_at, a.runs, a.run_from, a.run_until, a.outcome, a.success_at";
const TABLES: &str = "plan_applications a JOIN tenants t ON t.id = a.tenant_id JOIN plan_policies p ON p.id = a.plan_id";

fn read(row: &Row<'_>) -> Result<Application> {
    Ok(Application {
        number: row.get(0)?,
        plan_id: row.get(1)?,
        resource_id: row.get(2)?,
        tenant_number: row.get(3)?,
        agent_id: row.get(4)?,
        enabled: row.get(5)?,
        origins: serde_json::from_str(&row.get::<_, String>(6)?)?,
        created_at: row.get(7)?,
        updated_at: row.get(8)?,
        run: Run {
            count: row.get(9)?,
            from: row.get(10)?,
            until: row.get(11)?,
            outcome: row.get(12)?,
            success_at: row.get(13)?,
        },
    })
}

/// Applications that fulfil a condition, the newest first.
pub(super) fn matching(
    db: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<Application>> {
    let mut rows = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM {TABLES} WHERE {condition} ORDER BY a.number DESC"
    ))?;
    let mut rows = rows.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// The filters of the list.
const FILTERS: &[&str] = &[
    "tenant_id",
    "agent_id",
    "context_id",
    "policy_id",
    "policy_type",
    "context_type",
    "deployment_state",
    "execution_state",
    "status",
    "enabled_only",
    "direct_only",
    "include_temporaries",
    "issue_types",
    "empty_link_only",
];

/// Which policies of a plan are answered, of those that are applied with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    policy_types: Option<Vec<String>>,
    policy_ids: Option<Vec<String>>,
}

impl Parts {
    fn of(query: &Params) -> Result<Parts> {
        let values = |name: &str| -> Result<Option<Vec<String>>> {
            let mut values = Vec::new();
            for text in query.all(name) {
                let test = lists::Test::parse(name, text, &[Op::Or, Op::Not])?;
                if test.op == Some(Op::Not) {
                    return Ok(None);
                }
                values.extend(test.values.iter().map(|one| one.to_ascii_lowercase()));
            }
            Ok(Some(values).filter(|values| !values.is_empty()))
        };
        Ok(Parts {
            policy_types: values("policy_type")?,
            policy_ids: values("policy_id")?,
        })
    }

    /// Whether a policy is answered. Who asks for a plan by its id gets its children, too.
    pub(crate) fn has(&self, policy: &Policy) -> bool {
        let by_type = self
            .policy_types
            .as_ref()
            .is_none_or(|types| types.contains(&policy.policy_type));
        let by_id = self.policy_ids.as_ref().is_none_or(|ids| {
            [policy.id, policy.root_id]
                .iter()
                .any(|id| ids.contains(&id.to_string()))
        });
        by_type && by_id
    }
}

/// The applications that fit, the newest first, and how many there are in all.
pub(crate) fn list(
    db: &Connection,
    caller: &Caller,
    params: &Params,
    now: Timestamp,
) -> Result<(Parts, Slice<Application>, i64)> {
    let asked = params.asked("applications", FILTERS, Ways::Both)?;
    policies::ensure_no_selections(params)?;
    let query = &asked.params;
    let ops = &[Op::Or, Op::Not];
    let mut wanted = Conditions::default();
    wanted.any(visible(caller, "t.path"));
    policies::tenant_filter(&mut wanted, query)?;
    wanted.filter(query, "agent_id", "a.agent_id", ops, lists::id)?;
    wanted.filter(query, "context_id", "a.resource_id", ops, lists::id)?;
    policies::in_plan(&mut wanted, query, "policy_id", "q.id", lists::id)?;
    policies::in_plan(&mut wanted, query, "policy_type", "q.type", lists::text)?;
    // All that a plan can be applied to here are machines, and it is there at once.
    for (name, sql) in [
        ("context_type", "'resource.machine'"),
        ("deployment_state", "'deployed'"),
    ] {
        wanted.filter(query, name, sql, ops, lists::text)?;
    }
    let (state, status) = states(now);
    wanted.filter(query, "execution_state", &state, ops, lists::text)?;
    wanted.filter(query, "status", &status, ops, lists::text)?;
    if query.flag("enabled_only")? {
        wanted.and("a.enabled = 1 AND p.enabled = 1", []);
    }
    if query.flag("direct_only")? {
        wanted.and("a.origins = '[\"' || a.resource_id || '\"]'", []);
    }
    if query.flag("empty_link_only")? || query.one("issue_types")?.is_some() {
        // No application here has an issue.
        wanted.and("0", []);
    }
    if !query.flag("include_temporaries")? {
        wanted.and("p.temporary = 0", []);
    }
    const KEYS: &[Key] = &[Key {
        name: "number",
        sql: "a.number",
    }];
    let order = Order::parse(&Params::default(), KEYS, "desc(number)", "desc(number)")?;
    let total = lists::count(db, TABLES, &wanted)?;
    let page = lists::page(db, (COLUMNS, TABLES), &wanted, &order, &asked, read)?;
    Ok((Parts::of(query)?, page, total))
}

/// Running state and status at a moment, in SQL.
pub(super) fn states(now: Timestamp) -> (String, String) {
    let now = now.millis();
    let state = format!("CASE WHEN a.run_until > {now} THEN 'running' ELSE 'idle' END");
    let status = format!(
        "CASE WHEN a.run_until > {now} THEN 'running'
              WHEN a.run_until IS NOT NULL AND a.outcome IN ('warning', 'error') THEN a.outcome
              WHEN a.run_until IS NULL THEN 'scheduled' ELSE 'idle' END"
    );
    (state, status)
}

/// What a plan is to be applied to.
#[derive(Debug)]
pub(crate) struct Wish {
    /// The root policy.
    pub plan_id: Id,
    /// Machines or groups.
    pub items: Vec<Id>,
    /// Apply it without enabling it where another plan is in the way.
    pub disable_on_conflict: bool,
}

/// Applies a plan to machines and to the members of groups, to all or to none. Answers issues.
pub(crate) fn apply(
    tx: &Transaction<'_>,
    caller: &Caller,
    wish: &Wish,
    now: Timestamp,
) -> Result<Vec<Value>> {
    // Neither an unknown plan nor an unknown machine is a 404 here.
    let missing = |error| match error {
        ApiError::NotFound(info) => ApiError::BadRequest(info),
        other => other,
    };
    let policy =
        policies::require_access(tx, caller, wish.plan_id, Right::Manage).map_err(missing)?;
    if !policy.is_root() {
        return Err(ApiError::bad(format!(
            "policy_id: {} is not the root of a plan.",
            policy.id
        )));
    }
    if policy.template {
        return Err(ApiError::NotImplemented(
            "Applying a template is documented by the platform and not simulated by this sandbox yet."
                .to_owned(),
        ));
    }
    let mut targets: Vec<(Machine, Id)> = Vec::new();
    for item in &wish.items {
        match resources::machine(tx, caller, *item, now) {
            Ok(machine) => targets.push((machine, *item)),
            Err(_) => {
                let members = resources::members_of(tx, caller, *item, now).map_err(missing)?;
                targets.extend(members.into_iter().map(|machine| (machine, *item)));
            }
        }
    }
    let home = crate::store::tenants::find(tx, policy.tenant_id)?;
    let plan = policies::plan(tx, policy.id)?;
    let mut conflicts: Vec<Conflict> = Vec::new();
    for (machine, origin) in &targets {
        if !machine.tenant_path.starts_with(&home.path) {
            return Err(ApiError::bad(format!(
                "Machine {} is not in the tenant of the plan.",
                machine.id
            )));
        }
        let found = conflicts::of(tx, &plan, machine.id, *origin)?;
        let enabled = policy.enabled && found.is_empty();
        conflicts.extend(found);
        put(tx, policy.id, machine, *origin, enabled, now)?;
    }
    if conflicts.is_empty() {
        return Ok(Vec::new());
    }
    let issue = conflicts::issue(policy.id, &conflicts);
    if !wish.disable_on_conflict {
        return Err(ApiError::Blocked {
            info: "Other plans are in the way.".to_owned(),
            issues: json!([issue("error")]),
        });
    }
    Ok(vec![issue("warning")])
}

/// Keeps that a plan is applied to a machine, itself or as a member of a group.
pub(crate) fn put(
    db: &Connection,
    plan: Id,
    machine: &Machine,
    origin: Id,
    enabled: bool,
    now: Timestamp,
) -> Result<()> {
    let known = matching(
        db,
        "a.plan_id = ?1 AND a.resource_id = ?2",
        [plan, machine.id],
    )?;
    let mut origins = known
        .first()
        .map(|application| application.origins.clone())
        .unwrap_or_default();
    if !origins.contains(&origin) {
        origins.push(origin);
    }
    let origins: Vec<String> = origins.iter().map(Id::to_string).collect();
    db.prepare_cached(
        "INSERT INTO plan_applications (plan_id, resource_id, tenant_id, agent_id, enabled, origins, created_at,
                                        updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
         ON CONFLICT (plan_id, resource_id) DO UPDATE SET origins = excluded.origins, updated_at = excluded.updated_at",
    )?
    .execute(params![
        plan,
        machine.id,
        machine.tenant_id,
        machine.agent_id,
        enabled,
        json!(origins).to_string(),
        now
    ])?;
    Ok(())
}

/// Revokes all applications that fit. Finding none is as good.
pub(crate) fn revoke(tx: &Transaction<'_>, caller: &Caller, params: &Params) -> Result<()> {
    policies::ensure_no_selections(params)?;
    if params.all("context_id").is_empty() && params.all("policy_id").is_empty() {
        return Err(ApiError::bad(
            "context_id or policy_id says what to revoke.",
        ));
    }
    let mut wanted = Conditions::default();
    wanted.any(visible(caller, "t.path"));
    let ops = &[Op::Or, Op::Not];
    policies::in_plan(&mut wanted, params, "policy_id", "q.id", lists::id)?;
    // A group takes the plan from its members that have it from nowhere else.
    wanted.tests(params, "context_id", ops, |test| {
        let machine = test.on("a.resource_id", lists::id)?;
        let group = test.on("json_extract(a.origins, '$[0]')", lists::id)?;
        let and = if test.op == Some(Op::Not) {
            "AND"
        } else {
            "OR"
        };
        Ok(Condition {
            sql: format!("({} {and} {})", machine.sql, group.sql),
            values: [machine.values, group.values].concat(),
        })
    })?;
    const KEYS: &[Key] = &[Key {
        name: "number",
        sql: "a.number",
    }];
    let order = Order::parse(&Params::default(), KEYS, "asc(number)", "asc(number)")?;
    let all: Asked = Params::default().asked("revocation", &[], Ways::Both)?;
    let found = lists::page(
        tx,
        ("a.number, t.path", TABLES),
        &wanted,
        &order,
        &all,
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
    )?;
    for (number, path) in found.items {
        if caller.right_over(&path) != Some(Right::Manage) {
            return Err(ApiError::denied("This takes the right to change."));
        }
        tx.execute(
            "DELETE FROM plan_applications WHERE number = ?",
            [Sql::Integer(number)],
        )?;
    }
    Ok(())
}
