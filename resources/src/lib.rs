//! What a resource example needs where a call has brought no answer: finding the group that it was to create.

use anyhow::Result;
use common::{Platform, list, text};
use serde_json::Value;

/// The path of resources: machines, groups and all else that can be protected.
pub const RESOURCES: &str = "/api/resource_management/v4/resources";

/// The group that a POST with this body was to create: by its name, under its parent. One of an earlier run is as good.
///
/// # Errors
/// What [`Platform::get`] can meet, and a `Failure` where an answer lacks what is needed.
pub fn group_by_name(platform: &Platform, wanted: &Value) -> Result<Option<Value>> {
    let kind = text(wanted, "type")?;
    let groups = platform.get(RESOURCES, &[("type", kind)])?;
    let is_wanted = |group: &&Value| {
        let same = |field| group.get(field) == wanted.get(field);
        same("name") && same("parent_group_ids")
    };
    Ok(list(&groups, "items")?.iter().find(is_wanted).cloned())
}
