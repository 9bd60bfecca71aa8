//! Access tokens: use the saved one while it is valid, refresh it in time, prefer a customer-scoped one.

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::{ApiClient, clock};
use crate::{
    error::UserError,
    folder::{API_CLIENT, API_TOKEN, CUSTOMER_TOKEN, Home},
    http::HttpClient,
    json::{Lossless, non_empty_secret},
};

/// A token is used only while it is valid for at least this many seconds, so that it outlives a run.
const MIN_REMAINING: i64 = 900;

/// A response of the token endpoint, `POST /api/2/idp/token`.
#[derive(Debug, Clone, Deserialize)]
pub struct AccessToken {
    /// The token, sent as `Authorization: Bearer …`.
    #[serde(deserialize_with = "non_empty_secret")]
    pub access_token: SecretString,
    /// When it expires, in Unix seconds.
    pub expires_on: i64,
}

/// Which token signs the calls of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenChoice {
    /// A valid customer-scoped token if there is one, otherwise the API client's token.
    Active,
    /// The API client's token, even if there is a customer-scoped one.
    Base,
    /// The customer-scoped token, for changes inside one customer.
    Customer,
}

/// The token that signs calls: a valid customer-scoped one if there is one, otherwise the base token.
/// The flag says whether the token is customer-scoped.
///
/// # Errors
/// See [`base_token`].
pub fn active_token(
    home: &Home,
    http: &HttpClient,
    client: &ApiClient,
) -> Result<(SecretString, bool)> {
    let base = base_token(home, http, client)?;
    if !home.has(CUSTOMER_TOKEN) {
        return Ok((base, false));
    }
    let Some(token) = valid_customer_token(home, client)? else {
        return Ok((base, false));
    };
    log::warn!(
        "calls use the customer-scoped token, which is valid for that customer only; remove {CUSTOMER_TOKEN} to work as \
         the API client again"
    );
    Ok((token, true))
}

/// The API client's own token: the saved one while it is valid, otherwise a new one.
///
/// # Errors
/// A [`UserError`] if the saved token belongs to another client; otherwise see [`refresh`].
pub fn base_token(home: &Home, http: &HttpClient, client: &ApiClient) -> Result<SecretString> {
    match saved_token(home, API_TOKEN, client)? {
        Some(token) => Ok(token),
        None => refresh(home, http, client, None),
    }
}

/// The customer-scoped token, for calls that make no sense without one.
///
/// # Errors
/// A [`UserError`] if there is none or it has expired; otherwise see [`base_token`].
pub fn customer_token(home: &Home, http: &HttpClient, client: &ApiClient) -> Result<SecretString> {
    // Nothing is sent if it is missing or broken.
    home.load::<Value>(CUSTOMER_TOKEN)?;
    match active_token(home, http, client)? {
        (token, true) => Ok(token),
        (_, false) => Err(UserError::new(
            "the customer-scoped token has expired, and this example works inside one customer only",
            "Run `cargo run -p authorization --bin issue_customer_scoped_token_for_bc` for a new one.",
        )
        .into()),
    }
}

/// Issues a new base token and saves it, unless another process has just done so: then that token is used. The
/// customer-scoped token was exchanged for the old one and expires with it. `rejected` is the token that the platform
/// did not accept, if it seemed valid.
///
/// # Errors
/// [`ApiError`](crate::ApiError) if the client is rejected, [`UnexpectedResponse`](crate::UnexpectedResponse) if the
/// response has no token, a [`UserError`] if the token cannot be saved.
pub fn refresh(
    home: &Home,
    http: &HttpClient,
    client: &ApiClient,
    rejected: Option<&SecretString>,
) -> Result<SecretString> {
    let _lock = home.lock_tokens();
    let saved = saved_token(home, API_TOKEN, client)?;
    let rejected = rejected.map(SecretString::expose_secret);
    if let Some(token) = saved.filter(|saved| Some(saved.expose_secret()) != rejected) {
        return Ok(token);
    }
    let token: Lossless<AccessToken> = http
        .post("/api/2/idp/token")
        .basic_auth(&client.client_id, &client.client_secret)
        .form(&[("grant_type", "client_credentials")])
        .fetch()
        .context("issue an access token")?;
    // By the platform's clock, which is known now, the old token may still be valid.
    clock::update(home, http.last_date().as_deref(), token.expires_on)?;
    let has_expired = rejected.is_some() || saved_token(home, API_TOKEN, client)?.is_none();
    // Removed before others can see the new token: what they exchange that for must stay.
    if has_expired && home.has(CUSTOMER_TOKEN) {
        remove_customer_token(home)?;
    }
    home.save(API_TOKEN, &token)?;
    Ok(token.access_token.clone())
}

/// Saves a token that `http` has just received, and what its response shows of the platform's clock.
///
/// # Errors
/// A [`UserError`] if the token cannot be saved.
pub fn save_token(
    home: &Home,
    http: &HttpClient,
    name: &str,
    token: &Lossless<AccessToken>,
) -> Result<(), UserError> {
    home.save(name, token)?;
    clock::update(home, http.last_date().as_deref(), token.expires_on)
}

/// The customer-scoped token if it is valid. An expired one is removed.
fn valid_customer_token(
    home: &Home,
    client: &ApiClient,
) -> Result<Option<SecretString>, UserError> {
    let saved = saved_token(home, CUSTOMER_TOKEN, client)?;
    if saved.is_some() {
        return Ok(saved);
    }
    let _lock = home.lock_tokens();
    // Another process may have issued a new one in the meantime.
    let saved = saved_token(home, CUSTOMER_TOKEN, client)?;
    if saved.is_none() {
        remove_customer_token(home)?;
    }
    Ok(saved)
}

fn remove_customer_token(home: &Home) -> Result<(), UserError> {
    home.remove(CUSTOMER_TOKEN)?;
    log::warn!(
        "the customer-scoped token has expired and was removed; run `cargo run -p authorization --bin \
         issue_customer_scoped_token_for_bc` for a new one"
    );
    Ok(())
}

/// The token in a file, if it is valid. A missing or broken file is not an error: a new token replaces it.
fn saved_token(
    home: &Home,
    name: &str,
    client: &ApiClient,
) -> Result<Option<SecretString>, UserError> {
    let Ok(saved) = home.load::<AccessToken>(name) else {
        return Ok(None);
    };
    let token = saved.access_token;
    if let Some(other) = issued_to(token.expose_secret()).filter(|id| *id != *client.client_id) {
        return Err(UserError::new(
            format!(
                "{name} is a token of API client {other}, but {API_CLIENT} holds {}",
                client.client_id
            ),
            format!(
                "Remove {name} if {API_CLIENT} is the right one, or restore the other {API_CLIENT}."
            ),
        ));
    }
    let is_valid = saved.expires_on >= clock::now(home).saturating_add(MIN_REMAINING);
    Ok(is_valid.then_some(token))
}

/// The client to which a token was issued, if the token is a JWT with the claim `client_id`. The platform checks the
/// signature.
fn issued_to(token: &str) -> Option<String> {
    let payload = token.split('.').nth(1)?;
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    Some(claims.get("client_id")?.as_str()?.to_owned())
}
