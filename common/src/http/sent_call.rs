//! A call in flight: what messages may say about it, and what its failure means.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::{Method, StatusCode, header::HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::{
    redact::{parse_small, redact_text, redact_values},
    response::{Head, MAX_JSON},
    retry::{RetryClass, is_repeatable},
};
use crate::{
    error::{ApiError, Credential, TransportError, UnexpectedResponse},
    text::single_line,
};

/// A call in flight: its name, credential and secrets.
pub(super) struct SentCall {
    /// Method and path, for messages.
    pub(super) name: String,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) credential: Credential,
    /// Never printed, even if a response quotes them.
    pub(super) secrets: Vec<String>,
    /// The largest response that is read, in bytes.
    pub(super) max_size: usize,
    /// Whether an earlier attempt may have taken effect.
    pub(super) may_have_taken_effect: bool,
}

/// An attempt without a successful response.
pub(super) struct FailedAttempt {
    pub(super) error: anyhow::Error,
    pub(super) class: RetryClass,
    pub(super) retry_after: Option<Duration>,
}

impl FailedAttempt {
    pub(super) fn new(error: impl Into<anyhow::Error>, class: RetryClass) -> Self {
        Self {
            error: error.into(),
            class,
            retry_after: None,
        }
    }
}

impl SentCall {
    pub(super) fn new(method: &Method, path: &str) -> Self {
        Self {
            name: format!("{method} {path}"),
            method: method.clone(),
            path: path.to_owned(),
            credential: Credential::Cookie,
            secrets: Vec::new(),
            max_size: MAX_JSON,
            may_have_taken_effect: false,
        }
    }

    /// A call with login and password, or with id and secret of an API client.
    pub(super) fn with_login(mut self, login: &str, secret: &SecretString) -> Self {
        self.credential = if self.path.ends_with("/idp/token") {
            Credential::Client
        } else {
            Credential::Login
        };
        let secret = secret.expose_secret();
        let encoded = BASE64_STANDARD.encode(format!("{login}:{secret}"));
        self.secrets.extend([encoded, secret.to_owned()]);
        self
    }

    /// A call with a token.
    pub(super) fn with_token(mut self, token: &SecretString, credential: Credential) -> Self {
        self.credential = credential;
        self.secrets.push(token.expose_secret().to_owned());
        self
    }

    /// The one-time token in a body is as sensitive as a password.
    pub(super) fn learn_body(&mut self, body: &[u8]) {
        let body = parse_small(body);
        let token = body.as_ref().and_then(|body| body.get("ott")?.as_str());
        self.secrets.extend(token.map(str::to_owned));
    }

    /// The value of a cookie is a session.
    pub(super) fn learn_cookies(&mut self, cookies: Option<&HeaderValue>) {
        let cookies = cookies.and_then(|cookies| cookies.to_str().ok());
        let pairs = cookies.into_iter().flat_map(|cookies| cookies.split("; "));
        let values = pairs.filter_map(|pair| Some(pair.split_once('=')?.1.to_owned()));
        self.secrets.extend(values);
    }

    /// Redacts the secrets of the call in any part of a message. It must not have been truncated: the first half of a
    /// secret would remain.
    fn redact(&self, text: &str) -> String {
        // A decoder quotes values, and escapes them.
        let escaped: Vec<_> = self
            .secrets
            .iter()
            .map(|secret| secret.escape_debug().to_string())
            .collect();
        redact_text(&redact_text(text, &self.secrets), &escaped)
    }

    /// The error for a response that is not what the platform documents.
    pub(super) fn unexpected(&self, reason: &str) -> UnexpectedResponse {
        let error = UnexpectedResponse::new(&self.name, self.redact(reason));
        if is_repeatable(&self.method, &self.path) {
            error
        } else {
            error.indeterminate()
        }
    }

    /// The error for a call that the platform rejected.
    pub(super) fn rejected(&self, head: &Head, body: &[u8]) -> ApiError {
        let mut body = parse_small(body).unwrap_or_default();
        redact_values(&mut body, &self.secrets);
        let request_id = head.request_id.as_deref().map(|id| self.redact(id));
        let mut error = ApiError {
            method: self.method.clone(),
            path: self.path.clone(),
            status: head.status,
            credential: self.credential,
            code: None,
            message: None,
            details: None,
            request_id: request_id.as_deref().and_then(single_line),
            earlier_attempt_may_have_taken_effect: self.may_have_taken_effect,
            hint: None,
        }
        .with_body(&body);
        if let Some(host) = &head.redirects_to {
            error.details = single_line(&format!("redirects to {}", self.redact(host)));
        }
        error
    }

    /// The error for a call that was sent, but whose response did not arrive completely.
    pub(super) fn indeterminate(&self, message: &str) -> FailedAttempt {
        FailedAttempt::new(
            TransportError::sent(self.redact(message), &self.method),
            RetryClass::Indeterminate,
        )
    }

    /// Whether a DELETE found nothing because an earlier attempt has deleted the object.
    pub(super) fn is_deleted(&self, error: &anyhow::Error) -> bool {
        let is_gone =
            |error: &ApiError| matches!(error.status, StatusCode::NOT_FOUND | StatusCode::GONE);
        self.may_have_taken_effect
            && self.method == Method::DELETE
            && error.downcast_ref().is_some_and(is_gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unexpected_responses_do_not_quote_secrets() {
        let call = SentCall::new(&Method::POST, "/api/2/users")
            .with_token(&"pa\"ss".into(), Credential::Token);
        for reason in ["got pa\"ss", r#"got "pa\"ss""#] {
            let error = call.unexpected(reason).to_string();
            assert!(error.contains("***") && !error.contains("ss"), "{error}");
        }
    }

    #[test]
    fn no_part_of_a_message_quotes_a_secret_or_a_half_of_it() {
        let token = "T0ken".repeat(150);
        let call = SentCall::new(&Method::POST, "/api/2/users")
            .with_token(&token.as_str().into(), Credential::Token);
        let head = Head {
            request_id: Some(token.clone()),
            redirects_to: Some(format!("https://{}", token.to_lowercase())),
            ..Head::default()
        };
        for error in [
            call.rejected(&head, b"").to_string(),
            call.unexpected(&token).to_string(),
            call.indeterminate(&token).error.to_string(),
        ] {
            assert!(error.contains("***"), "{error}");
            assert!(!error.to_lowercase().contains("t0ken"), "{error}");
        }
    }

    #[test]
    fn an_empty_request_id_is_ignored() {
        let call = SentCall::new(&Method::GET, "/api/2/users/me");
        let head = Head {
            request_id: Some(" ".to_owned()),
            ..Head::default()
        };
        let error = call.rejected(&head, br#"{"request_id": "from-the-body"}"#);
        assert_eq!(error.request_id.as_deref(), Some("from-the-body"));
    }
}
