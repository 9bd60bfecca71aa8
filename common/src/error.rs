//! What can go wrong. Each error has a message (`Display`) and a line of help.
//!
//! | type | meaning | exit code |
//! |---|---|---|
//! | [`UserError`] | settings, files or input are wrong; the user can fix it | 2 |
//! | [`ApiError`] | the platform rejected a call | 1 |
//! | [`TransportError`] | no response arrived, or only a part of one | 1 |
//! | [`UnexpectedResponse`] | the response is not what the platform documents | 1 |
//! | [`Failure`] | the example cannot continue for another reason | 1 |
//! | [`OutputError`] | standard output cannot be written | 1 |

use std::{
    error::Error,
    fmt,
    io::{self, ErrorKind},
};

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::text::single_line;

/// Settings, files or input are wrong. Exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct UserError {
    message: String,
    help: String,
}

impl UserError {
    /// An error with its message and what to do about it, one line each.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }

    /// Appends an alternative to the help: a complete sentence.
    #[must_use]
    pub(crate) fn with_alternative(mut self, help: &str) -> Self {
        self.help = format!("{} {help}", self.help);
        self
    }
}

/// The example cannot continue for another reason: no machine, a failed report, a timeout. Exit code 1.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    message: String,
    help: String,
    may_have_taken_effect: bool,
}

impl Failure {
    /// An error with its message and what to do about it, one line each.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
            may_have_taken_effect: false,
        }
    }

    /// Marks an error after which the change may have been made.
    #[must_use]
    pub fn indeterminate(mut self) -> Self {
        self.may_have_taken_effect = true;
        self
    }
}

/// Standard output cannot be written. Exit code 1.
#[derive(Debug, thiserror::Error)]
#[error("cannot print the result: {0}")]
pub struct OutputError(io::Error);

impl OutputError {
    pub(crate) fn new(cause: io::Error) -> Self {
        Self(cause)
    }

    /// Whether the reader has closed the pipe, as `| head` does when it has read enough.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        self.0.kind() == ErrorKind::BrokenPipe
    }
}

/// No response arrived, or only a part of one. Exit code 1.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    message: String,
    help: String,
    may_have_taken_effect: bool,
}

impl TransportError {
    /// An error of a call that never reached the platform.
    pub(crate) fn not_sent(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
            may_have_taken_effect: false,
        }
    }

    /// An error of a call that was sent. A POST may have taken effect.
    pub(crate) fn sent(message: impl Into<String>, method: &Method) -> Self {
        let is_post = method == Method::POST;
        let help = if is_post {
            "The platform may or may not have processed the call. Check what exists before you run the example again."
        } else {
            "Try again later. If it happens every time, check base_url and your network."
        };
        Self {
            message: message.into(),
            help: help.to_owned(),
            may_have_taken_effect: is_post,
        }
    }
}

/// The response is not what the platform documents: not JSON, a missing field, a cursor that repeats. Exit code 1.
#[derive(Debug, thiserror::Error)]
#[error("{call}: unexpected response: {reason}")]
pub struct UnexpectedResponse {
    call: String,
    reason: String,
    may_have_taken_effect: bool,
}

impl UnexpectedResponse {
    /// An error of a call, such as `GET /api/2/tenants`, and what is wrong with its response.
    pub fn new(call: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            call: call.into(),
            reason: single_line(&reason.into()).unwrap_or_default(),
            may_have_taken_effect: false,
        }
    }

    /// Marks the response of a call that may have taken effect.
    #[must_use]
    pub fn indeterminate(mut self) -> Self {
        self.may_have_taken_effect = true;
        self
    }

    fn help(&self) -> String {
        let help = "If a field is missing or has another type, the API may have changed. Otherwise check that base_url \
                    is the address of the platform itself, not of a proxy or a sign-in page.";
        if self.may_have_taken_effect {
            format!(
                "The call may have taken effect: check what exists before you run the example again. {help}"
            )
        } else {
            help.to_owned()
        }
    }
}

/// How a call was authorized. It decides what a 401 means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A person's login and password.
    Login,
    /// The id and secret of the API client.
    Client,
    /// A token issued to the API client.
    Token,
    /// A token for one customer.
    CustomerToken,
    /// The cookie of a signed-in user, or nothing before the sign-in.
    Cookie,
}

