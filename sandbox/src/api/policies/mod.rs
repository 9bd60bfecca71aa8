//! Protection plans: their policies and statuses.

pub(super) mod response;

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::{get, patch};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use self::response::{Created, List, PlanResponse, PolicyStatusResponse};
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::http::extract::{Body, Path, parse_id};
use crate::lists::{Directions, Params};
use crate::state::State;
use crate::store::plans::policies::{self, NewPlan, PlanEntry};
use crate::store::plans::statuses;
use crate::world::World;

/// The routes of this domain. The vendor's tutorials call them with two leading slashes.
pub(crate) fn router() -> Router<State> {
    ["", "/"].into_iter().fold(Router::new(), |router, slash| {
        let path = |rest: &str| format!("{slash}/api/policy_management/v4/{rest}");
        router
            .route(&path("policies"), get(list).post(create).delete(remove_all))
            .route(&path("policies/favorite"), patch(favorite))
            .route(
                &path("policies/{policy_id}"),
                get(read).delete(remove).patch(update),
            )
            .route(&path("policy_statuses"), get(policy_statuses))
    })
}

async fn list(world: World, caller: Caller, params: Params) -> Result<Json<List<PlanResponse>>> {
    let now = world.clock.now();
    let request = params.page_request("policies", policies::FILTERS, Directions::Both)?;
    policies::ensure_no_selections(&params)?;
    let include_settings = request.params.flag("include_settings")?;
    let (page, total) = world
        .store
        .read(|db| policies::list(db, &caller, &request, now))?;
    Ok(Json(List::new(page, total, now, |entry| {
        PlanResponse::new(entry, include_settings)
    })))
}

#[derive(Debug, Deserialize)]
struct Create {
    subject: Subject,
    ignore_policy_and_tenant_ids: Option<bool>,
    override_tenant_id: Option<String>,
    #[serde(rename = "ensure_applications")]
    _ensure_applications: Option<bool>,
    #[serde(rename = "disable_applications_on_conflict")]
    _disable_applications_on_conflict: Option<bool>,
    #[serde(rename = "os_type")]
    _os_type: Option<OsType>,
}

#[derive(Debug, Deserialize)]
struct Subject {
    policy: Vec<Value>,
}

#[derive(Debug, Deserialize)]
enum OsType {
    Windows9x,
    Windows,
    MacOSX,
    Linux,
}

async fn create(world: World, caller: Caller, Body(body): Body<Create>) -> Result<Json<Created>> {
    let now = world.clock.now();
    let new = NewPlan {
        policies: body.subject.policy,
        ignore_ids: body.ignore_policy_and_tenant_ids.unwrap_or(false),
        tenant: body.override_tenant_id,
    };
    let created = world
        .store
        .write(|tx| policies::create(tx, &caller, &new, now))?;
    let result = created
        .iter()
        .map(|policy| format!("{}@{}", policy.id, policy.policy_type))
        .collect();
    Ok(Json(Created { result }))
}

async fn remove_all(world: World, caller: Caller, params: Params) -> Result<StatusCode> {
    world
        .store
        .write(|tx| policies::delete_all(tx, &caller, &params))?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
struct Favorite {
    id: Id,
    favorite: bool,
    favorite_order: Option<i64>,
}

async fn favorite(world: World, caller: Caller, body: Bytes) -> Result<StatusCode> {
    let favorites: Vec<Favorite> = serde_json::from_slice(&body)
        .map_err(|error| ApiError::bad(format!("The body is invalid: {error}.")))?;
    world.store.write(|tx| {
        favorites.iter().try_for_each(|favorite| {
            let order = favorite.favorite_order;
            policies::set_favorite(tx, &caller, (favorite.id, favorite.favorite, order))
        })
    })?;
    Ok(StatusCode::NO_CONTENT)
}

async fn read(
    world: World,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<PlanResponse>> {
    let id = parse_id(&id)?;
    let full_composite = params.flag("full_composite")?;
    let include_contexts = params.flag("include_applied_context")?;
    let include_settings = params.flag("include_settings")?;
    let entry = world.store.read(|db| {
        let policy = policies::require_access(db, &caller, id, Right::View)?;
        let contexts = include_contexts
            .then(|| policies::applied_to(db, policy.root_id))
            .transpose()?;
        let policies = match full_composite && policy.is_root() {
            true => policies::plan(db, id)?,
            false => vec![policy],
        };
        Ok(PlanEntry { policies, contexts })
    })?;
    Ok(Json(PlanResponse::new(entry, include_settings)))
}

async fn remove(world: World, caller: Caller, Path(id): Path<String>) -> Result<StatusCode> {
    let id = parse_id(&id)?;
    world.store.write(|tx| policies::delete(tx, &caller, id))?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
struct Update {
    subject: Subject,
    default: Option<bool>,
    favorite: Option<bool>,
}

async fn update(
    world: World,
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body<Update>,
) -> Result<StatusCode> {
    let id = parse_id(&id)?;
    let now = world.clock.now();
    let mut changes = body.subject.policy;
    if body.default.is_some() || body.favorite.is_some() {
        changes.push(json!({ "default": body.default, "favorite": body.favorite }));
    }
    world
        .store
        .write(|tx| policies::update(tx, &caller, id, &changes, now))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn policy_statuses(
    world: World,
    caller: Caller,
    params: Params,
) -> Result<Json<List<Vec<PolicyStatusResponse>>>> {
    let now = world.clock.now();
    let request = params.page_request("policy_statuses", statuses::FILTERS, Directions::Both)?;
    policies::ensure_no_selections(&params)?;
    let (page, total) = world
        .store
        .read(|db| statuses::list(db, &caller, &request, now))?;
    Ok(Json(List::new(page, total, now, |plan| {
        plan.into_iter().map(Into::into).collect()
    })))
}
