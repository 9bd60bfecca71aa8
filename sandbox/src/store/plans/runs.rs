//! Runs of plans.

use rusqlite::{Connection, Transaction, params};

use super::applications::{self, Application};
use super::policies::{Policy, not_found_to_bad_request};
use super::{BACKUP, policies, schedule};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::store::{resources, tasks};

/// The duration of a backup at speed 1.
pub(crate) const RUN_MILLIS: i64 = 60_000;

/// The last run of a plan on a machine.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// The number of runs so far.
    pub count: i64,
    pub started_at: Option<Timestamp>,
    /// May be in the future.
    pub ends_at: Option<Timestamp>,
    /// `ok`, `warning`, `error` or `cancelled`.
    pub outcome: String,
    /// The last success before this run.
    pub success_at: Option<Timestamp>,
}

impl Run {
    pub(crate) fn is_running(&self, now: Timestamp) -> bool {
        self.ends_at.is_some_and(|end| end > now)
    }

    /// The progress in percent, at most 99.
    fn percent(&self, now: Timestamp) -> i64 {
        let (Some(start), Some(end)) = (self.started_at, self.ends_at) else {
            return 0;
        };
        let elapsed = now.millis() - start.millis();
        let duration = end.millis() - start.millis();
        (elapsed.saturating_mul(100) / duration.max(1)).clamp(0, 99)
    }

    /// When a run last ended successfully.
    pub(crate) fn last_success(&self, now: Timestamp) -> Option<Timestamp> {
        match self.ends_at {
            Some(end) if end <= now && matches!(self.outcome.as_str(), "ok" | "warning") => {
                Some(end)
            }
            _ => self.success_at,
        }
    }
}

/// The execution of a policy on a machine.
#[derive(Clone, Debug)]
pub(crate) struct Execution {
    /// `running`, `idle`, `warning`, …
    pub status: &'static str,
    /// The progress in percent of a run in progress.
    pub progress: Option<i64>,
    pub last_run: Option<Timestamp>,
    pub last_success: Option<Timestamp>,
    /// The next scheduled run.
    pub next_run: Option<Timestamp>,
}

impl Execution {
    const IDLE: Self = Self {
        status: "idle",
        progress: None,
        last_run: None,
        last_success: None,
        next_run: None,
    };
}

/// The execution of a policy at a time. Only backups have runs; all other policies are always idle.
pub(crate) fn execution(policy: &Policy, application: &Application, now: Timestamp) -> Execution {
    if policy.policy_type != BACKUP {
        return Execution::IDLE;
    }
    let run = &application.last_run;
    let is_enabled = policy.enabled && application.enabled;
    let next_run = policy
        .settings
        .as_ref()
        .filter(|_| is_enabled)
        .and_then(|settings| schedule::next_run(settings, now));
    let status = match (run.ends_at, run.outcome.as_str()) {
        _ if run.is_running(now) => "running",
        (Some(_), "warning") => "warning",
        (Some(_), "error") => "error",
        (None, _) if next_run.is_some() => "scheduled",
        _ => "idle",
    };
    Execution {
        status,
        progress: run.is_running(now).then(|| run.percent(now)),
        last_run: run.started_at,
        last_success: run.last_success(now),
        next_run,
    }
}

/// A request to start or stop a plan.
#[derive(Debug)]
pub(crate) struct RunRequest {
    /// The plan, or a policy of it.
    pub policy_id: Id,
    /// The machines; `None` for all that the plan is applied to.
    pub machines: Option<Vec<Id>>,
    /// The duration of a run.
    pub millis: i64,
}

/// The applications that a request selects; 400 unless the plan is applied to every requested machine, or to at least
/// one if none is given.
fn requested(
    tx: &Transaction<'_>,
    caller: &Caller,
    request: &RunRequest,
) -> Result<(Policy, Vec<Application>)> {
    let policy = policies::require_access(tx, caller, request.policy_id, Right::Manage)
        .map_err(not_found_to_bad_request)?;
    let mut found = applications::matching(tx, "a.plan_id = ?", [policy.root_id])?;
    if let Some(machines) = &request.machines {
        if let Some(other) = machines
            .iter()
            .find(|id| !found.iter().any(|it| it.resource_id == **id))
        {
            return Err(ApiError::bad(format!(
                "The plan {} is not applied to machine {other}.",
                policy.root_id
            )));
        }
        found.retain(|application| machines.contains(&application.resource_id));
    }
    if found.is_empty() {
        return Err(ApiError::bad(format!(
            "The plan {} is not applied to any machine.",
            policy.root_id
        )));
    }
    Ok((policy, found))
}

