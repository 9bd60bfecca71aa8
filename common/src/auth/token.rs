//! Access tokens: use the saved one while it is valid, refresh it in time, prefer a customer-scoped one.

use std::ops::Deref;

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::{ClientCredentials, clock};
use crate::{
    error::{ApiError, Credential, UserError},
    folder::{API_CLIENT, API_TOKEN, CUSTOMER_TOKEN, Home},
    http::{Call, HttpClient, Token},
    json::{Lossless, non_empty_secret},
};

/// A response of the token endpoint, `POST /api/2/idp/token`.
#[derive(Debug, Clone, Deserialize)]
pub struct AccessToken {
    /// The token, sent as `Authorization: Bearer …`.
    #[serde(deserialize_with = "non_empty_secret")]
    pub access_token: SecretString,
    /// When it expires, in Unix seconds.
    pub expires_on: i64,
}

/// Which token authorizes the calls of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenChoice {
    /// A valid customer-scoped token if there is one, otherwise the API client's token.
    Active,
    /// The API client's token, even if there is a customer-scoped one.
    Base,
    /// The customer-scoped token, for changes inside one customer.
    Customer,
}

impl Token {
    fn base(value: SecretString) -> Self {
        let credential = Credential::Token;
        Self { value, credential }
    }

    fn customer(value: SecretString) -> Self {
        let credential = Credential::CustomerToken;
        Self { value, credential }
    }
}

/// The tokens of an API client: those saved in the home folder, and new ones from the platform.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tokens<'a> {
    pub(crate) home: &'a Home,
    pub(crate) http: &'a HttpClient,
    pub(crate) client: &'a ClientCredentials,
    pub(crate) choice: TokenChoice,
}

impl Tokens<'_> {
    /// The chosen token.
    ///
    /// # Errors
    /// See [`active`](Self::active), [`base`](Self::base) and [`customer`](Self::customer).
    pub(crate) fn choose(self) -> Result<Token> {
        match self.choice {
            TokenChoice::Active => {
                let token = self.active()?;
                if token.credential == Credential::CustomerToken {
                    log::warn!(
                        "calls use the customer-scoped token, which is valid for that customer only; remove \
                         {CUSTOMER_TOKEN} to work as the API client again"
                    );
                }
                Ok(token)
            }
            TokenChoice::Base => self.base(),
            TokenChoice::Customer => self.customer(),
        }
    }

    /// A valid customer-scoped token if there is one, otherwise the base token.
    ///
    /// # Errors
    /// See [`base`](Self::base).
    fn active(self) -> Result<Token> {
        let base = self.base()?;
        if !self.home.has(CUSTOMER_TOKEN) {
            return Ok(base);
        }
        let Some(token) = self.valid_customer_token()? else {
            return Ok(base);
        };
        Ok(Token::customer(token))
    }

    /// The API client's own token: the saved one while it is valid, otherwise a new one.
    ///
    /// # Errors
    /// A [`UserError`] if the saved token belongs to another client; otherwise see [`refresh`](Self::refresh).
    fn base(self) -> Result<Token> {
        match self.saved(API_TOKEN)? {
            Some(token) => Ok(Token::base(token)),
            None => self.refresh(None),
        }
    }

    /// The customer-scoped token, for calls that require one.
    ///
    /// # Errors
    /// A [`UserError`] if there is none or it has expired; otherwise see [`base`](Self::base).
    fn customer(self) -> Result<Token> {
        // Nothing is sent if it is missing or broken.
        self.home.load::<AccessToken>(CUSTOMER_TOKEN)?;
        let token = self.active()?;
        if token.credential == Credential::CustomerToken {
            return Ok(token);
        }
        Err(UserError::new(
            "the customer-scoped token has expired, and this example works inside one customer only",
            "Run `cargo run -p authorization --bin issue_customer_scoped_token_for_bc` for a new one.",
        )
        .into())
    }

    /// Issues a new base token and saves it, unless another process has just done so: then that token is used. The
    /// customer-scoped token was exchanged for the old one and expires with it. `rejected` is the token that the
    /// platform did not accept, if it seemed valid.
    ///
    /// # Errors
    /// [`ApiError`] if the client is rejected, [`UnexpectedResponse`](crate::UnexpectedResponse) if the
    /// response has no token, a [`UserError`] if the token cannot be saved.
    pub(crate) fn refresh(self, rejected: Option<&SecretString>) -> Result<Token> {
        let _lock = self.home.lock_tokens()?;
        let rejected = rejected.map(SecretString::expose_secret);
        let saved = self.saved(API_TOKEN)?;
        if let Some(token) = saved.filter(|saved| Some(saved.expose_secret()) != rejected) {
            return Ok(Token::base(token));
        }
        let token = self.issue()?;
        token.save_clock_skew(self.home)?;
        // By the platform's clock, which is known now, the old token may still be valid.
        let has_expired = rejected.is_some() || self.saved(API_TOKEN)?.is_none();
        // Removed before the new token is saved: another process may exchange that one, and its result must stay.
        if has_expired && self.home.has(CUSTOMER_TOKEN) {
            self.remove_customer_token()?;
        }
        self.home.save(API_TOKEN, &token.token)?;
        Ok(Token::base(token.access_token.clone()))
    }

    /// Whether the platform rejects the API client, and so every token of it: then its answer. The issued token is not kept.
    pub(crate) fn client_rejection(self) -> Option<anyhow::Error> {
        let error = self.issue().err()?;
        let rejection = error.downcast_ref::<ApiError>();
        rejection
            .is_some_and(ApiError::is_client_rejected)
            .then_some(error)
    }

    fn issue(self) -> Result<IssuedToken> {
        self.http
            .post("/api/2/idp/token")
            .basic_auth(&self.client.client_id, &self.client.client_secret)
            .form(&[("grant_type", "client_credentials")])
            .fetch_token()
            .context("issue an access token")
    }

    /// The customer-scoped token if it is valid. An expired one is removed.
    fn valid_customer_token(self) -> Result<Option<SecretString>, UserError> {
        let saved = self.saved(CUSTOMER_TOKEN)?;
        if saved.is_some() {
            return Ok(saved);
        }
        let _lock = self.home.lock_tokens()?;
        // Another process may have issued a new one in the meantime.
        let saved = self.saved(CUSTOMER_TOKEN)?;
        if saved.is_none() {
            self.remove_customer_token()?;
        }
        Ok(saved)
    }

    fn remove_customer_token(self) -> Result<(), UserError> {
        self.home.remove(CUSTOMER_TOKEN)?;
        // An example that needs the base token does not use the other one, or replaces it.
        if self.choice != TokenChoice::Base {
            log::warn!(
                "the customer-scoped token has expired and was removed; run `cargo run -p authorization --bin \
                 issue_customer_scoped_token_for_bc` for a new one"
            );
        }
        Ok(())
    }

    /// The token in a file, if it is valid. A missing or broken file is not an error: a new token replaces it.
    fn saved(self, name: &str) -> Result<Option<SecretString>, UserError> {
        self.home.check(name)?;
        let Ok(saved) = self.home.load::<AccessToken>(name) else {
            return Ok(None);
        };
        let token = saved.access_token;
        let client = &self.client.client_id;
        if let Some(other) = issued_to(token.expose_secret()).filter(|id| *id != **client) {
            return Err(UserError::new(
                format!("{name} is a token of API client {other}, but {API_CLIENT} holds {client}"),
                format!(
                    "Remove {name} if {API_CLIENT} is the right one, or restore the other {API_CLIENT}."
                ),
            ));
        }
        let is_valid =
            saved.expires_on >= clock::now(self.home).saturating_add(clock::MIN_REMAINING);
        Ok(is_valid.then_some(token))
    }
}

