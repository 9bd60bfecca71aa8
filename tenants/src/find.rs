//! Finding a tenant by its name, where no answer has told what became of the call that was to create it.

use anyhow::Result;
use common::{Platform, Trail, cursor, list, text};
use serde_json::Value;

/// The tenant that a POST with this body was to create: by its name, under its parent. Names are unique there.
///
/// # Errors
/// What [`Platform::get`] can meet, and a `Failure` where an answer lacks what is needed.
pub fn by_name(platform: &Platform, wanted: &Value) -> Result<Option<Value>> {
    let name = text(wanted, "name")?;
    let parent = text(wanted, "parent_id")?;
    let (mut after, mut trail) = (String::new(), Trail::default());
    loop {
        let query = [("parent_id", parent), ("lod", "basic"), ("after", &after)];
        let query = if after.is_empty() {
            &query[..2]
        } else {
            &query
        };
        let page = platform.get("/api/2/tenants", query)?;
        for tenant in list(&page, "items")? {
            if tenant.get("name").is_some_and(|it| it == name) {
                let path = format!("/api/2/tenants/{}", text(tenant, "id")?);
                return Ok(Some(platform.get(&path, &[])?));
            }
        }
        let Some(next) = cursor(&page, "after") else {
            return Ok(None);
        };
        trail.step(&next)?;
        after = next;
    }
}
