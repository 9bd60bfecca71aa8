//! Alerts and their types.
//!
//! An alert whose time of receipt is in the future is not visible yet. Dismissed alerts are kept, and listed on request.
//! Alerts of a disabled type are hidden.

mod change;
mod list;
mod row;
mod types;

use crate::clock::Timestamp;
use crate::domain::{ApiError, Id, Result};

pub(crate) use self::change::{NewAlert, alert_id, machine_details, raise, withdraw};
pub(crate) use self::list::FILTERS;
pub(crate) use self::row::Alert;
pub(crate) use self::types::{AlertType, Details, OPERATING_SYSTEMS};

/// The severities, from least to most severe. The index is the rank.
pub(crate) const SEVERITIES: &[&str] = &["ok", "information", "warning", "error", "critical"];

/// The rank of a severity; 400 if it is unknown.
pub(crate) fn severity_rank(severity: &str) -> Result<i64> {
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

/// The severity of a rank.
pub(crate) fn severity_name(rank: i64) -> &'static str {
    usize::try_from(rank)
        .ok()
        .and_then(|rank| SEVERITIES.get(rank))
        .copied()
        .unwrap_or("ok")
}

/// Converts a time to Unix nanoseconds.
pub(crate) fn nanos(at: Timestamp) -> i64 {
    at.millis().saturating_mul(1_000_000)
}

fn not_found(id: Id) -> ApiError {
    ApiError::NotFound(format!("There is no alert {id}."))
}
