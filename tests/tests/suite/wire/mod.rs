//! What is sent over the wire and saved in files, call by call, with a platform that sends scripted responses.

mod agent;
mod authorization;
mod call_log;
mod client_without_tenant;
mod clock;
mod concurrent_runs;
mod created;
mod headers;
mod impersonation;
mod json;
mod models;
mod monitoring;
mod navigate;
mod plans;
mod rejected_token;
mod reports;
mod resources;
mod retries;
mod saved_token;
mod tenant_editions;
mod tenant_lifecycle;
mod tenant_option;
mod tenants;
mod undo;
mod usage;
mod users;

use insta::{Settings, internals::SettingsBindDropGuard};
use serde_json::{Value, json};
use tests::{Response, ScriptedServer, TestHome, test_home::TOKEN};

/// A signed-in home with a customer.
fn with_customer(server: &ScriptedServer) -> TestHome {
    TestHome::new(&server.url())
        .signed_in()
        .put("customer.json", json!({ "id": "customer-1" }))
}

/// A tenant as the platform returns it.
fn tenant(id: &str, name: &str, version: u32) -> Value {
    json!({ "id": id, "name": name, "kind": "partner", "version": version })
}

/// An offering item as the platform returns it. Some items belong to no edition.
fn offering_item(name: &str, edition: Option<&str>, status: u8) -> Value {
    json!({
        "application_id": "app-1", "name": name, "edition": edition, "usage_name": name, "type": "count",
        "status": status,
    })
}

/// An object with these fields added or replaced.
fn with_fields(mut object: Value, fields: &Value) -> Value {
    if let (Value::Object(object), Value::Object(fields)) = (&mut object, fields) {
        object.extend(fields.clone());
    }
    object
}

/// A response that rejects a change of a locked tenant.
fn rejection(status: u16) -> Response {
    let error = json!({ "code": 1012, "message": "Locked." });
    Response::json(status, json!({ "error": error }))
}

/// The calls, without the headers that they all have.
fn conversation(server: &ScriptedServer) -> String {
    server
        .conversation()
        .replace(&format!("\n  authorization: Bearer {TOKEN}"), "")
        .replace("\n  content-type: application/json", "")
}

/// Removes the warning about the customer-scoped token from snapshots. `saved_token` checks it once. Holds while the
/// guard lives.
fn without_token_warning() -> SettingsBindDropGuard {
    let mut settings = Settings::clone_current();
    settings.add_filter("! warning: calls use the customer-scoped token.*\n", "");
    settings.bind_to_scope()
}
