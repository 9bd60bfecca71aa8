//! The errors of the API. `http::error_body` turns them into responses.

use std::io::Write;

use axum::http::StatusCode;
use serde_json::{Value, json};

/// The result of an operation that can fail with an [`ApiError`].
pub(crate) type Result<T> = std::result::Result<T, ApiError>;

/// The platform's error codes that the sandbox uses. The message of each code explains it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Code {
    Internal = 1000,
    VersionMismatch = 1001,
    AccessDenied = 1002,
    ParentDisabled = 1003,
    NameConflict = 1004,
    NoSuchTenant = 1005,
    DeleteEnabled = 1006,
    MoveUnderChild = 1007,
    MoveWithinCustomer = 1008,
    StorageInUse = 1009,
    TenantLocked = 1012,
    MoveUnderDisabled = 1013,
    ItemsUnavailableAtTarget = 1014,
    StorageUsedByChild = 1016,
    ItemUnavailable = 1021,
    HardQuotaExceeded = 1022,
    ItemDependency = 1023,
    ServiceCannotBeEnabled = 1026,
    BusinessRules = 1027,
    TargetWithoutLockOwner = 1032,
    InvalidLogin = 1033,
}

impl Code {
    /// The HTTP status of responses with this code.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::VersionMismatch | Self::NameConflict => StatusCode::CONFLICT,
            Self::AccessDenied | Self::TenantLocked => StatusCode::FORBIDDEN,
            Self::NoSuchTenant => StatusCode::NOT_FOUND,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::Internal => "Internal error.",
            Self::VersionMismatch => "Version mismatch.",
            Self::AccessDenied => "Access denied.",
            Self::ParentDisabled => "The parent tenant is disabled.",
            Self::NameConflict => "A tenant with this name already exists under the parent.",
            Self::NoSuchTenant => "No such tenant.",
            Self::DeleteEnabled => "It is prohibited to delete a non-disabled tenant.",
            Self::MoveUnderChild => "A tenant cannot be moved under its own descendant.",
            Self::MoveWithinCustomer => "A tenant cannot be moved within a customer.",
            Self::StorageInUse => "The storage is in use.",
            Self::TenantLocked => "The tenant is locked.",
            Self::MoveUnderDisabled => "A tenant cannot be moved under a disabled one.",
            Self::ItemsUnavailableAtTarget => {
                "Offering items of the tenant are not available at the target."
            }
            Self::StorageUsedByChild => "The storage cannot be turned off: a child tenant uses it.",
            Self::ItemUnavailable => "An offering item is not available.",
            Self::HardQuotaExceeded => "A hard quota is exceeded.",
            Self::ItemDependency => "An offering item depends on another one.",
            Self::ServiceCannotBeEnabled => "The service cannot be enabled.",
            Self::BusinessRules => "Business rules do not allow this.",
            Self::TargetWithoutLockOwner => {
                "The tenant that holds the lock is not above the target."
            }
            Self::InvalidLogin => "Invalid login.",
        }
    }
}

/// The reason why a call fails. The text in a variant says what is wrong with *this* call.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// 400: the input is invalid.
    #[error("Bad Request")]
    BadRequest(String),
    /// 401: the caller is unknown.
    #[error("Unauthorized")]
    Unauthorized(String),
    /// 404: the route or the object does not exist.
    #[error("Not found")]
    NotFound(String),
    /// 405: the route does not support this method.
    #[error("Method Not Allowed")]
    MethodNotAllowed(String),
    /// 406: the login to check is invalid.
    #[error("Not Acceptable")]
    NotAcceptable(String),
    /// 408: the body did not arrive in time.
    #[error("Request Timeout")]
    Timeout(String),
    /// 409: the call conflicts with another object.
    #[error("Conflict")]
    Conflict(String),
    /// 413: the body is too large.
    #[error("Payload Too Large")]
    TooLarge(String),
    /// 415: the body has the wrong `Content-Type`.
    #[error("Unsupported Media Type")]
    UnsupportedMediaType(String),
    /// 422: issues prevent the call, in the format of the policy service.
    #[error("Unprocessable Entity")]
    Blocked {
        info: String,
        /// The issues, as the policy service lists them.
        issues: Value,
    },
    /// 426: the version of a quota is stale.
    #[error("Upgrade Required")]
    UpgradeRequired(String),
    /// 501: the platform supports the call, the sandbox does not.
    #[error("Not Implemented")]
    NotImplemented(String),
    /// Any status, injected by a rule of `/_sandbox/faults`.
    #[error("{}", status.canonical_reason().unwrap_or("Error"))]
    Injected {
        status: StatusCode,
        /// The explanation, which names the rule.
        info: String,
    },
    /// An error with one of the platform's codes.
    #[error("{}", code.message())]
    Platform {
        code: Code,
        info: String,
        /// The object that the error is about, for example `{"id": …}`.
        context: Value,
    },
    /// An error of the token endpoint, in OAuth's format.
    #[error("{description}")]
    OAuth {
        /// 400, 401 or 403.
        status: StatusCode,
        /// The OAuth error code, for example `invalid_client`.
        error: &'static str,
        description: String,
    },
}

