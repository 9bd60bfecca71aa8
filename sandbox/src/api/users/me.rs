//! The caller itself.

use axum::Json;
use serde_json::{Map, Value, json};

use super::response::shape;
use crate::domain::{Caller, Result};
use crate::store::contact;
use crate::store::tenants::DEFAULT_IDP;
use crate::store::users::{Me, User};
use crate::world::World;

/// Who is calling: a user, or an API client in a user's shape.
pub(super) async fn me(world: World, caller: Caller) -> Result<Json<Value>> {
    let now = world.clock.now();
    let me = world.store.me(&caller, now)?;
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
