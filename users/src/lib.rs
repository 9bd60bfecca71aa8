//! What both examples that create a user share: the form of a role.

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
