//! Pricing settings of tenants: trial, production, currency.

use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use crate::State;
use crate::auth::{Caller, Right};
use crate::error::Result;
use crate::extract::{Body, PathId, Whole, present};
use crate::store::pricing::{self, Change, Currency, Mode, Pricing};
use crate::store::{offering_items, tenants};

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new().route("/api/2/tenants/{id}/pricing", get(read).put(set))
}

async fn read(state: State, caller: Caller, PathId(tenant_id): PathId) -> Result<Json<Pricing>> {
    let now = state.clock.now();
    let pricing = state.store.read(|db| {
        let tenant = tenants::reach(db, &caller, tenant_id, Right::View)?;
        pricing::current(db, tenant.id, now)
    })?;
    Ok(Json(pricing))
}

/// The whole answer of `GET` may come back: what is read-only in it is ignored.
#[derive(Debug, Deserialize)]
struct Set {
    version: Whole,
    mode: Option<Mode>,
    #[serde(default, deserialize_with = "present")]
    currency: Option<Option<Currency>>,
}

async fn set(
    state: State,
    caller: Caller,
    PathId(tenant_id): PathId,
    Body(body): Body<Set>,
) -> Result<Json<Pricing>> {
    let change = Change {
        version: body.version.0,
        mode: body.mode,
        currency: body.currency,
    };
    let now = state.clock.now();
    let pricing = state.store.write(|tx| {
        let tenant = offering_items::tenant_to_change(tx, &caller, tenant_id)?;
        pricing::set(tx, &tenant, change, now)
    })?;
    Ok(Json(pricing))
}
