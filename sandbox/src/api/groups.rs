//! Groups: tenants in version 1 of the API, where their ids are numbers.

use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::domain::{ApiError, Caller, Id, Result, TenantKind};
use crate::http::extract::Path;
use crate::state::State;
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new().route("/api/1/groups/{id}", get(read))
}

#[derive(Serialize)]
struct Group {
    id: i64,
    name: String,
    version: i64,
    uuid: Id,
    kind: u8,
}

/// Reads a tenant by UUID or number; `self` is the caller's tenant.
async fn read(world: World, caller: Caller, Path(group): Path<String>) -> Result<Json<Group>> {
    let now = world.clock.now();
    let tenant = match (group.as_str(), group.parse(), group.parse()) {
        ("self", ..) => {
            world
                .store
                .tenant(&caller, caller.tenant_id, false, now)?
                .tenant
        }
        (_, Ok(id), _) => world.store.tenant(&caller, id, false, now)?.tenant,
        (_, _, Ok(number)) => world.store.tenant_of_number(&caller, number)?,
        _ => return Err(ApiError::NotFound(format!("There is no group {group:?}."))),
    };
    Ok(Json(Group {
        id: tenant.number,
        name: tenant.name,
        version: tenant.version,
        uuid: tenant.id,
        kind: kind_number(tenant.kind),
    }))
}

/// The number of a tenant kind. Only the number for partners is known from the vendor's clients.
fn kind_number(kind: TenantKind) -> u8 {
    match kind {
        TenantKind::Root => 30,
        TenantKind::Partner => 31,
        TenantKind::Folder => 32,
        TenantKind::Customer => 33,
        TenantKind::Unit => 34,
    }
}
