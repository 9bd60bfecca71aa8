//! What a policy may look like: fields, types and words, as the platform documents them.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{BACKUP, ROOT};
use crate::domain::{ApiError, Id, Result};

/// The types of policies that the platform documents.
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

/// A policy that comes in. What is not here is kept as it is, or refused if the server alone decides it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct NewPolicy {
    pub id: Option<Id>,
    #[serde(rename = "type")]
    pub policy_type: String,
    pub name: Option<String>,
    #[serde(rename = "comment")]
    _comment: Option<String>,
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
    #[serde(rename = "ttl")]
    _ttl: Option<i64>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Origin {
    Upstream,
    Local,
}

impl NewPolicy {
    /// Reads a policy; 400 where a field is missing or of the wrong type, 422 where it cannot be carried out.
    pub(crate) fn read(policy: &Value) -> Result<NewPolicy> {
        for field in ["tags", "run_args", "settings_constraints"] {
            if policy.get(field).is_some() {
                return Err(ApiError::bad(format!(
                    "{field}: not to be set by a caller."
                )));
            }
        }
        let read = NewPolicy::deserialize(policy)
            .map_err(|error| ApiError::bad(format!("A policy cannot be used: {error}.")))?;
        if let Some(version) = &read.settings_schema {
            let parts: Vec<&str> = version.split('.').collect();
            let number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            if parts.len() != 2 || !parts.iter().all(number) {
                let info = format!("settings_schema: {version:?} is no version such as 2.0.");
                return Err(ApiError::bad(info));
            }
        }
        if !TYPES.contains(&read.policy_type.as_str()) {
            let info = format!("There is no policy of the type {:?}.", read.policy_type);
            return Err(ApiError::blocked("UnsupportedPolicyType", info));
        }
        match read.policy_type.as_str() {
            ROOT if read.name.as_deref().unwrap_or("").trim().is_empty() => {
                Err(ApiError::bad(format!("name: a {ROOT} needs one.")))
            }
            BACKUP => {
                if read.settings_schema.as_deref() != Some("2.0") {
                    return Err(ApiError::bad(format!(
                        "settings_schema: a {BACKUP} needs \"2.0\"."
                    )));
                }
                let Some(settings) = &read.settings else {
                    return Err(ApiError::bad(format!("settings: a {BACKUP} needs some.")));
                };
                check_settings(&Value::Object(settings.clone()))?;
                Ok(read)
            }
            _ => Ok(read),
        }
    }
}

/// Refuses settings of a backup that the platform could not carry out. Keys that are unknown here are not looked at.
pub(crate) fn check_settings(settings: &Value) -> Result<()> {
    BackupSettings::deserialize(settings).map_err(|error| {
        ApiError::blocked(
            "SchemaValidationError",
            format!("The settings of a {BACKUP} cannot be used: {error}."),
        )
    })?;
    Ok(())
}

macro_rules! words {
    ($($name:ident { $($word:ident),+ $(,)? })+) => {
        $(
            #[derive(Debug, Deserialize)]
            #[serde(rename_all = "snake_case")]
            enum $name { $($word),+ }
        )+
    };
}

words! {
    Compression { Normal, High, Max }
    Cbt { UseIfEnabled, EnableAndUse, DoNotUse }
    Provider { Native, TargetSystemDefined }
    Unit { Seconds, Minutes, Hours, Days, Weeks, Months }
    Weekday { Mon, Tue, Wed, Thu, Fri, Sat, Sun }
    Scheme {
        Simple, AlwaysFull, AlwaysIncremental, WeeklyIncremental, WeeklyFullDailyIncremental, Custom, Cdp,
    }
    Place {
        LocalFolder, NetworkShare, Ftp, Sftp, Cd, Tape, StorageNode, Asz, Removable, Cloud, NfsShare, Esx, Astorage2,
        Script,
    }
}

#[derive(Debug, Deserialize)]
enum Format {
    #[serde(rename = "11")]
    Eleven,
    #[serde(rename = "12")]
    Twelve,
    #[serde(rename = "auto")]
    Auto,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct BackupSettings {
    compression: Option<Compression>,
    format: Option<Format>,
    multi_volume_snapshotting_enabled: Option<bool>,
    preserve_file_security_settings: Option<bool>,
    reattempts: Option<Retry>,
    silent_mode_enabled: Option<bool>,
    splitting: Option<Splitting>,
    vm_snapshot_reattempts: Option<Retry>,
    vss: Option<Vss>,
    archive: Option<Archive>,
    performance_window: Option<PerformanceWindow>,
    retention: Option<Retention>,
    vault: Option<Vault>,
    alerts: Option<Alerts>,
    scheduling: Option<Scheduling>,
    cbt: Option<Cbt>,
    fast_backup_enabled: Option<bool>,
    quiesce_snapshotting_enabled: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct Duration {
    #[serde(rename = "type")]
    unit: Option<Unit>,
    count: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct Retry {
    enabled: Option<bool>,
    interval: Option<Duration>,
    max_attempts: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct Splitting {
    size: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct Vss {
    enabled: Option<bool>,
    provider: Option<Provider>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct Archive {
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct PerformanceWindow {
    enabled: Option<bool>,
    presets: Option<Vec<Map<String, Value>>>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct Retention {
    after_backup: Option<bool>,
    rules: Option<Vec<Rule>>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct Rule {
    backup_set: Option<Vec<String>>,
    max_age: Option<Duration>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct Vault {
    #[serde(rename = "type")]
    place: Option<Place>,
    use_policy_credentials: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct Alerts {
    enabled: Option<bool>,
    max_days_without_backup: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct Scheduling {
    enabled: Option<bool>,
    scheme: Option<Scheme>,
    max_parallel_backups: Option<i64>,
    rand_max_delay: Option<Duration>,
    task_failure: Option<Retry>,
    weekly_backup_day: Option<Weekday>,
    backup_sets: Option<Vec<BackupSet>>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct BackupSet {
    #[serde(rename = "type")]
    set_type: Option<String>,
    schedule: Option<Schedule>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct Schedule {
    #[serde(rename = "type")]
    schedule_type: Option<String>,
    prevent_sleep: Option<bool>,
    conditions: Option<Map<String, Value>>,
    alarms: Option<Alarms>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct Alarms {
    time: Option<Time>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct Time {
    weekdays: Option<Vec<Weekday>>,
    repeat_at: Option<Vec<TimeOfDay>>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be checked, and kept as it came")]
struct TimeOfDay {
    hour: Option<i64>,
    minute: Option<i64>,
}
