//! API clients, and the identity provider: tokens, keys, metadata.

use axum::extract::FromRequest;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, CallerKind, Id, Result};
use crate::http::caller::Credentials;
use crate::http::connection::Connection;
use crate::http::extract::{self, Body, Form, LenientBool, PathId, Query, one_of};
use crate::request_log::CallerNote;
use crate::secrets;
use crate::state::State;
use crate::store::clients::{Client, ClientChange, NewClient};
use crate::store::tokens::Issued;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/clients", get(list).post(create))
        .route("/api/2/clients/{id}", get(read).put(update).delete(remove))
        .route("/api/2/tenants/{id}/clients", get(list_of_tenant))
        .route("/api/2/idp/token", post(token))
        .route("/bc/idp/token", post(token))
        .route("/api/2/idp/revoke_token", post(revoke))
        .route("/api/2/idp/introspect_token", post(introspect))
        .route("/api/2/idp/keys", get(keys))
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/api/2/.well-known/openid-configuration", get(metadata))
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
    state: State,
    caller: Caller,
    Body(post): Body<ClientPost>,
) -> Result<(StatusCode, Json<Value>)> {
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
        redirect_uris: json!(post.redirect_uris.unwrap_or_default()),
        origin_id: post.origin_id,
    };
    let (client, secret) =
        state
            .world
            .store
            .create_client(&caller, &new, state.world.clock.now())?;
    let mut answer = shape(&client);
    // The secret is said here and never again.
    answer.insert("client_secret".to_owned(), json!(secret));
    answer.insert(
        "registration_access_token".to_owned(),
        json!(secrets::random(32)?),
    );
    answer.shift_remove("last_access_at");
    answer.shift_remove("last_access_from_ip");
    Ok((StatusCode::CREATED, Json(answer.into())))
}

#[derive(Deserialize)]
struct ClientsQuery {
    uuids: Option<String>,
    origin_id: Option<String>,
    allow_deleted: Option<LenientBool>,
}

async fn list(
    state: State,
    caller: Caller,
    Query(query): Query<ClientsQuery>,
) -> Result<Json<Value>> {
    let ids = query
        .uuids
        .map(|text| extract::ids("uuids", &text, 100))
        .transpose()?;
    let deleted = query.allow_deleted.is_some_and(|flag| flag.0);
    let items: Vec<Value> = state
        .world
        .store
        .clients(&caller, ids.as_deref(), deleted)?
        .iter()
        .filter(|client| query.origin_id.is_none() || client.origin_id == query.origin_id)
        .map(|client| shape(client).into())
        .collect();
    Ok(Json(json!({ "items": items })))
}

async fn list_of_tenant(state: State, caller: Caller, PathId(id): PathId) -> Result<Json<Value>> {
    let clients = state.world.store.clients_of(&caller, id)?;
    let ids: Vec<Id> = clients.iter().map(|client| client.id).collect();
    Ok(Json(json!({ "items": ids })))
}

async fn read(state: State, caller: Caller, PathId(id): PathId) -> Result<Json<Value>> {
    let client = state.world.store.client(&caller, id)?;
    Ok(Json(shape(&client).into()))
}

#[derive(Deserialize)]
struct ClientPut {
    data: Option<Map<String, Value>>,
    status: Option<String>,
    redirect_uris: Option<Vec<String>>,
    origin_id: Option<String>,
}

async fn update(
    state: State,
    caller: Caller,
    PathId(id): PathId,
    Body(put): Body<ClientPut>,
) -> Result<Json<Value>> {
    if let Some(status) = &put.status {
        one_of("status", status, &["enabled", "disabled"])?;
    }
    let change = ClientChange {
        data: put.data.map(Value::from),
        status: put.status,
        redirect_uris: put.redirect_uris.map(|uris| json!(uris)),
        origin_id: put.origin_id,
    };
    let client = state.world.store.update_client(&caller, id, &change)?;
    Ok(Json(shape(&client).into()))
}

async fn remove(state: State, caller: Caller, PathId(id): PathId) -> Result<StatusCode> {
    state
        .world
        .store
        .delete_client(&caller, id, state.world.clock.now())?;
    Ok(StatusCode::NO_CONTENT)
}

fn shape(client: &Client) -> Map<String, Value> {
    let mut answer = Map::new();
    let mut put = |field: &str, value: Value| answer.insert(field.to_owned(), value);
    put("client_id", json!(client.id));
    put("tenant_id", json!(client.tenant_id));
    put("client_secret_expires_at", json!(0));
    put("type", json!(client.kind));
    put("data", client.data.clone());
    put("token_endpoint_auth_method", json!(client.auth_method));
    put("redirect_uris", client.redirect_uris.clone());
    // Declared a string: left out where there is none.
    if let Some(origin) = &client.origin_id {
        put("origin_id", json!(origin));
    }
    put("status", json!(client.status));
    put("created_at", json!(client.created_at));
    put("created_by", json!(client.created_by));
    put("last_access_at", json!(client.last_access_at));
    put("last_access_from_ip", json!(client.last_access_from_ip));
    answer
}

