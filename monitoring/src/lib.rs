//! What the monitoring examples share: lists that are kept in groups.

use anyhow::Result;
use common::{Platform, list, table};
use serde_json::{Value, json};

/// Keeps an answer as `NAME.json` and, in files of their own, what of it belongs to each group: `NAME_ok.json`.
/// The number in each group, as a table.
///
/// A group that is empty has no file, not even that of an earlier run on the same day.
///
/// # Errors
/// Where the answer has no list of `items`, or a file cannot be written.
pub fn keep_in_groups(
    platform: &Platform,
    name: &str,
    answer: &Value,
    (by, groups): (&str, [&str; 3]),
    group_of: impl Fn(&Value) -> Option<&str>,
) -> Result<String> {
    let items = list(answer, "items")?;
    platform.save(&format!("{name}.json"), answer)?;
    let mut rows = Vec::new();
    for group in groups {
        let found: Vec<&Value> = items
            .iter()
            .filter(|item| group_of(item) == Some(group))
            .collect();
        let file = format!("{name}_{group}.json");
        rows.push([group.to_owned(), found.len().to_string()]);
        if found.is_empty() {
            platform.remove(&file)?;
        } else {
            platform.save(&file, &json!({ "items": found }))?;
        }
    }
    Ok(table([by, "number"], rows))
}

/// How a task or an activity ended: `ok`, `error`, `warning` and others; none while it goes on.
#[must_use]
pub fn result_of(item: &Value) -> Option<&str> {
    let completed = item.get("state").and_then(Value::as_str) == Some("completed");
    let code = item.get("result")?.get("code")?.as_str();
    code.filter(|_| completed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_completed_has_a_result() {
        let ended = json!({ "state": "completed", "result": { "code": "ok" } });
        assert_eq!(result_of(&ended), Some("ok"));
        for other in [
            json!({ "state": "started", "result": { "code": "ok" } }),
            json!({ "state": "completed", "result": null }),
            json!({ "state": "completed", "result": { "code": 1 } }),
            json!({}),
            json!(null),
        ] {
            assert_eq!(result_of(&other), None, "{other}");
        }
    }
}
