//! How well a machine is protected by the plans that are applied to it.

use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::applications::matching;
use super::{ROOT, policies, runs};
use crate::clock::Timestamp;
use crate::domain::{Id, Result};

/// The protection of a machine, in the parts of a resource status.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    /// `{running, names, status}`.
    pub aggregate: Value,
    /// `[{type, last_run_time, last_success_run_time, next_run_time}]`.
    pub policies: Vec<Value>,
}

/// The worst first.
const WORST: [&str; 6] = [
    "running",
    "critical",
    "error",
    "warning",
    "scheduled",
    "idle",
];

/// How well a machine is protected at a moment.
pub(crate) fn status_of(db: &Connection, resource: Id, now: Timestamp) -> Result<Status> {
    let mut names = Vec::new();
    let mut worst = (WORST.len(), json!({ "state": "idle" }));
    let mut executions = Vec::new();
    for application in matching(db, "a.resource_id = ?", [resource])? {
        for policy in policies::plan(db, application.plan_id)? {
            if policy.policy_type == ROOT {
                names.push(policy.name.clone());
                continue;
            }
            let doing = runs::doing(&policy, &application, now);
            let rank = WORST.iter().position(|status| *status == doing.status);
            if rank.is_some_and(|rank| rank < worst.0) {
                worst = (rank.unwrap_or(WORST.len()), doing.running);
            }
            let mut execution = Map::new();
            execution.insert("type".to_owned(), policy.policy_type.as_str().into());
            for (field, time) in [
                ("last_run_time", doing.last_run),
                ("last_success_run_time", doing.last_success),
                ("next_run_time", doing.next_run),
            ] {
                if let Some(time) = time {
                    execution.insert(field.to_owned(), time.into());
                }
            }
            executions.push(Value::Object(execution));
        }
    }
    let mut aggregate = json!({
        "running": worst.1,
        "status": WORST.get(worst.0).copied().unwrap_or("idle"),
    });
    if let Some(aggregate) = aggregate.as_object_mut() {
        match names.is_empty() {
            true => aggregate.insert("status".to_owned(), "no_policies_applied".into()),
            false => aggregate.insert("names".to_owned(), names.join(", ").into()),
        };
    }
    Ok(Status {
        aggregate,
        policies: executions,
    })
}

/// When the last of the runs that go on will have ended.
pub(crate) fn due(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    Ok(db
        .prepare_cached("SELECT max(run_until) FROM plan_applications WHERE run_until > ?")?
        .query_row([now], |row| row.get(0))?)
}
