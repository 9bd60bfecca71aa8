//! A call, built step by step: path, query, body, credentials. The shape is that of reqwest's builder.

use anyhow::{Context, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, StatusCode, blocking::RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{client::HttpClient, response::Response};
use crate::error::{ApiError, Credential, Failure, UnexpectedResponse, may_have_taken_effect};

/// Not encoded in a query value: the unreserved characters of RFC 3986.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Fields that the platform sets itself: they may differ after a PUT that has succeeded.
const SET_BY_PLATFORM: &[&str] = &["version", "production_start_date"];

/// Supplies the token of each call, and a new one if the platform rejects it.
pub trait Authorization {
    /// The token that signs the next call.
    fn token(&self) -> SecretString;

    /// Replaces a token that the platform rejected with 401. `false` if this kind of token cannot be replaced.
    ///
    /// # Errors
    /// If no new token can be issued.
    fn replace(&self, rejected: &SecretString) -> Result<bool>;

    /// What a rejected call was authorized with.
    fn credential(&self) -> Credential;

    /// Records that a step of the example is done.
    fn record_step(&self, step: &str);
}

/// A call that is not sent yet. Built by [`Platform`](crate::Platform) or [`HttpClient`].
///
/// End it with [`send`](Self::send) if only success matters, [`fetch`](Self::fetch) for a typed response, or
/// [`download`](Self::download) for a file.
#[must_use = "a call does nothing until it is sent"]
pub struct Call<'a> {
    client: &'a HttpClient,
    authorization: Option<&'a dyn Authorization>,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    login: Option<(String, SecretString)>,
    body: Body<'a>,
    step: Option<String>,
}

enum Body<'a> {
    None,
    Json(serde_json::Result<Vec<u8>>),
    Form(Vec<(String, String)>),
    FormWithToken(Box<TokenForm<'a>>),
}

/// The fields of a form that contains the token of the call.
type TokenForm<'a> = dyn Fn(&str) -> Vec<(&'static str, String)> + 'a;

impl<'a> Call<'a> {
    pub(crate) fn new(client: &'a HttpClient, method: Method, path: &str) -> Self {
        Self {
            client,
            authorization: None,
            method,
            path: path.to_owned(),
            query: Vec::new(),
            login: None,
            body: Body::None,
            step: None,
        }
    }

    pub(crate) fn authorized_by(mut self, authorization: &'a dyn Authorization) -> Self {
        self.authorization = Some(authorization);
        self
    }

    /// Adds query parameters. Values are percent-encoded.
    pub fn query(mut self, query: &[(&str, &str)]) -> Self {
        let pairs = query.iter().map(|&(key, value)| (key.into(), value.into()));
        self.query.extend(pairs);
        self
    }

