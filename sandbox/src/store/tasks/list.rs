//! The lists of tasks and activities: filters, order and pages.

use rusqlite::Connection;
use rusqlite::types::Value as Cell;

use super::row::{Work, from_row};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::lists::{
    self, Condition, Conditions, CursorPage, Filter, Key, Op, Order, PageRequest, Params,
};
use crate::store::{Store, tenants};

/// The two kinds of work of the task manager.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum WorkKind {
    Task,
    Activity,
}

const STATE: &str =
    "CASE WHEN x.completed_at <= ?1 THEN 'completed' WHEN x.started_at <= ?1 THEN 'started'
    WHEN (k.enqueued_at + k.started_at) / 2 <= ?1 THEN 'assigned' ELSE 'enqueued' END";
/// When the progress last changed by one percent, or the state changed.
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

impl WorkKind {
    /// The parameters that a cursor contains.
    pub(crate) const FILTERS: &'static [&'static str] = &[
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

    /// The name of the list in the path.
    pub(crate) fn list_name(self) -> &'static str {
        match self {
            Self::Task => "tasks",
            Self::Activity => "activities",
        }
    }

    /// `CROSS JOIN` keeps the order of the rows, so that the newest are found without a full scan.
    fn tables(self) -> &'static str {
        match self {
            Self::Task => {
                "tasks x CROSS JOIN tasks k ON k.id = x.id CROSS JOIN task_series s ON s.number = k.series
                 CROSS JOIN tenants t ON t.number = s.tenant"
            }
            Self::Activity => {
                "activities x CROSS JOIN tasks k ON k.id = x.task_id CROSS JOIN task_series s ON s.number = k.series
                 CROSS JOIN tenants t ON t.number = s.tenant"
            }
        }
    }

    fn columns(self) -> String {
        let own = match self {
            Self::Task => "NULL, NULL",
            Self::Activity => "x.task_id, x.parent_id",
        };
        format!(
            "x.id, x.uuid, {STATE}, {UPDATED}, k.enqueued_at, x.started_at, x.completed_at, k.outcome, k.bytes,
             s.type, s.queue, s.started_by, s.policy_id, s.policy_name, s.policy_type, s.resource_id,
             s.resource_name, s.agent_id, t.number, t.id, t.name, t.path, {own}"
        )
    }

    fn order(self, params: &Params) -> Result<Order> {
        let keys = match self {
            Self::Task => TASK_KEYS,
            Self::Activity => ACTIVITY_KEYS,
        };
        Order::parse(params, keys, "desc(id)", "desc(id)")
    }

    fn visible(self, db: &Connection, caller: &Caller, now: Timestamp) -> Result<Conditions> {
        let mut conditions = Conditions::with_values([Cell::Integer(now.millis())]);
        conditions.and(
            match self {
                Self::Task => "k.enqueued_at <= ?1",
                Self::Activity => "x.started_at <= ?1",
            },
            [],
        );
        let within = tenants::within(db, caller)?;
        conditions.and(within.sql, within.values);
        Ok(conditions)
    }

    fn filter(self, mut conditions: Conditions, params: &Params) -> Result<Conditions> {
        use lists::{id, integer, text};
        for (name, column) in [
            ("type", "s.type"),
            ("policyId", "s.policy_id COLLATE NOCASE"),
            ("policyType", "s.policy_type"),
            ("resourceId", "s.resource_id COLLATE NOCASE"),
            ("resourceType", "'resource.machine'"),
            ("tag", "s.queue"),
        ] {
            conditions.filter(params, name, column, &[], text)?;
        }
        for (name, column) in [
            ("startedBy", "s.started_by"),
            ("policyName", "s.policy_name"),
            ("resourceName", "s.resource_name"),
        ] {
            conditions.filter(params, name, column, &[Op::Like], text)?;
        }
        conditions.filter(params, "id", "x.id", &[], integer)?;
        conditions.filter(params, "uuid", "x.uuid", &[], id)?;
        conditions.filter(params, "workflowId", "k.id", &[], integer)?;
        conditions.filter(params, "state", STATE, &[], |value| one_of(value, STATES))?;
        let result = "CASE WHEN x.completed_at <= ?1 THEN k.outcome END";
        conditions.filter(params, "resultCode", result, &[], |value| {
            one_of(value, RESULTS)
        })?;
        let mut times = vec![
            ("startedAt", STARTED),
            ("updatedAt", UPDATED),
            ("completedAt", COMPLETED),
        ];
        if self == Self::Task {
            times.extend([("enqueuedAt", "k.enqueued_at"), ("assignedAt", ASSIGNED)]);
            conditions.filter(params, "queue", "s.queue", &[], text)?;
            conditions.filter(params, "priority", "'normal'", &[], |value| {
                one_of(value, PRIORITIES)
            })?;
            for (name, column) in [
                ("executorId", "s.agent_id"),
                ("affinityAgentId", "s.agent_id"),
                ("affinityClusterId", "''"),
            ] {
                params.one(name)?;
                conditions.filter(params, name, column, &[], text)?;
            }
        } else {
            times.push(("createdAt", "x.started_at"));
            conditions.filter(params, "taskId", "x.task_id", &[], integer)?;
            conditions.filter(params, "parentActivityId", "x.parent_id", &[], integer)?;
            // No activity is sustainable.
            if params.flag("sustainable")? {
                conditions.and("0", []);
            }
        }
        for (name, column) in times {
            time_range(&mut conditions, params, name, column)?;
        }
        // Tasks are never deleted, so the value makes no difference. It must still be valid.
        params.flag("allow_deleted")?;
        Ok(conditions)
    }
}

