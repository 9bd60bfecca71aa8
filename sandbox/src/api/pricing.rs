//! The pricing settings of tenants.

use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::domain::{Caller, Result, Right};
use crate::http::extract::{Body, LenientInt, PathId, double_option};
use crate::state::State;
use crate::store::pricing::{self, Change, Currency, Mode};
use crate::store::{offering_items, tenants};
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new().route("/api/2/tenants/{id}/pricing", get(read).put(update))
}

#[derive(Debug, Serialize)]
struct Pricing {
    mode: Mode,
    currency: Option<String>,
    version: i64,
    production_start_date: Option<Timestamp>,
}

impl From<pricing::Pricing> for Pricing {
    fn from(pricing: pricing::Pricing) -> Self {
        Self {
            mode: pricing.mode,
            currency: pricing.currency,
            version: pricing.version,
            production_start_date: pricing.production_start_date,
        }
    }
}

async fn read(world: World, caller: Caller, PathId(tenant_id): PathId) -> Result<Json<Pricing>> {
    let now = world.clock.now();
    let pricing = world.store.read(|db| {
        let tenant = tenants::require_access(db, &caller, tenant_id, Right::View)?;
        pricing::current(db, tenant.id, now)
    })?;
    Ok(Json(Pricing::from(pricing)))
}

/// The changes. Clients can send the response of `GET`: its read-only fields are ignored.
#[derive(Debug, Deserialize)]
struct PricingPut {
    version: LenientInt,
    mode: Option<Mode>,
    #[serde(default, deserialize_with = "double_option")]
    currency: Option<Option<Currency>>,
}

async fn update(
    world: World,
    caller: Caller,
    PathId(tenant_id): PathId,
    Body(body): Body<PricingPut>,
) -> Result<Json<Pricing>> {
    let change = Change {
        version: body.version.0,
        mode: body.mode,
        currency: body.currency,
    };
    let now = world.clock.now();
    let pricing = world.store.write(|tx| {
        let tenant = offering_items::require_configurable(tx, &caller, tenant_id)?;
        pricing::update(tx, &tenant, change, now)
    })?;
    Ok(Json(Pricing::from(pricing)))
}
