//! The types of alerts: those that are always there, and registered ones.

use rusqlite::{Connection, Row, Transaction, params};
use serde_json::{Value, json};

use super::severity;
use crate::domain::{ApiError, Caller, Result, Right};
use crate::store::{Store, tenants};

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

pub(super) fn type_of(db: &Connection, id: &str) -> Result<Option<Type>> {
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

impl Store {
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
