//! Tasks, activities and alerts: the models, and saving them by result or severity.

use anyhow::Result;
use common::{Lossless, Platform};
use serde::Deserialize;

/// A task or an activity, an item of `GET /api/task_manager/v2/tasks` or `…/activities`.
#[derive(Debug, Deserialize)]
pub struct Task {
    /// `enqueued`, `assigned`, `started`, `paused` or `completed`.
    state: String,
    /// Absent until the task is completed.
    result: Option<TaskResult>,
}

#[derive(Debug, Deserialize)]
struct TaskResult {
    /// `ok`, `error`, `warning`, `cancelled`, `abandoned` or `timedout`.
    code: String,
}

impl Task {
    /// The result of a completed task: `ok`, `error`, `warning` or another code.
    #[must_use]
    pub fn result(&self) -> Option<&str> {
        let result = self.result.as_ref();
        result
            .filter(|_| self.state == "completed")
            .map(|result| result.code.as_str())
    }
}

/// An alert, an item of `GET /api/alert_manager/v1/alerts`.
#[derive(Debug, Deserialize)]
pub struct Alert {
    /// `ok`, `information`, `warning`, `error` or `critical`.
    pub severity: String,
}

/// Saves the items of each group as a JSON array in its own file, `{name}_{group}.json`. Returns a table row per
/// group: its name and the number of its items.
///
/// An empty group has no file. If an earlier run has saved one, it is removed.
///
/// # Errors
/// A [`UserError`](common::UserError) if a file cannot be written.
pub fn save_by<T>(
    platform: &Platform,
    name: &str,
    groups: [&str; 3],
    items: &[Lossless<T>],
    group_of: impl Fn(&T) -> Option<&str>,
) -> Result<Vec<[String; 2]>> {
    let mut rows = Vec::new();
    for group in groups {
        let members: Vec<_> = items
            .iter()
            .filter(|item| group_of(item) == Some(group))
            .collect();
        let file = format!("{name}_{group}.json");
        if members.is_empty() {
            platform.remove(&file)?;
        } else {
            platform.save(&file, &members)?;
        }
        rows.push([group.to_owned(), members.len().to_string()]);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_completed_task_has_a_result() {
        for (task, expected) in [
            (
                r#"{"state":"completed","result":{"code":"ok"}}"#,
                Some("ok"),
            ),
            (r#"{"state":"started","result":{"code":"ok"}}"#, None),
            (r#"{"state":"completed","result":null}"#, None),
            (r#"{"state":"completed"}"#, None),
        ] {
            let decoded: Task = serde_json::from_str(task).unwrap();
            assert_eq!(decoded.result(), expected, "{task}");
        }
    }
}
