//! Applications of plans to machines.

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row, Transaction, params};

use super::conflicts::{self, Conflict};
use super::policies::{self, Policy, not_found_to_bad_request};
use super::runs::Run;
use super::visible;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::lists::{self, Condition, Conditions, CursorPage, Key, Op, Order, PageRequest, Params};
use crate::store::resources::{self, Machine};
use crate::store::tenants;

/// The application of a plan to a machine.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    /// The position in the list.
    pub number: i64,
    /// The root policy.
    pub plan_id: Id,
    pub resource_id: Id,
    /// The legacy integer id of the machine's tenant.
    pub tenant_number: i64,
    pub agent_id: Id,
    /// Whether the plan is enabled on this machine.
    pub enabled: bool,
    /// What the plan was applied to: the machine itself, or groups that contain it.
    pub origins: Vec<Id>,
    pub last_run: Run,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

const COLUMNS: &str =
    "a.number, a.plan_id, a.resource_id, t.number, a.agent_id, a.enabled, a.origins, a.created_at,
    a.updated_at, a.runs, a.run_from, a.run_until, a.outcome, a.success_at";
const TABLES: &str = "plan_applications a JOIN tenants t ON t.id = a.tenant_id JOIN plan_policies p ON p.id = a.plan_id";

fn from_row(row: &Row<'_>) -> Result<Application> {
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
        last_run: Run {
            count: row.get(9)?,
            started_at: row.get(10)?,
            ends_at: row.get(11)?,
            outcome: row.get(12)?,
            success_at: row.get(13)?,
        },
    })
}

/// Applications that match an SQL condition, the newest first.
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
        found.push(from_row(row)?);
    }
    Ok(found)
}

/// The parameters that a cursor contains.
pub(crate) const FILTERS: &[&str] = &[
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

/// Selects the policies of an applied plan that a list shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct PolicySelection {
    policy_types: Option<Vec<String>>,
    policy_ids: Option<Vec<String>>,
}

impl PolicySelection {
    pub(crate) fn parse(query: &Params) -> Result<Self> {
        let values = |name: &str| -> Result<Option<Vec<String>>> {
            let mut values = Vec::new();
            for text in query.all(name) {
                let filter = lists::Filter::parse(name, text, &[Op::Or, Op::Not])?;
                if filter.op == Some(Op::Not) {
                    return Ok(None);
                }
                values.extend(filter.values.iter().map(|one| one.to_ascii_lowercase()));
            }
            Ok(Some(values).filter(|values| !values.is_empty()))
        };
        Ok(Self {
            policy_types: values("policy_type")?,
            policy_ids: values("policy_id")?,
        })
    }

