//! A call on its way: what it signed with, what must not be printed of it, what a bad end of it means.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::{
    Method,
    blocking::Request,
    header::{AUTHORIZATION, HeaderValue},
};
use serde_json::Value;

use super::answer::Answer;
use crate::{
    blank,
    error::{Credential, Failure, Refused, one_line},
    retry::Fate,
};

/// The advice where a call was sent, and nobody knows what became of it.
const SENT: &str = "The call was sent, and nobody knows whether the platform acted upon it: look first whether it has what \
                    was to be made. Then run it again.";
/// The advice where a call that changes nothing twice got no answer.
const TRY_LATER: &str =
    "Try again later; if it ends so each time, check base_url and your network.";

/// What is known of a call once it is on its way.
pub(super) struct Call {
    /// Method and path, for messages.
    pub(super) name: String,
    pub(super) method: Method,
    pub(super) path: String,
    credential: Credential,
    /// What must not be printed even if the answer quotes it.
    pub(super) secrets: Vec<String>,
    /// Whether a try of it was sent whose fate is unknown.
    pub(super) may_be_done: bool,
}

impl Call {
    pub(super) fn of(request: &Request, base_path: &str) -> Self {
        let method = request.method().clone();
        let path = format!(
            "/{}",
            request
                .url()
                .path()
                .strip_prefix(base_path)
                .unwrap_or_else(|| request.url().path())
        );
        let authorization = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let (credential, mut secrets) = match authorization.split_once(' ') {
            Some(("Basic", pair)) => {
                let decoded = BASE64_STANDARD.decode(pair).unwrap_or_default();
                let decoded = String::from_utf8_lossy(&decoded);
                let secret = decoded.split_once(':').map_or("", |(_, secret)| secret);
                let credential = if path.ends_with("/idp/token") {
                    Credential::Client
                } else {
                    Credential::Login
                };
                (credential, vec![pair.to_owned(), secret.to_owned()])
            }
            Some((_, token)) => (Credential::Token, vec![token.to_owned()]),
            None => (Credential::Session, Vec::new()),
        };
        secrets.extend(one_time_token(request));
        Self {
            name: format!("{method} {path}"),
            method,
            path,
            credential,
            secrets,
            may_be_done: false,
        }
    }

    /// Whether it was to delete what an earlier try may have deleted, and the platform does not have it any more.
    pub(super) fn is_gone(&self, error: &anyhow::Error) -> bool {
        let gone = |refused: &Refused| matches!(refused.status.as_u16(), 404 | 410);
        self.may_be_done && self.method == Method::DELETE && error.downcast_ref().is_some_and(gone)
    }

    /// It was sent, and no answer came, or not all of it.
    pub(super) fn of_unknown_fate(&self, what: String) -> Failed {
        let advice = if self.method == Method::POST {
            SENT
        } else {
            TRY_LATER
        };
        Failed {
            error: Failure::new(what, advice).of_call(&self.name).into(),
            fate: Fate::Unknown,
            asked: None,
        }
    }

    pub(super) fn refused(&self, answer: &Answer) -> Refused {
        let mut body = serde_json::from_slice(&answer.body).unwrap_or_default();
        blank::by_value(&mut body, &self.secrets);
        Refused {
            method: self.method.clone(),
            path: self.path.clone(),
            status: answer.status,
            credential: self.credential,
            code: None,
            message: None,
            details: None,
            request_id: answer
                .request_id
                .as_deref()
                .and_then(|id| one_line(&id.into())),
            may_be_done: self.may_be_done,
        }
        .with_body(&body)
    }
}

/// The one-time token that is sent, as good as a password.
fn one_time_token(request: &Request) -> Option<String> {
    let body: Value = serde_json::from_slice(request.body()?.as_bytes()?).ok()?;
    Some(body.get("ott")?.as_str()?.to_owned())
}

/// The values of the cookies that are sent.
pub(super) fn sessions(cookie: Option<&HeaderValue>) -> Vec<String> {
    let cookies = cookie.and_then(|cookie| cookie.to_str().ok());
    let pairs = cookies.into_iter().flat_map(|cookies| cookies.split("; "));
    pairs
        .filter_map(|pair| Some(pair.split_once('=')?.1.to_owned()))
        .collect()
}

/// A try that brought no answer with a status of success.
pub(super) struct Failed {
    pub(super) error: anyhow::Error,
    pub(super) fate: Fate,
    /// How long the server asks to wait.
    pub(super) asked: Option<Duration>,
}