    /// Sets a JSON body.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.body = Body::Json(serde_json::to_vec(body));
        self
    }

    /// Sets a form body.
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let fields = fields
            .iter()
            .map(|&(key, value)| (key.into(), value.into()));
        self.body = Body::Form(fields.collect());
        self
    }

    /// Sets a form body that contains the token that signs the call.
    pub fn form_with_token(
        mut self,
        fields: impl Fn(&str) -> Vec<(&'static str, String)> + 'a,
    ) -> Self {
        self.body = Body::FormWithToken(Box::new(fields));
        self
    }

    /// Signs the call with a login and password, or with the id and secret of an API client.
    pub fn basic_auth(mut self, login: &str, secret: &SecretString) -> Self {
        self.login = Some((login.to_owned(), secret.clone()));
        self
    }

    /// Names the change that this call makes: `create the customer`. If the example fails later, its report says that
    /// this step is done; if this call fails, the error begins with it.
    pub fn step(mut self, step: impl Into<String>) -> Self {
        self.step = Some(step.into());
        self
    }

    /// Sends the call. The content of the response does not matter, only that the platform accepted the call.
    ///
    /// # Errors
    /// [`ApiError`] if the platform rejects the call; [`TransportError`](crate::TransportError) if no response arrives.
    pub fn send(self) -> Result<()> {
        self.finish(|call| call.respond()?.check_json())
    }

    /// Sends the call and ignores the content of the response, which may be a page for a browser.
    ///
    /// # Errors
    /// See [`send`](Self::send).
    pub fn send_ignoring_body(self) -> Result<()> {
        self.finish(|call| call.respond().map(drop))
    }

    /// Sends the call and decodes the response.
    ///
    /// # Errors
    /// See [`send`](Self::send); [`UnexpectedResponse`], which names call and field, if the response is not a `T`.
    pub fn fetch<T: DeserializeOwned>(self) -> Result<T> {
        self.finish(|call| call.respond()?.decode())
    }

    /// Sends the call and decodes the response, which may be empty.
    ///
    /// # Errors
    /// See [`fetch`](Self::fetch).
    pub fn fetch_optional<T: DeserializeOwned>(self) -> Result<Option<T>> {
        self.finish(|call| call.respond()?.decode_optional())
    }

    /// Sends a POST and decodes the response. If the outcome is unknown, the call is not sent again, which could create
    /// a second object: `find` looks for the object instead.
    ///
    /// # Errors
    /// See [`fetch`](Self::fetch); a [`Failure`] if the outcome remains unknown.
    pub fn fetch_or_find<T: DeserializeOwned>(
        self,
        find: impl FnOnce() -> Result<Option<T>>,
    ) -> Result<T> {
        self.finish(|call| {
            call.respond()
                .and_then(Response::decode)
                .or_else(|error| find_instead(error, find))
        })
    }

    /// Sends a POST and decodes the response, which may be empty. If the outcome is unknown, `exists` tells whether the
    /// call took effect; if it did, the result is `None`.
    ///
    /// # Errors
    /// See [`fetch_or_find`](Self::fetch_or_find).
    pub fn fetch_optional_or_check<T: DeserializeOwned>(
        self,
        exists: impl FnOnce() -> Result<bool>,
    ) -> Result<Option<T>> {
        self.finish(|call| {
            call.respond()
                .and_then(Response::decode_optional)
                .or_else(|error| find_instead(error, || Ok(exists()?.then_some(None))))
        })
    }

    /// Sends the call and returns the bytes of the response, decompressed.
    ///
    /// # Errors
    /// See [`send`](Self::send); [`UnexpectedResponse`] if the response is a page for a browser.
    pub fn download(self) -> Result<Vec<u8>> {
        self.finish(|call| call.respond()?.into_file())
    }

    /// Records the step, or names it in the error.
    fn finish<T>(self, outcome: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let result = outcome(&self);
        let Some(step) = self.step else {
            return result;
        };
        let value = result.with_context(|| step.clone())?;
        if let Some(authorization) = self.authorization {
            authorization.record_step(&step);
        }
        Ok(value)
    }

    fn respond(&self) -> Result<Response> {
        match self.respond_authorized() {
            Err(error) if self.method == Method::PUT && is_second_conflict(&error) => {
                self.read_after_put().ok_or(error)
            }
            response => response,
        }
    }

    /// A PUT whose first attempt took effect without a response is rejected for its version the second time. If the
    /// object now has all that was sent, the call has succeeded.
    fn read_after_put(&self) -> Option<Response> {
        let Body::Json(Ok(body)) = &self.body else {
            return None;
        };
        let sent: Value = serde_json::from_slice(body).ok()?;
        let mut get = Call::new(self.client, Method::GET, &self.path);
        get.authorization = self.authorization;
        let response = get.respond_authorized().ok()?;
        let current: Value = serde_json::from_slice(&response.body).ok()?;
        contains(&current, &sent).then(|| {
            log::warn!(
                "PUT {}: an earlier attempt has already succeeded",
                self.path
            );
            response
        })
    }

    fn respond_authorized(&self) -> Result<Response> {
        let Some(authorization) = self.authorization else {
            return self.client.send_with_retries(self.request(None)?);
        };
        let token = authorization.token();
        let outcome = self
            .client
            .send_with_retries(self.request(Some(&token))?)
            .map_err(|mut error| {
                if let Some(rejected) = error.downcast_mut::<ApiError>() {
                    rejected.credential = authorization.credential();
                }
                error
            });
        match outcome {
            Err(error) if is_unauthorized(&error) && authorization.replace(&token)? => {
                let token = authorization.token();
                self.client.send_with_retries(self.request(Some(&token))?)
            }
            outcome => outcome,
        }
    }

    fn request(&self, token: Option<&SecretString>) -> Result<RequestBuilder> {
        let mut url = self.client.url(&self.path)?;
        if !self.query.is_empty() {
            let pairs: Vec<String> = self
                .query
                .iter()
                .map(|(key, value)| format!("{key}={}", utf8_percent_encode(value, UNRESERVED)))
                .collect();
            url.set_query(Some(&pairs.join("&")));
        }
        let mut request = self.client.request(self.method.clone(), url);
        if let Some((login, secret)) = &self.login {
            request = request.basic_auth(login, Some(secret.expose_secret()));
        } else if let Some(token) = token {
            request = request.bearer_auth(token.expose_secret());
        }
        Ok(match &self.body {
            Body::None => request,
            Body::Json(Ok(body)) => request
                .header(reqwest::header::CONTENT_TYPE, "application/json")
                .body(body.clone()),
            Body::Json(Err(cause)) => {
                return Err(UnexpectedResponse::new(
                    format!("{} {}", self.method, self.path),
                    format!("the request body cannot be written as JSON: {cause}"),
                )
                .into());
            }
            Body::Form(fields) => request.form(fields),
            Body::FormWithToken(fields) => {
                request.form(&fields(token.map_or("", |token| token.expose_secret())))
            }
        })
    }
}

