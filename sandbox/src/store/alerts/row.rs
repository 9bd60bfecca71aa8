//! The row of an alert.

use rusqlite::Row;
use serde_json::Value;

use crate::domain::{Id, Result};

/// An alert. Times are Unix nanoseconds.
#[derive(Clone, Debug)]
pub(crate) struct Alert {
    pub id: Id,
    pub kind: String,
    pub category: String,
    /// The rank of the severity, an index of [`super::SEVERITIES`].
    pub severity: i64,
    /// The agent that the alert belongs to.
    pub affinity: String,
    /// The producer of the alert.
    pub source: Option<String>,
    /// The time stamp that the producer assigned.
    pub source_time_stamp: Option<i64>,
    /// A JSON object, as it was sent.
    pub details: Value,
    pub created_at: i64,
    pub received_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
    pub false_positive: bool,
    /// The legacy integer id of the tenant.
    pub tenant_number: i64,
    pub tenant_id: Id,
    pub tenant_path: String,
}

impl Alert {
    /// The resource that the alert is about.
    pub(crate) fn resource_id(&self) -> Option<&str> {
        self.details.get("resourceId")?.as_str()
    }
}

pub(super) fn from_row(row: &Row<'_>) -> Result<Alert> {
    Ok(Alert {
        id: row.get(0)?,
        kind: row.get(1)?,
        category: row.get(2)?,
        severity: row.get(3)?,
        affinity: row.get(4)?,
        source: row.get(5)?,
        source_time_stamp: row.get(6)?,
        details: serde_json::from_str(&row.get::<_, String>(7)?)?,
        created_at: row.get(8)?,
        received_at: row.get(9)?,
        updated_at: row.get(10)?,
        deleted_at: row.get(11)?,
        false_positive: row.get(12)?,
        tenant_number: row.get(13)?,
        tenant_id: row.get(14)?,
        tenant_path: row.get(15)?,
    })
}
