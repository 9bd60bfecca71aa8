//! Protection plans: their policies, and how many machines they do well on.

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::http::extract::{Body, Path, parse_id};
use crate::lists::{Params, Slice};
use crate::state::State;
use crate::store::plans::policies::{self, Listed, NewPlan, Policy};
use crate::store::plans::{stamp, statuses};
use crate::world::World;

/// The routes of this domain, with one slash in front and, as the vendor's tutorials call them, with two.
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

/// A page as this service answers it.
pub(super) fn paged<T>(
    slice: Slice<T>,
    total: i64,
    timestamp: &str,
    show: impl FnMut(T) -> Value,
) -> Value {
    let mut cursors = json!({ "total": total });
    if let Some(cursors) = cursors.as_object_mut() {
        for (name, cursor) in [("before", slice.before), ("after", slice.after)] {
            if let Some(cursor) = cursor {
                cursors.insert(name.to_owned(), cursor.into());
            }
        }
    }
    let items: Vec<Value> = slice.items.into_iter().map(show).collect();
    json!({ "items": items, "paging": { "cursors": cursors }, "timestamp": timestamp })
}

/// A plan as it is answered, whether one policy or many.
fn composite((policies, contexts): Listed, with_settings: bool) -> Value {
    let shown: Vec<Value> = policies.iter().map(|it| it.shown(with_settings)).collect();
    let mut composite = json!({ "policy": shown });
    if let (Some(contexts), Some(composite)) = (contexts, composite.as_object_mut()) {
        composite.insert("context".to_owned(), json!({ "items": contexts }));
    }
    composite
}

async fn list(world: World, caller: Caller, params: Params) -> Result<Json<Value>> {
    let now = world.clock.now();
    let (asked, slice, total) = world
        .store
        .read(|db| policies::list(db, &caller, &params, now))?;
    let with_settings = asked.params.flag("include_settings")?;
    Ok(Json(paged(slice, total, &stamp(now), |listed| {
        composite(listed, with_settings)
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

async fn create(world: World, caller: Caller, Body(body): Body<Create>) -> Result<Json<Value>> {
    let now = world.clock.now();
    let new = NewPlan {
        policies: body.subject.policy,
        ignore_ids: body.ignore_policy_and_tenant_ids.unwrap_or(false),
        tenant: body.override_tenant_id,
    };
    let result = world
        .store
        .write(|tx| policies::create(tx, &caller, &new, now))?;
    Ok(Json(json!({ "result": result })))
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
        .map_err(|error| ApiError::bad(format!("The body cannot be used: {error}.")))?;
    world.store.write(|tx| {
        favorites.iter().try_for_each(|it| {
            policies::set_favorite(tx, &caller, (it.id, it.favorite, it.favorite_order))
        })
    })?;
    Ok(StatusCode::NO_CONTENT)
}

async fn read(
    world: World,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>> {
    let id = parse_id(&id)?;
    let whole = params.flag("full_composite")?;
    let with_contexts = params.flag("include_applied_context")?;
    let with_settings = params.flag("include_settings")?;
    let listed = world.store.read(|db| {
        let policy = policies::require_access(db, &caller, id, Right::View)?;
        let contexts = with_contexts
            .then(|| policies::applied_to(db, policy.root_id))
            .transpose()?;
        let policies: Vec<Policy> = match whole && policy.is_root() {
            true => policies::plan(db, id)?,
            false => vec![policy],
        };
        Ok((policies, contexts))
    })?;
    Ok(Json(composite(listed, with_settings)))
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
) -> Result<Response> {
    let id = parse_id(&id)?;
    let now = world.clock.now();
    let mut changes = body.subject.policy;
    if body.default.is_some() || body.favorite.is_some() {
        changes.push(json!({ "default": body.default, "favorite": body.favorite }));
    }
    world
        .store
        .write(|tx| policies::update(tx, &caller, id, &changes, now))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn policy_statuses(world: World, caller: Caller, params: Params) -> Result<Json<Value>> {
    let now = world.clock.now();
    let (slice, total) = world
        .store
        .read(|db| statuses::list(db, &caller, &params, now))?;
    Ok(Json(paged(slice, total, &stamp(now), Value::Array)))
}
