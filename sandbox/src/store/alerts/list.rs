//! The list of alerts: filters, orders and pages.

use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::Value;

use super::row::{Alert, from_row};
use super::{missing, nanos, rank};
use crate::clock::Timestamp;
use crate::domain::{Caller, Id, Result};
use crate::lists::{self, Asked, Conditions, Key, Op, Order, Params, Slice};
use crate::store::{Store, tenants};

/// The filters of alerts, as a cursor carries them.
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

/// What the caller can see of the alerts at all.
pub(crate) fn visible(db: &Connection, caller: &Caller, now: Timestamp) -> Result<Conditions> {
    let mut wanted = Conditions::with([Cell::Integer(nanos(now))]);
    wanted.and("a.received_at <= ?1", []);
    let within = tenants::within(db, caller)?;
    wanted.and(within.sql, within.values);
    wanted.and(
        "a.type NOT IN (SELECT id FROM alert_types WHERE enabled = 0)",
        [],
    );
    Ok(wanted)
}

/// What is asked for.
pub(crate) fn matching(mut wanted: Conditions, params: &Params) -> Result<Conditions> {
    use lists::{id, integer, text};
    for (name, column) in [
        ("created_at", "a.created_at"),
        ("updated_at", "a.updated_at"),
        ("deleted_at", "a.deleted_at"),
        ("source_time_stamp", "a.source_time_stamp"),
    ] {
        params.one(name)?;
        wanted.filter(params, name, column, Op::ORDERED, integer)?;
    }
    let severities = [Op::ORDERED, &[Op::Or]].concat();
    wanted.filter(params, "severity", "a.severity", &severities, |value| {
        rank(value).map(Cell::Integer)
    })?;
    wanted.filter(params, "id", "a.id", &[Op::Or], id)?;
    wanted.filter(params, "tenant", "t.id", &[Op::Or], id)?;
    for (name, column) in [
        ("type", "a.type"),
        ("category", "a.category"),
        ("planId", "a.plan_id COLLATE NOCASE"),
        ("resourceId", "a.resource_id COLLATE NOCASE"),
    ] {
        wanted.filter(params, name, column, &[Op::Or, Op::Eq], text)?;
    }
    for (name, column) in [
        ("planName", "a.plan_name COLLATE NOCASE"),
        ("resourceName", "a.resource_name COLLATE NOCASE"),
    ] {
        wanted.tests(params, name, &[Op::Eq, Op::Or], |test| {
            test.bare_is(Op::Like).on(column, text)
        })?;
    }
    params.one("source")?;
    wanted.filter(params, "source", "a.source", &[], text)?;
    params.one("query")?;
    wanted.tests(params, "query", &[], |test| {
        let both = "coalesce(a.plan_name, '') || char(10) || coalesce(a.resource_name, '')";
        test.bare_is(Op::Like).on(&format!("({both})"), text)
    })?;
    for skipped in params.all("skip") {
        wanted.and(
            "a.id <> ?",
            [id(skipped).map_err(|error| error.of_field("skip"))?],
        );
    }
    let only = params.flag("show_deleted_only")?;
    if only {
        wanted.and("a.deleted_at IS NOT NULL", []);
    } else if !params.flag("show_deleted")? {
        wanted.and("a.deleted_at IS NULL", []);
    }
    Ok(wanted)
}

/// All alerts that fulfil this, the newest of the most severe first.
pub(crate) fn all(db: &Connection, wanted: &Conditions) -> Result<Vec<Alert>> {
    let asked = Asked::first("alerts");
    let order = Order::parse(
        &asked.params,
        KEYS,
        "desc(severity),desc(created_at)",
        "asc(id)",
    )?;
    Ok(lists::page(db, (COLUMNS, TABLES), wanted, &order, &asked, from_row)?.items)
}

impl Store {
    /// A page of alerts.
    pub(crate) fn alerts(
        &self,
        caller: &Caller,
        asked: &Asked,
        now: Timestamp,
    ) -> Result<Slice<Value>> {
        self.read(|db| {
            let wanted = matching(visible(db, caller, now)?, &asked.params)?;
            let order = Order::parse(&asked.params, KEYS, "desc(created_at)", "asc(id)")?;
            lists::page(db, (COLUMNS, TABLES), &wanted, &order, asked, |row| {
                Ok(from_row(row)?.shown)
            })
        })
    }

    /// All alerts that are asked for.
    pub(crate) fn all_alerts(
        &self,
        caller: &Caller,
        params: &Params,
        now: Timestamp,
    ) -> Result<Vec<Alert>> {
        self.read(|db| all(db, &matching(visible(db, caller, now)?, params)?))
    }

    /// The alert of this id, a dismissed one where asked for; else 404.
    pub(crate) fn alert(
        &self,
        caller: &Caller,
        id: Id,
        deleted: bool,
        now: Timestamp,
    ) -> Result<Value> {
        self.read(|db| {
            let mut wanted = visible(db, caller, now)?;
            wanted.and("a.id = ?", [Cell::Text(id.to_string())]);
            if !deleted {
                wanted.and("a.deleted_at IS NULL", []);
            }
            let found = all(db, &wanted)?.into_iter().next();
            found.map(|alert| alert.shown).ok_or_else(|| missing(id))
        })
    }
}
