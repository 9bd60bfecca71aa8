//! Impersonation: a one-time token signs the caller in as a user.

use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde::{Deserialize, Serialize};

use super::users::User;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::caller::{SESSION, session};
use crate::http::extract::{Body, one_of};
use crate::request_log::CallerNote;
use crate::state::State;
use crate::store::sessions::UserRef;
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/idp/ott", post(issue))
        .route("/api/2/idp/ott/login", post(sign_in))
        .route("/api/2/idp/logout", get(sign_out))
}

#[derive(Deserialize)]
struct IssuePost {
    purpose: String,
    login: Option<String>,
    user_id: Option<Id>,
    external_id: Option<String>,
}

#[derive(Serialize)]
struct OneTimeToken {
    ott: String,
}

async fn issue(
    world: World,
    caller: Caller,
    Body(post): Body<IssuePost>,
) -> Result<Json<OneTimeToken>> {
    caller.require_client()?;
    one_of("purpose", &post.purpose, &["user_login", "verify"])?;
    let user = match (post.login, post.user_id, post.external_id) {
        (Some(login), None, None) => UserRef::Login(login),
        (None, Some(id), None) => UserRef::Id(id),
        (None, None, Some(external)) => UserRef::External(external),
        _ => {
            return Err(ApiError::bad(
                "Exactly one of login, user_id and external_id is required.",
            ));
        }
    };
    let now = world.clock.now();
    let ott = world
        .store
        .issue_one_time_token(&caller, &user, &post.purpose, now)?;
    Ok(Json(OneTimeToken { ott }))
}

#[derive(Deserialize)]
struct SignInPost {
    ott: String,
}

/// Signs the token holder in as the user.
async fn sign_in(
    world: World,
    Extension(note): Extension<CallerNote>,
    Body(post): Body<SignInPost>,
) -> Result<Response> {
    let (user, policies, secret) = world.store.sign_in(&post.ott, world.clock.now())?;
    note.set(&user.login, Some(user.tenant_id));
    // Without Secure, because clients would not send the cookie over plain HTTP.
    let cookie = format!("{SESSION}={secret}; Path=/; HttpOnly; SameSite=Strict");
    let body = Json(User::new(user, policies));
    Ok(([(header::SET_COOKIE, cookie)], body).into_response())
}

/// Ends the session, if there is one, and responds with a page that redirects to the start page.
async fn sign_out(world: World, headers: HeaderMap) -> Result<Response> {
    if let Some(secret) = session(&headers) {
        world.store.sign_out(secret)?;
    }
    let expired = format!("{SESSION}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    let page =
        "<body onload=\"window.location.replace('/')\">\r\n<h5>Please wait...</h5>\r\n</body>\r\n";
    Ok(([(header::SET_COOKIE, expired)], Html(page)).into_response())
}
