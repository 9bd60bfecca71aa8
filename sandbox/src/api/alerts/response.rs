//! The JSON of alerts.

use serde::Serialize;
use serde_json::Value;

use crate::domain::Id;
use crate::lists::CursorPage;
use crate::store::alerts::{Alert, severity_name};
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AlertResponse {
    id: Id,
    #[serde(rename = "type")]
    kind: String,
    category: String,
    severity: &'static str,
    affinity: String,
    details: Value,
    created_at: String,
    received_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<String>,
    false_positive: bool,
    tenant: Tenant,
    #[serde(rename = "_source", skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(rename = "_sourceTimeStamp", skip_serializing_if = "Option::is_none")]
    source_time_stamp: Option<i64>,
}

#[derive(Debug, Serialize)]
struct Tenant {
    id: String,
    uuid: Id,
    locator: String,
}

impl From<Alert> for AlertResponse {
    fn from(alert: Alert) -> Self {
        Self {
            id: alert.id,
            kind: alert.kind,
            category: alert.category,
            severity: severity_name(alert.severity),
            affinity: alert.affinity,
            details: alert.details,
            created_at: rfc3339(alert.created_at),
            received_at: rfc3339(alert.received_at),
            updated_at: rfc3339(alert.updated_at),
            deleted_at: alert.deleted_at.map(rfc3339),
            false_positive: alert.false_positive,
            tenant: Tenant {
                id: alert.tenant_number.to_string(),
                uuid: alert.tenant_id,
                locator: alert.tenant_path,
            },
            source: alert.source,
            source_time_stamp: alert.source_time_stamp,
        }
    }
}

/// Formats Unix nanoseconds as RFC 3339, with as many decimals as necessary.
pub(super) fn rfc3339(nanos: i64) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(nanos))
        .unwrap_or_default()
        .to_string()
}

/// A page of alerts.
#[derive(Debug, Serialize)]
pub(super) struct List {
    items: Vec<AlertResponse>,
    paging: Paging,
}

#[derive(Debug, Serialize)]
struct Paging {
    cursors: Cursors,
}

#[derive(Debug, Serialize)]
struct Cursors {
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl From<CursorPage<Alert>> for List {
    fn from(page: CursorPage<Alert>) -> Self {
        Self {
            items: page.items.into_iter().map(AlertResponse::from).collect(),
            paging: Paging {
                cursors: Cursors {
                    before: page.before,
                    after: page.after,
                },
            },
        }
    }
}

/// The response when an alert is created.
#[derive(Debug, Serialize)]
pub(super) struct Created {
    pub(super) id: Id,
}
