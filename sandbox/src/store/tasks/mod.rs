//! Tasks and their activities: what machines did, do, and are about to do.
//!
//! A row says when a run is enqueued, started and completed, and how it ends. What state it is in, how far it has come
//! and when it last changed follow from the time at which somebody looks.

mod change;
mod list;
mod row;

use rusqlite::Connection;

use super::resources::Machine;
use crate::clock::Timestamp;
use crate::domain::{Id, Result};

pub(crate) use self::change::{cancel, start};
pub(crate) use self::list::List;
pub(crate) use self::row::Detail;

/// How a run ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// All went well.
    Ok,
    /// Something is to be looked at.
    Warning,
    /// It failed.
    Error,
}

impl Outcome {
    /// By its name; all that is neither is well.
    pub(crate) fn parse(name: &str) -> Outcome {
        match name {
            "error" => Outcome::Error,
            "warning" => Outcome::Warning,
            _ => Outcome::Ok,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Warning => "warning",
            Outcome::Error => "error",
        }
    }
}

/// A run that begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewRun<'a> {
    /// Where.
    pub machine: &'a Machine,
    /// Of which plan; none for what belongs to no plan.
    pub policy: Option<(Id, &'a str)>,
    /// `backup`, …
    pub policy_type: &'a str,
    /// Who started it.
    pub started_by: &'a str,
    /// When it is enqueued.
    pub at: Timestamp,
    /// How long until it is completed.
    pub millis: i64,
    /// How it ends.
    pub outcome: Outcome,
}

/// When the last run that is under way is completed.
pub(crate) fn due(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    Ok(db.query_row(
        "SELECT max(completed_at) FROM tasks WHERE completed_at > ?",
        [now],
        |row| row.get(0),
    )?)
}
