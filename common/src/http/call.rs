//! A call, built step by step: path, query, body, credentials. The shape is that of reqwest's builder.

use anyhow::{Context, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    client::{HttpClient, cannot_build},
    pages::Pages,
    record::{Effect, Record},
    redact::parse_small,
    response::{MAX_FILE, MAX_JSON, Response},
    sent_call::SentCall,
    step::Step,
};
use crate::{
    error::{ApiError, Credential, Failure, may_have_taken_effect, rejection_status},
    folder::{NewObject, ObjectKind},
    json::{Id, Page},
    text::sanitize,
};

/// Not encoded in a query value: the unreserved characters of RFC 3986.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Fields that the platform sets itself: they may differ after a PUT that has succeeded.
const SET_BY_PLATFORM: &[&str] = &["version", "production_start_date"];

/// A token that authorizes calls.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) value: SecretString,
    pub(crate) credential: Credential,
}

/// Supplies the token of each call.
pub(crate) trait Authorizer {
    /// The token that authorizes the next call.
    fn token(&self) -> Token;

    /// Replaces a token that the platform rejected with 401. `None` if this kind of token cannot be replaced.
    ///
    /// # Errors
    /// If no new token can be issued.
    fn replace(&self, rejected: &Token) -> Result<Option<Token>>;
}

/// A call that is not sent yet. Built by [`Platform`](crate::Platform) or [`HttpClient`].
///
/// End it with [`send`](Self::send) if only success matters, [`fetch`](Self::fetch) for a typed response, or
/// [`download`](Self::download) for a file.
#[must_use = "a call does nothing until it is sent"]
pub struct Call<'a> {
    client: &'a HttpClient,
    authorizer: Option<&'a dyn Authorizer>,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    login: Option<(String, SecretString)>,
    body: Body,
    /// The largest response that is read, in bytes.
    max_size: usize,
    step: Option<Step>,
    effect: Option<Effect>,
}

enum Body {
    None,
    Json(serde_json::Result<Vec<u8>>),
    Form(Vec<FormField>),
}

enum FormField {
    Value(String, String),
    /// The token that authorizes the call.
    Token(String),
}

impl<'a> Call<'a> {
    pub(crate) fn new(client: &'a HttpClient, method: Method, path: &str) -> Self {
        Self {
            client,
            authorizer: None,
            method,
            path: path.to_owned(),
            query: Vec::new(),
            login: None,
            body: Body::None,
            max_size: MAX_JSON,
            step: None,
            effect: None,
        }
    }

    pub(crate) fn authorized_by(mut self, authorizer: &'a dyn Authorizer) -> Self {
        self.authorizer = Some(authorizer);
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

    /// Adds fields to a form body.
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let fields = fields
            .iter()
            .map(|&(name, value)| FormField::Value(name.into(), value.into()));
        self.form_fields().extend(fields);
        self
    }

    /// Adds a field to a form body. Its value is the token that authorizes the call, which an example cannot read
    /// itself.
    pub fn form_token(mut self, name: &str) -> Self {
        self.form_fields().push(FormField::Token(name.into()));
        self
    }

    fn form_fields(&mut self) -> &mut Vec<FormField> {
        if !matches!(self.body, Body::Form(_)) {
            self.body = Body::Form(Vec::new());
        }
        match &mut self.body {
            Body::Form(fields) => fields,
            Body::None | Body::Json(_) => unreachable!("the body was just made a form"),
        }
    }

    /// Authenticates the call with a login and password, or with the id and secret of an API client.
    pub fn basic_auth(mut self, login: &str, secret: &SecretString) -> Self {
        self.login = Some((login.to_owned(), secret.clone()));
        self
    }

    /// Names the change that this call makes: `create the customer`. If the call fails, the error starts with it. If it
    /// succeeds, the [`HttpClient`] records that this step is done.
    pub fn step(mut self, name: &str) -> Self {
        self.step = Some(Step {
            name: name.to_owned(),
            object: None,
        });
        self
    }

