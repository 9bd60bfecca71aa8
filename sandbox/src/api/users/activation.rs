//! Activation mails and passwords.

use axum::http::StatusCode;
use axum::response::Html;
use serde::Deserialize;

use crate::domain::{ApiError, Caller, Result};
use crate::http::extract::{Body, Form, Path, PathId};
use crate::secrets;
use crate::state::State;
use crate::store::users::activation::Mail;
use crate::world::World;

/// The maximum length of a password, in bytes.
const LONGEST_PASSWORD: usize = 1024;

/// Puts the mail in the outbox. The body, empty or `{}`, says nothing.
pub(super) async fn send_activation(
    state: State,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode> {
    caller.require_client()?;
    let token = secrets::random(52)?;
    let mail = Mail {
        link: format!("{}activate/{token}", state.url),
        token: secrets::fingerprint(&token),
    };
    let now = state.world.clock.now();
    state.world.store.send_activation(&caller, id, &mail, now)?;
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
    if password.is_empty() || password.len() > LONGEST_PASSWORD {
        return Err(ApiError::bad(format!(
            "password: not between 1 and {LONGEST_PASSWORD} bytes long."
        )));
    }
    Ok(())
}

/// The page behind the link of an activation mail.
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

/// Signs that a login may have and HTML may not.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&#39;")
}