#[derive(Deserialize)]
struct TokenForm {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    username: Option<String>,
    password: Option<String>,
    refresh_token: Option<String>,
    assertion: Option<String>,
    scope: Option<String>,
}

/// Issues tokens. Its refusals have OAuth's form, those of its input too.
async fn token(
    state: State,
    Extension(connection): Extension<Connection>,
    Extension(note): Extension<CallerNote>,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Value>> {
    let Form(form) = Form::<TokenForm>::from_request(request, &state)
        .await
        .map_err(ApiError::into_oauth)?;
    let from = connection.peer.ip().to_string();
    let issued = issue(&state, &headers, &form, &from).map_err(ApiError::into_oauth)?;
    note.set(&issued.caller.name, Some(issued.caller.tenant_id));
    answer(&state, &issued).map(Json)
}

fn issue(state: &State, headers: &HeaderMap, form: &TokenForm, from: &str) -> Result<Issued> {
    let now = state.world.clock.now();
    let needed = |field: &'static str, value: &Option<String>| {
        value
            .clone()
            .ok_or_else(|| ApiError::bad(format!("{field} is missing.")))
    };
    match needed("grant_type", &form.grant_type)?.as_str() {
        "client_credentials" => {
            let (id, secret) = client_of(headers, &form.client_id, &form.client_secret)?
                .ok_or_else(ApiError::invalid_client)?;
            state
                .world
                .store
                .token_for_client(&id, &secret, from, now)?
                .ok_or_else(ApiError::invalid_client)
        }
        "password" => {
            let login = needed("username", &form.username)?;
            let password = needed("password", &form.password)?;
            let refresh = form
                .scope
                .as_deref()
                .is_some_and(|scope| scope.split(' ').any(|part| part == "offline_access"));
            state
                .world
                .store
                .token_for_user(&login, &password, refresh, now)?
                .ok_or_else(|| {
                    ApiError::Unauthorized("There is no user with this login and password.".into())
                })
        }
        "refresh_token" => {
            let refresh = needed("refresh_token", &form.refresh_token)?;
            state
                .world
                .store
                .token_for_refresh(&refresh, now)?
                .ok_or_else(|| {
                    ApiError::Unauthorized("The refresh token has expired or was used.".into())
                })
        }
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
            let assertion = needed("assertion", &form.assertion)?;
            let base = match Credentials::of(headers)? {
                Credentials::Bearer(token) => state.keys.verify(&token)?.jti,
                Credentials::Basic { .. } => {
                    return Err(ApiError::Unauthorized(
                        "This grant takes the base token as Authorization: Bearer.".into(),
                    ));
                }
            };
            if state.keys.verify(&assertion)?.jti != base {
                return Err(ApiError::Unauthorized(
                    "assertion and Authorization are not the same token.".into(),
                ));
            }
            let scope = needed("scope", &form.scope)?;
            let tenant = scope
                .strip_prefix("urn:acronis.com:tenant-id:")
                .and_then(|id| id.parse().ok())
                .ok_or_else(|| {
                    ApiError::bad("scope is not urn:acronis.com:tenant-id:{UUID of a tenant}.")
                })?;
            state.world.store.token_for_tenant(base, tenant, now)
        }
        other => Err(ApiError::bad(format!(
            "The grant type {other:?} is not simulated by this sandbox."
        ))),
    }
}

/// Client id and secret, from the header or else from the form.
fn client_of(
    headers: &HeaderMap,
    id: &Option<String>,
    secret: &Option<String>,
) -> Result<Option<(String, String)>> {
    match (Credentials::of(headers), id, secret) {
        (Ok(Credentials::Basic { name, secret }), _, _) => Ok(Some((name, secret))),
        (_, Some(id), Some(secret)) => Ok(Some((id.clone(), secret.clone()))),
        _ => Ok(None),
    }
}

#[derive(Serialize)]
struct Access<'a> {
    iss: String,
    sub: Id,
    sub_type: &'static str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    jti: Id,
    ver: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<Id>,
    owner_tuid: Id,
    scope: Value,
}

fn claims<'a>(state: &'a State, issued: &Issued) -> Access<'a> {
    let caller = &issued.caller;
    let client = caller.kind == CallerKind::Client;
    let scope = caller
        .grants
        .iter()
        .map(|grant| {
            // The last number of the path is the tenant's own.
            let number = grant.path.trim_end_matches('/').rsplit('/').next();
            json!({
                "tid": number,
                "tuid": grant.tenant_id,
                "role": grant.role,
                "rn": "account-server",
            })
        })
        .collect();
    Access {
        iss: issuer(state),
        sub: caller.id,
        sub_type: if client { "api_client" } else { "user" },
        aud: host(state),
        exp: issued.expires_at.seconds(),
        iat: state.world.clock.now().seconds(),
        jti: issued.id,
        ver: 2,
        client_id: client.then_some(caller.id),
        uid: (!client).then_some(caller.id),
        owner_tuid: caller.tenant_id,
        scope,
    }
}

