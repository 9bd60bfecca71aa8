//! Access tokens: issue, revoke and introspect.

mod claims;
mod issue;

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use self::claims::{Scope, claims};
use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::caller::Credentials;
use crate::http::extract::Form;
use crate::state::State;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/idp/token", post(issue::token))
        .route("/bc/idp/token", post(issue::token))
        .route("/api/2/idp/revoke_token", post(revoke))
        .route("/api/2/idp/introspect_token", post(introspect))
}

/// The client id and secret, from the header or else from the form.
fn client_credentials(
    headers: &HeaderMap,
    id: Option<&str>,
    secret: Option<&str>,
) -> Option<(String, String)> {
    if let Ok(Credentials::Basic { name, secret }) = Credentials::of(headers) {
        return Some((name, secret));
    }
    Some((id?.to_owned(), secret?.to_owned()))
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
    let client = client_credentials(
        &headers,
        form.client_id.as_deref(),
        form.client_secret.as_deref(),
    );
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
