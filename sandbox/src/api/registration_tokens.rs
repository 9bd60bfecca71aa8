//! Registration tokens for agents, in the documented form and in the two older ones.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Items;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::extract::{Body, LenientInt, Path, PathId};
use crate::state::State;
use crate::store::registration_tokens::{LONGEST, NewToken, RegistrationToken, Scope};
use crate::world::World;

/// How long it takes until an agent is installed and registers, shortened.
const INSTALLATION_MILLIS: i64 = 5_000;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route(
            "/api/2/tenants/{id}/registration_tokens",
            get(of_tenant).post(create),
        )
        .route(
            "/api/2/registration_tokens",
            get(all).post(create_with_tenant),
        )
        .route("/api/2/registration_tokens/{id}", get(read).delete(remove))
        .route(
            "/bc/api/account_server/registration_tokens",
            get(all).post(create_in_a_line),
        )
}

#[derive(Deserialize)]
struct Create {
    expires_in: LenientInt,
    scopes: Vec<String>,
    /// In the older forms only; there the tenant may also stand in a scope.
    tenant_id: Option<Id>,
}

#[derive(Debug, Serialize)]
struct Shape {
    id: i64,
    token: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    tenant_id: String,
    tenant_uuid: Id,
    scopes: Value,
}

impl From<RegistrationToken> for Shape {
    fn from(token: RegistrationToken) -> Shape {
        Shape {
            id: token.id,
            token: token.token,
            created_at: token.created_at,
            expires_at: token.expires_at,
            tenant_id: token.tenant_number.to_string(),
            tenant_uuid: token.tenant_id,
            scopes: token.scopes,
        }
    }
}

fn make(world: &World, caller: &Caller, tenant_id: Id, post: Create) -> Result<Shape> {
    let LenientInt(expires_in) = post.expires_in;
    if !(1..=LONGEST).contains(&expires_in) {
        return Err(ApiError::bad(format!(
            "expires_in: {expires_in} is not from 1 to {LONGEST} seconds, which is a year."
        )));
    }
    if post.scopes.is_empty() {
        return Err(ApiError::bad(
            "scopes: without one a token is good for nothing.",
        ));
    }
    let new = NewToken {
        tenant_id,
        scopes: post.scopes,
        expires_in,
        installing: world.clock.work(INSTALLATION_MILLIS),
    };
    let token = world
        .store
        .create_registration_token(caller, &new, world.clock.now())?;
    Ok(token.into())
}

async fn create(
    world: World,
    caller: Caller,
    PathId(tenant): PathId,
    Body(post): Body<Create>,
) -> Result<Json<Shape>> {
    make(&world, &caller, tenant, post).map(Json)
}

async fn create_with_tenant(
    world: World,
    caller: Caller,
    Body(post): Body<Create>,
) -> Result<(StatusCode, Json<Shape>)> {
    let tenant = post
        .tenant_id
        .ok_or_else(|| ApiError::bad("tenant_id is missing."))?;
    let made = make(&world, &caller, tenant, post)?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// The oldest form. Its tenant is the one in the body or in a scope, else the caller's; its answer is a whole line.
async fn create_in_a_line(
    world: World,
    caller: Caller,
    Body(post): Body<Create>,
) -> Result<Response> {
    let named = post
        .scopes
        .iter()
        .find_map(|scope| match Scope::parse(scope) {
            Ok(Scope::Register(tenant)) => tenant,
            _ => None,
        });
    let tenant = post.tenant_id.or(named).unwrap_or(caller.tenant_id);
    let made = make(&world, &caller, tenant, post)?;
    let line = format!("{}\n", serde_json::to_string(&made)?);
    Ok(([(header::CONTENT_TYPE, "application/json")], line).into_response())
}

async fn of_tenant(
    world: World,
    caller: Caller,
    PathId(tenant): PathId,
) -> Result<Json<Items<Shape>>> {
    list(&world, &caller, Some(tenant))
}

async fn all(world: World, caller: Caller) -> Result<Json<Items<Shape>>> {
    list(&world, &caller, None)
}

fn list(world: &World, caller: &Caller, tenant: Option<Id>) -> Result<Json<Items<Shape>>> {
    let tokens = world
        .store
        .registration_tokens(caller, tenant, world.clock.now())?;
    let items = tokens.into_iter().map(Shape::from).collect();
    Ok(Json(Items { items }))
}

async fn read(world: World, caller: Caller, Path(id): Path<i64>) -> Result<Json<Shape>> {
    let token = world
        .store
        .registration_token(&caller, id, world.clock.now())?;
    Ok(Json(token.into()))
}

async fn remove(world: World, caller: Caller, Path(id): Path<i64>) -> Result<StatusCode> {
    world
        .store
        .delete_registration_token(&caller, id, world.clock.now())?;
    Ok(StatusCode::NO_CONTENT)
}
