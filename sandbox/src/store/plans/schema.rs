//! The fields, types and enum values of policies, as the platform documents them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::backup_settings::check_settings;
use super::{BACKUP, ROOT};
use crate::domain::{ApiError, Id, Result};

/// The documented types of policies.
const TYPES: &[&str] = &[
    ROOT,
    BACKUP,
    "policy.security.active_protection",
    "policy.security.antimalware_protection",
    "policy.security.backups_scanning",
    "policy.security.data_protection_map",
    "policy.security.microsoft_security_essentials",
    "policy.security.patch_management",
    "policy.security.url_filtering",
    "policy.security.vulnerability_assessment",
    "policy.security.windows_defender",
];

/// A policy to be created. Unknown fields are ignored; fields that only the server sets are rejected.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct NewPolicy {
    pub id: Option<Id>,
    #[serde(rename = "type")]
    pub policy_type: String,
    pub name: Option<String>,
    pub comment: Option<String>,
    pub enabled: bool,
    pub origin: Origin,
    #[serde(default)]
    pub parent_ids: Vec<Id>,
    pub settings: Option<Map<String, Value>>,
    pub settings_schema: Option<String>,
    pub default: Option<bool>,
    pub favorite: Option<bool>,
    pub favorite_order: Option<i64>,
    pub template: Option<bool>,
    pub temporary: Option<bool>,
    pub ttl: Option<i64>,
}

/// The part of a policy that is stored as JSON.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct PolicyDetails {
    pub origin: Origin,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parent_ids: Vec<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings_schema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<i64>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Origin {
    Upstream,
    Local,
}

impl NewPolicy {
    /// Parses a policy; 400 if a field is missing or has the wrong type, 422 if the values are not supported.
    pub(crate) fn parse(policy: &Value) -> Result<Self> {
        for field in ["tags", "run_args", "settings_constraints"] {
            if policy.get(field).is_some() {
                return Err(ApiError::bad(format!(
                    "{field}: callers cannot set this field."
                )));
            }
        }
        if !policy.is_object() {
            return Err(ApiError::bad("subject.policy: a policy must be an object."));
        }
        let parsed = Self::deserialize(policy)
            .map_err(|error| ApiError::bad(format!("subject.policy: {error}.")))?;
        if let Some(version) = &parsed.settings_schema {
            let parts: Vec<&str> = version.split('.').collect();
            let number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            if parts.len() != 2 || !parts.iter().all(number) {
                let info = format!("settings_schema: {version:?} is not a version such as 2.0.");
                return Err(ApiError::bad(info));
            }
        }
        if !TYPES.contains(&parsed.policy_type.as_str()) {
            let info = format!(
                "Policies of type {:?} are not supported.",
                parsed.policy_type
            );
            return Err(ApiError::blocked("UnsupportedPolicyType", info));
        }
        match parsed.policy_type.as_str() {
            ROOT if parsed.name.as_deref().unwrap_or("").trim().is_empty() => Err(ApiError::bad(
                format!("name: a policy of type {ROOT} requires a name."),
            )),
            BACKUP => {
                if parsed.settings_schema.as_deref() != Some("2.0") {
                    return Err(ApiError::bad(format!(
                        "settings_schema: a policy of type {BACKUP} requires \"2.0\"."
                    )));
                }
                let Some(settings) = &parsed.settings else {
                    return Err(ApiError::bad(format!(
                        "settings: a policy of type {BACKUP} requires settings."
                    )));
                };
                check_settings(&Value::Object(settings.clone()))?;
                Ok(parsed)
            }
            _ => Ok(parsed),
        }
    }

    /// The part that is stored as JSON.
    pub(crate) fn details(&self) -> PolicyDetails {
        PolicyDetails {
            origin: self.origin,
            parent_ids: self.parent_ids.clone(),
            comment: self.comment.clone(),
            settings_schema: self.settings_schema.clone(),
            ttl: self.ttl,
        }
    }
}
