//! Raises, dismisses and marks alerts.

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value};

use super::list::{all, matching, visible};
use super::types::find_type;
use super::{Alert, nanos, not_found};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::lists::Params;
use crate::store::{Store, tenants};

/// An alert to be raised.
#[derive(Clone, Debug)]
pub(crate) struct NewAlert {
    pub id: Id,
    /// The legacy integer id of the tenant.
    pub tenant_number: i64,
    /// A known or unknown type.
    pub kind: String,
    /// The rank of the severity; `None` for that of the type.
    pub severity: Option<i64>,
    /// `None` for the category of the type.
    pub category: Option<String>,
    /// The agent that the alert belongs to.
    pub affinity: String,
    /// The producer of the alert.
    pub source: Option<String>,
    /// The time stamp that the producer assigned.
    pub source_time_stamp: Option<i64>,
    pub details: Map<String, Value>,
    /// Unix nanoseconds.
    pub created_at: i64,
    /// Unix nanoseconds.
    pub received_at: i64,
}

/// The id of the alert that an activity raises.
pub(crate) fn alert_id(activity: Id) -> Id {
    Id::named(&format!("alert of {activity}"))
}

/// Deletes the alert that an activity would have raised when it completes.
pub(crate) fn withdraw(db: &Connection, activity: Id) -> Result<()> {
    db.execute("DELETE FROM alerts WHERE id = ?", [alert_id(activity)])?;
    Ok(())
}

/// The alert details that identify a machine.
pub(crate) fn machine_details(id: Id, name: &str) -> Map<String, Value> {
    let mut details = Map::new();
    details.insert("resourceId".to_owned(), id.into());
    details.insert("resourceName".to_owned(), name.into());
    details
}

/// Raises an alert; 400 if its id is already in use.
pub(crate) fn raise(db: &Connection, new: &NewAlert) -> Result<()> {
    let (type_category, type_severity) = find_type(db, &new.kind)?.map_or_else(
        || ("Other".to_owned(), 2),
        |alert_type| (alert_type.category, alert_type.severity),
    );
    let detail = |name: &str| new.details.get(name).and_then(Value::as_str);
    let inserted = db
        .prepare_cached(
            "INSERT OR IGNORE INTO alerts (id, tenant, type, category, severity, affinity, source, source_time_stamp,
                 plan_id, plan_name, resource_id, resource_name, details, created_at, received_at, updated_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            new.id,
            new.tenant_number,
            new.kind,
            new.category.as_ref().unwrap_or(&type_category),
            new.severity.unwrap_or(type_severity),
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
    if inserted == 0 {
        return Err(ApiError::bad(format!(
            "The alert {} already exists.",
            new.id
        )));
    }
    Ok(())
}

impl Store {
    /// Raises an alert in a tenant that the caller may change; the caller's own tenant by default.
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
                    return Err(ApiError::bad(format!(
                        "tenantID: {text:?} is neither an integer nor a UUID."
                    )));
                }
            };
            let tenant = tenants::require_access(tx, caller, tenant, Right::Manage)?;
            raise(
                tx,
                &NewAlert {
                    tenant_number: tenant.number,
                    ..new
                },
            )
        })
    }

    /// Dismisses the matching alerts, or only one of them. Returns how many were dismissed.
    pub(crate) fn dismiss(
        &self,
        caller: &Caller,
        params: &Params,
        only: Option<Id>,
        now: Timestamp,
    ) -> Result<usize> {
        self.write(|tx| {
            let mut conditions = matching(visible(tx, caller, now)?, params)?;
            if let Some(id) = only {
                conditions.and("a.id = ?", [Cell::Text(id.to_string())]);
            }
            let mut dismissed = 0;
            for alert in all(tx, &conditions)? {
                require_manage(caller, &alert)?;
                dismissed += tx
                    .prepare_cached(
                        "UPDATE alerts SET deleted_at = ?2, updated_at = ?2 WHERE id = ?1 AND deleted_at IS NULL",
                    )?
                    .execute(params![alert.id, nanos(now)])?;
            }
            match only {
                Some(id) if dismissed == 0 => Err(not_found(id)),
                _ => Ok(dismissed),
            }
        })
    }

    /// Marks an alert as a false positive, or removes the mark.
    pub(crate) fn mark_alert(
        &self,
        caller: &Caller,
        id: Id,
        false_positive: bool,
        now: Timestamp,
    ) -> Result<()> {
        self.write(|tx| {
            let mut conditions = visible(tx, caller, now)?;
            conditions.and("a.id = ?", [Cell::Text(id.to_string())]);
            let found = all(tx, &conditions)?;
            let alert = found.first().ok_or_else(|| not_found(id))?;
            require_manage(caller, alert)?;
            tx.execute(
                "UPDATE alerts SET false_positive = ? WHERE id = ?",
                params![false_positive, id],
            )?;
            Ok(())
        })
    }
}

fn require_manage(caller: &Caller, alert: &Alert) -> Result<()> {
    match caller.right_over(&alert.tenant_path) {
        Some(Right::Manage) => Ok(()),
        _ => Err(ApiError::denied(format!(
            "{} is not allowed to change alerts in this tenant.",
            caller.name
        ))),
    }
}
