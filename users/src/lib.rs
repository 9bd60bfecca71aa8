//! What the user examples share: the models, the access policy of a role, and finding a user by login.

use anyhow::Result;
use common::{Id, Lossless, Page, Platform, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

/// A user, the response of `POST /api/2/users` and `GET /api/2/users/{id}`.
#[derive(Debug, Deserialize)]
pub struct User {
    /// The id of the user.
    pub id: Id,
    /// The name that the user enters to sign in, unique on the platform.
    pub login: String,
}

/// The login of the saved user.
#[derive(Debug, Deserialize)]
pub struct UserLogin {
    /// The name that the user enters to sign in.
    pub login: String,
}

/// A one-time token, the response of `POST /api/2/idp/ott`. Like a password of the user, but valid only once.
#[derive(Debug, Deserialize)]
pub struct OneTimeToken {
    /// Never empty. Valid for one sign-in.
    #[serde(deserialize_with = "common::json::non_empty_secret")]
    pub ott: SecretString,
}

/// The access policies that give a user one role in one tenant, and no other.
#[must_use]
pub fn only_role(role: &str, tenant: &Id, user: &Id) -> Value {
    // Marks a new policy. The platform replaces it with an id.
    const NEW: &str = "00000000-0000-0000-0000-000000000000";

    json!({
        "items": [{
            "id": NEW,
            "issuer_id": NEW,
            "role_id": role,
            "tenant_id": tenant,
            "trustee_id": user,
            "trustee_type": "user",
            "version": 0,
        }],
    })
}

/// Finds a user of a tenant by login, after a POST whose outcome is unknown.
///
/// # Errors
/// Those of [`Call::fetch`](common::Call::fetch).
pub fn find_by_login(
    platform: &Platform,
    tenant: &Id,
    login: &str,
) -> Result<Option<Lossless<User>>> {
    let users: Page<Id> = platform
        .get(&format!("/api/2/tenants/{tenant}/users"))
        .fetch()?;
    for id in &users.items {
        let user: Lossless<User> = platform.get(&format!("/api/2/users/{id}")).fetch()?;
        if user.login == login {
            return Ok(Some(user));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_is_given_in_the_tenant_only() {
        let id = |text: &str| Id::try_from(text.to_owned()).unwrap();
        let policies = only_role("backup_user", &id("t"), &id("u"));
        let policies = policies["items"].as_array().unwrap();
        assert_eq!(policies.len(), 1);
        assert_eq!(policies[0]["role_id"], "backup_user");
        assert_eq!(policies[0]["tenant_id"], "t");
        assert_eq!(policies[0]["trustee_id"], "u");
    }
}
