//! Tasks and their activities: what machines did, do, and are about to do.
//!
//! A row says when a run is enqueued, started and completed, and how it ends. What state it is in, how far it has come
//! and when it last changed follow from the time at which somebody looks.

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::alerts::{self, NewAlert};
use super::resources::Machine;
use super::{Store, tenants};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::lists::{self, Asked, Condition, Conditions, Key, Op, Order, Params, Slice, Test};

/// How a run ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// All went well.
    Ok,
    /// Something is to be looked at.
    Warning,
    /// It failed.
    Error,
}

impl Outcome {
    /// By its name; all that is neither is well.
    pub(crate) fn parse(name: &str) -> Outcome {
        match name {
            "error" => Outcome::Error,
            "warning" => Outcome::Warning,
            _ => Outcome::Ok,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Warning => "warning",
            Outcome::Error => "error",
        }
    }
}

/// A run that begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewRun<'a> {
    /// Where.
    pub machine: &'a Machine,
    /// Of which plan; none for what belongs to no plan.
    pub policy: Option<(Id, &'a str)>,
    /// `backup`, …
    pub policy_type: &'a str,
    /// Who started it.
    pub started_by: &'a str,
    /// When it is enqueued.
    pub at: Timestamp,
    /// How long until it is completed.
    pub millis: i64,
    /// How it ends.
    pub outcome: Outcome,
}

/// Before this no task was, and ids are small.
const EPOCH: i64 = 1_362_355_200_000;

