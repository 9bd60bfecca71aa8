//! Raises, dismisses and marks alerts.

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value};

use super::list::{all, matching, visible};
use super::types::type_of;
use super::{Alert, missing, nanos};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::lists::Params;
use crate::store::{Store, tenants};

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
pub(crate) fn of_activity(activity: Id) -> Id {
    Id::named(&format!("alert of {activity}"))
}

/// Takes an alert back that a run would have raised at its end, which does not come.
pub(crate) fn take_back(db: &Connection, activity: Id) -> Result<()> {
    db.execute("DELETE FROM alerts WHERE id = ?", [of_activity(activity)])?;
    Ok(())
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

impl Store {
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
