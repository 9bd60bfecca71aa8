//! Error responses. Each service of the platform has its own error format; the path of a call determines the service.
//!
//! Handlers return an [`ApiError`]. Its response body is built only here.

mod formats;

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use self::formats::{AccountError, AgentError, OAuthError, PolicyError, TaskError};
use crate::domain::ApiError;

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = match &self {
            Self::OAuth { error, .. } => {
                (status, Json(OAuthError::new(error, self.info()))).into_response()
            }
            _ => (status, Json(AccountError::new(&self))).into_response(),
        };
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // The body is in the account server's format. `Service::format_error` replaces it for other services.
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// The service of the platform that handles a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Service {
    /// The account server: tenants, users, clients, tokens, offering items, usage, reports.
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
    /// The service that handles calls to this path.
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

    /// Converts an error response to this service's format. Other responses stay as they are.
    pub(crate) fn format_error(self, method: &Method, response: Response) -> Response {
        let Some(error) = response.extensions().get::<Arc<ApiError>>().cloned() else {
            return response;
        };
        let status = error.status();
        match self {
            Self::Account => response,
            // The proxy in front of the alert manager sends this page.
            Self::Alerts if status == StatusCode::UNAUTHORIZED => {
                const PAGE: &str = "<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n\
                    <center><h1>401 Authorization Required</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n\
                    </html>\r\n";
                (status, [(header::CONTENT_TYPE, "text/plain")], PAGE).into_response()
            }
            Self::Agents => (status, Json(AgentError::new(&error))).into_response(),
            Self::Alerts => (status, Json(TaskError::new("AlertManager", &error))).into_response(),
            Self::Tasks => (status, Json(TaskError::new("TaskManager", &error))).into_response(),
            Self::Policies => {
                let scope = if reads(method) {
                    "urn:acronis.com::policy_management::read"
                } else {
                    "urn:acronis.com::policy_manager::admin"
                };
                (status, Json(PolicyError::new(&error, scope))).into_response()
            }
            Self::Resources => {
                let scope = if reads(method) {
                    "urn:acronis.com::resource_management::read"
                } else {
                    "urn:acronis.com::resource_manager::admin"
                };
                (status, Json(PolicyError::new(&error, scope))).into_response()
            }
        }
    }
}

fn reads(method: &Method) -> bool {
    [Method::GET, Method::HEAD].contains(method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_service_of_a_path() {
        for (path, service) in [
            ("/api/2/tenants", Service::Account),
            ("/bc/idp/token", Service::Account),
            ("/api/agent_manager/v2/agents", Service::Agents),
            ("/api/task_manager/v2/tasks", Service::Tasks),
            ("/api/alert_manager/v1/alerts", Service::Alerts),
            // The vendor's tutorials use this path with two slashes.
            ("//api/policy_management/v4/policies", Service::Policies),
            ("/api/resource_management/v4/resources", Service::Resources),
        ] {
            assert_eq!(Service::of(path), service, "{path}");
        }
    }
}
