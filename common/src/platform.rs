//! The platform as an example sees it: signed in, on one connection, with the files of home at hand.

use std::cell::RefCell;

use anyhow::Result;
use reqwest::{Method, StatusCode, blocking::RequestBuilder};
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::{
    Config, Connection, Mistake, Refused, Secret, Setup,
    error::Credential,
    json::Answer,
    token::{self, ApiClient, Token},
};

/// A signed-in connection. What goes over the wire stays visible in the example: method, path, query and body.
#[derive(Debug)]
pub struct Platform {
    setup: Setup,
    client: ApiClient,
    token: RefCell<Token>,
}

impl Platform {
    /// Signs in with the customer-scoped token where a valid one is kept, else with the API client's own.
    ///
    /// # Errors
    /// See [`token::working_token`].
    pub fn sign_in(setup: Setup) -> Result<Self> {
        Self::with(setup, token::working_token)
    }

    /// Signs in with the API client's own token, even where a customer-scoped one is kept.
    ///
    /// # Errors
    /// See [`token::base_token`].
    pub fn sign_in_with_base_token(setup: Setup) -> Result<Self> {
        Self::with(setup, token::base_token)
    }

    /// Signs in with the customer-scoped token, for what is done within one customer.
    ///
    /// # Errors
    /// See [`token::customer_token`].
    pub fn sign_in_for_customer(setup: Setup) -> Result<Self> {
        Self::with(setup, token::customer_token)
    }

    fn with(setup: Setup, step: fn(&Setup, &ApiClient) -> Result<Token>) -> Result<Self> {
        let client = ApiClient::load(&setup.home)?;
        let token = RefCell::new(step(&setup, &client)?);
        Ok(Self {
            setup,
            client,
            token,
        })
    }

    /// The UUID of the tenant that owns the API client.
    #[must_use]
    pub fn tenant_id(&self) -> &str {
        &self.client.tenant_id
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.setup.config
    }

    /// The connection, for a call that is no JSON with a token.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.setup.connection
    }

    /// GET `path?query` → the answer.
    ///
    /// # Errors
    /// See [`Connection::send`].
    pub fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        self.call(|token| Ok(self.request(Method::GET, path, query)?.bearer_auth(token)))
    }

    /// POST `path` with a JSON body → the answer.
    ///
    /// # Errors
    /// See [`Connection::send`].
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.call(|token| {
            Ok(self
                .request(Method::POST, path, &[])?
                .bearer_auth(token)
                .json(body))
        })
    }

    /// POST `path` with a JSON body → the answer, which holds a secret.
    ///
    /// # Errors
    /// See [`Connection::send`].
    pub fn post_for_secret(&self, path: &str, body: &Value) -> Result<Secret> {
        self.post(path, body).map(Secret::from)
    }

    /// POST `path` without a body → the answer.
    ///
    /// # Errors
    /// See [`Connection::send`].
    pub fn post_empty(&self, path: &str) -> Result<Value> {
        self.call(|token| Ok(self.request(Method::POST, path, &[])?.bearer_auth(token)))
    }

    /// PUT `path` with a JSON body → the answer.
    ///
    /// # Errors
    /// See [`Connection::send`].
    pub fn put(&self, path: &str, body: &Value) -> Result<Value> {
        self.call(|token| {
            Ok(self
                .request(Method::PUT, path, &[])?
                .bearer_auth(token)
                .json(body))
        })
    }

    /// DELETE `path?query` → the answer, which is mostly empty.
    ///
    /// # Errors
    /// See [`Connection::send`].
    pub fn delete(&self, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        self.call(|token| {
            Ok(self
                .request(Method::DELETE, path, query)?
                .bearer_auth(token))
        })
    }

    /// GET `path` → the bytes of the answer, unpacked where they came packed.
    ///
    /// # Errors
    /// See [`Connection::download`].
    pub fn download(&self, path: &str) -> Result<Vec<u8>> {
        self.retry_once(
            |token| Ok(self.request(Method::GET, path, &[])?.bearer_auth(token)),
            |request| self.setup.connection.download(request),
        )
    }

    /// Sends what `sign` makes of the current token. If the platform no longer accepts a base token that looked
    /// valid, there is one new token and one more try.
    ///
    /// # Errors
    /// See [`Connection::send`].
    pub fn call(&self, sign: impl Fn(&str) -> Result<RequestBuilder>) -> Result<Value> {
        self.retry_once(sign, |request| self.setup.connection.send(request))
    }

    /// [`Platform::call`] for an answer that holds a secret.
    ///
    /// # Errors
    /// See [`Connection::send`].
    pub fn call_for_secret(&self, sign: impl Fn(&str) -> Result<RequestBuilder>) -> Result<Secret> {
        self.call(sign).map(Secret::from)
    }

    fn retry_once<T>(
        &self,
        sign: impl Fn(&str) -> Result<RequestBuilder>,
        send: impl Fn(RequestBuilder) -> Result<T>,
    ) -> Result<T> {
        let token = self.token.borrow().clone();
        match send(sign(token.access_token.expose_secret())?) {
            Err(error) if token.customer_scoped => Err(of_customer_token(error)),
            Err(error) if is_unauthorized(&error) => {
                let token = token::renew(&self.setup, &self.client)?;
                *self.token.borrow_mut() = token.clone();
                send(sign(token.access_token.expose_secret())?)
            }
            answer => answer,
        }
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<RequestBuilder> {
        self.setup.connection.request(method, path, query)
    }

    /// Keeps an answer in home, as it came.
    ///
    /// # Errors
    /// See [`crate::Home::save`].
    pub fn save(&self, name: &str, answer: &impl Answer) -> Result<(), Mistake> {
        self.setup.home.save(name, answer)
    }

    /// Removes a file of home that says what is true no more; one that is not there is as good as removed.
    ///
    /// # Errors
    /// See [`crate::Home::remove`].
    pub fn remove(&self, name: &str) -> Result<(), Mistake> {
        self.setup.home.remove(name)
    }

    /// Keeps a downloaded file in home.
    ///
    /// # Errors
    /// See [`crate::Home::save_bytes`].
    pub fn save_bytes(&self, name: &str, content: &[u8]) -> Result<(), Mistake> {
        self.setup.home.save_bytes(name, content)
    }

    /// A field of what an earlier example kept, such as the `id` in `partner.json`.
    ///
    /// # Errors
    /// See [`crate::Home::kept`].
    pub fn kept(&self, name: &str, field: &str) -> Result<String, Mistake> {
        self.setup.home.kept(name, field)
    }
}

fn is_unauthorized(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<Refused>()
        .is_some_and(|refused| refused.status == StatusCode::UNAUTHORIZED)
}

/// A refusal calls for another advice where the token reaches one customer only.
fn of_customer_token(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<Refused>() {
        Ok(refused) => Refused {
            credential: Credential::CustomerToken,
            ..refused
        }
        .into(),
        Err(other) => other,
    }
}
