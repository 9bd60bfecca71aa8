//! The error formats of the services.

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::ApiError;

/// An error of the account server.
#[derive(Serialize)]
pub(super) struct AccountError<'a> {
    error: AccountErrorDetails<'a>,
}

#[derive(Serialize)]
struct AccountErrorDetails<'a> {
    code: i64,
    message: String,
    domain: &'static str,
    details: Info<'a>,
    context: Value,
}

#[derive(Serialize)]
struct Info<'a> {
    info: &'a str,
}

impl<'a> AccountError<'a> {
    pub(super) fn new(error: &'a ApiError) -> Self {
        let (code, context) = match error {
            ApiError::Platform { code, context, .. } => (*code as i64, context.clone()),
            _ => (i64::from(error.status().as_u16()), json!({})),
        };
        Self {
            error: AccountErrorDetails {
                code,
                message: error.to_string(),
                domain: "PlatformAccountServer",
                details: Info { info: error.info() },
                context,
            },
        }
    }
}

/// An error of the token endpoints.
#[derive(Serialize)]
pub(super) struct OAuthError<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    error: &'a str,
    error_description: &'a str,
}

impl<'a> OAuthError<'a> {
    pub(super) fn new(error: &'a str, error_description: &'a str) -> Self {
        // The platform reports invalid credentials in both formats at once.
        let invalid_client = error == "invalid_client";
        Self {
            domain: invalid_client.then_some("Access"),
            reason: invalid_client.then_some("InvalidClient"),
            error,
            error_description,
        }
    }
}

/// An error of the agent manager.
#[derive(Serialize)]
pub(super) struct AgentError<'a> {
    code: &'static str,
    domain: &'static str,
    debug: AgentDebug<'a>,
}

#[derive(Serialize)]
struct AgentDebug<'a> {
    msg: &'a str,
}

impl<'a> AgentError<'a> {
    pub(super) fn new(error: &'a ApiError) -> Self {
        let (code, domain) = match error.status() {
            StatusCode::UNAUTHORIZED => ("UNAUTHORIZED_REQUEST", "GENERAL"),
            StatusCode::FORBIDDEN => ("ACCESS_DENIED", "AGENT_MANAGER"),
            StatusCode::NOT_FOUND => ("NOT_FOUND", "AGENT_MANAGER"),
            StatusCode::CONFLICT => ("HARDWARE_NODE_IS_OCCUPIED", "AGENT_MANAGER"),
            StatusCode::NOT_IMPLEMENTED => ("NOT_IMPLEMENTED", "AGENT_MANAGER"),
            status if status.is_server_error() => ("DATABASE_ERROR", "AGENT_MANAGER"),
            _ => ("BAD_REQUEST", "AGENT_MANAGER"),
        };
        Self {
            code,
            domain,
            debug: AgentDebug { msg: error.info() },
        }
    }
}

/// An error of the task manager or the alert manager.
#[derive(Serialize)]
pub(super) struct TaskError<'a> {
    domain: &'static str,
    code: String,
    reason: String,
    debug: TaskDebug<'a>,
}

#[derive(Serialize)]
struct TaskDebug<'a> {
    message: &'a str,
}

impl<'a> TaskError<'a> {
    pub(super) fn new(domain: &'static str, error: &'a ApiError) -> Self {
        // The reason phrase of the status without spaces: `BadRequest`.
        let code = error
            .status()
            .canonical_reason()
            .unwrap_or("Error")
            .replace(' ', "");
        Self {
            domain,
            reason: code.clone(),
            code,
            debug: TaskDebug {
                message: error.info(),
            },
        }
    }
}

/// An error of policy management or resource management.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum PolicyError<'a> {
    Error {
        code: &'static str,
        domain: &'static str,
        message: String,
        context: Value,
    },
    Blocked {
        issues: &'a Value,
    },
}

impl<'a> PolicyError<'a> {
    /// `required_scope`: the scope that the caller lacks if the error is "access denied".
    pub(super) fn new(error: &'a ApiError, required_scope: &str) -> Self {
        if let ApiError::Blocked { issues, .. } = error {
            return Self::Blocked { issues };
        }
        let (code, domain) = match error.status() {
            StatusCode::UNAUTHORIZED => ("UnauthorizedRequest", "Access"),
            StatusCode::FORBIDDEN => ("AccessDeniedError", "Access"),
            StatusCode::NOT_FOUND => ("NotFoundError", "General"),
            StatusCode::CONFLICT => ("DataConflictError", "General"),
            StatusCode::METHOD_NOT_ALLOWED => ("MethodNotAllowed", "General"),
            StatusCode::NOT_IMPLEMENTED => ("NotImplemented", "General"),
            status if status.is_server_error() => ("InternalServerError", "General"),
            _ => ("BadRequestError", "General"),
        };
        let context = match error.status() {
            StatusCode::FORBIDDEN => json!({ "scope": "", "required_scope": required_scope }),
            _ => json!({}),
        };
        let message = error.to_string();
        Self::Error {
            code,
            domain,
            message: format!("{}: {}", message.trim_end_matches('.'), error.info()),
            context,
        }
    }
}
