//! The protection status of a machine.

use rusqlite::Connection;

use super::applications::matching;
use super::runs::{self, Execution};
use super::{ROOT, policies};
use crate::clock::Timestamp;
use crate::domain::{Id, Result};

/// The protection of a machine by the plans that are applied to it.
#[derive(Clone, Debug)]
pub(crate) struct Protection {
    pub plan_names: Vec<String>,
    /// The worst status of all policies.
    pub status: &'static str,
    /// The progress in percent, if the worst policy is running.
    pub progress: Option<i64>,
    pub executions: Vec<(String, Execution)>,
}

/// The statuses, worst first.
const BY_PRIORITY: [&str; 6] = [
    "running",
    "critical",
    "error",
    "warning",
    "scheduled",
    "idle",
];

/// The protection of a machine at a time.
pub(crate) fn protection_of(db: &Connection, resource: Id, now: Timestamp) -> Result<Protection> {
    let mut plan_names = Vec::new();
    let mut executions: Vec<(String, Execution)> = Vec::new();
    for application in matching(db, "a.resource_id = ?", [resource])? {
        for policy in policies::plan(db, application.plan_id)? {
            if policy.policy_type == ROOT {
                plan_names.push(policy.name);
            } else {
                let execution = runs::execution(&policy, &application, now);
                executions.push((policy.policy_type, execution));
            }
        }
    }
    let priority = |status: &str| {
        let position = BY_PRIORITY.iter().position(|known| *known == status);
        position.unwrap_or(BY_PRIORITY.len())
    };
    let worst = executions
        .iter()
        .map(|(_, execution)| execution)
        .min_by_key(|execution| priority(execution.status));
    Ok(Protection {
        status: worst.map_or("idle", |execution| execution.status),
        progress: worst.and_then(|execution| execution.progress),
        plan_names,
        executions,
    })
}

/// When the last run in progress will end.
pub(crate) fn due(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    Ok(db
        .prepare_cached("SELECT max(run_until) FROM plan_applications WHERE run_until > ?")?
        .query_row([now], |row| row.get(0))?)
}