impl ApiError {
    /// An error with a platform code about the object with this id.
    pub(crate) fn about(code: Code, id: impl Into<Value>, info: impl Into<String>) -> Self {
        Self::Platform {
            code,
            info: info.into(),
            context: json!({ "id": id.into() }),
        }
    }

    /// An error with a platform code and an empty context.
    pub(crate) fn platform(code: Code, info: impl Into<String>) -> Self {
        Self::Platform {
            code,
            info: info.into(),
            context: json!({}),
        }
    }

    /// An injected error with this status, and with the platform's code if it has one for the status.
    pub(crate) fn injected(status: StatusCode, info: String) -> Self {
        match status {
            StatusCode::FORBIDDEN => Self::denied(info),
            StatusCode::INTERNAL_SERVER_ERROR => Self::platform(Code::Internal, info),
            status => Self::Injected { status, info },
        }
    }

    /// 400 with this explanation.
    pub(crate) fn bad(info: impl Into<String>) -> Self {
        Self::BadRequest(info.into())
    }

    /// 501 for something that the platform supports and the sandbox does not.
    pub(crate) fn not_simulated(what: impl std::fmt::Display) -> Self {
        Self::NotImplemented(format!(
            "{what} is documented by the platform, but this sandbox does not simulate it yet."
        ))
    }

    /// The same error, prefixed with the name of the field or parameter.
    pub(crate) fn of_field(self, name: &str) -> Self {
        match self {
            Self::BadRequest(info) if !info.starts_with(&format!("{name}:")) => {
                Self::BadRequest(format!("{name}: {info}"))
            }
            other => other,
        }
    }

    /// 422 because of one issue, with a code of the policy service.
    pub(crate) fn blocked(code: &str, info: impl Into<String>) -> Self {
        Self::blocked_by(code, info, json!({}))
    }

    /// Like [`ApiError::blocked`], with a context.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "json!(…) reads better without a &"
    )]
    pub(crate) fn blocked_by(code: &str, info: impl Into<String>, context: Value) -> Self {
        let info = info.into();
        let issues = json!([{
            "severity": "error",
            "link": "",
            "error": {
                "code": code,
                "domain": "PolicyManagement",
                "message": info,
                "context": context,
            },
        }]);
        Self::Blocked { info, issues }
    }

    /// The same error in OAuth's format, for the token endpoints.
    pub(crate) fn into_oauth(self) -> Self {
        if matches!(self, Self::OAuth { .. }) {
            return self;
        }
        let error = match self.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "access_denied",
            _ => "invalid_request",
        };
        let status = match self.status() {
            // OAuth uses the first two. An internal error keeps its status.
            StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::INTERNAL_SERVER_ERROR => self.status(),
            _ => StatusCode::BAD_REQUEST,
        };
        let description = self.info().to_owned();
        Self::OAuth {
            status,
            error,
            description,
        }
    }

    /// 401: the client's credentials are wrong.
    pub(crate) fn invalid_client() -> Self {
        Self::OAuth {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_client",
            description: "invalid client credentials: no such client, or the secret is wrong"
                .to_owned(),
        }
    }

    /// 403: the caller is not allowed to do this.
    pub(crate) fn denied(info: impl Into<String>) -> Self {
        Self::platform(Code::AccessDenied, info)
    }

    /// The HTTP status of the response.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable(_) => StatusCode::NOT_ACCEPTABLE,
            Self::Timeout(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Blocked { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::UpgradeRequired(_) => StatusCode::UPGRADE_REQUIRED,
            Self::NotImplemented(_) => StatusCode::NOT_IMPLEMENTED,
            Self::Platform { code, .. } => code.status(),
            Self::Injected { status, .. } | Self::OAuth { status, .. } => *status,
        }
    }

    /// The explanation of what is wrong with this call.
    pub(crate) fn info(&self) -> &str {
        match self {
            Self::Platform { info, .. }
            | Self::Blocked { info, .. }
            | Self::Injected { info, .. }
            | Self::OAuth {
                description: info, ..
            }
            | Self::BadRequest(info)
            | Self::Unauthorized(info)
            | Self::NotFound(info)
            | Self::MethodNotAllowed(info)
            | Self::NotAcceptable(info)
            | Self::Timeout(info)
            | Self::Conflict(info)
            | Self::TooLarge(info)
            | Self::UnsupportedMediaType(info)
            | Self::UpgradeRequired(info)
            | Self::NotImplemented(info) => info,
        }
    }
}

/// A database error is a fault of the sandbox, not of the caller's input: it becomes a logged 500.
impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        log_error(&format!("database: {error}"));
        Self::platform(
            Code::Internal,
            format!("The sandbox's database failed: {error}."),
        )
    }
}

/// A JSON document in the database cannot be parsed: a logged 500.
impl From<serde_json::Error> for ApiError {
    fn from(error: serde_json::Error) -> Self {
        log_error(&format!("stored document: {error}"));
        Self::platform(
            Code::Internal,
            format!("A stored document cannot be parsed: {error}."),
        )
    }
}

/// Logs an error to standard error, which may be closed.
pub(crate) fn log_error(message: &str) {
    let _ = writeln!(std::io::stderr(), "sandbox: {message}");
}
