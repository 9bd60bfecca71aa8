//! Signing in for a user by a one-time token, and signing out.

use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::users::shape;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::caller::{SESSION, session};
use crate::http::extract::{Body, one_of};
use crate::request_log::CallerNote;
use crate::state::State;
use crate::store::sessions::Named;
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/idp/ott", post(issue))
        .route("/api/2/idp/ott/login", post(sign_in))
        .route("/api/2/idp/logout", get(sign_out))
}

#[derive(Deserialize)]
struct Issue {
    purpose: String,
    login: Option<String>,
    user_id: Option<Id>,
    external_id: Option<String>,
}

async fn issue(world: World, caller: Caller, Body(post): Body<Issue>) -> Result<Json<Value>> {
    caller.require_client()?;
    one_of("purpose", &post.purpose, &["user_login", "verify"])?;
    let named = match (post.login, post.user_id, post.external_id) {
        (Some(login), None, None) => Named::Login(login),
        (None, Some(id), None) => Named::Id(id),
        (None, None, Some(external)) => Named::External(external),
        _ => {
            return Err(ApiError::bad(
                "Exactly one of login, user_id and external_id says which user is meant.",
            ));
        }
    };
    let now = world.clock.now();
    let token = world
        .store
        .issue_one_time_token(&caller, &named, &post.purpose, now)?;
    Ok(Json(json!({ "ott": token })))
}

#[derive(Deserialize)]
struct SignIn {
    ott: String,
}

/// Whoever has the token is the user: nothing else is asked.
async fn sign_in(
    world: World,
    Extension(note): Extension<CallerNote>,
    Body(post): Body<SignIn>,
) -> Result<Response> {
    let (user, policies, secret) = world.store.sign_in(&post.ott, world.clock.now())?;
    note.set(&user.login, Some(user.tenant_id));
    // Not Secure: jars would not send it over plain HTTP.
    let cookie = format!("{SESSION}={secret}; Path=/; HttpOnly; SameSite=Strict");
    let answer = Json(shape(&user, &policies));
    Ok(([(header::SET_COOKIE, cookie)], answer).into_response())
}

/// A page that leads to the start. Who is not signed in gets it too.
async fn sign_out(world: World, headers: HeaderMap) -> Result<Response> {
    if let Some(secret) = session(&headers) {
        world.store.sign_out(secret)?;
    }
    let gone = format!("{SESSION}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    let page =
        "<body onload=\"window.location.replace('/')\">\r\n<h5>Please wait...</h5>\r\n</body>\r\n";
    Ok(([(header::SET_COOKIE, gone)], Html(page)).into_response())
}
