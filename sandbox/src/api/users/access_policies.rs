//! Access policies: the roles of a user over tenants.

use axum::Json;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::extract::{Body, PathId};
use crate::store::users::roles::NewPolicy;
use crate::world::World;

pub(super) async fn read(world: World, caller: Caller, PathId(id): PathId) -> Result<Json<Value>> {
    let policies = world.store.policies(&caller, id)?;
    Ok(Json(json!({
        "timestamp": world.clock.now(),
        "items": policies,
    })))
}

#[derive(Deserialize)]
pub(super) struct PoliciesPut {
    items: Vec<PolicyPut>,
}

#[derive(Deserialize)]
struct PolicyPut {
    id: Option<Id>,
    tenant_id: Id,
    role_id: String,
    trustee_id: Option<Id>,
    trustee_type: Option<String>,
}

pub(super) async fn replace(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Body(put): Body<PoliciesPut>,
) -> Result<Json<Value>> {
    let wanted = put
        .items
        .into_iter()
        .map(|item| {
            if item.trustee_id.is_some_and(|trustee| trustee != id) {
                return Err(ApiError::bad("trustee_id: not the user of the path."));
            }
            if item.trustee_type.is_some_and(|kind| kind != "user") {
                return Err(ApiError::bad("trustee_type: not user."));
            }
            Ok(NewPolicy {
                tenant_id: item.tenant_id,
                role_id: item.role_id,
                id: item.id.unwrap_or(Id::NIL),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let now = world.clock.now();
    let policies = world.store.set_policies(&caller, id, &wanted, now)?;
    Ok(Json(json!({ "timestamp": now, "items": policies })))
}
