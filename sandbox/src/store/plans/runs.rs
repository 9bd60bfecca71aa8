//! Runs of a plan: a span of time, and what becomes of them.

use rusqlite::{Connection, Transaction, params};
use serde_json::{Value, json};

use super::applications::{self, Application};
use super::policies::Policy;
use super::{BACKUP, policies, schedule, stamp};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::store::{resources, tasks};

/// How long a backup takes at speed 1.
pub(crate) const WORK_MILLIS: i64 = 60_000;

/// The last run of a plan on a machine.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// How many there have been.
    pub count: i64,
    /// When it began.
    pub from: Option<Timestamp>,
    /// When it ends, or has ended.
    pub until: Option<Timestamp>,
    /// What becomes of it: ok, warning, error, cancelled.
    pub outcome: String,
    /// The last success before it.
    pub success_at: Option<Timestamp>,
}

impl Run {
    /// Whether it goes on.
    pub(crate) fn goes_on(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until > now)
    }

    /// How far it has come, in hundredths.
    pub(crate) fn progress(&self, now: Timestamp) -> i64 {
        let (Some(from), Some(until)) = (self.from, self.until) else {
            return 0;
        };
        let (done, all) = (now.millis() - from.millis(), until.millis() - from.millis());
        (done.saturating_mul(100) / all.max(1)).clamp(0, 99)
    }

    /// The last success: its own, if it is one that has ended.
    pub(crate) fn last_success(&self, now: Timestamp) -> Option<Timestamp> {
        match self.until {
            Some(until) if until <= now && matches!(self.outcome.as_str(), "ok" | "warning") => {
                Some(until)
            }
            _ => self.success_at,
        }
    }
}

/// How a policy of a plan does on a machine, as the service answers it.
#[derive(Debug)]
pub(crate) struct Doing {
    /// `running`, `idle`, `warning`, …
    pub status: &'static str,
    /// State, activities and progress.
    pub running: Value,
    /// When it ran last.
    pub last_run: Option<String>,
    /// When it ran well last.
    pub last_success: Option<String>,
    /// When it will run by its schedule.
    pub next_run: Option<String>,
}

/// How a policy does. Policies that are no backup work all the time and run never.
pub(crate) fn doing(policy: &Policy, application: &Application, now: Timestamp) -> Doing {
    let idle = json!({ "state": "idle" });
    let active = policy.enabled && application.enabled;
    if policy.policy_type != BACKUP {
        return Doing {
            status: "idle",
            running: idle,
            last_run: None,
            last_success: None,
            next_run: None,
        };
    }
    let run = &application.run;
    let next = policy
        .settings
        .as_ref()
        .filter(|_| active)
        .and_then(|settings| schedule::next(settings, now));
    let (status, running) = if run.goes_on(now) {
        let running =
            json!({ "state": "running", "activities": ["backup"], "progress": run.progress(now) });
        ("running", running)
    } else {
        let status = match (run.until, run.outcome.as_str()) {
            (Some(_), "warning") => "warning",
            (Some(_), "error") => "error",
            (None, _) if next.is_some() => "scheduled",
            _ => "idle",
        };
        (status, idle)
    };
    Doing {
        status,
        running,
        last_run: run.from.map(stamp),
        last_success: run.last_success(now).map(stamp),
        next_run: next.map(stamp),
    }
}

/// What is to be run or stopped.
#[derive(Debug)]
pub(crate) struct Order {
    /// The plan, or a policy of it.
    pub policy_id: Id,
    /// On which machines; none for all it is applied to.
    pub machines: Option<Vec<Id>>,
    /// How long a run takes.
    pub millis: i64,
}

/// The applications that an order is about; 400 where the plan is applied to none of the machines.
fn ordered(
    tx: &Transaction<'_>,
    caller: &Caller,
    order: &Order,
) -> Result<(Policy, Vec<Application>)> {
    let policy =
        policies::require_access(tx, caller, order.policy_id, Right::Manage).map_err(|error| {
            match error {
                // 404 is none of the documented answers.
                ApiError::NotFound(info) => ApiError::BadRequest(info),
                other => other,
            }
        })?;
    let mut found = applications::matching(tx, "a.plan_id = ?", [policy.root_id])?;
    if let Some(machines) = &order.machines {
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
            "The plan {} is applied to nothing.",
            policy.root_id
        )));
    }
    Ok((policy, found))
}

/// Runs a plan now. On a machine where it runs already, it goes on.
pub(crate) fn start(
    tx: &Transaction<'_>,
    caller: &Caller,
    order: &Order,
    now: Timestamp,
) -> Result<()> {
    let (policy, applications) = ordered(tx, caller, order)?;
    let plan = policies::plan(tx, policy.root_id)?;
    let root = plan.first().cloned().unwrap_or_else(|| policy.clone());
    let runs = |it: &&Policy| {
        it.policy_type == BACKUP && it.enabled && (policy.is_root() || it.id == policy.id)
    };
    let Some(backup) = plan.iter().find(runs).filter(|_| root.enabled) else {
        return Err(ApiError::bad(format!(
            "The plan {} has nothing enabled to run.",
            root.id
        )));
    };
    for application in applications {
        if application.run.goes_on(now) || !application.enabled {
            continue;
        }
        let run = &application.run;
        let outcome = outcome(application.plan_id, application.resource_id, run.count);
        tx.execute(
            "UPDATE plan_applications SET runs = runs + 1, run_from = ?1, run_until = ?2, outcome = ?3, success_at = ?4,
                    updated_at = ?1
             WHERE number = ?5",
            params![
                now,
                now.plus_millis(order.millis),
                outcome,
                run.last_success(now),
                application.number
            ],
        )?;
        let machine = resources::machine(tx, caller, application.resource_id, now)?;
        note(
            tx,
            &machine,
            backup,
            &root,
            caller,
            (now, order.millis, outcome),
        )?;
    }
    Ok(())
}

/// Makes the task and the activity of a run.
fn note(
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
        at,
        millis,
        outcome: tasks::Outcome::parse(outcome),
    };
    tasks::start(tx, &run).map(drop)
}

/// What becomes of a run: mostly well, at times not; for the same plan, machine and count always the same. The first
/// one is well, so that who begins is not met with an error.
pub(crate) fn outcome(plan: Id, machine: Id, count: i64) -> &'static str {
    if count == 0 {
        return "ok";
    }
    // FNV-1a: any hash that is the same everywhere.
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

/// As if a plan had run on a machine so many times by its schedule, the last time at this moment.
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
        last.plus_millis(WORK_MILLIS),
        outcome(plan, machine, count),
        before.plus_millis(WORK_MILLIS),
        plan,
        machine
    ])?;
    Ok(())
}

/// Stops what runs.
pub(crate) fn stop(
    tx: &Transaction<'_>,
    caller: &Caller,
    order: &Order,
    now: Timestamp,
) -> Result<bool> {
    let (_, applications) = ordered(tx, caller, order)?;
    let mut stopped = false;
    for application in applications.iter().filter(|it| it.run.goes_on(now)) {
        stopped = true;
        tx.execute(
            "UPDATE plan_applications SET run_until = ?1, outcome = 'cancelled', updated_at = ?1 WHERE number = ?2",
            params![now, application.number],
        )?;
        tasks::cancel(tx, application.resource_id, application.plan_id, now)?;
    }
    Ok(stopped)
}
