//! Agents: the models, and their table.

use common::{Id, SecretString};
use serde::Deserialize;

/// An agent, an item of `GET /api/agent_manager/v2/agents`.
#[derive(Debug, Deserialize)]
pub struct Agent {
    hostname: String,
    online: bool,
    platform: System,
    core_version: Versions,
    tenant: Tenant,
}

/// The operating system.
#[derive(Debug, Deserialize)]
struct System {
    name: String,
}

/// The versions of the agent's core.
#[derive(Debug, Deserialize)]
struct Versions {
    current: Version,
}

#[derive(Debug, Deserialize)]
struct Version {
    release_id: String,
}

/// The tenant that the machine belongs to.
#[derive(Debug, Deserialize)]
struct Tenant {
    name: String,
}

impl Agent {
    /// The header of a table of agents.
    pub const HEADER: [&str; 5] = ["host", "system", "version", "online", "tenant"];

    /// A table row for this header.
    #[must_use]
    pub fn row(&self) -> [&str; 5] {
        [
            &self.hostname,
            &self.platform.name,
            &self.core_version.current.release_id,
            if self.online { "yes" } else { "no" },
            &self.tenant.name,
        ]
    }
}

/// The response of `POST /api/2/tenants/{id}/registration_tokens`.
#[derive(Debug, Deserialize)]
pub struct RegistrationToken {
    /// An agent uses it to register its machine in the tenant.
    #[serde(deserialize_with = "common::json::non_empty_secret")]
    pub token: SecretString,
    /// When it expires, in UTC: `2026-12-01T00:00:00Z`. Only shown, so a token without it is saved too.
    pub expires_at: Option<String>,
}

/// The saved user, as far as its machines are concerned.
#[derive(Debug, Deserialize)]
pub struct PersonalTenant {
    /// The id of the user.
    pub id: Id,
    /// The tenant that holds the user's machines. Only users of customers have one.
    pub personal_tenant_id: Option<Id>,
}

/// A tenant as version 1 of the API describes it, the response of `GET /api/1/groups/{id}`.
#[derive(Debug, Deserialize)]
pub struct Group {
    /// The number of the tenant.
    pub id: i64,
}

#[cfg(test)]
mod tests {
    use common::json::object_from_str;

    use super::*;

    const AGENT: &str = r#"{"hostname":"pc-1.example","online":true,"platform":{"name":"Windows 11"},
        "core_version":{"current":{"release_id":"25.1"}},"tenant":{"id":"64","name":"ACME"}}"#;

    #[test]
    fn a_row_shows_host_system_version_online_and_tenant() {
        let agent: Agent = object_from_str(AGENT).unwrap();
        assert_eq!(
            agent.row(),
            ["pc-1.example", "Windows 11", "25.1", "yes", "ACME"]
        );
    }
}
