//! The lists of tasks and activities: filters, orders and pages.

use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::Value;

use super::row::{Detail, shown};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::lists::{self, Asked, Condition, Conditions, Key, Op, Order, Params, Slice, Test};
use crate::store::{Store, tenants};

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