/// Enqueues a run: a task with its activity, and the alert that a bad end will raise. The task's id.
pub(crate) fn start(db: &Connection, run: &NewRun<'_>) -> Result<i64> {
    let series = series(db, run)?;
    let started = run.at.plus_millis(run.millis / 10);
    let completed = run.at.plus_millis(run.millis);
    let bytes = match run.policy_type {
        "backup" => run.millis.saturating_mul(48 * 1024),
        _ => 0,
    };
    let mut insert = db.prepare_cached(
        "INSERT OR IGNORE INTO tasks (id, uuid, series, enqueued_at, started_at, completed_at, outcome, bytes)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    // Ids grow with the time; four bits are left for the activities of a task.
    let mut id = ((run.at.millis() - EPOCH) << 22) | ((series << 4) & 0x3f_ffff);
    let outcome = run.outcome.as_str();
    let uuid = loop {
        let uuid = Id::named(&format!("task {id}"));
        let row = params![id, uuid, series, run.at, started, completed, outcome, bytes];
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
    // Some backups have a part that is told by itself: sending what was read.
    if run.policy_type == "backup" && (run.at.seconds() / 60 + series) % 5 < 2 {
        let sending = run.at.plus_millis(run.millis / 2);
        let part = Id::named(&format!("activity {id} 2"));
        insert.execute(params![id + 2, part, id, id + 1, sending, completed])?;
    }
    if run.outcome != Outcome::Ok {
        alerts::raise(db, &NewAlert::of_run(run, uuid, activity, completed))?;
    }
    Ok(id)
}

/// Ends what a plan has running on a machine: task and activities are cancelled, parts that had not begun never do,
/// and no alert will tell of it.
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
        // The first activity is the task's own, from which the alert has its id.
        let activity: Id = db.query_row(
            "SELECT uuid FROM activities WHERE task_id = ? ORDER BY id LIMIT 1",
            [task],
            |row| row.get(0),
        )?;
        alerts::take_back(db, activity)?;
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

fn series(db: &Connection, run: &NewRun<'_>) -> Result<i64> {
    let (kind, queue) = kind(run.policy_type);
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

/// The type of the tasks of a kind of plan, and where they queue.
fn kind(policy_type: &str) -> (&'static str, &'static str) {
    match policy_type {
        // A type of old, which is a GUID.
        "backup" => ("8F01AC13-F59E-4851-9204-DE1FD77E36B4", "backup"),
        "update" => ("AgentUpdate", "updates"),
        "antimalware" => ("AntimalwareScan", "protection"),
        _ => ("PolicyRun", "default"),
    }
}

/// When the last run that is under way is completed.
pub(crate) fn due(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    Ok(db.query_row(
        "SELECT max(completed_at) FROM tasks WHERE completed_at > ?",
        [now],
        |row| row.get(0),
    )?)
}

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

/// A list of the task manager.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum List {
    /// Of tasks.
    Tasks,
    /// Of activities.
    Activities,
}

const STATE: &str =
    "CASE WHEN x.completed_at <= ?1 THEN 'completed' WHEN x.started_at <= ?1 THEN 'started'
    WHEN (k.enqueued_at + k.started_at) / 2 <= ?1 THEN 'assigned' ELSE 'enqueued' END";
/// When the progress last moved by a hundredth, or the state changed.
const UPDATED: &str = "CASE WHEN x.completed_at <= ?1 THEN x.completed_at
    WHEN x.started_at <= ?1 THEN x.started_at
        + (?1 - x.started_at) * 100 / max(x.completed_at - x.started_at, 1) * (x.completed_at - x.started_at) / 100
    WHEN (k.enqueued_at + k.started_at) / 2 <= ?1 THEN (k.enqueued_at + k.started_at) / 2
    ELSE k.enqueued_at END";
const STARTED: &str = "coalesce(CASE WHEN x.started_at <= ?1 THEN x.started_at END, 0)";
const COMPLETED: &str = "coalesce(CASE WHEN x.completed_at <= ?1 THEN x.completed_at END, 0)";
const ASSIGNED: &str = "coalesce(CASE WHEN (k.enqueued_at + k.started_at) / 2 <= ?1 \
    THEN (k.enqueued_at + k.started_at) / 2 END, 0)";

const TASK_KEYS: &[Key] = &[
    Key {
        name: "id",
        sql: "x.id",
    },
    Key {
        name: "uuid",
        sql: "x.uuid",
    },
    Key {
        name: "type",
        sql: "s.type",
    },
    Key {
        name: "priority",
        sql: "2",
    },
    Key {
        name: "startedByUser",
        sql: "s.started_by",
    },
    Key {
        name: "state",
        sql: STATE,
    },
    Key {
        name: "enqueuedAt",
        sql: "k.enqueued_at",
    },
    Key {
        name: "assignedAt",
        sql: ASSIGNED,
    },
    Key {
        name: "startedAt",
        sql: STARTED,
    },
    Key {
        name: "updatedAt",
        sql: UPDATED,
    },
    Key {
        name: "completedAt",
        sql: COMPLETED,
    },
];
const ACTIVITY_KEYS: &[Key] = &[
    Key {
        name: "id",
        sql: "x.id",
    },
    Key {
        name: "uuid",
        sql: "x.uuid",
    },
    Key {
        name: "type",
        sql: "s.type",
    },
    Key {
        name: "startedByUser",
        sql: "s.started_by",
    },
    Key {
        name: "state",
        sql: STATE,
    },
    Key {
        name: "createdAt",
        sql: "x.started_at",
    },
    Key {
        name: "startedAt",
        sql: STARTED,
    },
    Key {
        name: "updatedAt",
        sql: UPDATED,
    },
    Key {
        name: "completedAt",
        sql: COMPLETED,
    },
];

const STATES: &[&str] = &["enqueued", "assigned", "started", "paused", "completed"];
const RESULTS: &[&str] = &[
    "ok",
    "error",
    "warning",
    "cancelled",
    "abandoned",
    "timedout",
];
const PRIORITIES: &[&str] = &["low", "belowNormal", "normal", "aboveNormal", "high"];

impl List {
    /// What a cursor of it carries.
    pub(crate) const FILTERS: &[&str] = &[
        "order",
        "executorId",
        "id",
        "uuid",
        "type",
        "queue",
        "priority",
        "startedBy",
        "policyId",
        "policyName",
        "policyType",
        "resourceId",
        "resourceName",
        "resourceType",
        "taskId",
        "parentActivityId",
        "workflowId",
        "state",
        "resultCode",
        "enqueuedAt",
        "assignedAt",
        "createdAt",
        "startedAt",
        "updatedAt",
        "completedAt",
        "tag",
        "affinityAgentId",
        "affinityClusterId",
        "sustainable",
        "allow_deleted",
    ];

    /// As its path calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            List::Tasks => "tasks",
            List::Activities => "activities",
        }
    }

    /// In the order of the rows, so that the newest are found without looking at all.
    fn tables(self) -> &'static str {
        match self {
            List::Tasks => {
                "tasks x CROSS JOIN tasks k ON k.id = x.id CROSS JOIN task_series s ON s.number = k.series
                 CROSS JOIN tenants t ON t.number = s.tenant"
            }
            List::Activities => {
                "activities x CROSS JOIN tasks k ON k.id = x.task_id CROSS JOIN task_series s ON s.number = k.series
                 CROSS JOIN tenants t ON t.number = s.tenant"
            }
        }
    }

    fn columns(self) -> String {
        let own = match self {
            List::Tasks => "NULL, NULL",
            List::Activities => "x.task_id, x.parent_id",
        };
        format!(
            "x.id, x.uuid, {STATE}, {UPDATED}, k.enqueued_at, x.started_at, x.completed_at, k.outcome, k.bytes,
             s.type, s.queue, s.started_by, s.policy_id, s.policy_name, s.policy_type, s.resource_id,
             s.resource_name, s.agent_id, t.number, t.id, t.name, t.path, {own}"
        )
    }

    fn order(self, params: &Params) -> Result<Order> {
        let keys = match self {
            List::Tasks => TASK_KEYS,
            List::Activities => ACTIVITY_KEYS,
        };
        Order::parse(params, keys, "desc(id)", "desc(id)")
    }

    fn visible(self, db: &Connection, caller: &Caller, now: Timestamp) -> Result<Conditions> {
        let mut wanted = Conditions::with([Cell::Integer(now.millis())]);
        wanted.and(
            match self {
                List::Tasks => "k.enqueued_at <= ?1",
                List::Activities => "x.started_at <= ?1",
            },
            [],
        );
        let within = tenants::within(db, caller)?;
        wanted.and(within.sql, within.values);
        Ok(wanted)
    }

    fn wanted(self, mut wanted: Conditions, params: &Params) -> Result<Conditions> {
        use lists::{id, integer, text};
        let tasks = self == List::Tasks;
        for (name, column) in [
            ("type", "s.type"),
            ("policyId", "s.policy_id COLLATE NOCASE"),
            ("policyType", "s.policy_type"),
            ("resourceId", "s.resource_id COLLATE NOCASE"),
            ("resourceType", "'resource.machine'"),
            ("tag", "s.queue"),
        ] {
            wanted.filter(params, name, column, &[], text)?;
        }
        for (name, column) in [
            ("startedBy", "s.started_by"),
            ("policyName", "s.policy_name"),
            ("resourceName", "s.resource_name"),
        ] {
            wanted.filter(params, name, column, &[Op::Like], text)?;
        }
        wanted.filter(params, "id", "x.id", &[], integer)?;
        wanted.filter(params, "uuid", "x.uuid", &[], id)?;
        wanted.filter(params, "workflowId", "k.id", &[], integer)?;
        wanted.filter(params, "state", STATE, &[], |value| known(value, STATES))?;
        let result = "CASE WHEN x.completed_at <= ?1 THEN k.outcome END";
        wanted.filter(params, "resultCode", result, &[], |value| {
            known(value, RESULTS)
        })?;
        let mut times = vec![
            ("startedAt", STARTED),
            ("updatedAt", UPDATED),
            ("completedAt", COMPLETED),
        ];
        if tasks {
            times.extend([("enqueuedAt", "k.enqueued_at"), ("assignedAt", ASSIGNED)]);
            wanted.filter(params, "queue", "s.queue", &[], text)?;
            wanted.filter(params, "priority", "'normal'", &[], |value| {
                known(value, PRIORITIES)
            })?;
            for (name, column) in [
                ("executorId", "s.agent_id"),
                ("affinityAgentId", "s.agent_id"),
                ("affinityClusterId", "''"),
            ] {
                params.one(name)?;
                wanted.filter(params, name, column, &[], text)?;
            }
        } else {
            times.push(("createdAt", "x.started_at"));
            wanted.filter(params, "taskId", "x.task_id", &[], integer)?;
            wanted.filter(params, "parentActivityId", "x.parent_id", &[], integer)?;
            // None of those here is.
            if params.flag("sustainable")? {
                wanted.and("0", []);
            }
        }
        for (name, column) in times {
            between(&mut wanted, params, name, column)?;
        }
        // Tasks are never deleted here: it makes no difference, but has to make sense.
        params.flag("allow_deleted")?;
        Ok(wanted)
    }
}

