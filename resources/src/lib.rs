//! Resources: the models, and the search for a group.

use anyhow::Result;
use common::Platform;
use serde::Deserialize;

/// A machine or a group, an item of `GET /api/resource_management/v4/resources`.
#[derive(Debug, Deserialize)]
pub struct Resource {
    id: String,
    name: String,
    /// Such as `resource.machine` or `resource.group.computers`.
    #[serde(rename = "type")]
    kind: String,
    /// The groups that contain it. Absent in some examples of the vendor's guide.
    parent_group_ids: Option<Vec<String>>,
}

impl Resource {
    /// A table row: name, type and id.
    #[must_use]
    pub fn row(&self) -> [&str; 3] {
        [&self.name, &self.kind, &self.id]
    }
}

/// Whether a group of this name exists in a parent group.
///
/// # Errors
/// Those of [`Platform::find_item`].
pub fn group_exists(platform: &Platform, name: &str, parent: &str) -> Result<bool> {
    // A cursor must be sent together with a limit.
    let query = [("type", "resource.group.computers"), ("limit", "100")];
    let found = platform.find_item(
        "/api/resource_management/v4/resources",
        &query,
        |group: &Resource| {
            let parents = group.parent_group_ids.as_deref().unwrap_or_default();
            group.name == name && parents == [parent]
        },
    )?;
    Ok(found.is_some())
}

/// How a machine is protected, an item of `GET /api/resource_management/v4/resource_statuses`.
#[derive(Debug, Deserialize)]
pub struct ResourceStatus {
    context: Context,
    /// The state of all plans together. Absent if no plan is applied.
    aggregate: Option<Aggregate>,
    /// Absent if no plan is applied.
    policies: Option<Vec<PolicyRuns>>,
}

/// The machine that the status describes.
#[derive(Debug, Deserialize)]
struct Context {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Aggregate {
    /// Such as `idle`, `running` or `no_policies_applied`.
    status: String,
    /// The names of all plans in one string.
    names: Option<String>,
}

/// The runs of one policy. All times are in RFC 3339, in UTC.
///
/// The API description and the platform use different names for the same time. A response may have both, so
/// `#[serde(alias)]` does not work: it rejects the second one as a duplicate.
#[derive(Debug, Deserialize)]
struct PolicyRuns {
    last_run_time: Option<String>,
    last_run: Option<String>,
    next_run_time: Option<String>,
    next_run: Option<String>,
}

impl ResourceStatus {
    /// A table row: machine, status, plans, and the last and the next run of all policies.
    #[must_use]
    pub fn row(&self) -> [String; 5] {
        let (status, plans) = match &self.aggregate {
            Some(aggregate) => (aggregate.status.replace('_', " "), aggregate.names.clone()),
            None => (String::new(), None),
        };
        let policies = self.policies.as_deref().unwrap_or_default();
        let last = policies
            .iter()
            .filter_map(|policy| policy.last_run_time.as_ref().or(policy.last_run.as_ref()))
            .max();
        let next = policies
            .iter()
            .filter_map(|policy| policy.next_run_time.as_ref().or(policy.next_run.as_ref()))
            .min();
        [
            self.context.name.clone(),
            status,
            plans.unwrap_or_default(),
            last.map_or_else(|| "never".to_owned(), String::clone),
            next.cloned().unwrap_or_default(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use common::json::object_from_str;

    use super::*;

    #[test]
    fn a_status_row_has_the_last_and_the_next_run_of_all_policies() {
        for (status, expected) in [
            (
                r#"{"context":{"name":"pc"},"aggregate":{"status":"idle","names":"My Plan"},"policies":[
                    {"last_run_time":"2026-01-01T00:00:00Z","next_run_time":"2026-01-04T00:00:00Z"},
                    {"last_run":"2026-01-02T00:00:00Z","next_run":"2026-01-03T00:00:00Z"},
                    {"last_run_time":"2025-12-31T00:00:00Z","last_run":"2025-12-31T00:00:00Z"},
                    {}
                ]}"#,
                "pc|idle|My Plan|2026-01-02T00:00:00Z|2026-01-03T00:00:00Z",
            ),
            (
                r#"{"context":{"name":"bare"},"aggregate":{"status":"no_policies_applied"}}"#,
                "bare|no policies applied||never|",
            ),
            (
                r#"{"context":{"name":"bare"},"aggregate":null,"policies":null}"#,
                "bare|||never|",
            ),
        ] {
            let status: ResourceStatus = object_from_str(status).unwrap();
            assert_eq!(status.row().join("|"), expected);
        }
    }
}
