//! Activation e-mails and passwords.

use axum::http::StatusCode;
use axum::response::Html;
use serde::Deserialize;

use crate::domain::{ApiError, Caller, Result};
use crate::http::extract::{Body, Form, Path, PathId};
use crate::secrets;
use crate::state::State;
use crate::store::users::activation::ActivationLink;
use crate::world::World;

/// The maximum length of a password, in bytes.
const MAX_PASSWORD: usize = 1024;

/// Sends an activation e-mail. The request body is ignored.
pub(super) async fn send_activation(
    state: State,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode> {
    caller.require_client()?;
    let token = secrets::random(52)?;
    let link = ActivationLink {
        url: format!("{}activate/{token}", state.url),
        fingerprint: secrets::fingerprint(&token),
    };
    let now = state.world.clock.now();
    state.world.store.send_activation(&caller, id, &link, now)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub(super) struct PasswordPost {
    password: String,
}

pub(super) async fn set_password(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Body(post): Body<PasswordPost>,
) -> Result<StatusCode> {
    caller.require_token()?;
    check_password(&post.password)?;
    let now = world.clock.now();
    world.store.set_password(&caller, id, &post.password, now)?;
    Ok(StatusCode::NO_CONTENT)
}

fn check_password(password: &str) -> Result<()> {
    if password.is_empty() || password.len() > MAX_PASSWORD {
        return Err(ApiError::bad(format!(
            "password: must be between 1 and {MAX_PASSWORD} bytes long."
        )));
    }
    Ok(())
}

/// The page of an activation link.
pub(super) async fn page(world: World, Path(token): Path<String>) -> Result<Html<String>> {
    let login = escaped(&world.store.activation(&token)?);
    Ok(html(&format!(
        "<p>Set a password for <b>{login}</b>.</p>\
         <form method=\"post\"><input type=\"password\" name=\"password\" required autofocus> \
         <button>Activate</button></form>"
    )))
}

pub(super) async fn activate(
    world: World,
    Path(token): Path<String>,
    Form(post): Form<PasswordPost>,
) -> Result<Html<String>> {
    check_password(&post.password)?;
    let now = world.clock.now();
    let login = escaped(&world.store.activate(&token, &post.password, now)?);
    Ok(html(&format!("<p><b>{login}</b> is activated.</p>")))
}

fn html(content: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sandbox</title>\
         <h1>Account activation</h1>{content}</html>"
    ))
}

/// Escapes the HTML characters that a login can contain.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&#39;")
}
