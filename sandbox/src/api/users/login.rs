//! Checks of logins.

use axum::http::StatusCode;
use serde::Deserialize;

use crate::domain::{ApiError, Caller, Code, Result};
use crate::http::extract::Query;
use crate::world::World;

/// The maximum length of a login, in characters.
const MAX_LOGIN: usize = 255;

#[derive(Deserialize)]
pub(super) struct LoginQuery {
    username: String,
}

/// Responds with 204 if the login is available, 409 if it is taken, and 406 if it is invalid.
pub(super) async fn check_login(
    world: World,
    _: Caller,
    Query(query): Query<LoginQuery>,
) -> Result<StatusCode> {
    validate(&query.username).map_err(ApiError::NotAcceptable)?;
    world.store.check_login(&query.username)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Checks the characters and the length of a login. Returns what is wrong with it.
fn validate(login: &str) -> std::result::Result<(), String> {
    const SPECIAL: &str = ".@_-+:!#$%^*={}'`/?";
    if login.is_empty() {
        return Err("A login cannot be empty.".to_owned());
    }
    if login.len() > MAX_LOGIN {
        return Err(format!("A login has at most {MAX_LOGIN} characters."));
    }
    match login
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && !SPECIAL.contains(*c))
    {
        Some(c) => Err(format!("A login cannot contain {c:?}.")),
        None => Ok(()),
    }
}

/// Rejects invalid logins.
pub(super) fn ensure_valid_login(login: &str) -> Result<()> {
    validate(login).map_err(|info| ApiError::platform(Code::InvalidLogin, info))
}
