//! Storages (infrastructure components) of the sandbox's data center. They are read-only.

use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Items;
use crate::catalogue::Storage;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::http::extract::{PathId, Query, ids};
use crate::state::State;
use crate::store::{offering_items, reports, tenants};
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/infra", get(batch))
        .route("/api/2/infra/{id}", get(one))
        .route("/api/2/tenants/{id}/infra", get(of_tenant))
}

/// The maximum number of storages in one call, as in the other batches.
const MAX_STORAGES: usize = 100;

#[derive(Debug, Serialize)]
struct Infra {
    id: Id,
    owner_tenant_id: Id,
    location_id: Id,
    platform_owned: bool,
    name: &'static str,
    url: &'static str,
    capabilities: [&'static str; 1],
    backend_type: &'static str,
    version: i64,
    readonly: bool,
}

impl Infra {
    fn of(storage: &'static Storage, owner: Id, caller: &Caller) -> Self {
        Self {
            id: storage.id,
            owner_tenant_id: owner,
            location_id: storage.location_id,
            platform_owned: true,
            name: storage.name,
            url: storage.url,
            capabilities: [storage.capability.as_str()],
            backend_type: storage.backend_type,
            version: 1,
            readonly: caller.tenant_id != owner,
        }
    }
}

#[derive(Debug, Deserialize)]
struct BatchQuery {
    uuids: String,
}

async fn batch(
    world: World,
    caller: Caller,
    Query(query): Query<BatchQuery>,
) -> Result<Json<Items<Infra>>> {
    let ids = ids("uuids", &query.uuids, MAX_STORAGES)?;
    let owner = world.store.read(reports::root)?;
    let storages = ids.into_iter().filter_map(Storage::find);
    let items = storages
        .map(|storage| Infra::of(storage, owner, &caller))
        .collect();
    Ok(Json(Items { items }))
}

async fn one(world: World, caller: Caller, PathId(id): PathId) -> Result<Json<Infra>> {
    let storage = Storage::find(id)
        .ok_or_else(|| ApiError::NotFound(format!("There is no infrastructure component {id}.")))?;
    let owner = world.store.read(reports::root)?;
    Ok(Json(Infra::of(storage, owner, &caller)))
}

#[derive(Debug, Serialize)]
struct TenantInfra {
    infras: Vec<Id>,
}

/// The storages of a tenant's enabled offering items.
async fn of_tenant(
    world: World,
    caller: Caller,
    PathId(tenant_id): PathId,
) -> Result<Json<TenantInfra>> {
    let items = world.store.read(|db| {
        let tenant = tenants::require_access(db, &caller, tenant_id, Right::View)?;
        offering_items::of_tenant(db, tenant.id)
    })?;
    let mut infras: Vec<Id> = items
        .iter()
        .filter(|offered| offered.on)
        .filter_map(|offered| offered.infra_id)
        .collect();
    infras.sort_unstable();
    infras.dedup();
    Ok(Json(TenantInfra { infras }))
}
