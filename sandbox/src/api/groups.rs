//! Tenants as the first version of the API knew them, by number.

use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::State;
use crate::auth::Caller;
use crate::error::{Refusal, Result};
use crate::extract::Path;
use crate::id::Id;
use crate::store::tenants::Kind;

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

/// The tenant of a UUID, of a number, or the caller's own as `self`.
async fn read(state: State, caller: Caller, Path(group): Path<String>) -> Result<Json<Group>> {
    let now = state.clock.now();
    let tenant = match (group.as_str(), group.parse(), group.parse()) {
        ("self", ..) => {
            state
                .store
                .tenant(&caller, caller.tenant_id, false, now)?
                .tenant
        }
        (_, Ok(id), _) => state.store.tenant(&caller, id, false, now)?.tenant,
        (_, _, Ok(number)) => state.store.tenant_of_number(&caller, number)?,
        _ => return Err(Refusal::NotFound(format!("There is no group {group:?}."))),
    };
    Ok(Json(Group {
        id: tenant.number,
        name: tenant.name,
        version: tenant.version,
        uuid: tenant.id,
        kind: number_of(tenant.kind),
    }))
}

/// The vendor's clients tell of partners only; the other numbers are the sandbox's.
fn number_of(kind: Kind) -> u8 {
    match kind {
        Kind::Root => 30,
        Kind::Partner => 31,
        Kind::Folder => 32,
        Kind::Customer => 33,
        Kind::Unit => 34,
    }
}