    /// Whether a policy is selected. The id of a plan also selects its children.
    pub(crate) fn contains(&self, policy: &Policy) -> bool {
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

/// A page of the matching applications, the newest first, and their total number.
pub(crate) fn list(
    db: &Connection,
    caller: &Caller,
    request: &PageRequest,
    now: Timestamp,
) -> Result<(CursorPage<Application>, i64)> {
    let query = &request.params;
    let ops = &[Op::Or, Op::Not];
    let mut conditions = Conditions::default();
    conditions.any_of(visible(caller, "t.path"));
    policies::tenant_filter(&mut conditions, query)?;
    conditions.filter(query, "agent_id", "a.agent_id", ops, lists::id)?;
    conditions.filter(query, "context_id", "a.resource_id", ops, lists::id)?;
    policies::in_plan(&mut conditions, query, "policy_id", "q.id", lists::id)?;
    policies::in_plan(&mut conditions, query, "policy_type", "q.type", lists::text)?;
    // Plans are applied to machines only, and deployed at once.
    for (name, sql) in [
        ("context_type", "'resource.machine'"),
        ("deployment_state", "'deployed'"),
    ] {
        conditions.filter(query, name, sql, ops, lists::text)?;
    }
    let (state, status) = states_sql(now);
    conditions.filter(query, "execution_state", &state, ops, lists::text)?;
    conditions.filter(query, "status", &status, ops, lists::text)?;
    if query.flag("enabled_only")? {
        conditions.and("a.enabled = 1 AND p.enabled = 1", []);
    }
    if query.flag("direct_only")? {
        conditions.and("a.origins = '[\"' || a.resource_id || '\"]'", []);
    }
    if query.flag("empty_link_only")? || query.one("issue_types")?.is_some() {
        // Applications have no issues in the sandbox.
        conditions.and("0", []);
    }
    if !query.flag("include_temporaries")? {
        conditions.and("p.temporary = 0", []);
    }
    const KEYS: &[Key] = &[Key {
        name: "number",
        sql: "a.number",
    }];
    let order = Order::parse(&Params::default(), KEYS, "desc(number)", "desc(number)")?;
    let total = lists::count(db, TABLES, &conditions)?;
    let page = lists::page(
        db,
        (COLUMNS, TABLES),
        &conditions,
        &order,
        request,
        from_row,
    )?;
    Ok((page, total))
}

/// SQL expressions for the execution state and the status at a time.
pub(super) fn states_sql(now: Timestamp) -> (String, String) {
    let now = now.millis();
    let state = format!("CASE WHEN a.run_until > {now} THEN 'running' ELSE 'idle' END");
    let status = format!(
        "CASE WHEN a.run_until > {now} THEN 'running'
              WHEN a.run_until IS NOT NULL AND a.outcome IN ('warning', 'error') THEN a.outcome
              WHEN a.run_until IS NULL THEN 'scheduled' ELSE 'idle' END"
    );
    (state, status)
}

/// A request to apply a plan.
#[derive(Debug)]
pub(crate) struct ApplyRequest {
    /// The root policy.
    pub plan_id: Id,
    /// Machines or groups.
    pub items: Vec<Id>,
}

/// Applies a plan to machines and to the members of groups. On machines where it conflicts with another plan, it is
/// applied but not enabled. Returns the conflicts.
pub(crate) fn apply(
    tx: &Transaction<'_>,
    caller: &Caller,
    request: &ApplyRequest,
    now: Timestamp,
) -> Result<Vec<Conflict>> {
    let policy = policies::require_access(tx, caller, request.plan_id, Right::Manage)
        .map_err(not_found_to_bad_request)?;
    if !policy.is_root() {
        return Err(ApiError::bad(format!(
            "policy_id: {} is not the root of a plan.",
            policy.id
        )));
    }
    if policy.template {
        return Err(ApiError::not_simulated("Applying a template"));
    }
    let mut targets: Vec<(Machine, Id)> = Vec::new();
    for item in &request.items {
        match resources::machine(tx, caller, *item, now) {
            Ok(machine) => targets.push((machine, *item)),
            Err(_) => {
                let members = resources::members_of(tx, caller, *item, now)
                    .map_err(not_found_to_bad_request)?;
                targets.extend(members.into_iter().map(|machine| (machine, *item)));
            }
        }
    }
    let plan_tenant = tenants::find(tx, policy.tenant_id)?;
    let plan = policies::plan(tx, policy.id)?;
    let mut conflicts: Vec<Conflict> = Vec::new();
    for (machine, origin) in &targets {
        if !machine.tenant_path.starts_with(&plan_tenant.path) {
            return Err(ApiError::bad(format!(
                "Machine {} is not in the tenant of the plan.",
                machine.id
            )));
        }
        let found = conflicts::find(tx, &plan, machine.id, *origin)?;
        let enabled = policy.enabled && found.is_empty();
        conflicts.extend(found);
        put(tx, policy.id, machine, *origin, enabled, now)?;
    }
    Ok(conflicts)
}

/// Records that a plan is applied to a machine, directly or through a group.
pub(crate) fn put(
    db: &Connection,
    plan: Id,
    machine: &Machine,
    origin: Id,
    enabled: bool,
    now: Timestamp,
) -> Result<()> {
    let existing = matching(
        db,
        "a.plan_id = ?1 AND a.resource_id = ?2",
        [plan, machine.id],
    )?;
    let mut origins = existing
        .first()
        .map(|application| application.origins.clone())
        .unwrap_or_default();
    if !origins.contains(&origin) {
        origins.push(origin);
    }
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
        serde_json::to_string(&origins)?,
        now
    ])?;
    Ok(())
}

/// Revokes all matching applications. It is not an error if there are none.
pub(crate) fn revoke(tx: &Transaction<'_>, caller: &Caller, params: &Params) -> Result<()> {
    policies::ensure_no_selections(params)?;
    if params.all("context_id").is_empty() && params.all("policy_id").is_empty() {
        return Err(ApiError::bad(
            "Give context_id or policy_id to select the applications to revoke.",
        ));
    }
    let mut conditions = Conditions::default();
    conditions.any_of(visible(caller, "t.path"));
    let ops = &[Op::Or, Op::Not];
    policies::in_plan(&mut conditions, params, "policy_id", "q.id", lists::id)?;
    // Revoking a plan from a group revokes it from the members that have the plan from this group first.
    conditions.filter_with(params, "context_id", ops, |filter| {
        let machine = filter.condition("a.resource_id", lists::id)?;
        let group = filter.condition("json_extract(a.origins, '$[0]')", lists::id)?;
        let and = if filter.op == Some(Op::Not) {
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
    let all = PageRequest::whole_list("applications");
    let found = lists::page(
        tx,
        ("a.number, t.path", TABLES),
        &conditions,
        &order,
        &all,
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
    )?;
    for (number, path) in found.items {
        if caller.right_over(&path) != Some(Right::Manage) {
            return Err(ApiError::denied(
                "The caller is not allowed to change this application.",
            ));
        }
        tx.execute(
            "DELETE FROM plan_applications WHERE number = ?",
            [Sql::Integer(number)],
        )?;
    }
    Ok(())
}
