//! Applies the effect of a rule to a response.

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header, response};

use super::parse_effect::is_bodiless;
use super::{Disconnect, FaultHit, wire};
use crate::domain::ApiError;

/// The endpoints whose errors have the format of OAuth.
const OAUTH: [&str; 4] = [
    "api/2/idp/token",
    "api/2/idp/revoke_token",
    "api/2/idp/introspect_token",
    "bc/idp/token",
];

impl FaultHit {
    /// Whether the rule disconnects at this point.
    pub(crate) fn disconnects(&self, at: Disconnect) -> bool {
        self.effect.disconnect == Some(at)
    }

    /// The response that replaces the call if the rule has a status: an error, or a status without a body.
    pub(crate) fn response(&self, path: &str) -> Option<Result<StatusCode, ApiError>> {
        let status = self.effect.status?;
        if !(status.is_client_error() || status.is_server_error()) {
            return Some(Ok(status));
        }
        let info = format!("Injected by rule {} of /_sandbox/faults.", self.id);
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

    /// Applies `retry_after` and `body` to a response.
    pub(crate) fn change(&self, head: &mut response::Parts, body: Bytes) -> Bytes {
        if let Some(value) = &self.effect.retry_after {
            head.headers.insert(header::RETRY_AFTER, value.clone());
        }
        match &self.effect.body {
            Some(body) if !is_bodiless(head.status) => {
                let content_type = body.content_type.clone();
                head.headers.insert(header::CONTENT_TYPE, content_type);
                head.headers.remove(header::CONTENT_LENGTH);
                body.bytes.clone()
            }
            _ => body,
        }
    }

    /// The body to send: complete, or truncated by a disconnect.
    pub(crate) fn body(&self, body: Bytes, connection: &wire::ConnectionHandle) -> Body {
        match self.effect.disconnect {
            Some(Disconnect::Within(length)) if length < body.len() => {
                Body::new(wire::TruncatedBody::new(body, length, connection))
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
