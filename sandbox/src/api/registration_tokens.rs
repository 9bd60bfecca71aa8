//! Registration tokens for agents: the documented routes and two older ones.

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::{Items, JsonLine};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::extract::{Body, LenientInt, Path, PathId};
use crate::state::State;
use crate::store::registration_tokens::{MAX_LIFETIME, NewToken, RegistrationToken, Scope};
use crate::world::World;

/// How long the simulated installation of an agent takes at speed 1.
const INSTALLATION_MILLIS: i64 = 5_000;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route(
            "/api/2/tenants/{id}/registration_tokens",
            get(list_of_tenant).post(create),
        )
        .route(
            "/api/2/registration_tokens",
            get(list_all).post(create_with_tenant),
        )
        .route("/api/2/registration_tokens/{id}", get(read).delete(remove))
        .route(
            "/bc/api/account_server/registration_tokens",
            get(list_all).post(create_legacy),
        )
}

#[derive(Deserialize)]
struct Create {
    expires_in: LenientInt,
    scopes: Vec<String>,
    /// Only used by the older routes.
    tenant_id: Option<Id>,
}

#[derive(Debug, Serialize)]
struct TokenResponse {
    id: i64,
    token: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    tenant_id: String,
    tenant_uuid: Id,
    scopes: Vec<String>,
}

impl From<RegistrationToken> for TokenResponse {
    fn from(token: RegistrationToken) -> Self {
        Self {
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

fn create_token(
    world: &World,
    caller: &Caller,
    tenant_id: Id,
    body: Create,
) -> Result<TokenResponse> {
    let LenientInt(expires_in) = body.expires_in;
    if !(1..=MAX_LIFETIME).contains(&expires_in) {
        return Err(ApiError::bad(format!(
            "expires_in: {expires_in} is not from 1 to {MAX_LIFETIME} seconds (one year)."
        )));
    }
    if body.scopes.is_empty() {
        return Err(ApiError::bad("scopes: at least one scope is required."));
    }
    let new = NewToken {
        tenant_id,
        scopes: body.scopes,
        expires_in,
        installation_millis: world.clock.work(INSTALLATION_MILLIS),
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
    Body(body): Body<Create>,
) -> Result<Json<TokenResponse>> {
    create_token(&world, &caller, tenant, body).map(Json)
}

async fn create_with_tenant(
    world: World,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<(StatusCode, Json<TokenResponse>)> {
    let tenant = body
        .tenant_id
        .ok_or_else(|| ApiError::bad("tenant_id is missing."))?;
    let token = create_token(&world, &caller, tenant, body)?;
    Ok((StatusCode::CREATED, Json(token)))
}

/// The oldest route. The tenant is that of the body, of a scope or of the caller, in this order.
async fn create_legacy(
    world: World,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<JsonLine<TokenResponse>> {
    let scope_tenant = body
        .scopes
        .iter()
        .find_map(|scope| match Scope::parse(scope) {
            Ok(Scope::Register(tenant)) => tenant,
            _ => None,
        });
    let tenant = body.tenant_id.or(scope_tenant).unwrap_or(caller.tenant_id);
    let token = create_token(&world, &caller, tenant, body)?;
    Ok(JsonLine(token))
}

async fn list_of_tenant(
    world: World,
    caller: Caller,
    PathId(tenant): PathId,
) -> Result<Json<Items<TokenResponse>>> {
    list(&world, &caller, Some(tenant))
}

async fn list_all(world: World, caller: Caller) -> Result<Json<Items<TokenResponse>>> {
    list(&world, &caller, None)
}

fn list(world: &World, caller: &Caller, tenant: Option<Id>) -> Result<Json<Items<TokenResponse>>> {
    let tokens = world
        .store
        .registration_tokens(caller, tenant, world.clock.now())?;
    let items = tokens.into_iter().map(TokenResponse::from).collect();
    Ok(Json(Items { items }))
}

async fn read(world: World, caller: Caller, Path(id): Path<i64>) -> Result<Json<TokenResponse>> {
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
