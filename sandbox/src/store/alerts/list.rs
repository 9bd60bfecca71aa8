//! The list of alerts: filters, order and pages.

use rusqlite::Connection;
use rusqlite::types::Value as Cell;

use super::row::{Alert, from_row};
use super::{nanos, not_found, severity_rank};
use crate::clock::Timestamp;
use crate::domain::{Caller, Id, Result};
use crate::lists::{self, Conditions, CursorPage, Key, Op, Order, PageRequest, Params};
use crate::store::{Store, tenants};

/// The parameters that a cursor contains.
pub(crate) const FILTERS: &[&str] = &[
    "order",
    "skip",
    "tenant",
    "deleted_at",
    "id",
    "query",
    "severity",
    "show_deleted",
    "show_deleted_only",
    "source",
    "source_time_stamp",
    "type",
    "updated_at",
    "created_at",
    "category",
    "planId",
    "resourceId",
    "planName",
    "resourceName",
];

const TABLES: &str = "alerts a CROSS JOIN tenants t ON t.number = a.tenant";
const COLUMNS: &str = "a.id, a.type, a.category, a.severity, a.affinity, a.source, a.source_time_stamp, a.details,
    a.created_at, a.received_at, a.updated_at, a.deleted_at, a.false_positive, t.number, t.id, t.path";
const KEYS: &[Key] = &[
    Key {
        name: "created_at",
        sql: "a.created_at",
    },
    Key {
        name: "type",
        sql: "a.type",
    },
    Key {
        name: "severity",
        sql: "a.severity",
    },
    Key {
        name: "source",
        sql: "coalesce(a.source, '')",
    },
    Key {
        name: "source_time_stamp",
        sql: "coalesce(a.source_time_stamp, 0)",
    },
    Key {
        name: "updated_at",
        sql: "a.updated_at",
    },
    Key {
        name: "deleted_at",
        sql: "coalesce(a.deleted_at, 0)",
    },
    Key {
        name: "category",
        sql: "a.category",
    },
    Key {
        name: "planId",
        sql: "coalesce(a.plan_id, '')",
    },
    Key {
        name: "planName",
        sql: "coalesce(a.plan_name, '')",
    },
    Key {
        name: "resourceId",
        sql: "coalesce(a.resource_id, '')",
    },
    Key {
        name: "resourceName",
        sql: "coalesce(a.resource_name, '')",
    },
    Key {
        name: "id",
        sql: "a.id",
    },
];

/// The alerts that the caller can see.
pub(crate) fn visible(db: &Connection, caller: &Caller, now: Timestamp) -> Result<Conditions> {
    let mut conditions = Conditions::with_values([Cell::Integer(nanos(now))]);
    conditions.and("a.received_at <= ?1", []);
    let within = tenants::within(db, caller)?;
    conditions.and(within.sql, within.values);
    conditions.and(
        "a.type NOT IN (SELECT id FROM alert_types WHERE enabled = 0)",
        [],
    );
    Ok(conditions)
}

/// Adds the filters of a query.
pub(crate) fn matching(mut conditions: Conditions, params: &Params) -> Result<Conditions> {
    use lists::{id, integer, text};
    for (name, column) in [
        ("created_at", "a.created_at"),
        ("updated_at", "a.updated_at"),
        ("deleted_at", "a.deleted_at"),
        ("source_time_stamp", "a.source_time_stamp"),
    ] {
        params.one(name)?;
        conditions.filter(params, name, column, Op::ORDERED, integer)?;
    }
    let severities = [Op::ORDERED, &[Op::Or]].concat();
    conditions.filter(params, "severity", "a.severity", &severities, |value| {
        severity_rank(value).map(Cell::Integer)
    })?;
    conditions.filter(params, "id", "a.id", &[Op::Or], id)?;
    conditions.filter(params, "tenant", "t.id", &[Op::Or], id)?;
    for (name, column) in [
        ("type", "a.type"),
        ("category", "a.category"),
        ("planId", "a.plan_id COLLATE NOCASE"),
        ("resourceId", "a.resource_id COLLATE NOCASE"),
    ] {
        conditions.filter(params, name, column, &[Op::Or, Op::Eq], text)?;
    }
    for (name, column) in [
        ("planName", "a.plan_name COLLATE NOCASE"),
        ("resourceName", "a.resource_name COLLATE NOCASE"),
    ] {
        conditions.filter_with(params, name, &[Op::Eq, Op::Or], |filter| {
            filter.with_default_op(Op::Like).condition(column, text)
        })?;
    }
    params.one("source")?;
    conditions.filter(params, "source", "a.source", &[], text)?;
    params.one("query")?;
    conditions.filter_with(params, "query", &[], |filter| {
        let both = "coalesce(a.plan_name, '') || char(10) || coalesce(a.resource_name, '')";
        filter
            .with_default_op(Op::Like)
            .condition(&format!("({both})"), text)
    })?;
    for skipped in params.all("skip") {
        conditions.and(
            "a.id <> ?",
            [id(skipped).map_err(|error| error.of_field("skip"))?],
        );
    }
    let only = params.flag("show_deleted_only")?;
    if only {
        conditions.and("a.deleted_at IS NOT NULL", []);
    } else if !params.flag("show_deleted")? {
        conditions.and("a.deleted_at IS NULL", []);
    }
    Ok(conditions)
}

/// All matching alerts, the most severe first, then the newest.
pub(crate) fn all(db: &Connection, conditions: &Conditions) -> Result<Vec<Alert>> {
    let request = PageRequest::whole_list("alerts");
    let order = Order::parse(
        &request.params,
        KEYS,
        "desc(severity),desc(created_at)",
        "asc(id)",
    )?;
    Ok(lists::page(
        db,
        (COLUMNS, TABLES),
        conditions,
        &order,
        &request,
        from_row,
    )?
    .items)
}

impl Store {
    /// A page of alerts.
    pub(crate) fn alerts(
        &self,
        caller: &Caller,
        request: &PageRequest,
        now: Timestamp,
    ) -> Result<CursorPage<Alert>> {
        self.read(|db| {
            let conditions = matching(visible(db, caller, now)?, &request.params)?;
            let order = Order::parse(&request.params, KEYS, "desc(created_at)", "asc(id)")?;
            lists::page(
                db,
                (COLUMNS, TABLES),
                &conditions,
                &order,
                request,
                from_row,
            )
        })
    }

    /// All alerts that match the query.
    pub(crate) fn all_alerts(
        &self,
        caller: &Caller,
        params: &Params,
        now: Timestamp,
    ) -> Result<Vec<Alert>> {
        self.read(|db| all(db, &matching(visible(db, caller, now)?, params)?))
    }

    /// Finds an alert; 404 if there is none, or if it is dismissed and `deleted` is false.
    pub(crate) fn alert(
        &self,
        caller: &Caller,
        id: Id,
        deleted: bool,
        now: Timestamp,
    ) -> Result<Alert> {
        self.read(|db| {
            let mut conditions = visible(db, caller, now)?;
            conditions.and("a.id = ?", [Cell::Text(id.to_string())]);
            if !deleted {
                conditions.and("a.deleted_at IS NULL", []);
            }
            let found = all(db, &conditions)?.into_iter().next();
            found.ok_or_else(|| not_found(id))
        })
    }
}
