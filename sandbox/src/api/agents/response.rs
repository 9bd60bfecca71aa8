//! The JSON of agents.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::domain::Id;
use crate::store::agents::{self, Agent, NEWEST_BUILD};
#[derive(Debug, Serialize)]
pub(super) struct AgentResponse {
    id: Id,
    name: String,
    hostname: String,
    online: bool,
    enabled: bool,
    registration_id: String,
    registration_date: String,
    timezone: &'static str,
    auto_update: bool,
    tenant: Tenant,
    platform: Platform,
    core_version: Versions<SoftwareVersion>,
    installer_version: Versions<InstallerVersion>,
    units: Vec<Unit>,
    meta: Meta,
}

#[derive(Debug, Serialize)]
struct Tenant {
    id: String,
    name: String,
}

#[derive(Debug, Serialize)]
struct Platform {
    family: String,
    arch: &'static str,
    name: String,
    version_major: i64,
    version_minor: i64,
}

/// The installed version, and the newest one if it differs.
#[derive(Debug, Serialize)]
struct Versions<V> {
    current: V,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest: Option<V>,
}

impl<V: From<i64>> Versions<V> {
    fn new(build: i64) -> Self {
        Self {
            current: build.into(),
            latest: (build < NEWEST_BUILD).then(|| NEWEST_BUILD.into()),
        }
    }
}

#[derive(Debug, Serialize)]
struct SoftwareVersion {
    release_id: String,
    build: String,
}

impl From<i64> for SoftwareVersion {
    fn from(build: i64) -> Self {
        Self {
            release_id: format!("25.{}", build / 1000),
            build: build.to_string(),
        }
    }
}

#[derive(Debug, Serialize)]
struct InstallerVersion {
    major: i64,
    minor: i64,
    build_number: i64,
}

impl From<i64> for InstallerVersion {
    fn from(build: i64) -> Self {
        Self {
            major: 25,
            minor: build / 1000,
            build_number: build,
        }
    }
}

#[derive(Debug, Serialize)]
struct Unit {
    name: &'static str,
    version: Versions<SoftwareVersion>,
}

/// An empty object.
#[derive(Debug, Serialize)]
struct Meta {}

impl From<Agent> for AgentResponse {
    fn from(agent: Agent) -> Self {
        let units = agents::units(&agent.family)
            .iter()
            .map(|name| Unit {
                name,
                version: Versions::new(agent.build),
            })
            .collect();
        let (version_major, version_minor) = match agent.family.as_str() {
            "WINDOWS" => (10, 0),
            "MACOSX" => (15, 5),
            _ => (24, 4),
        };
        let name = agent.hostname.split('.').next().unwrap_or_default();
        Self {
            id: agent.id,
            name: name.to_owned(),
            online: agent.online,
            enabled: true,
            registration_id: agent.id.to_string().replace('-', ""),
            registration_date: rfc1123(agent.registered_at),
            timezone: "UTC",
            auto_update: agent.build == NEWEST_BUILD,
            tenant: Tenant {
                id: agent.tenant_number.to_string(),
                name: agent.tenant_name,
            },
            platform: Platform {
                family: agent.family,
                arch: "X64",
                name: agent.system,
                version_major,
                version_minor,
            },
            core_version: Versions::new(agent.build),
            installer_version: Versions::new(agent.build),
            units,
            meta: Meta {},
            hostname: agent.hostname,
        }
    }
}

/// RFC 1123 with a numeric zone, which the platform uses for this field.
fn rfc1123(at: Timestamp) -> String {
    at.civil()
        .strftime("%a, %d %b %Y %H:%M:%S +0000")
        .to_string()
}
