//! Editions, and edition switches of tenants.

use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Items;
use super::offering_items::{OfferingItem, OfferingItems};
use crate::catalogue;
use crate::clock::Timestamp;
use crate::domain::{Caller, Id, Result};
use crate::http::extract::{Body, PathId, Query};
use crate::state::State;
use crate::store::{editions, offering_items};
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/editions", get(list))
        .route("/api/2/tenants/{id}/edition", get(check).put(switch))
}

async fn list(_: Caller) -> Json<Items<&'static str>> {
    Json(Items {
        items: catalogue::editions(None),
    })
}

#[derive(Debug, Deserialize)]
struct EditionPut {
    target_edition: String,
    application_id: Id,
}

#[derive(Debug, Serialize)]
struct Warnings {
    warnings: Vec<&'static str>,
}

async fn check(
    world: World,
    caller: Caller,
    PathId(tenant_id): PathId,
    Query(target): Query<EditionPut>,
) -> Result<Json<Warnings>> {
    let plan = world.store.read(|db| {
        let tenant = offering_items::require_configurable(db, &caller, tenant_id)?;
        editions::plan(db, &tenant, target.application_id, &target.target_edition)
    })?;
    Ok(Json(Warnings {
        warnings: plan.warnings,
    }))
}

/// The platform documents this response in two formats. This one contains both.
#[derive(Debug, Serialize)]
struct EditionSwitch {
    timestamp: Timestamp,
    items: Vec<OfferingItem>,
    warnings: Vec<&'static str>,
}

async fn switch(
    world: World,
    caller: Caller,
    PathId(tenant_id): PathId,
    Body(target): Body<EditionPut>,
) -> Result<Json<EditionSwitch>> {
    let now = world.clock.now();
    let (items, warnings) = world.store.write(|tx| {
        let tenant = offering_items::require_configurable(tx, &caller, tenant_id)?;
        let plan = editions::plan(tx, &tenant, target.application_id, &target.target_edition)?;
        let items = editions::switch(tx, &tenant, &plan, now)?;
        Ok((items, plan.warnings))
    })?;
    let OfferingItems { timestamp, items } = OfferingItems::of(tenant_id, &items, now);
    Ok(Json(EditionSwitch {
        timestamp,
        items,
        warnings,
    }))
}
