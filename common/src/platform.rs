//! The platform as an example sees it: signed in, on one connection, with the files of home at hand.

use std::cell::RefCell;

use anyhow::Result;
use reqwest::{Method, StatusCode, blocking::RequestBuilder};
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::{
    Config, Connection, Failure, Mistake, Refused, Secret, Setup,
    error::{Credential, may_be_done},
    json::{Answer, text},
    run::warn,
    token::{self, ApiClient, Token},
};

/// Looks for what a POST with this body was to make, by its name or id, where it was to be made.
pub type Find = fn(&Platform, &Value) -> Result<Option<Value>>;

/// The advice where a call without an answer has made nothing yet.
const NOT_THERE: &str =
    "Run it again. What is slow can still come: look later whether there is one too many.";
/// The advice where a call without an answer may have made something.
const MAY_BE_THERE: &str = "Look in the management portal whether it was made before you run it again, or there will be two.";

/// Fields that go back to the platform as they came and that it sets by itself.
const COMPUTED: &[&str] = &["version", "production_start_date"];

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

    /// POST `path` with a JSON body → what it has made, which has an `id`. Else as [`Platform::post_or_find`].
    ///
    /// # Errors
    /// See [`Platform::post_or_find`].
    pub fn create(&self, path: &str, body: &Value, find: Find) -> Result<Value> {
        let made = self.post(path, body).and_then(|made| {
            text(&made, "id")?;
            Ok(made)
        });
        self.or_find(made, body, find)
    }

    /// POST `path` with a JSON body → the answer. Where none tells what became of the call, it is not sent again, which
    /// could make a second thing: `find` looks for what it was to make.
    ///
    /// # Errors
    /// See [`Connection::send`]; a [`Failure`] that tells what may exist where nothing was found.
    pub fn post_or_find(&self, path: &str, body: &Value, find: Find) -> Result<Value> {
        self.or_find(self.post(path, body), body, find)
    }

    fn or_find(&self, outcome: Result<Value>, body: &Value, find: Find) -> Result<Value> {
        let Err(error) = outcome else { return outcome };
        if !may_be_done(&error) {
            return Err(error);
        }
        warn(&format!("{error:#}; looking whether it was done"));
        match find(self, body) {
            Ok(Some(found)) => {
                warn("it was done: going on with what was found");
                Ok(found)
            }
            Ok(None) => Err(Failure::new(format!("{error:#}; it is not there"), NOT_THERE).into()),
            Err(cause) => Err(Failure::new(
                format!("{error:#}; whether it is there cannot be found out: {cause:#}"),
                MAY_BE_THERE,
            )
            .of_unknown_fate()
            .into()),
        }
    }

    /// POST `path` without a body → the answer.
    ///
    /// # Errors
    /// See [`Connection::send`].
    pub fn post_empty(&self, path: &str) -> Result<Value> {
        self.call(|token| Ok(self.request(Method::POST, path, &[])?.bearer_auth(token)))
    }

    /// PUT `path` with a JSON body → the answer. Where a first try was acted upon without an answer, the next is told
    /// that the version has changed; what is there then is the answer, if it has all that was to be put.
    ///
    /// # Errors
    /// See [`Connection::send`].
    pub fn put(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self.call(|token| {
            Ok(self
                .request(Method::PUT, path, &[])?
                .bearer_auth(token)
                .json(body))
        });
        match answer {
            Err(error) if is_second_conflict(&error) => match self.get(path, &[]) {
                Ok(there) if has_all(&there, body) => {
                    warn(&format!("PUT {path}: an earlier try has done it"));
                    Ok(there)
                }
                _ => Err(error),
            },
            answer => answer,
        }
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
        self.retry_once(sign, |request| {
            self.setup.connection.send_for_secret(request)
        })
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
                let token = token::renew(&self.setup, &self.client, Some(&token.access_token))?;
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

/// Whether a call was refused as made for an older version, of which a first try of the same call may be the cause.
fn is_second_conflict(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<Refused>()
        .is_some_and(|refused| refused.may_be_done && refused.status == StatusCode::CONFLICT)
}

/// Whether all that was to be put is there. What the platform counts and computes by itself may differ.
fn has_all(there: &Value, put: &Value) -> bool {
    match (there, put) {
        (Value::Object(there), Value::Object(put)) => put
            .iter()
            .filter(|(name, _)| !COMPUTED.contains(&name.as_str()))
            .all(|(name, value)| there.get(name).is_some_and(|it| has_all(it, value))),
        (there, put) => there == put,
    }
}

fn is_unauthorized(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<Refused>()
        .is_some_and(|refused| refused.status == StatusCode::UNAUTHORIZED)
}

/// A refusal calls for another advice where the token reaches one customer only.
fn of_customer_token(mut error: anyhow::Error) -> anyhow::Error {
    if let Some(refused) = error.downcast_mut::<Refused>() {
        refused.credential = Credential::CustomerToken;
    }
    error
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::has_all;

    #[test]
    fn what_was_put_is_there_whatever_the_platform_adds() {
        let there = json!({
            "enabled": false, "version": 3, "update_lock": { "enabled": true, "owner_id": "me" }, "kind": "partner",
        });
        for (put, expected) in [
            (json!({ "enabled": false, "version": 2 }), true),
            (json!({ "update_lock": { "enabled": true } }), true),
            (json!({ "update_lock": { "enabled": false } }), false),
            (json!({ "mode": "production" }), false),
            (json!({ "kind": "customer" }), false),
            (json!([]), false),
        ] {
            assert_eq!(has_all(&there, &put), expected, "{put}");
        }
    }
}
