//! Responses to unknown routes. Routes that the platform documents are 501, so that clients do not mistake a gap of the
//! sandbox for a missing object.
//!
//! The table contains all routes of the vendor's five API descriptions. Routes that the sandbox serves never get here,
//! so they can stay in the table.

use crate::domain::ApiError;
use axum::http::{Method, Uri};

/// Paths and their methods. `{}` matches one segment.
const DOCUMENTED: &[(&str, &str)] = &[
    ("/.well-known/openid-configuration", "GET"),
    ("/api/2/idp/token", "POST"),
    ("/api/2/idp/revoke_token", "POST"),
    ("/api/2/idp/introspect_token", "POST"),
    ("/api/2/idp/ott", "POST"),
    ("/api/2/idp/ott/login", "POST"),
    ("/api/2/idp/logout", "GET"),
    ("/api/2/clients", "POST GET"),
    ("/api/2/clients/{}", "GET PUT DELETE"),
    ("/api/2/users", "GET POST"),
    ("/api/2/users/check_login", "GET"),
    ("/api/2/users/me", "GET"),
    ("/api/2/users/{}", "GET PUT DELETE"),
    ("/api/2/users/{}/access_policies", "GET PUT"),
    ("/api/2/users/{}/mfa/status", "PUT"),
    ("/api/2/users/{}/password", "POST"),
    ("/api/2/users/{}/send-activation-email", "POST"),
    ("/api/2/tenants", "GET POST"),
    ("/api/2/tenants/offering_items", "GET"),
    ("/api/2/tenants/usages", "GET PUT"),
    ("/api/2/tenants/{}", "GET PUT DELETE"),
    ("/api/2/tenants/{}/restore", "POST"),
    ("/api/2/tenants/{}/children", "GET"),
    ("/api/2/tenants/{}/users", "GET"),
    ("/api/2/tenants/{}/applications", "GET"),
    ("/api/2/tenants/{}/reports", "GET"),
    ("/api/2/tenants/{}/locations", "GET"),
    ("/api/2/tenants/{}/offering_items", "GET PUT"),
    (
        "/api/2/tenants/{}/offering_items/available_for_child",
        "GET",
    ),
    ("/api/2/tenants/{}/edition", "GET PUT"),
    ("/api/2/tenants/{}/registration_tokens", "GET POST"),
    ("/api/2/tenants/{}/usages", "GET"),
    ("/api/2/tenants/{}/pricing", "GET PUT"),
    ("/api/2/tenants/{}/brand", "GET"),
    ("/api/2/tenants/{}/mfa/status", "GET PUT"),
    ("/api/2/applications", "GET"),
    ("/api/2/applications/{}", "GET"),
    ("/api/2/applications/{}/bindings/tenants/{}", "POST DELETE"),
    ("/api/2/locations", "GET POST"),
    ("/api/2/locations/{}", "GET PUT DELETE"),
    ("/api/2/infra", "GET POST"),
    ("/api/2/infra/{}", "GET PUT DELETE"),
    ("/api/2/reports", "POST"),
    ("/api/2/reports/{}", "GET PUT DELETE"),
    ("/api/2/reports/{}/stored", "GET"),
    ("/api/2/reports/{}/stored/{}", "GET"),
    ("/api/2/search", "GET"),
    ("/api/agent_manager/v2/agents", "GET DELETE"),
    ("/api/agent_manager/v2/agents/update:force", "POST"),
    ("/api/agent_manager/v2/agents/{}", "GET DELETE"),
    ("/api/agent_manager/v2/agent_update_references", "GET"),
    ("/api/agent_manager/v2/agent_update_settings", "PUT DELETE"),
    (
        "/api/agent_manager/v2/agent_update_settings/{}",
        "GET DELETE",
    ),
    ("/api/agent_manager/v2/hardware_nodes", "GET"),
    ("/api/agent_manager/v2/hardware_nodes/{}", "GET"),
    ("/api/alert_manager/v1/alerts", "POST GET DELETE"),
    ("/api/alert_manager/v1/alerts/{}", "GET DELETE"),
    ("/api/alert_manager/v1/alerts/{}/false_positive", "PATCH"),
    ("/api/alert_manager/v1/categories", "GET"),
    ("/api/alert_manager/v1/types", "GET POST"),
    ("/api/alert_manager/v1/types/{}", "GET DELETE"),
    ("/api/alert_manager/v1/count", "GET"),
    ("/api/alert_manager/v1/stats", "GET"),
    ("/api/alert_manager/v1/status", "GET"),
    ("/api/alert_manager/v1/resource_status", "GET"),
    ("/api/alert_manager/v1/customer_alerts_count", "GET"),
    ("/api/alert_manager/v1/customer_alerts", "GET"),
    ("/api/policy_management/v4/policies", "GET POST DELETE"),
    ("/api/policy_management/v4/policies/favorite", "PATCH"),
    ("/api/policy_management/v4/policies/{}", "GET DELETE PATCH"),
    ("/api/policy_management/v4/policy_statuses", "GET"),
    ("/api/policy_management/v4/applications", "GET POST DELETE"),
    (
        "/api/policy_management/v4/applications/issues/statistics",
        "GET",
    ),
    ("/api/policy_management/v4/applications/run", "PUT"),
    ("/api/resource_management/v4/resources", "GET POST DELETE"),
    ("/api/resource_management/v4/resources/batch", "POST"),
    ("/api/resource_management/v4/resources/count", "GET"),
    ("/api/resource_management/v4/resources/{}", "GET"),
    ("/api/resource_management/v4/resources/{}/attributes", "GET"),
    ("/api/resource_management/v4/resource_statuses", "GET"),
    ("/api/task_manager/v2/tasks", "GET"),
    ("/api/task_manager/v2/tasks/{}", "GET"),
    ("/api/task_manager/v2/activities", "GET"),
    ("/api/task_manager/v2/activities/{}", "GET"),
];

