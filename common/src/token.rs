//! The token step: use the kept token while it lasts, renew it in time, prefer a customer-scoped one.

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::{
    Setup, clock,
    error::{Failure, Mistake},
    home::{API_CLIENT, API_TOKEN, CUSTOMER_TOKEN, Home},
    json::{missing, text},
    run::warn,
    secret::Secret,
};

/// A token is used only while it is valid for at least so many seconds more: a run must not outlive it.
pub const MARGIN: i64 = 900;

/// The API client in `api_client.json`: the account the examples work as.
#[derive(Debug, Clone)]
pub struct ApiClient {
    /// UUID of the client, its login so to speak.
    pub client_id: String,
    /// Its secret. The platform shows it once, when the client is made.
    pub client_secret: SecretString,
    /// The tenant the client belongs to: it can reach this tenant and all below it.
    pub tenant_id: String,
}

impl ApiClient {
    /// Reads `api_client.json`.
    ///
    /// # Errors
    /// A [`Mistake`] where the file is missing, broken or lacks a field.
    pub fn load(home: &Home) -> Result<Self, Mistake> {
        let content = home.load_secret(API_CLIENT)?;
        let text = |field| home.text(API_CLIENT, content.expose_secret(), field);
        Ok(Self {
            client_id: text("client_id")?,
            client_secret: text("client_secret")?.into(),
            tenant_id: text("tenant_id")?,
        })
    }

    /// The secret in clear, for the one call that signs with it.
    #[must_use]
    pub fn secret(&self) -> &str {
        self.client_secret.expose_secret()
    }
}

/// A token and what it is good for.
#[derive(Debug, Clone)]
pub struct Token {
    /// What goes behind `Authorization: Bearer`.
    pub access_token: SecretString,
    /// Whether it reaches one customer only.
    pub customer_scoped: bool,
}

/// The API client's own token: the kept one if it lasts, else a new one.
///
/// # Errors
/// A [`Mistake`] where the kept token is another client's; what [`renew`] can meet.
pub fn base_token(setup: &Setup, client: &ApiClient) -> Result<Token> {
    match kept_token(&setup.home, API_TOKEN, client)? {
        Some(access_token) => Ok(Token {
            access_token,
            customer_scoped: false,
        }),
        None => renew(setup, client, None),
    }
}

/// The token that calls sign with: a valid customer-scoped one where there is one, else the base token.
///
/// # Errors
/// What [`base_token`] can meet.
pub fn working_token(setup: &Setup, client: &ApiClient) -> Result<Token> {
    let base = base_token(setup, client)?;
    if !setup.home.has(CUSTOMER_TOKEN) {
        return Ok(base);
    }
    if let Some(access_token) = lasting_customer_token(&setup.home, client)? {
        warn(&format!(
            "calls use the customer-scoped token and reach that customer only; remove {CUSTOMER_TOKEN} to work as the \
             API client again"
        ));
        return Ok(Token {
            access_token,
            customer_scoped: true,
        });
    }
    Ok(base)
}

/// The customer-scoped token, for calls that make no sense without one.
///
/// # Errors
/// A [`Mistake`] where none is kept or it has ended; what [`base_token`] can meet.
pub fn customer_token(setup: &Setup, client: &ApiClient) -> Result<Token> {
    // Nothing is sent where it is missing or broken.
    setup.home.load_secret(CUSTOMER_TOKEN)?;
    let token = working_token(setup, client)?;
    if token.customer_scoped {
        return Ok(token);
    }
    Err(Mistake::new(
        "the customer-scoped token has ended, and this works within one customer only",
        "Run `cargo run -p authorization --bin issue_customer_scoped_token_for_bc` for a new one.",
    )
    .into())
}