/// Times are compared in nanoseconds, in which they may be asked for. One that comes twice is a range.
fn between(wanted: &mut Conditions, params: &Params, name: &str, column: &str) -> Result<()> {
    for text in params.all(name) {
        let test = Test::parse(name, text, Op::ORDERED)?;
        // What has not happened is neither before nor after anything.
        let condition = test
            .on(&format!("({column}) * 1000000"), lists::time)
            .map_err(|error| error.of_field(name))?;
        wanted.and(
            format!("({column}) > 0 AND {}", condition.sql),
            condition.values,
        );
    }
    Ok(())
}

fn known(value: &str, all: &[&str]) -> Result<Cell> {
    if all.contains(&value) {
        return lists::text(value);
    }
    Err(ApiError::bad(format!(
        "{value:?} is not one of {}.",
        all.join(", ")
    )))
}

impl Store {
    /// A page of tasks or activities.
    pub(crate) fn work(
        &self,
        caller: &Caller,
        list: List,
        asked: &Asked,
        detail: Detail,
        now: Timestamp,
    ) -> Result<Slice<Value>> {
        self.read(|db| {
            let wanted = list.wanted(list.visible(db, caller, now)?, &asked.params)?;
            let order = list.order(&asked.params)?;
            let select = (list.columns(), list.tables());
            lists::page(db, (&select.0, select.1), &wanted, &order, asked, |row| {
                shown(list, row, detail, now)
            })
        })
    }

