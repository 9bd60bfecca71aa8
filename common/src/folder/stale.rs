//! Files about an object that does not exist on the platform, or no longer exists.

use reqwest::StatusCode;
use serde_json::Value;

use super::{Home, help::saved_file};

/// The calls that send the id of the object in their body.
const WITH_ID_IN_BODY: [&str; 4] = [
    "/api/2/tenants",
    "/api/2/users",
    "/api/2/idp/token",
    "/api/2/idp/ott",
];

impl Home {
    /// What to do if a call to this path was rejected because of the object in a file that this run has loaded.
    pub(crate) fn help_for_stale_file(&self, path: &str, status: StatusCode) -> Option<String> {
        // A copy, because loading a file below locks the list again.
        let loaded = self.loaded.lock().map(|loaded| loaded.clone());
        let loaded = loaded.unwrap_or_default();
        loaded.iter().find_map(|name| {
            let command = saved_file(name)?.command();
            let saved: Value = self.load(name).ok()?;
            let id = saved.get("id")?.as_str();
            let personal_tenant = saved.get("personal_tenant_id").and_then(Value::as_str);
            let is_named = |part| id == Some(part) || personal_tenant == Some(part);
            if !path.split('/').any(is_named) && !WITH_ID_IN_BODY.contains(&path) {
                return None;
            }
            match status {
                StatusCode::NOT_FOUND => Some(format!(
                    "The object in {name} does not exist on this platform, or this API client cannot see it: it was \
                     deleted, or it belongs to another account or an earlier sandbox. Run `{command}` for a new one."
                )),
                StatusCode::FORBIDDEN => Some(format!(
                    "The API client is not allowed to do this. If the object in {name} belongs to another account or an \
                     earlier sandbox, run `{command}` for a new one."
                )),
                _ => None,
            }
        })
    }
}
