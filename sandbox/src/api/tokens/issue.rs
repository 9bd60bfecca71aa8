//! Issues access tokens, by grant type.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use super::claims::claims;
use super::client_credentials;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Id, Result};
use crate::http::caller::Credentials;
use crate::http::connection::Connection;
use crate::http::extract::Form;
use crate::request_log::CallerNote;
use crate::state::State;
use crate::store::tokens::Issued;

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
pub(super) async fn token(
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
    match required("grant_type", form.grant_type.as_deref())? {
        "client_credentials" => for_client(state, headers, form, ip),
        "password" => for_password(state, form),
        "refresh_token" => for_refresh_token(state, form),
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => for_tenant(state, headers, form),
        other => Err(ApiError::bad(format!(
            "The grant type {other:?} is not simulated by this sandbox."
        ))),
    }
}

/// The value of a required field.
fn required<'a>(field: &str, value: Option<&'a str>) -> Result<&'a str> {
    value.ok_or_else(|| ApiError::bad(format!("{field} is missing.")))
}

fn for_client(state: &State, headers: &HeaderMap, form: &TokenForm, ip: &str) -> Result<Issued> {
    let world = &state.world;
    let (id, secret) = client_credentials(
        headers,
        form.client_id.as_deref(),
        form.client_secret.as_deref(),
    )
    .ok_or_else(ApiError::invalid_client)?;
    world
        .store
        .token_for_client(&id, &secret, ip, world.clock.now())?
        .ok_or_else(ApiError::invalid_client)
}

fn for_password(state: &State, form: &TokenForm) -> Result<Issued> {
    let world = &state.world;
    let login = required("username", form.username.as_deref())?;
    let password = required("password", form.password.as_deref())?;
    let scope = form.scope.as_deref().unwrap_or_default();
    let refresh = scope.split(' ').any(|part| part == "offline_access");
    world
        .store
        .token_for_user(login, password, refresh, world.clock.now())?
        .ok_or_else(|| unauthorized("There is no user with this login and password."))
}

fn for_refresh_token(state: &State, form: &TokenForm) -> Result<Issued> {
    let world = &state.world;
    let refresh = required("refresh_token", form.refresh_token.as_deref())?;
    world
        .store
        .token_for_refresh(refresh, world.clock.now())?
        .ok_or_else(|| {
            unauthorized("The refresh token is invalid, has expired or was already used.")
        })
}

/// Exchanges a base token for a token that is limited to one tenant.
fn for_tenant(state: &State, headers: &HeaderMap, form: &TokenForm) -> Result<Issued> {
    let world = &state.world;
    let assertion = required("assertion", form.assertion.as_deref())?;
    let base = match Credentials::of(headers)? {
        Credentials::Bearer(token) => state.keys.verify(&token)?.jti,
        Credentials::Basic { .. } => {
            return Err(unauthorized(
                "This grant requires the base token in the Authorization header (Bearer).",
            ));
        }
    };
    if state.keys.verify(assertion)?.jti != base {
        return Err(unauthorized(
            "assertion and the Authorization header contain different tokens.",
        ));
    }
    let tenant = required("scope", form.scope.as_deref())?
        .strip_prefix("urn:acronis.com:tenant-id:")
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| {
            ApiError::bad("scope must be urn:acronis.com:tenant-id:{UUID of a tenant}.")
        })?;
    world
        .store
        .token_for_tenant(base, tenant, world.clock.now())
}

fn unauthorized(info: &str) -> ApiError {
    ApiError::Unauthorized(info.to_owned())
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
pub(super) struct TokenResponse {
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
