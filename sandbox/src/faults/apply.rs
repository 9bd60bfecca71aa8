//! What a rule does to an answer.

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header, response};

use super::parse_effect::bodiless;
use super::{Disconnect, FaultHit, wire};
use crate::domain::ApiError;

/// The endpoints whose refusals have OAuth's form.
const OAUTH: [&str; 4] = [
    "api/2/idp/token",
    "api/2/idp/revoke_token",
    "api/2/idp/introspect_token",
    "bc/idp/token",
];

impl FaultHit {
    /// Does it cut the connection here?
    pub(crate) fn disconnects(&self, at: Disconnect) -> bool {
        self.then.cut == Some(at)
    }

    /// The response that replaces the call, if the rule has a status: an error, or a status without a body.
    pub(crate) fn response(&self, path: &str) -> Option<Result<StatusCode, ApiError>> {
        let status = self.then.status?;
        if !(status.is_client_error() || status.is_server_error()) {
            return Some(Ok(status));
        }
        let info = format!("Rule {} of /_sandbox/faults says so.", self.id);
        Some(Err(if OAUTH.contains(&path.trim_matches('/')) {
            ApiError::OAuth {
                status,
                error: oauth_error(status),
                description: info,
            }
        } else {
            ApiError::injected(status, info)
        }))
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
    pub(crate) fn sent(&self, body: Bytes, line: &wire::ConnectionHandle) -> Body {
        match self.then.cut {
            Some(Disconnect::Within(length)) if length < body.len() => {
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
