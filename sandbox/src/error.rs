//! Every refusal, and the one place that makes the platform's error body of it.

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What the sandbox answers instead of what was asked for.
pub(crate) type Result<T> = std::result::Result<T, Refusal>;

/// The platform's own error codes, those that the sandbox can give; the message of each says what it means.
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
    /// The HTTP status that goes with the code.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Code::VersionMismatch | Code::NameConflict => StatusCode::CONFLICT,
            Code::AccessDenied | Code::TenantLocked => StatusCode::FORBIDDEN,
            Code::NoSuchTenant => StatusCode::NOT_FOUND,
            Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn message(self) -> &'static str {
        match self {
            Code::Internal => "Internal error.",
            Code::VersionMismatch => "Version mismatch.",
            Code::AccessDenied => "Access denied.",
            Code::ParentDisabled => "The parent tenant is disabled.",
            Code::NameConflict => "A tenant with this name already exists under the parent.",
            Code::NoSuchTenant => "No such tenant.",
            Code::DeleteEnabled => "It is prohibited to delete a non-disabled tenant.",
            Code::MoveUnderChild => "A tenant cannot be moved under its own descendant.",
            Code::MoveWithinCustomer => "A tenant cannot be moved within a customer.",
            Code::StorageInUse => "The storage is in use.",
            Code::TenantLocked => "The tenant is locked.",
            Code::MoveUnderDisabled => "A tenant cannot be moved under a disabled one.",
            Code::ItemsUnavailableAtTarget => {
                "Offering items of the tenant are not available at the target."
            }
            Code::StorageUsedByChild => "The storage cannot be turned off: a child tenant uses it.",
            Code::ItemUnavailable => "An offering item is not available.",
            Code::HardQuotaExceeded => "A hard quota is exceeded.",
            Code::ItemDependency => "An offering item depends on another one.",
            Code::ServiceCannotBeEnabled => "The service cannot be enabled.",
            Code::BusinessRules => "Business rules do not allow this.",
            Code::TargetWithoutLockOwner => {
                "The tenant that holds the lock is not above the target."
            }
            Code::InvalidLogin => "Invalid login.",
        }
    }
}

/// Why a call is refused. The text of a variant says what is wrong with *this* call.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// 400: the input cannot be used.
    #[error("Bad Request")]
    BadRequest(String),
    /// 401: nobody known is calling.
    #[error("Unauthorized")]
    Unauthorized(String),
    /// 404: no such route or object.
    #[error("Not found")]
    NotFound(String),
    /// 405: the route knows other methods.
    #[error("Method Not Allowed")]
    MethodNotAllowed(String),
    /// 406: what was asked about cannot be (a login with forbidden characters).
    #[error("Not Acceptable")]
    NotAcceptable(String),
    /// 408: the body did not arrive.
    #[error("Request Timeout")]
    Timeout(String),
    /// 409: another object is in the way.
    #[error("Conflict")]
    Conflict(String),
    /// 413: the body is larger than the sandbox takes.
    #[error("Payload Too Large")]
    TooLarge(String),
    /// 415: the body comes without the right `Content-Type`.
    #[error("Unsupported Media Type")]
    UnsupportedMediaType(String),
    /// 422: issues are in the way, in the form of the service for plans.
    #[error("Unprocessable Entity")]
    Blocked {
        /// In words.
        info: String,
        /// As that service lists them.
        issues: Value,
    },
    /// 426: the version of a quota is not the current one.
    #[error("Upgrade Required")]
    UpgradeRequired(String),
    /// 501: the platform has it, the sandbox does not.
    #[error("Not Implemented")]
    NotImplemented(String),
    /// Any status, because a rule of `/_sandbox/faults` says so.
    #[error("{}", status.canonical_reason().unwrap_or("Error"))]
    Told {
        /// Which one.
        status: StatusCode,
        /// Which rule.
        info: String,
    },
    /// A refusal with a code of the platform's own.
    #[error("{}", code.message())]
    Platform {
        /// Which one.
        code: Code,
        /// What is wrong with this call.
        info: String,
        /// What it is about, for example `{"id": …}`.
        context: Value,
    },
    /// The token endpoint's refusals, in OAuth's form.
    #[error("{description}")]
    OAuth {
        /// 400, 401 or 403.
        status: StatusCode,
        /// For example `invalid_client`.
        error: &'static str,
        /// A sentence.
        description: String,
    },
}

impl Refusal {
    /// A refusal with a platform code about the object of this id.
    pub(crate) fn about(code: Code, id: impl Into<Value>, info: impl Into<String>) -> Refusal {
        Refusal::Platform {
            code,
            info: info.into(),
            context: json!({ "id": id.into() }),
        }
    }

    /// A refusal with a platform code and nothing to point at.
    pub(crate) fn platform(code: Code, info: impl Into<String>) -> Refusal {
        Refusal::Platform {
            code,
            info: info.into(),
            context: json!({}),
        }
    }

    /// A refusal with this status as the platform gives it, with a code of its own where it has one.
    pub(crate) fn told(status: StatusCode, info: String) -> Refusal {
        match status {
            StatusCode::FORBIDDEN => Refusal::denied(info),
            StatusCode::INTERNAL_SERVER_ERROR => Refusal::platform(Code::Internal, info),
            status => Refusal::Told { status, info },
        }
    }

