//! A task or an activity: its row, and how much of it is shown.

use rusqlite::Row;
use serde_json::{Value, json};

use super::List;
use crate::clock::Timestamp;
use crate::domain::{Id, Result};

/// How much of a task or an activity is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Detail {
    /// What is required.
    Tiny,
    /// And when, how, by whom.
    Short,
    /// And what about.
    Long,
    /// All.
    Full,
}

impl Detail {
    fn keeps(self, field: &str) -> bool {
        const TINY: &[&str] = &[
            "id",
            "idString",
            "taskId",
            "taskIdString",
            "type",
            "queue",
            "priority",
            "state",
            "tenant",
            "issuer",
            "executor",
            "cancelRequested",
            "assignCount",
            "enqueuedAt",
            "createdAt",
            "updatedAt",
        ];
        const SHORT: &[&str] = &[
            "uuid",
            "result",
            "assignedAt",
            "startedAt",
            "completedAt",
            "startedByUser",
        ];
        const LONG: &[&str] = &[
            "parentActivityId",
            "parentActivityIdString",
            "progress",
            "policy",
            "resource",
            "tags",
            "workflowId",
            "context",
        ];
        TINY.contains(&field)
            || (self != Detail::Tiny && SHORT.contains(&field))
            || (self == Detail::Long && LONG.contains(&field))
            || self == Detail::Full
    }

    /// What of this is shown.
    fn of(self, mut whole: Value) -> Value {
        if let Some(fields) = whole.as_object_mut() {
            fields.retain(|field, value| self.keeps(field) && !value.is_null());
        }
        whole
    }
}

/// A task or an activity as the platform shows it.
pub(super) fn shown(list: List, row: &Row<'_>, detail: Detail, now: Timestamp) -> Result<Value> {
    let id: i64 = row.get(0)?;
    let uuid: Id = row.get(1)?;
    let state: String = row.get(2)?;
    let updated: Timestamp = row.get(3)?;
    let (enqueued, started, completed): (Timestamp, Timestamp, Timestamp) =
        (row.get(4)?, row.get(5)?, row.get(6)?);
    let (outcome, bytes): (String, i64) = (row.get(7)?, row.get(8)?);
    let (kind, queue, started_by): (String, String, String) =
        (row.get(9)?, row.get(10)?, row.get(11)?);
    let (policy_id, policy_name, policy_type): (Option<String>, Option<String>, Option<String>) =
        (row.get(12)?, row.get(13)?, row.get(14)?);
    let (resource_id, resource_name, agent): (String, String, String) =
        (row.get(15)?, row.get(16)?, row.get(17)?);
    let (number, tenant, tenant_name, path): (i64, Id, String, String) =
        (row.get(18)?, row.get(19)?, row.get(20)?, row.get(21)?);
    let (task, parent): (Option<i64>, Option<i64>) = (row.get(22)?, row.get(23)?);

    let whole = (completed.millis() - started.millis()).max(1);
    let percent = ((now.millis() - started.millis()) * 100 / whole).clamp(0, 100);
    let is_completed = state == "completed";
    let is_started = is_completed || state == "started";
    let assigned = Timestamp::from_millis((enqueued.millis() + started.millis()) / 2);
    let progress = is_started.then(|| {
        let mut progress = json!({ "current": percent, "total": 100 });
        if let Some(fields) = progress.as_object_mut() {
            if bytes > 0 {
                fields.insert("bytesProcessed".to_owned(), (bytes / 100 * percent).into());
                fields.insert("bytesSaved".to_owned(), (bytes / 400 * percent).into());
            }
            if !is_completed {
                let left = completed.millis() - now.millis();
                fields.insert("leftTime".to_owned(), duration(left).into());
            }
        }
        progress
    });
    let actor = json!({ "id": agent, "clusterId": "" });
    let mut answer = json!({
        "id": id,
        "idString": id.to_string(),
        "uuid": uuid,
        "type": kind,
    });
    let rest = match list {
        List::Tasks => json!({
            "queue": queue,
            "priority": "normal",
            "issuer": actor,
            "cancellable": true,
            "cancelRequested": false,
            "sustainable": false,
            "assignCount": i64::from(assigned <= now),
            "maxAssignCount": 1,
            "heartBeatInterval": "1m",
            "enqueuedAt": stamp(enqueued),
            "assignedAt": (assigned <= now).then(|| stamp(assigned)),
            "affinity": { "agentId": agent, "clusterId": "" },
        }),
        List::Activities => json!({
            "taskId": task,
            "taskIdString": task.map(|id| id.to_string()),
            "parentActivityId": parent,
            "parentActivityIdString": parent.map(|id| id.to_string()),
            "createdAt": stamp(started),
        }),
    };
    let common = json!({
        "state": state,
        "result": is_completed.then(|| result(&outcome)),
        "progress": progress,
        "tenant": { "id": number.to_string(), "uuid": tenant, "name": tenant_name, "locator": path },
        "executor": (assigned <= now).then(|| actor.clone()),
        "startedByUser": started_by,
        "policy": policy_id.map(|id| json!({ "id": id, "name": policy_name, "type": policy_type })),
        "resource": { "id": resource_id, "name": resource_name, "type": "resource.machine" },
        "workflowId": task.unwrap_or(id),
        "tags": [queue],
        "context": {
            "IsProcessRoot": parent.is_none(),
            "MachineName": resource_name,
            "runMode": if started_by == "system" { "scheduled" } else { "manual" },
            "title": title(&kind, parent.is_some()),
        },
        "startedAt": is_started.then(|| stamp(started)),
        "updatedAt": stamp(updated),
        "completedAt": is_completed.then(|| stamp(completed)),
    });
    if let Some(answer) = answer.as_object_mut() {
        for part in [rest, common] {
            if let Value::Object(part) = part {
                answer.extend(part);
            }
        }
    }
    Ok(detail.of(answer))
}

fn title(kind: &str, is_part: bool) -> &'static str {
    match kind {
        _ if is_part => "Sending to the storage",
        "AgentUpdate" => "Updating the agent",
        "AntimalwareScan" => "Scanning for malware",
        "PolicyRun" => "Running a plan",
        _ => "Backing up",
    }
}

fn result(outcome: &str) -> Value {
    let issue = |code: &str, message: &str| json!({ "domain": "VaultManager", "code": code, "reason": code, "debug": { "msg": message } });
    match outcome {
        "error" => {
            json!({ "code": outcome, "error": issue("VaultUnavailable", "The storage did not answer.") })
        }
        "warning" => json!({
            "code": outcome,
            "warnings": [issue("FilesSkipped", "Some files were in use and were left out.")],
        }),
        _ => json!({ "code": outcome }),
    }
}

/// As the platform writes times here.
fn stamp(at: Timestamp) -> String {
    format!("{at}.{:03}Z", at.millis().rem_euclid(1000))
}

/// `1h25m43s`.
fn duration(millis: i64) -> String {
    let seconds = (millis + 999) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}
