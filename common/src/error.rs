//! What can go wrong, in three kinds, each with a line of cause (`Display`) and a line of advice.
//!
//! | type | whose turn it is | exit code |
//! |---|---|---|
//! | [`Mistake`] | the user's: settings, files, input | 2 |
//! | [`Refused`] | the platform said no | 1 |
//! | [`Failure`] | no answer, or one that makes no sense | 1 |

use std::{error::Error, fmt};

use reqwest::{Method, StatusCode};
use serde_json::Value;

/// Something on the user's side is wrong: settings, a file, input. Exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct Mistake {
    cause: String,
    advice: String,
}

impl Mistake {
    /// A mistake with its cause and what to do about it, a line each.
    pub fn new(cause: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            advice: advice.into(),
        }
    }
}

/// The platform could not be reached, or answered what nobody can use. Exit code 1.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct Failure {
    cause: String,
    advice: String,
    may_be_done: bool,
}

impl Failure {
    /// A failure with its cause and what to do about it, a line each.
    pub fn new(cause: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            advice: advice.into(),
            may_be_done: false,
        }
    }

    /// Of a call that the platform may have acted upon all the same.
    pub(crate) fn of_unknown_fate(mut self) -> Self {
        self.may_be_done = true;
        self
    }

    /// Of this call, `POST /api/2/tenants`: if it is a POST, it may have made something all the same.
    pub(crate) fn of_call(self, call: &str) -> Self {
        if call.starts_with("POST ") {
            self.of_unknown_fate()
        } else {
            self
        }
    }

    /// An answer that is not what the platform documents.
    pub fn unexpected(cause: impl Into<String>) -> Self {
        Self::new(
            cause,
            "Check that base_url leads to the platform itself, not to a proxy or a sign-in page; \
             if it does, try again later.",
        )
    }
}

/// What a call signed with: it decides what a 401 means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A person's login and password.
    Login,
    /// The id and secret of the API client in `api_client.json`.
    Client,
    /// A token issued for the API client.
    Token,
    /// A token for one customer only.
    CustomerToken,
    /// No token: the session of a user who has signed in, or is about to.
    Session,
}

/// The platform answered, and the answer is no. Exit code 1.
#[derive(Debug)]
pub struct Refused {
    /// Method of the refused call.
    pub method: Method,
    /// Its path, without the host and the query.
    pub path: String,
    /// HTTP status.
    pub status: StatusCode,
    /// What the call signed with.
    pub credential: Credential,
    /// The platform's code, where the answer has one: `1004`, `invalid_client` …
    pub code: Option<String>,
    /// The platform's message.
    pub message: Option<String>,
    /// The platform's details, on one line.
    pub details: Option<String>,
    /// The id under which the vendor's support finds the call.
    pub request_id: Option<String>,
    /// Whether an earlier try of the same call may have been acted upon.
    pub may_be_done: bool,
}

impl Refused {
    /// Takes from an error body what a person can use. All five forms are known: the account server's
    /// `{"error": {code, message, details, context}}`, OAuth's `{"error", "error_description"}`, the flat
    /// `{code, message, …}` of the other services, the list `{"issues": [{"error": {code, message, …}}]}` of what
    /// prevents a plan, of which the first is told, and none of them.
    #[must_use]
    pub fn with_body(mut self, body: &Value) -> Self {
        let issue = body.get("issues").and_then(|issues| issues.get(0));
        let inner = match issue.unwrap_or(body).get("error") {
            Some(error @ Value::Object(_)) => error,
            _ => body,
        };
        let plain = |key: &str| inner.get(key).and_then(one_line);

        self.code = plain("code").or_else(|| plain("error"));
        self.message = plain("message").or_else(|| plain("error_description"));
        let details = inner.get("details").or_else(|| inner.get("debug"));
        self.details = [details, inner.get("context")]
            .into_iter()
            .flatten()
            .filter_map(one_line)
            .filter(|text| Some(text) != self.message.as_ref())
            .reduce(|one, other| format!("{one}; {other}"));
        self.request_id = self
            .request_id
            .or_else(|| plain("request_id"))
            .or_else(|| plain("requestId"));
        self
    }

    fn advice(&self) -> String {
        let advice = match (self.status.as_u16(), self.credential) {
            (400 | 401 | 403, Credential::Login) => {
                "Check login and password; the account must be an administrator's, without a second factor."
            }
            (400 | 401, Credential::Client) => {
                "The API client was deleted, disabled or had its secret reset: move api_client.json away and run \
                 `cargo run -p authorization --bin create_api_client`."
            }
            (401, Credential::CustomerToken) => {
                "Run `cargo run -p authorization --bin issue_customer_scoped_token_for_bc` for a new token, or remove \
                 api_customer_scoped_token.json to go on as the API client."
            }
            (401, Credential::Token) => {
                "The platform does not accept the API client's token, not even a new one: check that base_url is the \
                 data centre of this client, and that nobody disabled it."
            }
            (401 | 403, Credential::Session) => {
                "The sign-in was not accepted: a one-time token is good once and for minutes, and a disabled user has no \
                 session. Run it again."
            }
            (403, Credential::CustomerToken) => {
                "The customer-scoped token reaches this one customer only: remove api_customer_scoped_token.json to go \
                 on as the API client."
            }
            (403, _) => {
                "The API client may not do this here: it has the rights of its creator, for that tenant and all below it."
            }
            (404, _) => {
                "The platform does not have it, or not for this API client. Check base_url; a kept file may be of another \
                 account or an earlier sandbox, or what it describes may be deleted."
            }
            (409 | 426, _) => {
                "Something like it exists already, or it has changed meanwhile: run it again, with another name if you \
                 chose one."
            }
            (400 | 406, _) => {
                "Read the platform's message above, then run it again with another answer; kinds and editions are in \
                 cyber.platform.cfg.json."
            }
            (422, _) => "Resolve what the platform tells above, then run it again.",
            (429, _) => "Too many calls, also after waiting: try again in some minutes.",
            (501, _) => "The sandbox does not simulate this call yet; the real platform does.",
            (300..=399, _) => {
                "Redirects are not followed, so that no credential goes astray: check base_url."
            }
            (200..=299, _) => {
                "The platform said yes and no at once, so look first what it has done. Read its message above, then run \
                 it again."
            }
            (500..=599, _) => "The fault is on the platform's side: try again in a few minutes.",
            _ => "Read the platform's message above; the settings are in cyber.platform.cfg.json.",
        };
        advice.to_owned()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.method, self.path, self.status)?;
        if let Some(code) = &self.code {
            write!(f, ", code {code}")?;
        }
        if let Some(message) = &self.message {
            write!(f, ", {message}")?;
        }
        if let Some(details) = &self.details {
            write!(f, " ({details})")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " [request {id}]")?;
        }
        Ok(())
    }
}

