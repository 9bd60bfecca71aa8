//! Authentication: finds the caller of a request.
//!
//! A request has a user's login and password (Basic), an access token of an API client or user (Bearer), or a session
//! cookie. Tokens and sessions are looked up in the store on each call, so they end with a deletion or a reset.

use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, header, request::Parts};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::domain::{ApiError, Caller};
use crate::request_log::CallerNote;
use crate::state::State;

impl FromRequestParts<State> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, ApiError> {
        let now = state.world.clock.now();
        let has_credentials = parts.headers.contains_key(header::AUTHORIZATION);
        let caller = match session(&parts.headers).filter(|_| !has_credentials) {
            Some(secret) => state.world.store.authenticate_session(secret, now)?,
            None => match Credentials::of(&parts.headers)? {
                Credentials::Basic { name, secret } => {
                    state.world.store.authenticate_user(&name, &secret, now)?
                }
                Credentials::Bearer(token) => {
                    let claims = state.keys.verify(&token)?;
                    state.world.store.authenticate_token(claims.jti, now)?
                }
            },
        };
        if let Some(note) = parts.extensions.get::<CallerNote>() {
            note.set(&caller.name, Some(caller.tenant_id));
        }
        Ok(caller)
    }
}

/// The name of the session cookie. The platform documents none.
pub(crate) const SESSION: &str = "sandbox_session";

/// The session's secret from the `Cookie` headers.
pub(crate) fn session(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, secret)| (name == SESSION && !secret.is_empty()).then_some(secret))
}

/// The credentials from the `Authorization` header.
#[derive(Debug)]
pub(crate) enum Credentials {
    /// HTTP Basic.
    Basic {
        /// The login or client id.
        name: String,
        /// The password or client secret.
        secret: String,
    },
    /// An access token.
    Bearer(String),
}

impl Credentials {
    /// Parses the header.
    ///
    /// # Errors
    /// 401 if the header is missing or invalid.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let unauthorized = |info: &str| ApiError::Unauthorized(info.to_owned());
        let header = headers
            .get(header::AUTHORIZATION)
            .ok_or_else(|| unauthorized("The Authorization header is missing."))?
            .to_str()
            .map_err(|_| unauthorized("The Authorization header is not text."))?;
        let (scheme, value) = header.split_once(' ').unwrap_or((header, ""));
        let value = value.trim();
        if scheme.eq_ignore_ascii_case("bearer") && !value.is_empty() {
            return Ok(Self::Bearer(value.to_owned()));
        }
        if scheme.eq_ignore_ascii_case("basic") {
            let decoded = STANDARD
                .decode(value)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok());
            if let Some((name, secret)) = decoded.as_deref().and_then(|text| text.split_once(':')) {
                return Ok(Self::Basic {
                    name: name.to_owned(),
                    secret: secret.to_owned(),
                });
            }
            return Err(unauthorized("The Basic credentials are invalid."));
        }
        Err(unauthorized(
            "The Authorization header is neither Basic nor Bearer.",
        ))
    }
}