/// A new token, as the token endpoint returned it.
#[derive(Debug)]
pub struct IssuedToken {
    token: Lossless<AccessToken>,
    /// How many seconds the platform's clock is ahead of this machine's, if the response shows it.
    clock_skew: Option<i64>,
}

impl IssuedToken {
    /// Saves the token, and in `clock_skew.json` the difference between the clocks, if there is one.
    ///
    /// # Errors
    /// A [`UserError`] if a file cannot be written.
    pub fn save(&self, home: &Home, name: &str) -> Result<(), UserError> {
        let _lock = home.lock_tokens()?;
        self.save_clock_skew(home)?;
        home.save(name, &self.token)
    }

    fn save_clock_skew(&self, home: &Home) -> Result<(), UserError> {
        clock::update(home, self.clock_skew, self.token.expires_on)
    }
}

impl Deref for IssuedToken {
    type Target = AccessToken;

    fn deref(&self) -> &AccessToken {
        &self.token
    }
}

impl Call<'_> {
    /// Sends a call to the token endpoint and decodes its response.
    ///
    /// # Errors
    /// See [`fetch`](Self::fetch).
    pub fn fetch_token(self) -> Result<IssuedToken> {
        let (token, clock_skew) = self.fetch_with_clock_skew()?;
        Ok(IssuedToken { token, clock_skew })
    }
}

/// The client to which a token was issued, if the token is a JWT with the claim `client_id`. The platform checks the
/// signature.
fn issued_to(token: &str) -> Option<String> {
    let payload = token.split('.').nth(1)?;
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    Some(claims.get("client_id")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let token: AccessToken =
            serde_json::from_str(r#"{"access_token": "hunter2", "expires_on": 1}"#).unwrap();
        let client: ClientCredentials = serde_json::from_str(
            r#"{"client_id": "c", "client_secret": "hunter2", "tenant_id": "t"}"#,
        )
        .unwrap();
        let used = Token::base(token.access_token.clone());
        for shown in [
            format!("{token:?} {token:#?}"),
            format!("{client:?} {client:#?}"),
            format!("{used:?} {used:#?}"),
        ] {
            assert!(
                shown.contains("REDACTED") && !shown.contains("hunter2"),
                "{shown}"
            );
        }
    }
}
