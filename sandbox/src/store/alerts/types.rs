//! The types of alerts: built-in and registered ones.

use rusqlite::{Connection, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::domain::{ApiError, Caller, Result, Right};
use crate::store::{Store, tenants};

/// The built-in types: id, category, rank of the severity.
const BUILT_IN: &[(&str, &str, i64)] = &[
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

/// The operating systems that a type can support.
pub(crate) const OPERATING_SYSTEMS: [&str; 4] = ["ios", "linux", "macos", "windows"];

/// A type of alerts.
#[derive(Clone, Debug)]
pub(crate) struct AlertType {
    pub id: String,
    /// Alerts of a disabled type are hidden.
    pub enabled: bool,
    /// The rank of the severity.
    pub severity: i64,
    pub category: String,
    pub details: Details,
}

/// What a type says about its alerts. The sandbox stores it and does not use it, except for the operating systems.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Details {
    pub context_keys: Vec<String>,
    pub searchable_details: Vec<String>,
    #[serde(rename = "supportedOS")]
    pub supported_os: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exportable: Option<Vec<Exportable>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification_extra_recipients: Option<Vec<String>>,
    #[serde(rename = "cti_name", skip_serializing_if = "Option::is_none")]
    pub cti_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// A detail that can be exported, and its name there.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Exportable {
    name: String,
    acep_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    acep_path: Option<String>,
}

impl Default for Details {
    fn default() -> Self {
        Self {
            context_keys: Vec::new(),
            searchable_details: Vec::new(),
            supported_os: OPERATING_SYSTEMS.map(str::to_owned).into(),
            exportable: None,
            notification_type: None,
            notification_extra_recipients: None,
            cti_name: None,
            alias: None,
        }
    }
}

impl Details {
    fn built_in() -> Self {
        Self {
            context_keys: ["planId", "resourceId"].map(str::to_owned).into(),
            searchable_details: ["planName", "resourceName"].map(str::to_owned).into(),
            ..Self::default()
        }
    }
}

impl AlertType {
    fn built_in(&(id, category, severity): &(&str, &str, i64)) -> Self {
        Self {
            id: id.to_owned(),
            enabled: true,
            severity,
            category: category.to_owned(),
            details: Details::built_in(),
        }
    }
}

const SELECT: &str = "SELECT id, enabled, severity, category, document FROM alert_types";

/// All types, ordered by id. A registered type replaces the built-in one of the same id.
fn all_types(db: &Connection) -> Result<Vec<AlertType>> {
    let mut rows = db.prepare_cached(SELECT)?;
    let mut rows = rows.query([])?;
    let mut types = Vec::new();
    while let Some(row) = rows.next()? {
        types.push(from_row(row)?);
    }
    let built_in: Vec<AlertType> = BUILT_IN
        .iter()
        .filter(|(id, _, _)| !types.iter().any(|registered| registered.id == *id))
        .map(AlertType::built_in)
        .collect();
    types.extend(built_in);
    types.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(types)
}

pub(super) fn find_type(db: &Connection, id: &str) -> Result<Option<AlertType>> {
    let mut rows = db.prepare_cached(&format!("{SELECT} WHERE id = ?"))?;
    let mut rows = rows.query([id])?;
    match rows.next()? {
        Some(row) => Ok(Some(from_row(row)?)),
        None => Ok(BUILT_IN
            .iter()
            .find(|(built_in, _, _)| *built_in == id)
            .map(AlertType::built_in)),
    }
}

fn from_row(row: &Row<'_>) -> Result<AlertType> {
    let details: Option<Details> = serde_json::from_str(&row.get::<_, String>(4)?)?;
    Ok(AlertType {
        id: row.get(0)?,
        enabled: row.get(1)?,
        severity: row.get(2)?,
        category: row.get(3)?,
        details: details.unwrap_or_else(Details::built_in),
    })
}

fn register(db: &Connection, new: &AlertType) -> Result<()> {
    db.execute(
        "INSERT OR REPLACE INTO alert_types (id, enabled, severity, category, document) VALUES (?, ?, ?, ?, ?)",
        params![
            new.id,
            new.enabled,
            new.severity,
            new.category,
            serde_json::to_string(&new.details)?
        ],
    )?;
    Ok(())
}

impl Store {
    /// All types of alerts, ordered by id.
    pub(crate) fn alert_types(&self) -> Result<Vec<AlertType>> {
        self.read(all_types)
    }

    /// Registers types of alerts, all or none.
    pub(crate) fn register_alert_types(&self, caller: &Caller, new: &[AlertType]) -> Result<()> {
        self.write(|tx| {
            tenants::require_access(tx, caller, caller.tenant_id, Right::Manage)?;
            new.iter()
                .try_for_each(|alert_type| register(tx, alert_type))
        })
    }

    /// Disables a type of alerts; 404 if there is none.
    pub(crate) fn unregister_alert_type(&self, caller: &Caller, id: &str) -> Result<()> {
        self.write(|tx: &Transaction<'_>| {
            tenants::require_access(tx, caller, caller.tenant_id, Right::Manage)?;
            let not_found = || ApiError::NotFound(format!("There is no alert type {id}."));
            let mut alert_type = find_type(tx, id)?.ok_or_else(not_found)?;
            alert_type.enabled = false;
            register(tx, &alert_type)
        })
    }
}
