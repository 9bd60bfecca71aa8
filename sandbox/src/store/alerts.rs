//! Alerts: raised, looked for, dismissed.
//!
//! An alert whose time of receipt is in the future has not come yet. Dismissing is soft: who asks for what is deleted
//! sees it still. Alerts of a type that is disabled are seen by nobody.

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde_json::{Map, Value, json};

use super::tasks::{NewRun, Outcome};
use super::{Store, tenants};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::lists::{self, Asked, Conditions, Key, Op, Order, Params, Slice};

/// From the least to the most severe.
pub(crate) const SEVERITIES: &[&str] = &["ok", "information", "warning", "error", "critical"];

/// The types that are always there: id, category, severity.
const TYPES: &[(&str, &str, i64)] = &[
    ("AgentUpdateFailed", "Monitoring", 3),
    ("BackupDidNotStart", "Backup", 3),
    ("BackupFailed", "Backup", 4),
    ("BackupSucceededWithWarnings", "Backup", 2),
    ("DrStorageHardQuotaExceeds", "Disaster recovery", 4),
    ("LicenseExpiresSoon", "Licensing", 1),
    ("MachineOffline30", "Monitoring", 2),
    ("MalwareDetected", "Protection", 4),
    ("NoBackupForXDays", "Backup", 2),
];

/// The rank of a severity; 400 if it is none.
pub(crate) fn rank(severity: &str) -> Result<i64> {
    SEVERITIES
        .iter()
        .position(|known| *known == severity)
        .and_then(|rank| i64::try_from(rank).ok())
        .ok_or_else(|| {
            ApiError::bad(format!(
                "severity: {severity:?} is not one of {}.",
                SEVERITIES.join(", ")
            ))
        })
}

pub(crate) fn severity(rank: i64) -> &'static str {
    usize::try_from(rank)
        .ok()
        .and_then(|rank| SEVERITIES.get(rank))
        .copied()
        .unwrap_or("ok")
}

/// A moment in nanoseconds.
pub(crate) fn nanos(at: Timestamp) -> i64 {
    at.millis().saturating_mul(1_000_000)
}

/// An alert that is raised.
#[derive(Clone, Debug)]
pub(crate) struct NewAlert {
    /// UUID.
    pub id: Id,
    /// The number of its tenant.
    pub tenant: i64,
    /// Of the known types, or any other.
    pub kind: String,
    /// The type's own, if none is given.
    pub severity: Option<i64>,
    /// Likewise.
    pub category: Option<String>,
    /// Of the agent.
    pub affinity: String,
    /// Who raised it.
    pub source: Option<String>,
    /// The producer's own stamp.
    pub source_time_stamp: Option<i64>,
    /// What is told about it.
    pub details: Map<String, Value>,
    /// When it was raised, in nanoseconds.
    pub created_at: i64,
    /// When it came here, in nanoseconds.
    pub received_at: i64,
}

/// The id of the alert that a run's activity raises.
fn of_activity(activity: Id) -> Id {
    Id::named(&format!("alert of {activity}"))
}

/// Takes an alert back that a run would have raised at its end, which does not come.
pub(crate) fn take_back(db: &Connection, activity: Id) -> Result<()> {
    db.execute("DELETE FROM alerts WHERE id = ?", [of_activity(activity)])?;
    Ok(())
}

impl NewAlert {
    /// The alert of a run that did not end well.
    pub(crate) fn of_run(run: &NewRun<'_>, task: Id, activity: Id, at: Timestamp) -> NewAlert {
        let kind = match (run.policy_type, run.outcome) {
            ("backup", Outcome::Error) => "BackupFailed",
            ("backup", _) => "BackupSucceededWithWarnings",
            ("antimalware", _) => "MalwareDetected",
            _ => "AgentUpdateFailed",
        };
        let mut details = of_machine(run.machine.id, &run.machine.name);
        if let Some((id, name)) = run.policy {
            details.insert("planId".to_owned(), id.into());
            details.insert("planName".to_owned(), name.into());
        }
        details.insert("activityId".to_owned(), activity.into());
        details.insert("activity".to_owned(), json!({ "id": activity }));
        details.insert("taskId".to_owned(), task.into());
        NewAlert {
            id: of_activity(activity),
            tenant: run.machine.tenant_number,
            kind: kind.to_owned(),
            severity: None,
            category: None,
            affinity: run.machine.agent_id.to_string(),
            source: None,
            source_time_stamp: None,
            details,
            created_at: nanos(at),
            received_at: nanos(at),
        }
    }
}

/// What an alert tells about a machine.
pub(crate) fn of_machine(id: Id, name: &str) -> Map<String, Value> {
    let mut details = Map::new();
    details.insert("resourceId".to_owned(), id.into());
    details.insert("resourceName".to_owned(), name.into());
    details
}

