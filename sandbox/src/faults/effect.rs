//! What a rule does to an answer.

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header, response};
use axum::response::{IntoResponse, Response};

use super::then::bodiless;
use super::{Cut, Met, wire};
use crate::error::Refusal;

/// The endpoints whose refusals have OAuth's form.
const OAUTH: [&str; 4] = [
    "api/2/idp/token",
    "api/2/idp/revoke_token",
    "api/2/idp/introspect_token",
    "bc/idp/token",
];

impl Met {
    /// Does it cut the connection here?
    pub(crate) fn cuts(&self, cut: Cut) -> bool {
        self.then.cut == Some(cut)
    }

    /// What is answered instead of acting, if anything: a refusal that gets the form of the service later, or no body.
    pub(crate) fn instead(&self, path: &str) -> Option<Response> {
        let status = self.then.status?;
        if !(status.is_client_error() || status.is_server_error()) {
            return Some(status.into_response());
        }
        let info = format!("Rule {} of /_sandbox/faults says so.", self.id);
        let refusal = if OAUTH.contains(&path.trim_matches('/')) {
            Refusal::OAuth {
                status,
                error: oauth_error(status),
                description: info,
            }
        } else {
            Refusal::told(status, info)
        };
        Some(refusal.into_response())
    }

    /// Changes head and body of an answer.
    pub(crate) fn change(&self, head: &mut response::Parts, body: Bytes) -> Bytes {
        if let Some(value) = &self.then.retry_after {
            head.headers.insert(header::RETRY_AFTER, value.clone());
        }
        match &self.then.body {
            Some(given) if !bodiless(head.status) => {
                let kind = given.content_type.clone();
                head.headers.insert(header::CONTENT_TYPE, kind);
                head.headers.remove(header::CONTENT_LENGTH);
                given.bytes.clone()
            }
            _ => body,
        }
    }

    /// The body as it is sent: as a whole, or as far as the connection holds.
    pub(crate) fn sent(&self, body: Bytes, line: &wire::Line) -> Body {
        match self.then.cut {
            Some(Cut::Within(length)) if length < body.len() => {
                Body::new(wire::Truncated::new(body, length, line))
            }
            _ => Body::from(body),
        }
    }
}

fn oauth_error(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "invalid_client",
        StatusCode::FORBIDDEN => "access_denied",
        StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request",
    }
}
