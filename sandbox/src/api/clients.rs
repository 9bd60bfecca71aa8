//! API clients.

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Items;
use crate::clock::Timestamp;
use crate::domain::{Caller, Id, Result};
use crate::http::extract::{self, Body, LenientBool, PathId, Query, one_of};
use crate::secrets;
use crate::state::State;
use crate::store::clients::{self, ClientChange, NewClient};
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/clients", get(list).post(create))
        .route("/api/2/clients/{id}", get(read).put(update).delete(remove))
        .route("/api/2/tenants/{id}/clients", get(list_of_tenant))
}

/// An API client.
#[derive(Debug, Serialize)]
struct Client {
    #[serde(flatten)]
    profile: ClientProfile,
    last_access_at: Option<Timestamp>,
    last_access_from_ip: Option<String>,
}

/// A new API client. Its secret is part of this response only.
#[derive(Serialize)]
struct CreatedClient {
    #[serde(flatten)]
    profile: ClientProfile,
    client_secret: String,
    registration_access_token: String,
}

#[derive(Debug, Serialize)]
struct ClientProfile {
    client_id: Id,
    tenant_id: Id,
    /// 0: the secret does not expire.
    client_secret_expires_at: i64,
    r#type: String,
    data: Value,
    token_endpoint_auth_method: String,
    redirect_uris: Vec<String>,
    // The platform declares this field a string, so it is left out instead of null.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin_id: Option<String>,
    status: String,
    created_at: Timestamp,
    created_by: Id,
}

impl From<clients::Client> for ClientProfile {
    fn from(client: clients::Client) -> Self {
        Self {
            client_id: client.id,
            tenant_id: client.tenant_id,
            client_secret_expires_at: 0,
            r#type: client.kind,
            data: client.data,
            token_endpoint_auth_method: client.auth_method,
            redirect_uris: client.redirect_uris,
            origin_id: client.origin_id,
            status: client.status,
            created_at: client.created_at,
            created_by: client.created_by,
        }
    }
}

impl From<clients::Client> for Client {
    fn from(client: clients::Client) -> Self {
        Self {
            last_access_at: client.last_access_at,
            last_access_from_ip: client.last_access_from_ip.clone(),
            profile: ClientProfile::from(client),
        }
    }
}

#[derive(Deserialize)]
struct ClientPost {
    r#type: String,
    tenant_id: Id,
    token_endpoint_auth_method: String,
    data: Option<Map<String, Value>>,
    redirect_uris: Option<Vec<String>>,
    origin_id: Option<String>,
}

async fn create(
    world: World,
    caller: Caller,
    Body(post): Body<ClientPost>,
) -> Result<(StatusCode, Json<CreatedClient>)> {
    one_of(
        "type",
        &post.r#type,
        &["api_client", "managed_client", "agent"],
    )?;
    one_of(
        "token_endpoint_auth_method",
        &post.token_endpoint_auth_method,
        &["client_secret_basic", "client_secret_post", "none"],
    )?;
    let new = NewClient {
        tenant_id: post.tenant_id,
        kind: post.r#type,
        data: post.data.unwrap_or_default().into(),
        auth_method: post.token_endpoint_auth_method,
        redirect_uris: post.redirect_uris.unwrap_or_default(),
        origin_id: post.origin_id,
    };
    let (client, secret) = world
        .store
        .create_client(&caller, &new, world.clock.now())?;
    let body = CreatedClient {
        profile: ClientProfile::from(client),
        client_secret: secret,
        registration_access_token: secrets::random(32)?,
    };
    Ok((StatusCode::CREATED, Json(body)))
}

#[derive(Deserialize)]
struct ClientsQuery {
    uuids: Option<String>,
    origin_id: Option<String>,
    allow_deleted: Option<LenientBool>,
}

async fn list(
    world: World,
    caller: Caller,
    Query(query): Query<ClientsQuery>,
) -> Result<Json<Items<Client>>> {
    let ids = query
        .uuids
        .map(|text| extract::ids("uuids", &text, 100))
        .transpose()?;
    let deleted = query.allow_deleted.is_some_and(|flag| flag.0);
    let items = world
        .store
        .clients(&caller, ids.as_deref(), deleted)?
        .into_iter()
        .filter(|client| query.origin_id.is_none() || client.origin_id == query.origin_id)
        .map(Client::from)
        .collect();
    Ok(Json(Items { items }))
}

async fn list_of_tenant(
    world: World,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Json<Items<Id>>> {
    let clients = world.store.clients_of(&caller, id)?;
    let items = clients.iter().map(|client| client.id).collect();
    Ok(Json(Items { items }))
}

async fn read(world: World, caller: Caller, PathId(id): PathId) -> Result<Json<Client>> {
    let client = world.store.client(&caller, id)?;
    Ok(Json(Client::from(client)))
}

#[derive(Deserialize)]
struct ClientPut {
    data: Option<Map<String, Value>>,
    status: Option<String>,
    redirect_uris: Option<Vec<String>>,
    origin_id: Option<String>,
}

async fn update(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Body(put): Body<ClientPut>,
) -> Result<Json<Client>> {
    if let Some(status) = &put.status {
        one_of("status", status, &["enabled", "disabled"])?;
    }
    let change = ClientChange {
        data: put.data.map(Value::from),
        status: put.status,
        redirect_uris: put.redirect_uris,
        origin_id: put.origin_id,
    };
    let client = world.store.update_client(&caller, id, &change)?;
    Ok(Json(Client::from(client)))
}

async fn remove(world: World, caller: Caller, PathId(id): PathId) -> Result<StatusCode> {
    world.store.delete_client(&caller, id, world.clock.now())?;
    Ok(StatusCode::NO_CONTENT)
}
