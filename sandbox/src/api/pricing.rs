//! Pricing settings of tenants: trial, production, currency.

use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use crate::domain::{Caller, Result, Right};
use crate::http::extract::{Body, LenientInt, PathId, double_option};
use crate::state::State;
use crate::store::pricing::{self, Change, Currency, Mode, Pricing};
use crate::store::{offering_items, tenants};
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new().route("/api/2/tenants/{id}/pricing", get(read).put(set))
}

async fn read(world: World, caller: Caller, PathId(tenant_id): PathId) -> Result<Json<Pricing>> {
    let now = world.clock.now();
    let pricing = world.store.read(|db| {
        let tenant = tenants::require_access(db, &caller, tenant_id, Right::View)?;
        pricing::current(db, tenant.id, now)
    })?;
    Ok(Json(pricing))
}

/// The whole answer of `GET` may come back: what is read-only in it is ignored.
#[derive(Debug, Deserialize)]
struct Set {
    version: LenientInt,
    mode: Option<Mode>,
    #[serde(default, deserialize_with = "double_option")]
    currency: Option<Option<Currency>>,
}

async fn set(
    world: World,
    caller: Caller,
    PathId(tenant_id): PathId,
    Body(body): Body<Set>,
) -> Result<Json<Pricing>> {
    let change = Change {
        version: body.version.0,
        mode: body.mode,
        currency: body.currency,
    };
    let now = world.clock.now();
    let pricing = world.store.write(|tx| {
        let tenant = offering_items::tenant_to_change(tx, &caller, tenant_id)?;
        pricing::set(tx, &tenant, change, now)
    })?;
    Ok(Json(pricing))
}
