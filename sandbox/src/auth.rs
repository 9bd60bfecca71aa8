//! Who is calling, and may they touch this tenant?
//!
//! Basic is a user's login and password; Bearer is a token of an API client or of a user. A call with neither may have
//! the cookie of a session. Token and session are checked against the state on each call, so that nothing outlives a
//! deletion or a reset.

use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, header, request::Parts};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::State;
use crate::error::Refusal;
use crate::id::Id;
use crate::journal::Note;

/// What a role lets its holder do with tenants, users and clients.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Right {
    /// Look.
    View,
    /// Look and change.
    Manage,
}

impl Right {
    /// The right that comes with a role; roles of the services give none here.
    pub(crate) fn of(role: &str) -> Option<Right> {
        match role {
            "root_admin" | "partner_admin" | "company_admin" | "unit_admin" | "accounts_admin" => {
                Some(Right::Manage)
            }
            "readonly_admin" | "accounts_ro_admin" => Some(Right::View),
            _ => None,
        }
    }
}

/// A right over a tenant and everything below it.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// The tenant.
    pub tenant_id: Id,
    /// Its place in the tree, `/1/1496262/`.
    pub path: String,
    /// The role that gives the right, `partner_admin`.
    pub role: String,
    /// The right.
    pub right: Right,
}

/// What kind of caller it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// A person, by password, by session or by a token for one.
    User,
    /// An API client.
    Client,
}

/// Who is calling.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The user or client.
    pub id: Id,
    /// Which of the two.
    pub kind: Kind,
    /// Login or client id, for the request log.
    pub name: String,
    /// The tenant it belongs to.
    pub tenant_id: Id,
    /// What it may do.
    pub grants: Vec<Grant>,
    /// Whether it came with a token: some calls take nothing else.
    pub bearer: bool,
}

impl Caller {
    /// The strongest right over the tenant at this path, if any.
    pub(crate) fn right_over(&self, path: &str) -> Option<Right> {
        self.grant_over(path).map(|grant| grant.right)
    }

    /// The grant with the strongest right over the tenant at this path.
    pub(crate) fn grant_over(&self, path: &str) -> Option<&Grant> {
        self.grants
            .iter()
            .filter(|grant| path.starts_with(&grant.path))
            .max_by_key(|grant| grant.right)
    }

    /// Refuses callers without a token, for what the platform gives to OAuth clients only.
    pub(crate) fn needs_token(&self) -> Result<(), Refusal> {
        if self.bearer {
            return Ok(());
        }
        Err(Refusal::Unauthorized(
            "This call takes an access token (Authorization: Bearer), no password.".to_owned(),
        ))
    }

    /// Refuses all but API clients, for what the platform gives to nobody else.
    pub(crate) fn needs_client(&self) -> Result<(), Refusal> {
        if self.kind == Kind::Client {
            return Ok(());
        }
        Err(Refusal::denied("Only API clients can do this."))
    }
}

impl FromRequestParts<State> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Refusal> {
        let now = state.clock.now();
        let signed = parts.headers.contains_key(header::AUTHORIZATION);
        let caller = match session(&parts.headers).filter(|_| !signed) {
            Some(secret) => state.store.authenticate_session(secret, now)?,
            None => match Credentials::of(&parts.headers)? {
                Credentials::Basic { name, secret } => {
                    state.store.authenticate_user(&name, &secret, now)?
                }
                Credentials::Bearer(token) => {
                    let claims = state.keys.read(&token)?;
                    state.store.authenticate_token(claims.jti, now)?
                }
            },
        };
        if let Some(note) = parts.extensions.get::<Note>() {
            note.caller(&caller.name, Some(caller.tenant_id));
        }
        Ok(caller)
    }
}

/// The name of the session cookie. The platform documents none.
pub(crate) const SESSION: &str = "sandbox_session";

/// The secret of the session in the `Cookie` headers, if there is one.
pub(crate) fn session(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, secret)| (name == SESSION && !secret.is_empty()).then_some(secret))
}

/// What stands in the `Authorization` header.
#[derive(Debug)]
pub(crate) enum Credentials {
    /// Login or client id, password or client secret.
    Basic {
        /// Login or client id.
        name: String,
        /// Password or client secret.
        secret: String,
    },
    /// An access token.
    Bearer(String),
}

impl Credentials {
    /// Reads the header; 401 without a usable one.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Credentials, Refusal> {
        let refused = |info: &str| Refusal::Unauthorized(info.to_owned());
        let header = headers
            .get(header::AUTHORIZATION)
            .ok_or_else(|| refused("The Authorization header is missing."))?
            .to_str()
            .map_err(|_| refused("The Authorization header is not text."))?;
        let (scheme, value) = header.split_once(' ').unwrap_or((header, ""));
        let value = value.trim();
        if scheme.eq_ignore_ascii_case("bearer") && !value.is_empty() {
            return Ok(Credentials::Bearer(value.to_owned()));
        }
        if scheme.eq_ignore_ascii_case("basic") {
            let decoded = STANDARD
                .decode(value)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok());
            if let Some((name, secret)) = decoded.as_deref().and_then(|text| text.split_once(':')) {
                return Ok(Credentials::Basic {
                    name: name.to_owned(),
                    secret: secret.to_owned(),
                });
            }
            return Err(refused("The Basic credentials cannot be read."));
        }
        Err(refused(
            "The Authorization header is neither Basic nor Bearer.",
        ))
    }
}