/// The platform rejected a call. Exit code 1.
#[derive(Debug)]
pub struct ApiError {
    /// Method of the call.
    pub method: Method,
    /// Path of the call, without host and query.
    pub path: String,
    /// HTTP status of the response.
    pub status: StatusCode,
    /// How the call was authorized.
    pub credential: Credential,
    /// The platform's error code, such as `1004` or `invalid_client`.
    pub code: Option<String>,
    /// The platform's message.
    pub message: Option<String>,
    /// The platform's details, on one line.
    pub details: Option<String>,
    /// The id with which the vendor's support can find the call.
    pub request_id: Option<String>,
    /// Whether an earlier attempt of the same call may have taken effect.
    pub earlier_attempt_may_have_taken_effect: bool,
    /// What to do, if more is known than the call and its status.
    pub hint: Option<String>,
}

impl ApiError {
    /// Reads an error body. Five forms are known: the account server's `{"error": {code, message, details, context}}`,
    /// OAuth's `{"error", "error_description"}`, the flat `{code, message, …}` of other services, the list
    /// `{"issues": [{"error": {code, message, …}}]}` of the policy service, of which the first counts, and no body.
    #[must_use]
    pub fn with_body(mut self, body: &Value) -> Self {
        let issue = body.get("issues").and_then(|issues| issues.get(0));
        let inner = match issue.unwrap_or(body).get("error") {
            Some(error @ Value::Object(_)) => error,
            _ => body,
        };
        let field = |key: &str| inner.get(key).and_then(describe);

        self.code = field("code").or_else(|| field("error"));
        self.message = field("message").or_else(|| field("error_description"));
        let details = inner.get("details").or_else(|| inner.get("debug"));
        self.details = [details, inner.get("context")]
            .into_iter()
            .flatten()
            .filter_map(describe)
            .filter(|text| Some(text) != self.message.as_ref())
            .reduce(|one, other| format!("{one}; {other}"));
        self.request_id = self
            .request_id
            .or_else(|| field("request_id"))
            .or_else(|| field("requestId"));
        self
    }

    /// Whether the platform rejected the API client itself. A token endpoint may also send 400 for that.
    pub(crate) fn is_client_rejected(&self) -> bool {
        let is_invalid = self.code.as_deref() == Some("invalid_client");
        self.status == StatusCode::UNAUTHORIZED
            || self.status == StatusCode::BAD_REQUEST && is_invalid
    }

    fn help(&self) -> &str {
        self.hint
            .as_deref()
            .unwrap_or_else(|| self.help_for_status())
    }

