//! Alerts: raised, looked for, dismissed.
//!
//! An alert whose time of receipt is in the future has not come yet. Dismissing is soft: who asks for what is deleted
//! sees it still. Alerts of a type that is disabled are seen by nobody.

mod change;
mod list;
mod row;
mod types;

use crate::clock::Timestamp;
use crate::domain::{ApiError, Id, Result};

pub(crate) use self::change::{NewAlert, of_activity, of_machine, raise, take_back};
pub(crate) use self::list::FILTERS;
pub(crate) use self::row::Alert;
pub(crate) use self::types::Type;

/// From the least to the most severe.
pub(crate) const SEVERITIES: &[&str] = &["ok", "information", "warning", "error", "critical"];

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

fn missing(id: Id) -> ApiError {
    ApiError::NotFound(format!("There is no alert {id}."))
}
