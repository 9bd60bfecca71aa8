//! The row of a task or an activity.

use rusqlite::Row;

use crate::clock::Timestamp;
use crate::domain::{Id, Result};

/// A task or an activity as of the time it was read.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub id: i64,
    pub uuid: Id,
    /// `enqueued`, `assigned`, `started` or `completed`.
    pub state: String,
    /// When the state or the progress last changed.
    pub updated_at: Timestamp,
    pub enqueued_at: Timestamp,
    /// May be in the future, like `completed_at`.
    pub started_at: Timestamp,
    pub completed_at: Timestamp,
    /// The result once the work is completed.
    pub outcome: String,
    /// How much data the work processes.
    pub bytes: i64,
    pub kind: String,
    pub queue: String,
    pub started_by: String,
    /// The policy that the work belongs to, if any.
    pub policy: Option<WorkPolicy>,
    pub resource_id: String,
    pub resource_name: String,
    pub agent_id: String,
    /// The legacy integer id of the tenant.
    pub tenant_number: i64,
    pub tenant_id: Id,
    pub tenant_name: String,
    pub tenant_path: String,
    /// The task of an activity.
    pub task_id: Option<i64>,
    /// The parent of an activity.
    pub parent_id: Option<i64>,
}

/// The policy that a task belongs to, as it was when the task was created.
#[derive(Clone, Debug)]
pub(crate) struct WorkPolicy {
    pub id: String,
    pub name: Option<String>,
    pub policy_type: Option<String>,
}

impl Work {
    pub(crate) fn is_completed(&self) -> bool {
        self.state == "completed"
    }

    pub(crate) fn is_started(&self) -> bool {
        self.is_completed() || self.state == "started"
    }

    /// When an agent takes the task: halfway between enqueued and started.
    pub(crate) fn assigned_at(&self) -> Timestamp {
        Timestamp::from_millis((self.enqueued_at.millis() + self.started_at.millis()) / 2)
    }

    /// The progress in percent.
    pub(crate) fn percent(&self, now: Timestamp) -> i64 {
        let duration = (self.completed_at.millis() - self.started_at.millis()).max(1);
        ((now.millis() - self.started_at.millis()) * 100 / duration).clamp(0, 100)
    }
}

/// Reads a row of the columns that `list.rs` selects.
pub(super) fn from_row(row: &Row<'_>) -> Result<Work> {
    let policy_id: Option<String> = row.get(12)?;
    let policy = match policy_id {
        Some(id) => Some(WorkPolicy {
            id,
            name: row.get(13)?,
            policy_type: row.get(14)?,
        }),
        None => None,
    };
    Ok(Work {
        id: row.get(0)?,
        uuid: row.get(1)?,
        state: row.get(2)?,
        updated_at: row.get(3)?,
        enqueued_at: row.get(4)?,
        started_at: row.get(5)?,
        completed_at: row.get(6)?,
        outcome: row.get(7)?,
        bytes: row.get(8)?,
        kind: row.get(9)?,
        queue: row.get(10)?,
        started_by: row.get(11)?,
        policy,
        resource_id: row.get(15)?,
        resource_name: row.get(16)?,
        agent_id: row.get(17)?,
        tenant_number: row.get(18)?,
        tenant_id: row.get(19)?,
        tenant_name: row.get(20)?,
        tenant_path: row.get(21)?,
        task_id: row.get(22)?,
        parent_id: row.get(23)?,
    })
}