    fn help_for_status(&self) -> &'static str {
        match (self.status.as_u16(), self.credential) {
            (400 | 401 | 403, Credential::Login) => {
                "Check the login and password. The account must be an administrator account without two-factor authentication."
            }
            (_, Credential::Client) if self.is_client_rejected() => {
                "The API client was deleted or disabled, or its secret was reset."
            }
            (401, Credential::CustomerToken) => {
                "Run `cargo run -p authorization --bin issue_customer_scoped_token_for_bc` for a new token, or remove \
                 api_customer_scoped_token.json to continue as the API client."
            }
            (401, Credential::Token) => {
                "The platform does not accept the API client's token, not even a new one. Check that base_url is the \
                 data center of this client, and that the client is enabled."
            }
            (401 | 403, Credential::Cookie) => {
                "The sign-in was rejected. A one-time token can be used once, within minutes, and a disabled user \
                 cannot sign in. Run the example again."
            }
            (403, Credential::CustomerToken) => {
                "The customer-scoped token is valid for one customer only. Remove api_customer_scoped_token.json to \
                 continue as the API client."
            }
            (403, _) => {
                "The API client is not allowed to do this here. It has the rights of its creator, in its tenant and \
                 everything below."
            }
            (404, _) => {
                "The object does not exist, or this API client cannot see it. Check base_url."
            }
            (409 | 426, _) => {
                "An object with this name or login already exists, or the object was changed in the meantime. Run the \
                 example again, with another name or login if you chose one."
            }
            (400 | 406, _) if self.path.starts_with("/api/2/tenants") => {
                "Read the platform's message above and run the example again with other input. Kinds and editions are set in \
                 cyber.platform.cfg.json."
            }
            (400 | 406, _) => {
                "Read the platform's message above and run the example again with other input."
            }
            (422, _)
                if self.code.as_deref() == Some("MultipleApplicationsWithPolicyTypesError") =>
            {
                "The machine has a plan of this type. To apply another one, revoke it first: run \
                 `cargo run -p plans --bin revoke_plan`."
            }
            (422, _) => {
                "Fix the problem in the platform's message above, then run the example again."
            }
            (429, _) => "Too many calls, even after waiting. Try again in a few minutes.",
            (501, _) => {
                "The sandbox does not simulate this call yet. The real platform supports it."
            }
            (300..=399, _) => {
                "Redirects are not followed, so that credentials do not reach another host. Check base_url."
            }
            (200..=299, _) => {
                "The response reports success and an error at once. Check what was changed before you retry."
            }
            (500..=599, _) => "The platform has a problem. Try again in a few minutes.",
            _ => "Read the platform's message above. The settings are in cyber.platform.cfg.json.",
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.method, self.path, self.status)?;
        // Many bodies repeat the status in their code and message.
        let reason = self.status.canonical_reason().unwrap_or_default();
        let is_new = |text: &&String| {
            text.as_str() != self.status.as_str() && !text.eq_ignore_ascii_case(reason)
        };
        if let Some(code) = self.code.as_ref().filter(is_new) {
            write!(f, ", code {code}")?;
        }
        if let Some(message) = self.message.as_ref().filter(is_new) {
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

impl Error for ApiError {}

/// What to do about an error, on one line.
#[must_use]
pub fn help(error: &anyhow::Error) -> Option<String> {
    if let Some(error) = error.downcast_ref::<UserError>() {
        Some(error.help.clone())
    } else if let Some(error) = error.downcast_ref::<TransportError>() {
        Some(error.help.clone())
    } else if let Some(error) = error.downcast_ref::<Failure>() {
        Some(error.help.clone())
    } else if let Some(error) = error.downcast_ref::<UnexpectedResponse>() {
        Some(error.help())
    } else if error.is::<OutputError>() {
        Some("Check that the disk is not full, then run the example again.".to_owned())
    } else {
        let error = error.downcast_ref::<ApiError>()?;
        Some(error.help().to_owned())
    }
}

/// Whether the failed call may have changed something: a POST without a usable response, with a response that reports
/// success and an error at once, or one that failed inside the platform.
#[must_use]
pub fn may_have_taken_effect(error: &anyhow::Error) -> bool {
    if let Some(error) = error.downcast_ref::<TransportError>() {
        error.may_have_taken_effect
    } else if let Some(error) = error.downcast_ref::<Failure>() {
        error.may_have_taken_effect
    } else if let Some(error) = error.downcast_ref::<UnexpectedResponse>() {
        error.may_have_taken_effect
    } else {
        error.downcast_ref::<ApiError>().is_some_and(|error| {
            let status = error.status.as_u16();
            error.method == Method::POST && matches!(status, 200..=299 | 500 | 502 | 504)
        })
    }
}

/// The status with which the platform rejected the call. `None` for any other error.
#[must_use]
pub fn rejection_status(error: &anyhow::Error) -> Option<StatusCode> {
    error
        .downcast_ref::<ApiError>()
        .map(|rejection| rejection.status)
}

/// The exit code for an error: 2 if the user can fix it, otherwise 1.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<UserError>() { 2 } else { 1 }
}

/// A value of an error body on one line: text as it is, `{"info": text}` as that text, anything else as compact JSON.
pub(crate) fn describe(value: &Value) -> Option<String> {
    let value = match value {
        Value::Object(fields) if fields.len() == 1 => fields.get("info").unwrap_or(value),
        _ => value,
    };
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Object(fields) if fields.is_empty() => return None,
        other => other.to_string(),
    };
    single_line(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejected(method: Method, status: u16) -> ApiError {
        ApiError {
            method,
            path: "/api/2/tenants".to_owned(),
            status: StatusCode::from_u16(status).unwrap(),
            credential: Credential::Token,
            code: None,
            message: None,
            details: None,
            request_id: None,
            hint: None,
            earlier_attempt_may_have_taken_effect: false,
        }
    }

    fn message(body: &str) -> String {
        rejected(Method::POST, 400)
            .with_body(&serde_json::from_str(body).unwrap_or_default())
            .to_string()
    }

    #[test]
    fn every_form_of_error_body_becomes_one_line() {
        for (body, expected) in [
            (
                r#"{"error": {"code": 1006, "message": "No.", "details": {"info": "Why", "addition": [1]}, "context": {"id": "1"}, "domain": "D"}}"#,
                r#"POST /api/2/tenants: 400 Bad Request, code 1006, No. ({"info":"Why","addition":[1]}; {"id":"1"})"#,
            ),
            (
                r#"{"error": {"code": 400, "message": "Bad", "details": {"info": "Bad"}, "context": {}}}"#,
                "POST /api/2/tenants: 400 Bad Request, Bad",
            ),
            (
                r#"{"error": {"code": 400, "message": "Bad request", "details": {"info": "The name is empty."}}}"#,
                "POST /api/2/tenants: 400 Bad Request (The name is empty.)",
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
            assert_eq!(message(body), expected);
        }
    }

    #[test]
    fn help_names_kinds_and_editions_only_for_calls_about_tenants() {
        for (path, expected) in [
            ("/api/2/tenants", true),
            ("/api/2/tenants/1/offering_items", true),
            ("/api/2/users", false),
            ("/api/2/search", false),
        ] {
            let mut error = rejected(Method::POST, 400);
            error.path = path.to_owned();
            assert_eq!(error.help().contains("editions"), expected, "{path}");
        }
    }

    #[test]
    fn help_says_that_the_api_client_was_deleted_only_if_it_was_rejected() {
        for (status, code, expected) in [
            (401, "invalid_client", true),
            (401, "other", true),
            (400, "invalid_client", true),
            (400, "invalid_request", false),
            (403, "other", false),
        ] {
            let mut error = rejected(Method::POST, status);
            error.credential = Credential::Client;
            error.code = Some(code.to_owned());
            let is_client_rejected = error.help().contains("API client was deleted");
            assert_eq!(is_client_rejected, expected, "{status} {code}");
        }
    }

    #[test]
    fn a_long_message_is_truncated() {
        let body = format!(r#"{{"message": "{}"}}"#, "ä".repeat(2000));
        let message = message(&body);
        assert!(message.ends_with('…'));
        assert!(message.chars().count() < 600);
    }

    #[test]
    fn each_kind_of_error_has_help_and_an_exit_code() {
        let post = UnexpectedResponse::new("POST /api/2/tenants", "empty body").indeterminate();
        let full = OutputError::new(ErrorKind::StorageFull.into());
        let cases: [(anyhow::Error, u8, bool); 7] = [
            (full.into(), 1, false),
            (UserError::new("m", "h").into(), 2, false),
            (Failure::new("m", "h").into(), 1, false),
            (TransportError::not_sent("m", "h").into(), 1, false),
            (TransportError::sent("m", &Method::POST).into(), 1, true),
            (
                UnexpectedResponse::new("GET /", "empty body").into(),
                1,
                false,
            ),
            (post.into(), 1, true),
        ];
        for (error, code, indeterminate) in cases {
            let error = error.context("read the tenants");
            assert_eq!(exit_code(&error), code, "{error:#}");
            assert_eq!(may_have_taken_effect(&error), indeterminate, "{error:#}");
            assert!(help(&error).is_some(), "{error:#}");
        }
    }

    #[test]
    fn a_post_may_have_taken_effect_unless_the_platform_rejected_it() {
        for (status, expected) in [
            (200, true),
            (201, true),
            (302, false),
            (400, false),
            (401, false),
            (429, false),
            (500, true),
            (501, false),
            (502, true),
            (503, false),
            (504, true),
        ] {
            let post = rejected(Method::POST, status).into();
            assert_eq!(may_have_taken_effect(&post), expected, "{status}");
            let put = rejected(Method::PUT, status).into();
            assert!(!may_have_taken_effect(&put), "{status}");
        }
    }
}