/// Looks for the object that a POST of unknown outcome was to create.
fn find_instead<T>(error: anyhow::Error, find: impl FnOnce() -> Result<Option<T>>) -> Result<T> {
    if !may_have_taken_effect(&error) {
        return Err(error);
    }
    log::warn!("{error:#}; checking whether the call took effect");
    match find() {
        Ok(Some(found)) => {
            log::warn!("the call took effect: continuing with what was found");
            Ok(found)
        }
        Ok(None) => Err(Failure::new(
            format!("{error:#}; the call did not take effect"),
            "Run it again. A slow call can still take effect later: check then that nothing exists twice.",
        )
        .into()),
        Err(cause) => Err(Failure::new(
            format!("{error:#}; whether the call took effect is unknown: {cause:#}"),
            "Check in the management console what exists before you run it again, to avoid creating it twice.",
        )
        .indeterminate()
        .into()),
    }
}

/// Whether a call was rejected for its version after an earlier attempt of the same call that may have succeeded.
fn is_second_conflict(error: &anyhow::Error) -> bool {
    error.downcast_ref::<ApiError>().is_some_and(|error| {
        error.earlier_attempt_may_have_taken_effect && error.status == StatusCode::CONFLICT
    })
}

fn is_unauthorized(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<ApiError>()
        .is_some_and(|error| error.status == StatusCode::UNAUTHORIZED)
}

/// Whether an object has all fields that were sent. Fields that the platform sets itself may differ.
fn contains(current: &Value, sent: &Value) -> bool {
    match (current, sent) {
        (Value::Object(current), Value::Object(sent)) => sent
            .iter()
            .filter(|(name, _)| !SET_BY_PLATFORM.contains(&name.as_str()))
            .all(|(name, value)| current.get(name).is_some_and(|it| contains(it, value))),
        (current, sent) => current == sent,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_put_has_succeeded_if_the_object_has_all_that_was_sent() {
        let current = json!({
            "enabled": false, "version": 3, "update_lock": { "enabled": true, "owner_id": "me" }, "kind": "partner",
        });
        for (sent, expected) in [
            (json!({ "enabled": false, "version": 2 }), true),
            (json!({ "update_lock": { "enabled": true } }), true),
            (json!({ "update_lock": { "enabled": false } }), false),
            (json!({ "mode": "production" }), false),
            (json!({ "kind": "customer" }), false),
            (json!([]), false),
        ] {
            assert_eq!(contains(&current, &sent), expected, "{sent}");
        }
    }
}
