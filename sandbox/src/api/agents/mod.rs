//! Agents.

mod response;

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};

use self::response::AgentResponse;
use super::{Items, PagedItems};
use crate::domain::{ApiError, Caller, Result};
use crate::http::extract::{PathId, parse_id};
use crate::lists::{Directions, Params};
use crate::state::State;
use crate::store::agents;
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    const P: &str = "/api/agent_manager/v2";
    Router::new()
        .route(&format!("{P}/agents"), get(list).delete(unregister_many))
        .route(
            &format!("{P}/agents/{{agent_id}}"),
            get(read).delete(unregister),
        )
        .route(&format!("{P}/hardware_nodes"), get(list_hardware_nodes))
        .route(
            &format!("{P}/hardware_nodes/{{node_id}}"),
            get(read_hardware_node),
        )
}

async fn list(
    world: World,
    caller: Caller,
    params: Params,
) -> Result<Json<PagedItems<AgentResponse>>> {
    let request = params.page_request("agents", agents::FILTERS, Directions::Both)?;
    let now = world.clock.now();
    let page = world
        .store
        .read(|db| agents::list(db, &caller, &request, now))?;
    Ok(Json(PagedItems::new(page, AgentResponse::from)))
}

async fn read(world: World, caller: Caller, PathId(id): PathId) -> Result<Json<AgentResponse>> {
    let now = world.clock.now();
    let agent = world.store.read(|db| agents::find(db, &caller, id, now))?;
    Ok(Json(agent.into()))
}

async fn unregister(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    params: Params,
) -> Result<StatusCode> {
    let (force, now) = (params.flag("force")?, world.clock.now());
    world
        .store
        .write(|tx| agents::unregister(tx, &caller, id, force, now))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn unregister_many(world: World, caller: Caller, params: Params) -> Result<StatusCode> {
    let (force, now) = (params.flag("force")?, world.clock.now());
    let ids = params.all("id");
    if ids.is_empty() {
        return Err(ApiError::bad("id is missing."));
    }
    world.store.write(|tx| {
        for id in ids {
            agents::unregister(tx, &caller, parse_id(id)?, force, now)?;
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// The sandbox has no appliances.
async fn list_hardware_nodes(_: Caller) -> Json<Items<()>> {
    Json(Items { items: Vec::new() })
}

async fn read_hardware_node(_: Caller) -> ApiError {
    ApiError::NotFound("There is no such hardware node.".to_owned())
}
