//! What both examples that create a user share: the form of a role, and finding a user of whom no answer has told.

use anyhow::Result;
use common::{Platform, text, texts};
use serde_json::{Value, json};

/// The id of what does not exist yet: the platform gives it a real one.
const NEW: &str = "00000000-0000-0000-0000-000000000000";

/// The access policies of a user who is to have one role in one tenant, and no other.
#[must_use]
pub fn only_role(role: &str, tenant_id: &str, user_id: &str) -> Value {
    json!({
        "items": [{
            "id": NEW,
            "issuer_id": NEW,
            "role_id": role,
            "tenant_id": tenant_id,
            "trustee_id": user_id,
            "trustee_type": "user",
            "version": 0,
        }],
    })
}

/// The user that a POST with this body was to create: by the login, in the tenant. Logins are unique everywhere.
///
/// # Errors
/// What [`Platform::get`] can meet, and a `Failure` where an answer lacks what is needed.
pub fn by_login(platform: &Platform, wanted: &Value) -> Result<Option<Value>> {
    let login = text(wanted, "login")?;
    let users = platform.get(
        &format!("/api/2/tenants/{}/users", text(wanted, "tenant_id")?),
        &[],
    )?;
    for id in texts(&users, "items")? {
        let user = platform.get(&format!("/api/2/users/{id}"), &[])?;
        if user.get("login").is_some_and(|it| it == login) {
            return Ok(Some(user));
        }
    }
    Ok(None)
}