/// Issues a new base token and keeps it, unless another process has just done so: that one is taken then. The
/// customer-scoped token was exchanged for the old one and ends with it. `refused` is the token that the platform did
/// not accept, where it looked as if it would last.
///
/// # Errors
/// `Refused` where the client is not accepted, a [`Failure`] where no usable answer comes, a [`Mistake`] where the
/// token cannot be kept.
pub fn renew(setup: &Setup, client: &ApiClient, refused: Option<&SecretString>) -> Result<Token> {
    let _turn = setup.home.turn();
    let kept = kept_token(&setup.home, API_TOKEN, client)?;
    let refused = refused.map(SecretString::expose_secret);
    if let Some(access_token) = kept.filter(|kept| Some(kept.expose_secret()) != refused) {
        return Ok(Token {
            access_token,
            customer_scoped: false,
        });
    }
    let request = setup
        .connection
        .request(Method::POST, "/api/2/idp/token", &[])?
        .basic_auth(&client.client_id, Some(client.secret()))
        .form(&[("grant_type", "client_credentials")]);
    let answer = setup
        .connection
        .send_for_secret(request)
        .context("issuing an access token")?;
    check(&answer).context("issuing an access token")?;
    // By the platform's clock, which is known by now, the old token may last all the same.
    clock::note(&setup.home, &answer)?;
    let ended = refused.is_some() || kept_token(&setup.home, API_TOKEN, client)?.is_none();
    // Before others can see the new token: what they exchange it for must stay.
    if ended && setup.home.has(CUSTOMER_TOKEN) {
        end_customer_token(&setup.home)?;
    }
    setup.home.save(API_TOKEN, &answer)?;
    Ok(Token {
        access_token: text(&answer, "access_token")?.into(),
        customer_scoped: false,
    })
}

/// Checks that an answer of the token endpoint holds what later runs need, before it is kept, and tells when the token
/// ends (Unix seconds).
///
/// # Errors
/// A [`Failure`] that names the missing field.
pub fn check(answer: &Secret) -> Result<i64, Failure> {
    text(answer, "access_token")?;
    let answer = answer.expose_secret();
    answer
        .get("expires_on")
        .and_then(Value::as_i64)
        .ok_or_else(|| missing("time", "expires_on", answer))
}

/// The customer-scoped token; one that does not last is removed.
fn lasting_customer_token(
    home: &Home,
    client: &ApiClient,
) -> Result<Option<SecretString>, Mistake> {
    let kept = kept_token(home, CUSTOMER_TOKEN, client)?;
    if kept.is_some() {
        return Ok(kept);
    }
    let _turn = home.turn();
    // Another process may have issued a new one meanwhile.
    let kept = kept_token(home, CUSTOMER_TOKEN, client)?;
    if kept.is_none() {
        end_customer_token(home)?;
    }
    Ok(kept)
}

fn end_customer_token(home: &Home) -> Result<(), Mistake> {
    home.remove(CUSTOMER_TOKEN)?;
    warn(
        "the customer-scoped token is at its end and was removed; `cargo run -p authorization --bin \
         issue_customer_scoped_token_for_bc` issues a new one",
    );
    Ok(())
}

/// The token in a file, if it lasts. A file that is missing or broken is no obstacle: a new token takes its place.
fn kept_token(
    home: &Home,
    name: &str,
    client: &ApiClient,
) -> Result<Option<SecretString>, Mistake> {
    let Ok(kept) = home.load_secret(name) else {
        return Ok(None);
    };
    let (Ok(expires_on), Ok(token)) = (check(&kept), text(&kept, "access_token")) else {
        return Ok(None);
    };
    if let Some(other) = issued_to(token).filter(|id| *id != client.client_id) {
        return Err(Mistake::new(
            format!(
                "{name} is a token of API client {other}, and {API_CLIENT} holds {}",
                client.client_id
            ),
            format!(
                "Remove {name} if {API_CLIENT} is the right one, or put the other {API_CLIENT} back."
            ),
        ));
    }
    let lasts = expires_on >= clock::now(home).saturating_add(MARGIN);
    Ok(lasts.then(|| token.into()))
}

/// The client a token was issued to, where the token tells: a JWT with the claim `client_id`.
/// Its signature is the platform's business.
fn issued_to(token: &str) -> Option<String> {
    let payload = token.split('.').nth(1)?;
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    Some(claims.get("client_id")?.as_str()?.to_owned())
}
