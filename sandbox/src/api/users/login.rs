//! Logins: their form, and whether one is free.

use axum::http::StatusCode;
use serde::Deserialize;

use crate::domain::{ApiError, Caller, Code, Result};
use crate::http::extract::Query;
use crate::world::World;

/// The maximum length of a login, in characters.
const LONGEST_LOGIN: usize = 255;

#[derive(Deserialize)]
pub(super) struct LoginQuery {
    username: String,
}

/// 204: free; 409: taken; 406: cannot be a login.
pub(super) async fn check_login(
    world: World,
    _: Caller,
    Query(query): Query<LoginQuery>,
) -> Result<StatusCode> {
    check_form(&query.username).map_err(ApiError::NotAcceptable)?;
    world.store.check_login(&query.username)?;
    Ok(StatusCode::NO_CONTENT)
}

/// ASCII letters, digits and a few signs; else what is wrong with it.
fn check_form(login: &str) -> std::result::Result<(), String> {
    const SIGNS: &str = ".@_-+:!#$%^*={}'`/?";
    if login.is_empty() {
        return Err("A login cannot be empty.".to_owned());
    }
    if login.len() > LONGEST_LOGIN {
        return Err(format!("A login has at most {LONGEST_LOGIN} characters."));
    }
    match login
        .chars()
        .find(|sign| !sign.is_ascii_alphanumeric() && !SIGNS.contains(*sign))
    {
        Some(sign) => Err(format!("A login cannot have {sign:?} in it.")),
        None => Ok(()),
    }
}

pub(super) fn check_login_form(login: &str) -> Result<()> {
    check_form(login).map_err(|info| ApiError::platform(Code::InvalidLogin, info))
}