/// Routes that the vendor's published clients call, but that are not in an API description.
const UNDOCUMENTED: &[(&str, &str)] = &[
    ("/api/1/accounts", "GET"),
    ("/api/1/actions/activate", "GET POST"),
    ("/api/1/actions/mail/activate", "GET POST"),
    ("/api/1/admins/{}", "GET"),
    ("/api/1/groups/{}", "GET"),
    ("/api/1/groups/{}/children/", "GET"),
    ("/api/1/users/{}", "GET"),
    ("/api/2/idp/authorize", "GET"),
    ("/api/2/idp/device_authorization", "POST"),
    ("/api/2/idp/external-login", "GET"),
    ("/api/2/registration_tokens", "GET POST"),
    ("/api/2/registration_tokens/{}", "GET DELETE"),
    ("/bc/api/account_server/registration_tokens", "GET POST"),
];

/// The response to an unknown path: 501 if path and method are documented, 405 if only the path is, otherwise 404.
pub(crate) async fn unknown_path(method: Method, uri: Uri) -> ApiError {
    let path = uri.path();
    match methods(path) {
        Some(methods) if allows(methods, &method) => not_simulated(&method, path),
        Some(_) => method_not_allowed(&method, path),
        None => ApiError::NotFound(format!("There is no {method} {path}.")),
    }
}

/// The response to an unknown method of a known path: 501 if the method is documented, otherwise 405.
pub(crate) async fn unknown_method(method: Method, uri: Uri) -> ApiError {
    let path = uri.path();
    match methods(path) {
        Some(methods) if allows(methods, &method) => not_simulated(&method, path),
        _ => method_not_allowed(&method, path),
    }
}

fn not_simulated(method: &Method, path: &str) -> ApiError {
    ApiError::not_simulated(format_args!("{method} {path}"))
}

fn method_not_allowed(method: &Method, path: &str) -> ApiError {
    ApiError::MethodNotAllowed(format!("{path} does not support {method}."))
}

/// The documented methods of a path. A literal segment takes precedence over `{}`.
fn methods(path: &str) -> Option<&'static str> {
    // The vendor's tutorials call this service with two leading slashes.
    let path = match path.strip_prefix('/') {
        Some(rest) if rest.starts_with("/api/policy_management/") => rest,
        _ => path,
    };
    let matches = |(known, _): &&(&str, &str)| {
        let mut parts = path.split('/');
        known.split('/').all(|known| {
            parts
                .next()
                .is_some_and(|part| part == known || (known == "{}" && !part.is_empty()))
        }) && parts.next().is_none()
    };
    DOCUMENTED
        .iter()
        .chain(UNDOCUMENTED)
        .filter(matches)
        .min_by_key(|(known, _)| known.matches("{}").count())
        .map(|(_, methods)| *methods)
}

fn allows(methods: &str, method: &Method) -> bool {
    // HEAD is GET without the body.
    let method = if method == Method::HEAD {
        "GET"
    } else {
        method.as_str()
    };
    methods.split(' ').any(|known| known == method)
}

#[cfg(test)]
mod tests {
    use super::methods;

    #[test]
    fn matches_paths_segment_by_segment() {
        assert_eq!(methods("/api/2/tenants/x/brand"), Some("GET"));
        assert_eq!(
            methods("/api/agent_manager/v2/agents/update:force"),
            Some("POST")
        );
        assert_eq!(methods("/api/2/tenants//brand"), None);
        assert_eq!(methods("/api/2/locations/"), None);
        assert_eq!(methods("/api/1/groups/self/children/"), Some("GET"));
        assert_eq!(
            methods("//api/policy_management/v4/applications/run"),
            Some("PUT")
        );
        assert_eq!(methods("/api/2/tenants/x/brand/y"), None);
    }
}
