//! The body of a user.

use serde_json::{Map, Value, json};

use crate::store::users::{Policy, User};

/// A user as the platform answers it.
pub(in crate::api) fn shape(user: &User, policies: &[Policy]) -> Map<String, Value> {
    let mut answer = Map::new();
    let mut put = |field: &str, value: Value| answer.insert(field.to_owned(), value);
    put("id", json!(user.id));
    put("version", json!(user.version));
    put("tenant_id", json!(user.tenant_id));
    put("created_at", json!(user.created_at));
    put("updated_at", json!(user.updated_at));
    put("deleted_at", json!(user.deleted_at));
    put("access_policies", json!(policies));
    put("origin_id", json!(user.origin_id));
    put("origin_external_id", json!(user.origin_external_id));
    put("disable_after", json!(user.disable_after));
    put("personal_tenant_id", json!(user.personal_tenant_id));
    put("login", json!(user.login));
    put("enabled", json!(user.enabled));
    put("session_mfa_status", json!("passed_or_not_required"));
    put("delivery_channel", json!("email"));
    put("contact", json!(user.contact));
    put("activated", json!(user.activated));
    put("language", json!(user.language));
    put("business_types", user.business_types.clone());
    put("notifications", user.notifications.clone());
    put("idp_id", json!(user.idp_id));
    // Declared a string: left out where there is none.
    if let Some(external) = &user.external_id {
        put("external_id", json!(external));
    }
    put("mfa_status", json!("disabled"));
    put("external_operation_status", Value::Null);
    put("terms_accepted", json!(user.terms_accepted));
    answer
}