fn answer(state: &State, issued: &Issued) -> Result<Value> {
    let access = claims(state, issued);
    let identity = json!({
        "iss": access.iss,
        "sub": access.sub,
        "aud": access.aud,
        "exp": access.exp,
        "iat": access.iat,
    });
    let mut answer = json!({
        "access_token": state.keys.sign(&access)?,
        "token_type": "bearer",
        "expires_in": seconds_until(issued.expires_at, state.world.clock.now()),
        "expires_on": access.exp,
        "id_token": state.keys.sign(&identity)?,
    });
    if let (Some(refresh), Some(answer)) = (&issued.refresh, answer.as_object_mut()) {
        answer.insert("refresh_token".to_owned(), json!(refresh));
    }
    Ok(answer)
}

/// Whole seconds, rounded up: what has just been issued lives for the full time.
fn seconds_until(end: Timestamp, now: Timestamp) -> i64 {
    (end.millis() - now.millis() + 999).div_euclid(1000)
}

#[derive(Deserialize)]
struct RevokeForm {
    token: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// Ends a token. 200 without a body, for a token that never was as well.
async fn revoke(state: State, headers: HeaderMap, request: Request) -> Result<StatusCode> {
    let Form(form) = Form::<RevokeForm>::from_request(request, &state)
        .await
        .map_err(ApiError::into_oauth)?;
    let token = form
        .token
        .ok_or_else(|| ApiError::bad("token is missing.").into_oauth())?;
    let client = client_of(&headers, &form.client_id, &form.client_secret)?;
    let access = state.keys.verify(&token).ok().map(|claims| claims.jti);
    let client = client
        .as_ref()
        .map(|(id, secret)| (id.as_str(), secret.as_str()));
    if state
        .world
        .store
        .revoke_token(access, &token, client)
        .map_err(ApiError::into_oauth)?
    {
        return Ok(StatusCode::OK);
    }
    Err(ApiError::invalid_client())
}

#[derive(Deserialize)]
struct IntrospectForm {
    token: String,
}

async fn introspect(
    state: State,
    caller: Caller,
    Form(form): Form<IntrospectForm>,
) -> Result<Json<Value>> {
    caller.require_token()?;
    let issued = match state.keys.verify(&form.token) {
        Ok(claims) => {
            state
                .world
                .store
                .inspect_token(&caller, claims.jti, state.world.clock.now())?
        }
        Err(_) => None,
    };
    let Some(issued) = issued else {
        return Ok(Json(json!({ "active": false })));
    };
    let access = claims(&state, &issued);
    let mut answer = json!({
        "active": true,
        "token_type": "access_token",
        "exp": access.exp,
        "aud": access.aud,
        "jti": access.jti,
        "iss": access.iss,
        "sub": access.sub,
        "sub_type": access.sub_type,
        "owner_tuid": access.owner_tuid,
        "scope": access.scope,
    });
    if let (Some(client), Some(answer)) = (access.client_id, answer.as_object_mut()) {
        answer.insert("client_id".to_owned(), json!(client));
    }
    Ok(Json(answer))
}

async fn keys(state: State) -> Json<JwkSet> {
    let (n, e) = state.keys.public_key();
    Json(JwkSet {
        keys: [Jwk {
            kty: "RSA",
            r#use: "sig",
            kid: state.keys.id().to_owned(),
            alg: "RS256",
            n: n.to_owned(),
            e: e.to_owned(),
        }],
    })
}

/// The public keys, for clients that verify tokens.
#[derive(Serialize)]
struct JwkSet {
    keys: [Jwk; 1],
}

#[derive(Serialize)]
struct Jwk {
    kty: &'static str,
    r#use: &'static str,
    kid: String,
    alg: &'static str,
    n: String,
    e: String,
}

async fn metadata(state: State) -> Json<Value> {
    let at = |path: &str| format!("{}api/2/idp/{path}", state.url);
    Json(json!({
        "issuer": issuer(&state),
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "jwks_uri": at("keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint": at("revoke_token"),
        "revocation_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "none"],
        "device_authorization_endpoint": at("device_authorization"),
    }))
}

fn issuer(state: &State) -> String {
    format!("{}bc", state.url)
}

/// The host in the sandbox's address, without its port.
fn host(state: &State) -> &str {
    let authority = state
        .url
        .trim_start_matches("http://")
        .trim_end_matches('/');
    authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host)
}