/// Starts a plan. On machines where it is already running, nothing changes.
pub(crate) fn start(
    tx: &Transaction<'_>,
    caller: &Caller,
    request: &RunRequest,
    now: Timestamp,
) -> Result<()> {
    let (policy, applications) = requested(tx, caller, request)?;
    let plan = policies::plan(tx, policy.root_id)?;
    let root = plan.first().cloned().unwrap_or_else(|| policy.clone());
    let is_requested_backup = |it: &&Policy| {
        it.policy_type == BACKUP && it.enabled && (policy.is_root() || it.id == policy.id)
    };
    let Some(backup) = plan
        .iter()
        .find(is_requested_backup)
        .filter(|_| root.enabled)
    else {
        return Err(ApiError::bad(format!(
            "The plan {} has no enabled policy that can be run.",
            root.id
        )));
    };
    for application in applications {
        if application.last_run.is_running(now) || !application.enabled {
            continue;
        }
        let run = &application.last_run;
        let outcome = outcome(application.plan_id, application.resource_id, run.count);
        tx.execute(
            "UPDATE plan_applications SET runs = runs + 1, run_from = ?1, run_until = ?2, outcome = ?3, success_at = ?4,
                    updated_at = ?1
             WHERE number = ?5",
            params![
                now,
                now.plus_millis(request.millis),
                outcome,
                run.last_success(now),
                application.number
            ],
        )?;
        let machine = resources::machine(tx, caller, application.resource_id, now)?;
        record_task(
            tx,
            &machine,
            backup,
            &root,
            caller,
            (now, request.millis, outcome),
        )?;
    }
    Ok(())
}

/// Records the task and the activities of a run.
fn record_task(
    tx: &Transaction<'_>,
    machine: &resources::Machine,
    backup: &Policy,
    root: &Policy,
    caller: &Caller,
    (at, millis, outcome): (Timestamp, i64, &'static str),
) -> Result<()> {
    let run = tasks::NewRun {
        machine,
        policy: Some((backup.id, &root.name)),
        policy_type: "backup",
        started_by: &caller.name,
        enqueued_at: at,
        millis,
        outcome: tasks::Outcome::parse(outcome),
    };
    tasks::start(tx, &run).map(drop)
}

/// The outcome of a run: mostly `ok`, and always the same for the same plan, machine and count. The first run always
/// succeeds.
pub(crate) fn outcome(plan: Id, machine: Id, count: i64) -> &'static str {
    if count == 0 {
        return "ok";
    }
    // FNV-1a: the result must not depend on the platform or the Rust version.
    let hash = format!("{plan} {machine} {count}")
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    match hash % 20 {
        0 => "error",
        1 | 2 => "warning",
        _ => "ok",
    }
}

/// Records that a plan has run `count` times on a machine, last at `last`.
pub(crate) fn seed(
    db: &Connection,
    plan: Id,
    machine: Id,
    (count, last): (i64, Timestamp),
) -> Result<()> {
    let before = Timestamp::from_millis(last.millis() - 24 * 60 * 60 * 1000);
    db.prepare_cached(
        "UPDATE plan_applications SET runs = ?, run_from = ?, run_until = ?, outcome = ?, success_at = ?
         WHERE plan_id = ? AND resource_id = ?",
    )?
    .execute(params![
        count,
        last,
        last.plus_millis(RUN_MILLIS),
        outcome(plan, machine, count),
        before.plus_millis(RUN_MILLIS),
        plan,
        machine
    ])?;
    Ok(())
}

/// Stops the running applications. Returns whether there were any.
pub(crate) fn stop(
    tx: &Transaction<'_>,
    caller: &Caller,
    request: &RunRequest,
    now: Timestamp,
) -> Result<bool> {
    let (_, applications) = requested(tx, caller, request)?;
    let mut stopped = false;
    for application in applications.iter().filter(|it| it.last_run.is_running(now)) {
        stopped = true;
        tx.execute(
            "UPDATE plan_applications SET run_until = ?1, outcome = 'cancelled', updated_at = ?1 WHERE number = ?2",
            params![now, application.number],
        )?;
        tasks::cancel(tx, application.resource_id, application.plan_id, now)?;
    }
    Ok(stopped)
}
