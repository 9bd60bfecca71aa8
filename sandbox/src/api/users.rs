//! Users, their passwords and roles.

use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use crate::State;
use crate::auth::Caller;
use crate::error::Result;
use crate::store::contact;
use crate::store::tenants::DEFAULT_IDP;
use crate::store::users::{Me, Policy, User};

/// The routes of this domain.
pub fn router() -> Router<State> {
    Router::new().route("/api/2/users/me", get(me))
}

/// Who is calling: a user, or an API client in a user's shape.
async fn me(state: State, caller: Caller) -> Result<Json<Value>> {
    let now = state.clock.now();
    let me = state.store.me(&caller, now)?;
    let mut answer = match &me {
        Me {
            user: Some(user),
            policies,
            ..
        } => shape(user, policies),
        Me { tenant, .. } => {
            let client = User {
                id: caller.id,
                tenant_id: tenant.id,
                personal_tenant_id: None,
                login: caller.name.clone(),
                contact: contact::new(caller.id, &Map::new(), tenant.created_at)?,
                activated: true,
                enabled: true,
                language: tenant.language.clone(),
                notifications: json!([]),
                business_types: json!([]),
                idp_id: DEFAULT_IDP,
                external_id: None,
                origin_id: None,
                origin_external_id: None,
                disable_after: None,
                terms_accepted: true,
                version: 1,
                created_at: tenant.created_at,
                updated_at: tenant.created_at,
                deleted_at: None,
            };
            shape(&client, &[])
        }
    };
    answer.insert("login_totp_time".to_owned(), Value::Null);
    answer.insert("tenant_kind".to_owned(), json!(me.tenant.kind));
    answer.insert("tenant_pricing_model".to_owned(), json!(me.pricing.mode));
    answer.insert("brand_id".to_owned(), json!(me.tenant.brand_uuid));
    Ok(Json(answer.into()))
}

/// A user as the platform answers it.
fn shape(user: &User, policies: &[Policy]) -> Map<String, Value> {
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