    /// How many tasks or activities there are.
    pub(crate) fn count_work(
        &self,
        caller: &Caller,
        list: List,
        asked: &Asked,
        now: Timestamp,
    ) -> Result<i64> {
        self.read(|db| {
            let wanted = list.wanted(list.visible(db, caller, now)?, &asked.params)?;
            lists::count(db, list.tables(), &wanted)
        })
    }

    /// The task or activity of this number or UUID; else 404.
    pub(crate) fn one_work(
        &self,
        caller: &Caller,
        list: List,
        id: &str,
        detail: Detail,
        now: Timestamp,
    ) -> Result<Value> {
        let missing = || ApiError::NotFound(format!("There is no {id} among the {}.", list.name()));
        let key = match (id.parse::<i64>(), id.parse::<Id>()) {
            (Ok(number), _) => Condition {
                sql: "x.id = ?".to_owned(),
                values: vec![Cell::Integer(number)],
            },
            (_, Ok(uuid)) => Condition {
                sql: "x.uuid = ?".to_owned(),
                values: vec![Cell::Text(uuid.to_string())],
            },
            _ => {
                return Err(ApiError::bad(format!(
                    "{id:?} is neither a number nor a UUID."
                )));
            }
        };
        self.read(|db| {
            let mut wanted = list.visible(db, caller, now)?;
            wanted.and(key.sql, key.values);
            let asked = Asked::first(list.name());
            let order = list.order(&asked.params)?;
            let select = (list.columns(), list.tables());
            let found = lists::page(db, (&select.0, select.1), &wanted, &order, &asked, |row| {
                shown(list, row, detail, now)
            })?;
            found.items.into_iter().next().ok_or_else(missing)
        })
    }
}

/// A task or an activity as the platform shows it.
fn shown(list: List, row: &Row<'_>, detail: Detail, now: Timestamp) -> Result<Value> {
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
