//! Access tokens: issue, revoke and introspect.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Extension, Json, Router};
use serde::{Deserialize, Serialize};

use super::identity_provider::issuer;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, CallerKind, Id, Result};
use crate::http::caller::Credentials;
use crate::http::connection::Connection;
use crate::http::extract::Form;
use crate::request_log::CallerNote;
use crate::state::State;
use crate::store::tokens::Issued;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/idp/token", post(token))
        .route("/bc/idp/token", post(token))
        .route("/api/2/idp/revoke_token", post(revoke))
        .route("/api/2/idp/introspect_token", post(introspect))
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

/// Issues an access token. All errors are in OAuth's format.
async fn token(
    state: State,
    Extension(connection): Extension<Connection>,
    Extension(note): Extension<CallerNote>,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<TokenResponse>> {
    let Form(form) = Form::<TokenForm>::from_request(request, &state)
        .await
        .map_err(ApiError::into_oauth)?;
    let ip = connection.peer.ip().to_string();
    let issued = issue(&state, &headers, &form, &ip).map_err(ApiError::into_oauth)?;
    note.set(&issued.caller.name, Some(issued.caller.tenant_id));
    TokenResponse::new(&state, issued).map(Json)
}

fn issue(state: &State, headers: &HeaderMap, form: &TokenForm, ip: &str) -> Result<Issued> {
    let now = state.world.clock.now();
    let required = |field: &'static str, value: &Option<String>| {
        value
            .clone()
            .ok_or_else(|| ApiError::bad(format!("{field} is missing.")))
    };
    match required("grant_type", &form.grant_type)?.as_str() {
        "client_credentials" => {
            let (id, secret) = client_credentials(headers, &form.client_id, &form.client_secret)?
                .ok_or_else(ApiError::invalid_client)?;
            state
                .world
                .store
                .token_for_client(&id, &secret, ip, now)?
                .ok_or_else(ApiError::invalid_client)
        }
        "password" => {
            let login = required("username", &form.username)?;
            let password = required("password", &form.password)?;
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
            let refresh = required("refresh_token", &form.refresh_token)?;
            state
                .world
                .store
                .token_for_refresh(&refresh, now)?
                .ok_or_else(|| {
                    ApiError::Unauthorized(
                        "The refresh token is invalid, has expired or was already used.".into(),
                    )
                })
        }
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
            let assertion = required("assertion", &form.assertion)?;
            let base = match Credentials::of(headers)? {
                Credentials::Bearer(token) => state.keys.verify(&token)?.jti,
                Credentials::Basic { .. } => {
                    return Err(ApiError::Unauthorized(
                        "This grant requires the base token as Authorization: Bearer.".into(),
                    ));
                }
            };
            if state.keys.verify(&assertion)?.jti != base {
                return Err(ApiError::Unauthorized(
                    "assertion and Authorization are not the same token.".into(),
                ));
            }
            let scope = required("scope", &form.scope)?;
            let tenant = scope
                .strip_prefix("urn:acronis.com:tenant-id:")
                .and_then(|id| id.parse().ok())
                .ok_or_else(|| {
                    ApiError::bad("scope must be urn:acronis.com:tenant-id:{UUID of a tenant}.")
                })?;
            state.world.store.token_for_tenant(base, tenant, now)
        }
        other => Err(ApiError::bad(format!(
            "The grant type {other:?} is not simulated by this sandbox."
        ))),
    }
}

/// The client id and secret, from the header or else from the form.
fn client_credentials(
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

/// The claims of an access token.
#[derive(Serialize)]
struct AccessClaims<'a> {
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
    scope: Vec<Scope>,
}

/// A right in a tenant.
#[derive(Serialize)]
struct Scope {
    /// The tenant's number.
    tid: Option<String>,
    tuid: Id,
    role: String,
    rn: &'static str,
}

