//! Tasks and their activities: the past, current and upcoming work of machines.
//!
//! A row contains the times at which a run is enqueued, started and completed, and its outcome. State, progress and the
//! time of the last change are computed from the current time.

mod change;
mod list;
mod row;

use rusqlite::Connection;

use super::resources::Machine;
use crate::clock::Timestamp;
use crate::domain::{Id, Result};

pub(crate) use self::change::{cancel, start};
pub(crate) use self::list::WorkKind;
pub(crate) use self::row::Work;

/// The outcome of a run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    Ok,
    Warning,
    Error,
}

impl Outcome {
    /// Parses an outcome; unknown names are `Ok`.
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "error" => Self::Error,
            "warning" => Self::Warning,
            _ => Self::Ok,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A run to be recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewRun<'a> {
    pub machine: &'a Machine,
    /// Id and name of the policy; `None` for work without a plan.
    pub policy: Option<(Id, &'a str)>,
    /// `backup`, …
    pub policy_type: &'a str,
    pub started_by: &'a str,
    pub enqueued_at: Timestamp,
    /// The time from enqueued to completed.
    pub millis: i64,
    pub outcome: Outcome,
}

/// When the last run in progress will be completed.
pub(crate) fn due(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    Ok(db.query_row(
        "SELECT max(completed_at) FROM tasks WHERE completed_at > ?",
        [now],
        |row| row.get(0),
    )?)
}