    /// [`step`](Self::step), with the name of the object that the call changes. The error and the record contain both.
    pub fn step_on(mut self, name: &str, object: &str) -> Self {
        self.step = Some(Step {
            name: name.to_owned(),
            object: Some(sanitize(object).into_owned()),
        });
        self
    }

    /// Records in `created.jsonl` what this call creates, so that it can be deleted later: its name, or the login of a
    /// user, and the tenant or the user to which it will belong. The line is written before the call is sent. Without a
    /// home folder, nothing is recorded.
    pub fn creates<'b>(
        mut self,
        kind: ObjectKind,
        name: &str,
        parent: impl Into<Option<&'b Id>>,
    ) -> Self {
        self.effect = Some(Effect::Creates(NewObject {
            kind,
            name: name.to_owned(),
            parent: parent.into().cloned(),
        }));
        self
    }

    /// Records in `created.jsonl` that this object no longer exists, after the call has deleted it.
    pub fn deletes(mut self, id: &Id) -> Self {
        self.effect = Some(Effect::Deletes(id.clone()));
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
    /// See [`send`](Self::send); [`UnexpectedResponse`](crate::UnexpectedResponse), which names call and field, if the
    /// response is not a `T`.
    pub fn fetch<T: DeserializeOwned>(self) -> Result<T> {
        self.finish(|call| call.respond()?.decode())
    }

    /// Reads a list page by page. Nothing is sent until the first page is needed.
    pub fn pages<T: DeserializeOwned>(self) -> Pages<'a, T> {
        debug_assert_eq!(self.method, Method::GET, "a list is read with GET");
        let path = self.path.clone();
        Pages::new(self, &path)
    }

    /// The first page, or the one after this cursor.
    pub(super) fn fetch_page<T: DeserializeOwned>(
        &mut self,
        cursor: Option<String>,
    ) -> Result<Page<T>> {
        let length = self.query.len();
        let after = cursor.map(|cursor| ("after".to_owned(), cursor));
        self.query.extend(after);
        let response = self.respond();
        self.query.truncate(length);
        response?.decode()
    }

    /// [`fetch`](Self::fetch), and how many seconds the platform's clock is ahead of this machine's, if the response
    /// shows it.
    ///
    /// # Errors
    /// See [`fetch`](Self::fetch).
    pub(crate) fn fetch_with_clock_skew<T: DeserializeOwned>(self) -> Result<(T, Option<i64>)> {
        self.finish(|call| {
            let response = call.respond()?;
            let clock_skew = response.head.clock_skew;
            Ok((response.decode()?, clock_skew))
        })
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
        debug_assert_eq!(self.method, Method::POST, "other calls are sent again");
        self.finish(|call| {
            call.respond()
                .and_then(Response::decode)
                .or_else(|error| find_instead(error, find))
        })
    }

    /// Sends a POST and decodes the response, which may be empty. If the outcome is unknown, `exists` checks whether the
    /// call took effect; if it did, the result is `None`.
    ///
    /// # Errors
    /// See [`fetch_or_find`](Self::fetch_or_find).
    pub fn fetch_optional_or_check<T: DeserializeOwned>(
        self,
        exists: impl FnOnce() -> Result<bool>,
    ) -> Result<Option<T>> {
        debug_assert_eq!(self.method, Method::POST, "other calls are sent again");
        self.finish(|call| {
            call.respond()
                .and_then(Response::decode_optional)
                .or_else(|error| find_instead(error, || Ok(exists()?.then_some(None))))
        })
    }

    /// Sends the call and returns the bytes of the response, decompressed.
    ///
    /// # Errors
    /// See [`send`](Self::send); [`UnexpectedResponse`](crate::UnexpectedResponse) if the response is a page for a
    /// browser.
    pub fn download(mut self) -> Result<Vec<u8>> {
        self.max_size = MAX_FILE;
        self.finish(|call| call.respond()?.into_file())
    }

    /// Records the step, or names it in the error.
    fn finish<T>(self, outcome: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let Some(step) = &self.step else {
            return outcome(&self);
        };
        self.client.begin_step(step);
        let result = outcome(&self).with_context(|| step.to_string());
        self.client.end_step(step.clone(), result.is_ok());
        result
    }

    fn respond(&self) -> Result<Response> {
        let record = match (self.client.created_log(), &self.effect) {
            (Some(log), Some(effect)) => Some(Record::start(log, effect)?),
            _ => None,
        };
        let outcome = self.respond_or_confirm_put();
        if let Some(record) = record {
            record.finish(&outcome);
        }
        outcome
    }

    fn respond_or_confirm_put(&self) -> Result<Response> {
        match self.respond_authorized() {
            Err(error) if self.method == Method::PUT && is_second_conflict(&error) => {
                self.read_after_put().ok_or(error)
            }
            response => response,
        }
    }

    /// If the first attempt of a PUT took effect but its response was lost, the second attempt is rejected because its
    /// version is stale. The call has succeeded if the object now has all fields that were sent.
    fn read_after_put(&self) -> Option<Response> {
        let Body::Json(Ok(body)) = &self.body else {
            return None;
        };
        let sent = parse_small(body)?;
        let mut get = Call::new(self.client, Method::GET, &self.path);
        get.authorizer = self.authorizer;
        let response = get.respond_authorized().ok()?;
        let current = parse_small(&response.body)?;
        contains(&current, &sent).then(|| {
            log::warn!(
                "PUT {}: an earlier attempt has already succeeded",
                self.path
            );
            response
        })
    }

    fn respond_authorized(&self) -> Result<Response> {
        let Some(authorizer) = self.authorizer.filter(|_| self.login.is_none()) else {
            return self.send_with(None);
        };
        let token = authorizer.token();
        match self.send_with(Some(&token)) {
            Err(error) if is_unauthorized(&error) => match authorizer.replace(&token)? {
                Some(token) => self.send_with(Some(&token)),
                None => Err(error),
            },
            outcome => outcome,
        }
    }

    fn send_with(&self, token: Option<&Token>) -> Result<Response> {
        let mut url = self.client.url(&self.path)?;
        if !self.query.is_empty() {
            let pairs: Vec<String> = self
                .query
                .iter()
                .map(|(key, value)| format!("{key}={}", utf8_percent_encode(value, UNRESERVED)))
                .collect();
            url.set_query(Some(&pairs.join("&")));
        }
        let mut call = SentCall::new(&self.method, &self.path);
        call.max_size = self.max_size;
        let mut request = self.client.request(self.method.clone(), url);
        if let Some((login, secret)) = &self.login {
            call = call.with_login(login, secret);
            request = request.basic_auth(login, Some(secret.expose_secret()));
        } else if let Some(token) = token {
            call = call.with_token(&token.value, token.credential);
            request = request.bearer_auth(token.value.expose_secret());
        }
        request = match &self.body {
            Body::None => request,
            Body::Json(Ok(body)) => request
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone()),
            Body::Json(Err(cause)) => {
                return Err(cannot_build(&call.name, &cause.to_string()).into());
            }
            Body::Form(fields) => {
                let token = token.map_or("", |token| token.value.expose_secret());
                let pairs: Vec<_> = fields
                    .iter()
                    .map(|field| match field {
                        FormField::Value(name, value) => (name, value.as_str()),
                        FormField::Token(name) => (name, token),
                    })
                    .collect();
                request.form(&pairs)
            }
        };
        self.client.send_with_retries(call, request)
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
            format!("{error:#}; no effect of the call was found"),
            "Run the example again. A slow call may still take effect later: check afterward for duplicates.",
        )
        .indeterminate()
        .into()),
        Err(cause) => Err(Failure::new(
            format!("{error:#}; whether the call took effect is unknown: {cause:#}"),
            "Check in the management console what exists before you run the example again, to avoid creating it twice.",
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
    rejection_status(error) == Some(StatusCode::UNAUTHORIZED)
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
    fn put_counts_as_done_if_all_sent_fields_match() {
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
