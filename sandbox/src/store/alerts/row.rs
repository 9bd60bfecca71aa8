//! An alert: its row.

use rusqlite::Row;
use serde_json::{Value, json};

use super::severity;
use crate::domain::{Id, Result};

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

pub(super) fn from_row(row: &Row<'_>) -> Result<Alert> {
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
