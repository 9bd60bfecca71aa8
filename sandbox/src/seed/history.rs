//! What happened before the world was made: a month of nights with their backups, and what went wrong in them.
//!
//! Nothing in it is left to chance: same seed, same world.

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
/// A month and some days, so that who asks for a month gets a whole one.
const DAYS: i64 = 35;

/// A number between 0 and 100 that looks like chance.
fn luck(machine: &Machine, index: i64, day: i64) -> i64 {
    (machine.tenant_number * 131 + index * 37 + day * 61).rem_euclid(101)
}

/// The nightly runs of a plan that is applied, the last of them as the plan knows it.
pub(super) fn of_plan(db: &Connection, plan: &Applied, options: &SeedOptions) -> Result<()> {
    for machine in &plan.machines {
        for day in (0..DAYS.min(plan.run_count)).rev() {
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

/// Four backups a day of some machines, at most so many; how many it were.
pub(super) fn backups(
    db: &Connection,
    machines: &[Machine],
    plan: (Id, &str),
    options: &SeedOptions,
    age: i64,
    most: i64,
) -> Result<i64> {
    let mut tasks = 0;
    for (index, machine) in (0_i64..).zip(machines) {
        for quarter in (0..DAYS.min(age) * 4).rev() {
            if tasks == most {
                return Ok(tasks);
            }
            let luck = luck(machine, index, quarter);
            // Each machine has its minute, and takes longer at times than at others.
            let at = options
                .now
                .plus_millis(-(quarter + 1) * 6 * HOUR + (index * 7 + luck) * MINUTE);
            let run = NewRun {
                machine,
                policy: Some(plan),
                policy_type: "backup",
                started_by: "system",
                enqueued_at: at,
                millis: (6 + luck / 4) * MINUTE,
                outcome: match luck {
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

/// A weekly update or scan of each machine, and some that were away for a while.
pub(super) fn upkeep(
    db: &Connection,
    machines: &[Machine],
    options: &SeedOptions,
    age: i64,
) -> Result<()> {
    let now = options.now;
    for (index, machine) in (0_i64..).zip(machines) {
        for week in 0..DAYS.min(age) / 7 {
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
                outcome: match luck(machine, index, week) {
                    0..=3 => Outcome::Error,
                    _ => Outcome::Ok,
                },
            };
            tasks::start(db, &run)?;
        }
        let days_ago = 2 + luck(machine, index, 7) % 20;
        if (machine.tenant_number + index) % 2 == 0 && days_ago < age {
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
            // Half of them have been dismissed.
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