/// Raises an alert; 409 if there is one of this id.
pub(crate) fn raise(db: &Connection, new: &NewAlert) -> Result<()> {
    let (own_category, own_severity) = type_of(db, &new.kind)?.map_or_else(
        || ("Other".to_owned(), 2),
        |known| (known.category, known.severity),
    );
    let detail = |name: &str| new.details.get(name).and_then(Value::as_str);
    let done = db
        .prepare_cached(
            "INSERT OR IGNORE INTO alerts (id, tenant, type, category, severity, affinity, source, source_time_stamp,
                 plan_id, plan_name, resource_id, resource_name, details, created_at, received_at, updated_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            new.id,
            new.tenant,
            new.kind,
            new.category.as_ref().unwrap_or(&own_category),
            new.severity.unwrap_or(own_severity),
            new.affinity,
            new.source,
            new.source_time_stamp,
            detail("planId"),
            detail("planName"),
            detail("resourceId"),
            detail("resourceName"),
            Value::Object(new.details.clone()).to_string(),
            new.created_at,
            new.received_at,
            new.received_at,
        ])?;
    if done == 0 {
        return Err(ApiError::bad(format!(
            "There is an alert {} already.",
            new.id
        )));
    }
    Ok(())
}

/// A type of alerts.
#[derive(Clone, Debug)]
pub(crate) struct Type {
    /// Its name.
    pub id: String,
    /// Whether its alerts are seen.
    pub enabled: bool,
    /// The rank of its severity.
    pub severity: i64,
    /// What it belongs to.
    pub category: String,
    /// The whole.
    pub document: Value,
}

fn built_in(&(id, category, rank): &(&str, &str, i64)) -> Type {
    Type {
        id: id.to_owned(),
        enabled: true,
        severity: rank,
        category: category.to_owned(),
        document: json!({
            "id": id,
            "severity": severity(rank),
            "enabled": true,
            "contextKeys": ["planId", "resourceId"],
            "searchableDetails": ["planName", "resourceName"],
            "supportedOS": ["ios", "linux", "macos", "windows"],
            "category": category,
        }),
    }
}

/// All types: those that were registered, and those that are always there.
pub(crate) fn types(db: &Connection) -> Result<Vec<Type>> {
    let mut rows =
        db.prepare_cached("SELECT id, enabled, severity, category, document FROM alert_types")?;
    let mut rows = rows.query([])?;
    let mut types = Vec::new();
    while let Some(row) = rows.next()? {
        types.push(registered(row)?);
    }
    let more: Vec<Type> = TYPES
        .iter()
        .filter(|(id, _, _)| !types.iter().any(|known| known.id == *id))
        .map(built_in)
        .collect();
    types.extend(more);
    types.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(types)
}

fn type_of(db: &Connection, id: &str) -> Result<Option<Type>> {
    let mut rows = db.prepare_cached(
        "SELECT id, enabled, severity, category, document FROM alert_types WHERE id = ?",
    )?;
    let mut rows = rows.query([id])?;
    match rows.next()? {
        Some(row) => Ok(Some(registered(row)?)),
        None => Ok(TYPES
            .iter()
            .find(|(known, _, _)| *known == id)
            .map(built_in)),
    }
}

fn registered(row: &Row<'_>) -> Result<Type> {
    Ok(Type {
        id: row.get(0)?,
        enabled: row.get(1)?,
        severity: row.get(2)?,
        category: row.get(3)?,
        document: serde_json::from_str(&row.get::<_, String>(4)?)?,
    })
}

/// Keeps a type.
pub(crate) fn register(db: &Connection, new: &Type) -> Result<()> {
    db.execute(
        "INSERT OR REPLACE INTO alert_types (id, enabled, severity, category, document) VALUES (?, ?, ?, ?, ?)",
        params![new.id, new.enabled, new.severity, new.category, new.document.to_string()],
    )?;
    Ok(())
}

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

/// An alert, and what counts sort it by.
#[derive(Clone, Debug)]
pub(crate) struct Alert {
    /// UUID.
    pub id: Id,
    /// Its type.
    pub kind: String,
    /// Its category.
    pub category: String,
    /// The rank of its severity.
    pub severity: i64,
    /// The number of its tenant.
    pub tenant: i64,
    /// Where that is.
    pub path: String,
    /// As the platform shows it.
    pub shown: Value,
}