fn claims<'a>(state: &'a State, issued: &Issued) -> AccessClaims<'a> {
    let caller = &issued.caller;
    let is_client = caller.kind == CallerKind::Client;
    let scope = caller
        .grants
        .iter()
        .map(|grant| {
            // The last part of the path is the tenant's number.
            let number = grant.path.trim_end_matches('/').rsplit('/').next();
            Scope {
                tid: number.map(str::to_owned),
                tuid: grant.tenant_id,
                role: grant.role.clone(),
                rn: "account-server",
            }
        })
        .collect();
    AccessClaims {
        iss: issuer(state),
        sub: caller.id,
        sub_type: if is_client { "api_client" } else { "user" },
        aud: host(state),
        exp: issued.expires_at.seconds(),
        iat: state.world.clock.now().seconds(),
        jti: issued.id,
        ver: 2,
        client_id: is_client.then_some(caller.id),
        uid: (!is_client).then_some(caller.id),
        owner_tuid: caller.tenant_id,
        scope,
    }
}

/// The claims of an id token.
#[derive(Serialize)]
struct IdClaims<'a> {
    iss: &'a str,
    sub: Id,
    aud: &'a str,
    exp: i64,
    iat: i64,
}

#[derive(Serialize)]
struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    /// The lifetime, in seconds.
    expires_in: i64,
    /// Unix time, in seconds.
    expires_on: i64,
    id_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

impl TokenResponse {
    fn new(state: &State, issued: Issued) -> Result<Self> {
        let access = claims(state, &issued);
        let identity = IdClaims {
            iss: &access.iss,
            sub: access.sub,
            aud: access.aud,
            exp: access.exp,
            iat: access.iat,
        };
        Ok(Self {
            access_token: state.keys.sign(&access)?,
            token_type: "bearer",
            expires_in: seconds_until(issued.expires_at, state.world.clock.now()),
            expires_on: access.exp,
            id_token: state.keys.sign(&identity)?,
            refresh_token: issued.refresh,
        })
    }
}

/// The seconds until `end`, rounded up so that a new token has its full lifetime.
fn seconds_until(end: Timestamp, now: Timestamp) -> i64 {
    (end.millis() - now.millis() + 999).div_euclid(1000)
}

#[derive(Deserialize)]
struct RevokeForm {
    token: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// Revokes a token. Responds with 200 and no body, even if the token is unknown.
async fn revoke(state: State, headers: HeaderMap, request: Request) -> Result<StatusCode> {
    let Form(form) = Form::<RevokeForm>::from_request(request, &state)
        .await
        .map_err(ApiError::into_oauth)?;
    let token = form
        .token
        .ok_or_else(|| ApiError::bad("token is missing.").into_oauth())?;
    let client = client_credentials(&headers, &form.client_id, &form.client_secret)?;
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

#[derive(Serialize)]
#[serde(untagged)]
enum Introspection {
    Inactive {
        active: bool,
    },
    Active {
        active: bool,
        token_type: &'static str,
        exp: i64,
        aud: String,
        jti: Id,
        iss: String,
        sub: Id,
        sub_type: &'static str,
        owner_tuid: Id,
        scope: Vec<Scope>,
        #[serde(skip_serializing_if = "Option::is_none")]
        client_id: Option<Id>,
    },
}

async fn introspect(
    state: State,
    caller: Caller,
    Form(form): Form<IntrospectForm>,
) -> Result<Json<Introspection>> {
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
        return Ok(Json(Introspection::Inactive { active: false }));
    };
    let access = claims(&state, &issued);
    Ok(Json(Introspection::Active {
        active: true,
        token_type: "access_token",
        exp: access.exp,
        aud: access.aud.to_owned(),
        jti: access.jti,
        iss: access.iss,
        sub: access.sub,
        sub_type: access.sub_type,
        owner_tuid: access.owner_tuid,
        scope: access.scope,
        client_id: access.client_id,
    }))
}

/// The host of the base URL, without the port.
fn host(state: &State) -> &str {
    let authority = state
        .url
        .trim_start_matches("http://")
        .trim_end_matches('/');
    authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host)
}
