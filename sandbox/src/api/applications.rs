//! Applications, and which of them a tenant has enabled.

use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;

use super::Items;
use crate::catalogue::{APPLICATIONS, Application};
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::http::extract::{Path, PathId, parse_id};
use crate::state::State;
use crate::store::{applications, offering_items, tenants};
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/applications", get(list))
        .route("/api/2/applications/{id}", get(one))
        .route(
            "/api/2/applications/{id}/bindings/tenants/{tenant_id}",
            post(enable).delete(disable),
        )
        .route("/api/2/tenants/{id}/applications", get(of_tenant))
}

#[derive(Debug, Serialize)]
struct ApplicationBody {
    id: Id,
    name: &'static str,
    #[serde(rename = "type")]
    application_type: &'static str,
    usages: &'static [&'static str],
    api_base_url: &'static str,
}

impl From<&'static Application> for ApplicationBody {
    fn from(application: &'static Application) -> Self {
        Self {
            id: application.id,
            name: application.name,
            application_type: application.application_type,
            usages: application.usages,
            api_base_url: application.api_base_url,
        }
    }
}

async fn list(_: Caller) -> Json<Items<ApplicationBody>> {
    Json(Items {
        items: APPLICATIONS.iter().map(ApplicationBody::from).collect(),
    })
}

async fn one(_: Caller, PathId(id): PathId) -> Result<Json<ApplicationBody>> {
    find(id).map(|application| Json(ApplicationBody::from(application)))
}

fn find(id: Id) -> Result<&'static Application> {
    Application::find(id)
        .ok_or_else(|| ApiError::NotFound(format!("There is no application {id}.")))
}

async fn of_tenant(
    world: World,
    caller: Caller,
    PathId(tenant_id): PathId,
) -> Result<Json<Items<Id>>> {
    let items = world.store.read(|db| {
        let tenant = tenants::require_access(db, &caller, tenant_id, Right::View)?;
        applications::of_tenant(db, tenant.id)
    })?;
    Ok(Json(Items { items }))
}

async fn enable(
    world: World,
    caller: Caller,
    Path((application_id, tenant_id)): Path<(String, String)>,
) -> Result<StatusCode> {
    let application = find(parse_id(&application_id)?)?;
    let tenant_id = parse_id(&tenant_id)?;
    world.store.write(|tx| {
        let tenant = offering_items::require_configurable(tx, &caller, tenant_id)?;
        applications::enable(tx, &tenant, application)
    })?;
    Ok(StatusCode::NO_CONTENT)
}

async fn disable(
    world: World,
    caller: Caller,
    Path((application_id, tenant_id)): Path<(String, String)>,
) -> Result<StatusCode> {
    let application = find(parse_id(&application_id)?)?;
    let tenant_id = parse_id(&tenant_id)?;
    world.store.write(|tx| {
        let tenant = offering_items::require_configurable(tx, &caller, tenant_id)?;
        applications::disable(tx, &tenant, application)
    })?;
    Ok(StatusCode::NO_CONTENT)
}
