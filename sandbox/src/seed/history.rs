//! The history of a world: a month of tasks, with the alerts of those that failed.
//!
//! Nothing in it is random: the same seed creates the same history.

use rusqlite::{Connection, params};

use super::SeedOptions;
use super::plans::Applied;
use crate::domain::{Id, Result};
use crate::store::alerts::{self, NewAlert};
use crate::store::plans::runs;
use crate::store::resources::Machine;
use crate::store::tasks::{self, NewRun, Outcome};

const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// More than a month, so that a query for a month returns a full one.
const HISTORY_DAYS: i64 = 35;

/// A pseudo-random number from 0 to 100.
fn pseudo_random(machine: &Machine, index: i64, day: i64) -> i64 {
    (machine.tenant_number * 131 + index * 37 + day * 61).rem_euclid(101)
}

/// Adds the nightly runs of an applied plan.
pub(super) fn plan_runs(db: &Connection, plan: &Applied, options: &SeedOptions) -> Result<()> {
    for machine in &plan.machines {
        for day in (0..HISTORY_DAYS.min(plan.run_count)).rev() {
            let at = plan.last_run.plus_millis(-day * DAY);
            if at.plus_millis(runs::RUN_MILLIS) > options.now {
                continue;
            }
            let outcome = runs::outcome(plan.plan_id, machine.id, plan.run_count - day);
            let run = NewRun {
                machine,
                policy: Some((plan.backup_id, &plan.name)),
                policy_type: "backup",
                started_by: "system",
                enqueued_at: at,
                millis: runs::RUN_MILLIS,
                outcome: Outcome::parse(outcome),
            };
            tasks::start(db, &run)?;
        }
    }
    Ok(())
}

/// Adds four backups per day and machine, at most `limit` in total. Returns how many were added.
pub(super) fn backups(
    db: &Connection,
    machines: &[Machine],
    plan: (Id, &str),
    options: &SeedOptions,
    age_days: i64,
    limit: i64,
) -> Result<i64> {
    let mut tasks = 0;
    for (index, machine) in (0_i64..).zip(machines) {
        for quarter in (0..HISTORY_DAYS.min(age_days) * 4).rev() {
            if tasks == limit {
                return Ok(tasks);
            }
            let number = pseudo_random(machine, index, quarter);
            // Start and duration differ between machines and runs.
            let at = options
                .now
                .plus_millis(-(quarter + 1) * 6 * HOUR + (index * 7 + number) * MINUTE);
            let run = NewRun {
                machine,
                policy: Some(plan),
                policy_type: "backup",
                started_by: "system",
                enqueued_at: at,
                millis: (6 + number / 4) * MINUTE,
                outcome: match number {
                    0..=1 => Outcome::Error,
                    2..=6 => Outcome::Warning,
                    _ => Outcome::Ok,
                },
            };
            tasks::start(db, &run)?;
            tasks += 1;
        }
    }
    Ok(tasks)
}

/// Adds a weekly update or scan of each machine, and alerts about machines that were offline.
pub(super) fn updates_and_scans(
    db: &Connection,
    machines: &[Machine],
    options: &SeedOptions,
    age_days: i64,
) -> Result<()> {
    let now = options.now;
    for (index, machine) in (0_i64..).zip(machines) {
        for week in 0..HISTORY_DAYS.min(age_days) / 7 {
            let at = now.plus_millis(-(week * 7 + index % 7 + 1) * DAY + index * MINUTE);
            let run = NewRun {
                machine,
                policy: None,
                policy_type: if week % 2 == 0 {
                    "update"
                } else {
                    "antimalware"
                },
                started_by: "system",
                enqueued_at: at,
                millis: 4 * MINUTE,
                outcome: match pseudo_random(machine, index, week) {
                    0..=3 => Outcome::Error,
                    _ => Outcome::Ok,
                },
            };
            tasks::start(db, &run)?;
        }
        let days_ago = 2 + pseudo_random(machine, index, 7) % 20;
        if (machine.tenant_number + index) % 2 == 0 && days_ago < age_days {
            let at = alerts::nanos(now.plus_millis(-days_ago * DAY - index * HOUR));
            let id = Id::named(&format!("offline {}", machine.id));
            alerts::raise(
                db,
                &NewAlert {
                    id,
                    tenant_number: machine.tenant_number,
                    kind: "MachineOffline30".to_owned(),
                    severity: None,
                    category: None,
                    affinity: machine.agent_id.to_string(),
                    source: None,
                    source_time_stamp: None,
                    details: alerts::machine_details(machine.id, &machine.name),
                    created_at: at,
                    received_at: at,
                },
            )?;
            // Half of the alerts are dismissed.
            if index % 4 < 2 {
                let dismissed = at + 6 * HOUR * 1_000_000;
                db.prepare_cached(
                    "UPDATE alerts SET deleted_at = ?2, updated_at = ?2 WHERE id = ?1",
                )?
                .execute(params![id, dismissed])?;
            }
        }
    }
    Ok(())
}