    /// 400 with this explanation.
    pub(crate) fn bad(info: impl Into<String>) -> Refusal {
        Refusal::BadRequest(info.into())
    }

    /// The same refusal, naming the field or parameter that it is about.
    pub(crate) fn of_field(self, name: &str) -> Refusal {
        match self {
            Refusal::BadRequest(info) if !info.starts_with(&format!("{name}:")) => {
                Refusal::BadRequest(format!("{name}: {info}"))
            }
            other => other,
        }
    }

    /// 422 because of one issue, with a code of the service for plans.
    pub(crate) fn blocked(code: &str, info: impl Into<String>) -> Refusal {
        Refusal::blocked_by(code, info, json!({}))
    }

    /// As [`Refusal::blocked`], with what it is about.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "json!(…) reads better without a &"
    )]
    pub(crate) fn blocked_by(code: &str, info: impl Into<String>, context: Value) -> Refusal {
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
        Refusal::Blocked { info, issues }
    }

    /// The same refusal in OAuth's form, for the endpoints that answer so.
    pub(crate) fn into_oauth(self) -> Refusal {
        if matches!(self, Refusal::OAuth { .. }) {
            return self;
        }
        let error = match self.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "access_denied",
            _ => "invalid_request",
        };
        let status = match self.status() {
            // Those that OAuth knows, and the sandbox's own faults as they are.
            StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::INTERNAL_SERVER_ERROR => self.status(),
            _ => StatusCode::BAD_REQUEST,
        };
        let description = self.info().to_owned();
        Refusal::OAuth {
            status,
            error,
            description,
        }
    }

    /// 401: the client did not prove itself.
    pub(crate) fn invalid_client() -> Refusal {
        Refusal::OAuth {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_client",
            description: "invalid client credentials: no such client, or the secret is wrong"
                .to_owned(),
        }
    }

    /// 403: this caller may not do that.
    pub(crate) fn denied(info: impl Into<String>) -> Refusal {
        Refusal::platform(Code::AccessDenied, info)
    }

    /// The HTTP status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Refusal::BadRequest(_) => StatusCode::BAD_REQUEST,
            Refusal::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Refusal::NotFound(_) => StatusCode::NOT_FOUND,
            Refusal::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::NotAcceptable(_) => StatusCode::NOT_ACCEPTABLE,
            Refusal::Timeout(_) => StatusCode::REQUEST_TIMEOUT,
            Refusal::Conflict(_) => StatusCode::CONFLICT,
            Refusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::Blocked { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Refusal::UpgradeRequired(_) => StatusCode::UPGRADE_REQUIRED,
            Refusal::NotImplemented(_) => StatusCode::NOT_IMPLEMENTED,
            Refusal::Platform { code, .. } => code.status(),
            Refusal::Told { status, .. } | Refusal::OAuth { status, .. } => *status,
        }
    }

    /// What is wrong with this call.
    pub(crate) fn info(&self) -> &str {
        match self {
            Refusal::Platform { info, .. }
            | Refusal::Blocked { info, .. }
            | Refusal::Told { info, .. }
            | Refusal::OAuth {
                description: info, ..
            }
            | Refusal::BadRequest(info)
            | Refusal::Unauthorized(info)
            | Refusal::NotFound(info)
            | Refusal::MethodNotAllowed(info)
            | Refusal::NotAcceptable(info)
            | Refusal::Timeout(info)
            | Refusal::Conflict(info)
            | Refusal::TooLarge(info)
            | Refusal::UnsupportedMediaType(info)
            | Refusal::UpgradeRequired(info)
            | Refusal::NotImplemented(info) => info,
        }
    }

    fn body(&self) -> Value {
        let status = i64::from(self.status().as_u16());
        let (code, info, context) = match self {
            // A wrong client says so twice, as the platform does.
            Refusal::OAuth {
                error: error @ "invalid_client",
                description,
                ..
            } => {
                return json!({
                    "domain": "Access",
                    "reason": "InvalidClient",
                    "error": error,
                    "error_description": description,
                });
            }
            Refusal::OAuth {
                error, description, ..
            } => return json!({ "error": error, "error_description": description }),
            Refusal::Platform { code, context, .. } => (*code as i64, self.info(), context.clone()),
            _ => (status, self.info(), json!({})),
        };
        json!({"error": {
            "code": code,
            "message": self.to_string(),
            "domain": "PlatformAccountServer",
            "details": { "info": info },
            "context": context,
        }})
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(self.body())).into_response();
        let unauthorized = response.status() == StatusCode::UNAUTHORIZED;
        if unauthorized {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // The form above is the account server's; other services have their own.
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// What the database refuses is nobody's input: a fault of the sandbox, told as such.
impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        crate::complain(&format!("database: {error}"));
        Refusal::platform(Code::Internal, format!("The sandbox's database: {error}."))
    }
}

/// A document in the database that cannot be read any more.
impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        crate::complain(&format!("stored document: {error}"));
        Refusal::platform(Code::Internal, format!("A stored document: {error}."))
    }
}