/// Compares times in nanoseconds, the precision of the parameters. Repeated parameters form a range.
fn time_range(
    conditions: &mut Conditions,
    params: &Params,
    name: &str,
    column: &str,
) -> Result<()> {
    for text in params.all(name) {
        let filter = Filter::parse(name, text, Op::ORDERED)?;
        // An event that has not happened yet matches no range.
        let condition = filter
            .condition(&format!("({column}) * 1000000"), lists::time)
            .map_err(|error| error.of_field(name))?;
        conditions.and(
            format!("({column}) > 0 AND {}", condition.sql),
            condition.values,
        );
    }
    Ok(())
}

fn one_of(value: &str, allowed: &[&str]) -> Result<Cell> {
    if allowed.contains(&value) {
        return lists::text(value);
    }
    Err(ApiError::bad(format!(
        "{value:?} is not one of {}.",
        allowed.join(", ")
    )))
}

impl Store {
    /// A page of tasks or activities.
    pub(crate) fn list_work(
        &self,
        caller: &Caller,
        kind: WorkKind,
        request: &PageRequest,
        now: Timestamp,
    ) -> Result<CursorPage<Work>> {
        self.read(|db| {
            let conditions = kind.filter(kind.visible(db, caller, now)?, &request.params)?;
            let order = kind.order(&request.params)?;
            let columns = kind.columns();
            lists::page(
                db,
                (&columns, kind.tables()),
                &conditions,
                &order,
                request,
                from_row,
            )
        })
    }

    /// Counts tasks or activities.
    pub(crate) fn count_work(
        &self,
        caller: &Caller,
        kind: WorkKind,
        request: &PageRequest,
        now: Timestamp,
    ) -> Result<i64> {
        self.read(|db| {
            let conditions = kind.filter(kind.visible(db, caller, now)?, &request.params)?;
            lists::count(db, kind.tables(), &conditions)
        })
    }

    /// Finds a task or an activity by its integer id or UUID; 404 if there is none.
    pub(crate) fn find_work(
        &self,
        caller: &Caller,
        kind: WorkKind,
        id: &str,
        now: Timestamp,
    ) -> Result<Work> {
        let missing = || ApiError::NotFound(format!("{id} was not found in {}.", kind.list_name()));
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
                    "{id:?} is neither an integer nor a UUID."
                )));
            }
        };
        self.read(|db| {
            let mut conditions = kind.visible(db, caller, now)?;
            conditions.and(key.sql, key.values);
            let request = PageRequest::whole_list(kind.list_name());
            let order = kind.order(&request.params)?;
            let columns = kind.columns();
            let found = lists::page(
                db,
                (&columns, kind.tables()),
                &conditions,
                &order,
                &request,
                from_row,
            )?;
            found.items.into_iter().next().ok_or_else(missing)
        })
    }
}
