//! One line of the record.

use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};

use super::ObjectKind;
use crate::json::Id;

/// A line: what happened to an object, and when.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    /// The same in all lines about one object.
    pub(super) entry: String,
    /// In UTC, `2026-11-24T00:56:05Z`.
    time: String,
    #[serde(flatten)]
    pub(super) event: Event,
}

/// What happened.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Event {
    /// A call is about to create the object.
    Creating {
        platform: String,
        kind: ObjectKind,
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        parent: Option<Id>,
    },
    /// The platform has created it with this id.
    Created { id: Id },
    /// The platform has not created it.
    NotCreated,
    /// It was deleted.
    Deleted,
}

impl Line {
    pub(super) fn new(entry: &str, event: Event) -> Self {
        let now = Timestamp::now();
        let now = now.round(Unit::Second).unwrap_or(now);
        Self {
            entry: entry.to_owned(),
            time: now.to_string(),
            event,
        }
    }
}
