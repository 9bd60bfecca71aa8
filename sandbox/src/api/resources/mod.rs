//! Resources, the machines and groups, and their protection statuses.

mod response;

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use self::response::{Attributes, Count, List, ResourceResponse, StatusResponse};
use super::Items;
use crate::domain::{Caller, Id, Result};
use crate::http::extract::{Body, Path, parse_id};
use crate::lists::{CursorPage, Directions, Params};
use crate::state::State;
use crate::store::plans::status;
use crate::store::resources::{self, GroupFields, NewGroup};
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    const P: &str = "/api/resource_management/v4";
    Router::new()
        .route(&format!("{P}/resources"), get(list).post(put_group))
        .route(&format!("{P}/resources/count"), get(count))
        .route(&format!("{P}/resources/{{id}}"), get(read))
        .route(
            &format!("{P}/resources/{{id}}/attributes"),
            get(read_attributes),
        )
        .route(&format!("{P}/resource_statuses"), get(list_statuses))
}

async fn list(
    world: World,
    caller: Caller,
    params: Params,
) -> Result<Json<List<ResourceResponse>>> {
    let request = params.page_request("resources", resources::FILTERS, Directions::Both)?;
    let include_attributes = request.params.flag("include_attributes")?;
    let now = world.clock.now();
    let page = world
        .store
        .read(|db| resources::list(db, &caller, &request, now))?;
    Ok(Json(List::new(page, now, |resource| {
        ResourceResponse::new(resource, include_attributes)
    })))
}

async fn count(world: World, caller: Caller, params: Params) -> Result<Json<Count>> {
    let request = params.page_request("resources", resources::FILTERS, Directions::Both)?;
    let now = world.clock.now();
    let count = world
        .store
        .read(|db| resources::count(db, &caller, &request, now))?;
    Ok(Json(Count { count }))
}

/// Parses a resource id: a UUID that may be followed by `@type` and `!tenant`.
fn parse_resource_id(id: &str) -> Result<Id> {
    parse_id(id.split(['@', '!']).next().unwrap_or(id))
}

async fn read(
    world: World,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<ResourceResponse>> {
    let (id, now) = (parse_resource_id(&id)?, world.clock.now());
    let include_attributes = params.flag("include_attributes")?;
    let resource = world
        .store
        .read(|db| resources::find(db, &caller, id, now))?;
    Ok(Json(ResourceResponse::new(resource, include_attributes)))
}

async fn read_attributes(
    world: World,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Items<Attributes>>> {
    let (id, now) = (parse_resource_id(&id)?, world.clock.now());
    let resource = world
        .store
        .read(|db| resources::find(db, &caller, id, now))?;
    let items = Attributes::of(&resource);
    Ok(Json(Items { items }))
}

#[derive(Deserialize)]
struct PutGroup {
    id: Option<Id>,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    parent_group_ids: Vec<Id>,
    group_condition: Option<String>,
    #[serde(flatten)]
    fields: GroupFields,
}

async fn put_group(world: World, caller: Caller, Body(body): Body<PutGroup>) -> Result<StatusCode> {
    let new = NewGroup {
        id: body.id,
        kind: body.kind,
        name: body.name,
        parents: body.parent_group_ids,
        group_condition: body.group_condition,
        fields: body.fields,
    };
    let now = world.clock.now();
    world
        .store
        .write(|tx| resources::put_group(tx, &caller, &new, now))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn list_statuses(
    world: World,
    caller: Caller,
    params: Params,
) -> Result<Json<List<StatusResponse>>> {
    let request = params.page_request("resource_statuses", resources::FILTERS, Directions::Both)?;
    let include_attributes = request.params.flag("include_attributes")?;
    let now = world.clock.now();
    world.store.read(|db| {
        let page = resources::list(db, &caller, &request, now)?;
        let items = page
            .items
            .into_iter()
            .map(|resource| {
                let protection = status::protection_of(db, resource.id, now)?;
                let context = ResourceResponse::new(resource, include_attributes);
                Ok(StatusResponse::new(context, protection))
            })
            .collect::<Result<Vec<_>>>()?;
        let page = CursorPage {
            items,
            after: page.after,
            before: page.before,
        };
        Ok(Json(List::new(page, now, |item| item)))
    })
}
