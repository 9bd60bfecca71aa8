//! The claims of access tokens.

use serde::Serialize;

use crate::api::identity_provider::issuer;
use crate::domain::{CallerKind, Id};
use crate::state::State;
use crate::store::tokens::Issued;

/// The claims of an access token.
#[derive(Serialize)]
pub(super) struct AccessClaims<'a> {
    pub(super) iss: String,
    pub(super) sub: Id,
    pub(super) sub_type: &'static str,
    pub(super) aud: &'a str,
    pub(super) exp: i64,
    pub(super) iat: i64,
    pub(super) jti: Id,
    pub(super) ver: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_id: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uid: Option<Id>,
    pub(super) owner_tuid: Id,
    pub(super) scope: Vec<Scope>,
}

/// A right in a tenant.
#[derive(Serialize)]
pub(super) struct Scope {
    /// The tenant's number.
    tid: Option<String>,
    tuid: Id,
    role: String,
    rn: &'static str,
}

/// The claims of an issued token.
pub(super) fn claims<'a>(state: &'a State, issued: &Issued) -> AccessClaims<'a> {
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
