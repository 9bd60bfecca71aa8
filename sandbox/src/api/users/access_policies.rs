//! Access policies: the roles of a user in tenants.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::response::AccessPolicy;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::extract::{Body, PathId};
use crate::store::users::Policy;
use crate::store::users::roles::NewPolicy;
use crate::world::World;

#[derive(Debug, Serialize)]
pub(super) struct AccessPolicies {
    timestamp: Timestamp,
    items: Vec<AccessPolicy>,
}

impl AccessPolicies {
    fn new(policies: Vec<Policy>, now: Timestamp) -> Self {
        Self {
            timestamp: now,
            items: policies.into_iter().map(AccessPolicy::from).collect(),
        }
    }
}

pub(super) async fn read(
    world: World,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Json<AccessPolicies>> {
    let policies = world.store.policies(&caller, id)?;
    Ok(Json(AccessPolicies::new(policies, world.clock.now())))
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
) -> Result<Json<AccessPolicies>> {
    let new = put
        .items
        .into_iter()
        .map(|item| {
            if item.trustee_id.is_some_and(|trustee| trustee != id) {
                return Err(ApiError::bad(
                    "trustee_id: does not match the user in the path.",
                ));
            }
            if item.trustee_type.is_some_and(|kind| kind != "user") {
                return Err(ApiError::bad("trustee_type: only \"user\" is supported."));
            }
            Ok(NewPolicy {
                tenant_id: item.tenant_id,
                role_id: item.role_id,
                id: item.id.unwrap_or(Id::NIL),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let now = world.clock.now();
    let policies = world.store.set_policies(&caller, id, &new, now)?;
    Ok(Json(AccessPolicies::new(policies, now)))
}
