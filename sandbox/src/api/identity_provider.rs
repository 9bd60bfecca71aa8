//! The identity provider's keys and metadata.

use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::state::State;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/idp/keys", get(keys))
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/api/2/.well-known/openid-configuration", get(metadata))
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

/// The metadata of the identity provider.
#[derive(Serialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    response_types_supported: [&'static str; 1],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
    scopes_supported: [&'static str; 0],
    token_endpoint_auth_methods_supported: [&'static str; 2],
    revocation_endpoint: String,
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    device_authorization_endpoint: String,
}

async fn metadata(state: State) -> Json<Metadata> {
    let url = |path: &str| format!("{}api/2/idp/{path}", state.url);
    Json(Metadata {
        issuer: issuer(&state),
        authorization_endpoint: url("authorize"),
        token_endpoint: url("token"),
        jwks_uri: url("keys"),
        response_types_supported: ["code"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
        scopes_supported: [],
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
        revocation_endpoint: url("revoke_token"),
        revocation_endpoint_auth_methods_supported: [
            "client_secret_basic",
            "client_secret_post",
            "none",
        ],
        device_authorization_endpoint: url("device_authorization"),
    })
}

/// The issuer of the sandbox's tokens.
pub(super) fn issuer(state: &State) -> String {
    format!("{}bc", state.url)
}
