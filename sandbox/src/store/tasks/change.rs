//! Starts and cancels runs.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;

use super::{NewRun, Outcome};
use crate::clock::Timestamp;
use crate::domain::{Id, Result};
use crate::store::alerts::{self, NewAlert};

/// The zero point of task ids, which keeps them small.
const EPOCH: i64 = 1_362_355_200_000;

/// Records a run: a task with its activities, and the alert that it raises if it does not succeed. Returns the task id.
pub(crate) fn start(db: &Connection, run: &NewRun<'_>) -> Result<i64> {
    let series = series(db, run)?;
    let started = run.enqueued_at.plus_millis(run.millis / 10);
    let completed = run.enqueued_at.plus_millis(run.millis);
    let bytes = match run.policy_type {
        "backup" => run.millis.saturating_mul(48 * 1024),
        _ => 0,
    };
    let mut insert = db.prepare_cached(
        "INSERT OR IGNORE INTO tasks (id, uuid, series, enqueued_at, started_at, completed_at, outcome, bytes)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    // Ids increase with time; the lowest four bits number the activities of a task.
    let mut id = ((run.enqueued_at.millis() - EPOCH) << 22) | ((series << 4) & 0x3f_ffff);
    let outcome = run.outcome.as_str();
    let uuid = loop {
        let uuid = Id::named(&format!("task {id}"));
        let row = params![
            id,
            uuid,
            series,
            run.enqueued_at,
            started,
            completed,
            outcome,
            bytes
        ];
        if insert.execute(row)? == 1 {
            break uuid;
        }
        id += 16;
    };
    let mut insert = db.prepare_cached(
        "INSERT INTO activities (id, uuid, task_id, parent_id, started_at, completed_at)
         VALUES (?, ?, ?, ?, ?, ?)",
    )?;
    let activity = Id::named(&format!("activity {id}"));
    insert.execute(params![
        id + 1,
        activity,
        id,
        None::<i64>,
        started,
        completed
    ])?;
    // Some backups have a child activity: the transfer to the storage.
    if run.policy_type == "backup" && (run.enqueued_at.seconds() / 60 + series) % 5 < 2 {
        let sending = run.enqueued_at.plus_millis(run.millis / 2);
        let child = Id::named(&format!("activity {id} 2"));
        insert.execute(params![id + 2, child, id, id + 1, sending, completed])?;
    }
    if run.outcome != Outcome::Ok {
        alerts::raise(db, &failure_alert(run, uuid, activity, completed))?;
    }
    Ok(id)
}

/// The alert of a run that ended with a warning or an error.
fn failure_alert(run: &NewRun<'_>, task: Id, activity: Id, at: Timestamp) -> NewAlert {
    let kind = match (run.policy_type, run.outcome) {
        ("backup", Outcome::Error) => "BackupFailed",
        ("backup", _) => "BackupSucceededWithWarnings",
        ("antimalware", _) => "MalwareDetected",
        _ => "AgentUpdateFailed",
    };
    let mut details = alerts::machine_details(run.machine.id, &run.machine.name);
    if let Some((id, name)) = run.policy {
        details.insert("planId".to_owned(), id.into());
        details.insert("planName".to_owned(), name.into());
    }
    details.insert("activityId".to_owned(), activity.into());
    details.insert("activity".to_owned(), json!({ "id": activity }));
    details.insert("taskId".to_owned(), task.into());
    NewAlert {
        id: alerts::alert_id(activity),
        tenant_number: run.machine.tenant_number,
        kind: kind.to_owned(),
        severity: None,
        category: None,
        affinity: run.machine.agent_id.to_string(),
        source: None,
        source_time_stamp: None,
        details,
        created_at: alerts::nanos(at),
        received_at: alerts::nanos(at),
    }
}

/// Cancels the running tasks of a plan on a machine. Activities that have not started are deleted, as is the alert that
/// the task would have raised.
pub(crate) fn cancel(db: &Connection, machine: Id, plan: Id, now: Timestamp) -> Result<()> {
    let running: Vec<i64> = db
        .prepare_cached(
            "SELECT k.id FROM tasks k JOIN task_series s ON s.number = k.series
             WHERE s.resource_id = ? AND k.completed_at > ?
             AND s.policy_id IN (SELECT id FROM plan_policies WHERE root_id = ?)",
        )?
        .query_map(params![machine, now, plan], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for task in running {
        // The id of the alert is derived from the first activity.
        let activity: Id = db.query_row(
            "SELECT uuid FROM activities WHERE task_id = ? ORDER BY id LIMIT 1",
            [task],
            |row| row.get(0),
        )?;
        alerts::withdraw(db, activity)?;
        db.execute(
            "UPDATE tasks SET outcome = 'cancelled', started_at = min(started_at, ?1), completed_at = ?1 WHERE id = ?2",
            params![now, task],
        )?;
        db.execute(
            "DELETE FROM activities WHERE task_id = ?2 AND parent_id IS NOT NULL AND started_at > ?1",
            params![now, task],
        )?;
        db.execute(
            "UPDATE activities SET started_at = min(started_at, ?1), completed_at = ?1
             WHERE task_id = ?2 AND completed_at > ?1",
            params![now, task],
        )?;
    }
    Ok(())
}

/// Finds or creates the series of a run: the runs of one policy on one machine.
fn series(db: &Connection, run: &NewRun<'_>) -> Result<i64> {
    let (kind, queue) = task_type(run.policy_type);
    let policy = run.policy.map(|(id, _)| id);
    let known = db
        .prepare_cached(
            "SELECT number FROM task_series WHERE resource_id = ? AND type = ? AND policy_id IS ?
             AND policy_name IS ? AND started_by = ? AND resource_name = ? AND tenant = ?",
        )?
        .query_row(
            params![
                run.machine.id,
                kind,
                policy,
                run.policy.map(|(_, name)| name),
                run.started_by,
                run.machine.name,
                run.machine.tenant_number,
            ],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(number) = known {
        return Ok(number);
    }
    db.prepare_cached(
        "INSERT INTO task_series (tenant, type, queue, started_by, policy_id, policy_name, policy_type, resource_id,
             resource_name, agent_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        run.machine.tenant_number,
        kind,
        queue,
        run.started_by,
        policy,
        run.policy.map(|(_, name)| name),
        policy.map(|_| run.policy_type),
        run.machine.id,
        run.machine.name,
        run.machine.agent_id,
    ])?;
    Ok(db.last_insert_rowid())
}

/// The type and the queue of the tasks of a policy type.
fn task_type(policy_type: &str) -> (&'static str, &'static str) {
    match policy_type {
        // Old task types are GUIDs.
        "backup" => ("8F01AC13-F59E-4851-9204-DE1FD77E36B4", "backup"),
        "update" => ("AgentUpdate", "updates"),
        "antimalware" => ("AntimalwareScan", "protection"),
        _ => ("PolicyRun", "default"),
    }
}
