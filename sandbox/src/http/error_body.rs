//! Error responses: each service of the platform has its own form, chosen by the path of the call.
//!
//! Handlers return an [`ApiError`]; its response body is built here only.

use std::sync::Arc;

use crate::domain::ApiError;
use axum::Json;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(account_body(&self))).into_response();
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

/// The body as the account server writes it.
fn account_body(error: &ApiError) -> Value {
    let status = i64::from(error.status().as_u16());
    let (code, info, context) = match error {
        // A wrong client says so twice, as the platform does.
        ApiError::OAuth {
            error: code @ "invalid_client",
            description,
            ..
        } => {
            return json!({
                "domain": "Access",
                "reason": "InvalidClient",
                "error": code,
                "error_description": description,
            });
        }
        ApiError::OAuth {
            error: code,
            description,
            ..
        } => return json!({ "error": code, "error_description": description }),
        ApiError::Platform { code, context, .. } => (*code as i64, error.info(), context.clone()),
        _ => (status, error.info(), json!({})),
    };
    json!({"error": {
        "code": code,
        "message": error.to_string(),
        "domain": "PlatformAccountServer",
        "details": { "info": info },
        "context": context,
    }})
}

/// Who of the platform answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Service {
    /// Tenants, users, clients, tokens, offering items, usage, reports.
    Account,
    /// `/api/agent_manager/`.
    Agents,
    /// `/api/alert_manager/`.
    Alerts,
    /// `/api/task_manager/`: tasks and activities.
    Tasks,
    /// `/api/policy_management/`.
    Policies,
    /// `/api/resource_management/`.
    Resources,
}

impl Service {
    /// The service that a path leads to.
    pub(crate) fn of(path: &str) -> Self {
        let path = path.trim_start_matches('/');
        let service = path.strip_prefix("api/").unwrap_or("");
        match service.split('/').next() {
            Some("agent_manager") => Self::Agents,
            Some("alert_manager") => Self::Alerts,
            Some("task_manager") => Self::Tasks,
            Some("policy_management") => Self::Policies,
            Some("resource_management") => Self::Resources,
            _ => Self::Account,
        }
    }

    /// The answer to a call of this method, as this service gives it: a refusal in its form, all else as it is.
    pub(crate) fn answer(self, method: &Method, response: Response) -> Response {
        let Some(error) = response.extensions().get::<Arc<ApiError>>().cloned() else {
            return response;
        };
        let status = error.status();
        match self {
            Self::Account => response,
            // The proxy in front of it answers, not the service.
            Self::Alerts if status == StatusCode::UNAUTHORIZED => {
                const PAGE: &str = "<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n\
                    <center><h1>401 Authorization Required</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n\
                    </html>\r\n";
                (status, [(header::CONTENT_TYPE, "text/plain")], PAGE).into_response()
            }
            _ => (status, Json(self.body(method, &error))).into_response(),
        }
    }

    fn body(self, method: &Method, error: &ApiError) -> Value {
        let status = error.status();
        let (message, info) = (error.to_string(), error.info());
        match self {
            Self::Account => Value::Null,
            Self::Agents => {
                let (code, domain) = match status {
                    StatusCode::UNAUTHORIZED => ("UNAUTHORIZED_REQUEST", "GENERAL"),
                    StatusCode::FORBIDDEN => ("ACCESS_DENIED", "AGENT_MANAGER"),
                    StatusCode::NOT_FOUND => ("NOT_FOUND", "AGENT_MANAGER"),
                    StatusCode::CONFLICT => ("HARDWARE_NODE_IS_OCCUPIED", "AGENT_MANAGER"),
                    StatusCode::NOT_IMPLEMENTED => ("NOT_IMPLEMENTED", "AGENT_MANAGER"),
                    status if status.is_server_error() => ("DATABASE_ERROR", "AGENT_MANAGER"),
                    _ => ("BAD_REQUEST", "AGENT_MANAGER"),
                };
                json!({ "code": code, "domain": domain, "debug": { "msg": info } })
            }
            Self::Alerts | Self::Tasks => {
                let domain = match self {
                    Self::Alerts => "AlertManager",
                    _ => "TaskManager",
                };
                let code = plain_code(status);
                json!({ "domain": domain, "code": code, "reason": code, "debug": { "message": info } })
            }
            Self::Policies | Self::Resources => {
                if let ApiError::Blocked { issues, .. } = error {
                    return json!({ "issues": issues });
                }
                let (code, domain, context) = match status {
                    StatusCode::UNAUTHORIZED => ("UnauthorizedRequest", "Access", json!({})),
                    StatusCode::FORBIDDEN => {
                        let reads = [Method::GET, Method::HEAD].contains(method);
                        let scope = match (self, reads) {
                            (Self::Policies, true) => "urn:acronis.com::policy_management::read",
                            (Self::Policies, false) => "urn:acronis.com::policy_manager::admin",
                            (_, true) => "urn:acronis.com::resource_management::read",
                            (_, false) => "urn:acronis.com::resource_manager::admin",
                        };
                        let context = json!({ "scope": "", "required_scope": scope });
                        ("AccessDeniedError", "Access", context)
                    }
                    StatusCode::NOT_FOUND => ("NotFoundError", "General", json!({})),
                    StatusCode::CONFLICT => ("DataConflictError", "General", json!({})),
                    StatusCode::METHOD_NOT_ALLOWED => ("MethodNotAllowed", "General", json!({})),
                    StatusCode::NOT_IMPLEMENTED => ("NotImplemented", "General", json!({})),
                    status if status.is_server_error() => {
                        ("InternalServerError", "General", json!({}))
                    }
                    _ => ("BadRequestError", "General", json!({})),
                };
                let message = format!("{}: {info}", message.trim_end_matches('.'));
                json!({ "code": code, "domain": domain, "message": message, "context": context })
            }
        }
    }
}

/// The reason of a status without its spaces: `BadRequest`.
fn plain_code(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or("Error");
    reason.split(' ').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_its_service() {
        for (path, service) in [
            ("/api/2/tenants", Service::Account),
            ("/bc/idp/token", Service::Account),
            ("/api/agent_manager/v2/agents", Service::Agents),
            ("/api/task_manager/v2/tasks", Service::Tasks),
            ("/api/alert_manager/v1/alerts", Service::Alerts),
            // The vendor's tutorials call it so.
            ("//api/policy_management/v4/policies", Service::Policies),
            ("/api/resource_management/v4/resources", Service::Resources),
        ] {
            assert_eq!(Service::of(path), service, "{path}");
        }
    }
}
