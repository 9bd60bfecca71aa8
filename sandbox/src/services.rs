//! The platform's services by their paths, and the form that errors have in each.
//!
//! A handler refuses with a [`Refusal`], wherever it is; what a caller reads of it is made here, in one place.

use std::sync::Arc;

use axum::Json;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::error::Refusal;

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
    pub(crate) fn of(path: &str) -> Service {
        let path = path.trim_start_matches('/');
        let service = path.strip_prefix("api/").unwrap_or("");
        match service.split('/').next() {
            Some("agent_manager") => Service::Agents,
            Some("alert_manager") => Service::Alerts,
            Some("task_manager") => Service::Tasks,
            Some("policy_management") => Service::Policies,
            Some("resource_management") => Service::Resources,
            _ => Service::Account,
        }
    }

    /// The answer to a call of this method, as this service gives it: a refusal in its form, all else as it is.
    pub(crate) fn answer(self, method: &Method, response: Response) -> Response {
        let Some(refusal) = response.extensions().get::<Arc<Refusal>>().cloned() else {
            return response;
        };
        let status = refusal.status();
        match self {
            Service::Account => response,
            // The proxy in front of it answers, not the service.
            Service::Alerts if status == StatusCode::UNAUTHORIZED => {
                const PAGE: &str = "<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n\
                    <center><h1>401 Authorization Required</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n\
                    </html>\r\n";
                (status, [(header::CONTENT_TYPE, "text/plain")], PAGE).into_response()
            }
            _ => (status, Json(self.body(method, &refusal))).into_response(),
        }
    }

    fn body(self, method: &Method, refusal: &Refusal) -> Value {
        let status = refusal.status();
        let (message, info) = (refusal.to_string(), refusal.info());
        match self {
            Service::Account => Value::Null,
            Service::Agents => {
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
            Service::Alerts | Service::Tasks => {
                let domain = match self {
                    Service::Alerts => "AlertManager",
                    _ => "TaskManager",
                };
                let code = plain_code(status);
                json!({ "domain": domain, "code": code, "reason": code, "debug": { "message": info } })
            }
            Service::Policies | Service::Resources => {
                if let Refusal::Blocked { issues, .. } = refusal {
                    return json!({ "issues": issues });
                }
                let (code, domain, context) = match status {
                    StatusCode::UNAUTHORIZED => ("UnauthorizedRequest", "Access", json!({})),
                    StatusCode::FORBIDDEN => {
                        let reads = [Method::GET, Method::HEAD].contains(method);
                        let scope = match (self, reads) {
                            (Service::Policies, true) => "urn:acronis.com::policy_management::read",
                            (Service::Policies, false) => "urn:acronis.com::policy_manager::admin",
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