impl Error for Refused {}

/// What to do about an error, in one line.
#[must_use]
pub fn advice(error: &anyhow::Error) -> Option<String> {
    if let Some(mistake) = error.downcast_ref::<Mistake>() {
        Some(mistake.advice.clone())
    } else if let Some(failure) = error.downcast_ref::<Failure>() {
        Some(failure.advice.clone())
    } else {
        error.downcast_ref::<Refused>().map(Refused::advice)
    }
}

/// Whether a POST may have made something although it has failed: no answer came that tells, or a fault within the
/// platform.
#[must_use]
pub fn may_be_done(error: &anyhow::Error) -> bool {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return failure.may_be_done;
    }
    error.downcast_ref::<Refused>().is_some_and(|refused| {
        refused.method == Method::POST && matches!(refused.status.as_u16(), 500 | 502 | 504)
    })
}

/// Exit code for an error: 2 where the user can mend it, else 1.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<Mistake>() { 2 } else { 1 }
}

/// A value of an error body on one line: text as it is, `{"info": text}` as that text, the rest as compact JSON.
pub(crate) fn one_line(value: &Value) -> Option<String> {
    const LONGEST: usize = 500;

    let value = match value {
        Value::Object(fields) if fields.len() == 1 => fields.get("info").unwrap_or(value),
        _ => value,
    };
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.trim().to_owned(),
        Value::Object(fields) if fields.is_empty() => return None,
        other => other.to_string(),
    };
    let mut line: String = text
        .chars()
        .map(|c| if is_visible(c) { c } else { ' ' })
        .collect();
    if let Some((cut, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(cut);
        line.push('…');
    }
    (!line.is_empty()).then_some(line)
}

/// Whether a character stands where it is and changes nothing else: no control character, none that turns the
/// direction of the text.
pub(crate) fn is_visible(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str) -> String {
        Refused {
            method: Method::POST,
            path: "/api/2/tenants".to_owned(),
            status: StatusCode::BAD_REQUEST,
            credential: Credential::Token,
            code: None,
            message: None,
            details: None,
            request_id: None,
            may_be_done: false,
        }
        .with_body(&serde_json::from_str(body).unwrap_or_default())
        .to_string()
    }

    #[test]
    fn every_form_of_an_error_body_is_told_on_one_line() {
        for (body, expected) in [
            (
                r#"{"error": {"code": 1006, "message": "No.", "details": {"info": "Why", "addition": [1]}, "context": {"id": "1"}, "domain": "D"}}"#,
                r#"POST /api/2/tenants: 400 Bad Request, code 1006, No. ({"info":"Why","addition":[1]}; {"id":"1"})"#,
            ),
            (
                r#"{"error": {"code": 400, "message": "Bad", "details": {"info": "Bad"}, "context": {}}}"#,
                "POST /api/2/tenants: 400 Bad Request, code 400, Bad",
            ),
            (
                r#"{"error": "invalid_client", "error_description": "invalid client credentials"}"#,
                "POST /api/2/tenants: 400 Bad Request, code invalid_client, invalid client credentials",
            ),
            (
                r#"{"code": "UNAUTHORIZED", "domain": "GENERAL", "debug": {"msg": "two\nlines"}}"#,
                r#"POST /api/2/tenants: 400 Bad Request, code UNAUTHORIZED ({"msg":"two\nlines"})"#,
            ),
            (
                r#"{"error": {"message": "bell\u0007 and\nline", "request_id": "abc"}}"#,
                "POST /api/2/tenants: 400 Bad Request, bell  and line [request abc]",
            ),
            ("<html></html>", "POST /api/2/tenants: 400 Bad Request"),
            ("", "POST /api/2/tenants: 400 Bad Request"),
            ("[1]", "POST /api/2/tenants: 400 Bad Request"),
            (r#"{"error": null}"#, "POST /api/2/tenants: 400 Bad Request"),
        ] {
            assert_eq!(refused(body), expected);
        }
    }

    #[test]
    fn a_long_message_is_cut() {
        let body = format!(r#"{{"message": "{}"}}"#, "ä".repeat(2000));
        let told = refused(&body);
        assert!(told.ends_with('…'));
        assert!(told.chars().count() < 600);
    }
}