fn from_row(row: &Row<'_>) -> Result<Alert> {
    let id: Id = row.get(0)?;
    let (kind, category, rank): (String, String, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
    let (affinity, source, stamp): (String, Option<String>, Option<i64>) =
        (row.get(4)?, row.get(5)?, row.get(6)?);
    let details: Value = serde_json::from_str(&row.get::<_, String>(7)?)?;
    let (created, received, updated): (i64, i64, i64) = (row.get(8)?, row.get(9)?, row.get(10)?);
    let (deleted, false_positive): (Option<i64>, bool) = (row.get(11)?, row.get(12)?);
    let (tenant, tenant_id, path): (i64, Id, String) = (row.get(13)?, row.get(14)?, row.get(15)?);
    let mut shown = json!({
        "id": id,
        "type": kind,
        "category": category,
        "severity": severity(rank),
        "affinity": affinity,
        "details": details,
        "createdAt": time(created),
        "receivedAt": time(received),
        "updatedAt": time(updated),
        "deletedAt": deleted.map(time),
        "falsePositive": false_positive,
        "tenant": { "id": tenant.to_string(), "uuid": tenant_id, "locator": path },
        "_source": source,
        "_sourceTimeStamp": stamp,
    });
    if let Some(fields) = shown.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    Ok(Alert {
        id,
        kind,
        category,
        severity: rank,
        tenant,
        path,
        shown,
    })
}

/// RFC 3339 with all that the nanoseconds say.
fn time(nanos: i64) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(nanos))
        .unwrap_or_default()
        .to_string()
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

    /// Raises an alert in a tenant that the caller may change; its own, unless another is named.
    pub(crate) fn raise_alert(
        &self,
        caller: &Caller,
        tenant: Option<&str>,
        new: NewAlert,
    ) -> Result<()> {
        self.write(|tx| {
            let tenant = match tenant.map(|text| (text, text.parse::<Id>(), text.parse::<i64>())) {
                None => caller.tenant_id,
                Some((_, Ok(id), _)) => id,
                Some((_, _, Ok(number))) => tx
                    .query_row("SELECT id FROM tenants WHERE number = ?", [number], |row| {
                        row.get(0)
                    })
                    .optional()?
                    .ok_or_else(|| {
                        ApiError::bad(format!("tenantID: there is no tenant {number}."))
                    })?,
                Some((text, ..)) => {
                    return Err(ApiError::bad(format!("tenantID: {text:?} is no tenant.")));
                }
            };
            let tenant = tenants::require_access(tx, caller, tenant, Right::Manage)?;
            raise(
                tx,
                &NewAlert {
                    tenant: tenant.number,
                    ..new
                },
            )
        })
    }

    /// Dismisses alerts; how many.
    pub(crate) fn dismiss(
        &self,
        caller: &Caller,
        params: &Params,
        only: Option<Id>,
        now: Timestamp,
    ) -> Result<usize> {
        self.write(|tx| {
            let mut wanted = matching(visible(tx, caller, now)?, params)?;
            if let Some(id) = only {
                wanted.and("a.id = ?", [Cell::Text(id.to_string())]);
            }
            let mut dismissed = 0;
            for alert in all(tx, &wanted)? {
                manage(caller, &alert)?;
                dismissed += tx
                    .prepare_cached(
                        "UPDATE alerts SET deleted_at = ?2, updated_at = ?2 WHERE id = ?1 AND deleted_at IS NULL",
                    )?
                    .execute(params![alert.id, nanos(now)])?;
            }
            match only {
                Some(id) if dismissed == 0 => Err(missing(id)),
                _ => Ok(dismissed),
            }
        })
    }

    /// Marks an alert as a false one, or not.
    pub(crate) fn mark_alert(
        &self,
        caller: &Caller,
        id: Id,
        is_false: bool,
        now: Timestamp,
    ) -> Result<()> {
        self.write(|tx| {
            let mut wanted = visible(tx, caller, now)?;
            wanted.and("a.id = ?", [Cell::Text(id.to_string())]);
            let found = all(tx, &wanted)?;
            let alert = found.first().ok_or_else(|| missing(id))?;
            manage(caller, alert)?;
            tx.execute(
                "UPDATE alerts SET false_positive = ? WHERE id = ?",
                params![is_false, id],
            )?;
            Ok(())
        })
    }

    /// All types of alerts.
    pub(crate) fn alert_types(&self) -> Result<Vec<Type>> {
        self.read(types)
    }

    /// Keeps types of alerts, all or none.
    pub(crate) fn register_alert_types(&self, caller: &Caller, new: &[Type]) -> Result<()> {
        self.write(|tx| {
            tenants::require_access(tx, caller, caller.tenant_id, Right::Manage)?;
            new.iter().try_for_each(|one| register(tx, one))
        })
    }

    /// Disables a type of alerts; 404 if there is none.
    pub(crate) fn unregister_alert_type(&self, caller: &Caller, id: &str) -> Result<()> {
        self.write(|tx: &Transaction<'_>| {
            tenants::require_access(tx, caller, caller.tenant_id, Right::Manage)?;
            let missing = || ApiError::NotFound(format!("There is no alert type {id}."));
            let mut known = type_of(tx, id)?.ok_or_else(missing)?;
            known.enabled = false;
            if let Some(fields) = known.document.as_object_mut() {
                fields.insert("enabled".to_owned(), false.into());
            }
            register(tx, &known)
        })
    }
}

fn missing(id: Id) -> ApiError {
    ApiError::NotFound(format!("There is no alert {id}."))
}

fn manage(caller: &Caller, alert: &Alert) -> Result<()> {
    match caller.right_over(&alert.path) {
        Some(Right::Manage) => Ok(()),
        _ => Err(ApiError::denied(format!(
            "{} may only look at alerts.",
            caller.name
        ))),
    }
}
