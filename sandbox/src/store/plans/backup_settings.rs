//! The schema of backup settings, as the platform documents it.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::BACKUP;
use crate::domain::{ApiError, Result};

/// Rejects backup settings that the platform does not support. Unknown fields are ignored.
pub(super) fn check_settings(settings: &Value) -> Result<()> {
    BackupSettings::deserialize(settings).map_err(|error| {
        ApiError::blocked(
            "SchemaValidationError",
            format!("The settings of the {BACKUP} policy are invalid: {error}."),
        )
    })?;
    Ok(())
}

macro_rules! string_enums {
    ($($name:ident { $($word:ident),+ $(,)? })+) => {
        $(
            #[derive(Debug, Deserialize)]
            #[serde(rename_all = "snake_case")]
            enum $name { $($word),+ }
        )+
    };
}

string_enums! {
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
#[expect(dead_code, reason = "parsed for validation only")]
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
#[expect(dead_code, reason = "parsed for validation only")]
struct Duration {
    #[serde(rename = "type")]
    unit: Option<Unit>,
    count: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "parsed for validation only")]
struct Retry {
    enabled: Option<bool>,
    interval: Option<Duration>,
    max_attempts: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "parsed for validation only")]
struct Splitting {
    size: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "parsed for validation only")]
struct Vss {
    enabled: Option<bool>,
    provider: Option<Provider>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "parsed for validation only")]
struct Archive {
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "parsed for validation only")]
struct PerformanceWindow {
    enabled: Option<bool>,
    presets: Option<Vec<Map<String, Value>>>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "parsed for validation only")]
struct Retention {
    after_backup: Option<bool>,
    rules: Option<Vec<Rule>>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "parsed for validation only")]
struct Rule {
    backup_set: Option<Vec<String>>,
    max_age: Option<Duration>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "parsed for validation only")]
struct Vault {
    #[serde(rename = "type")]
    place: Option<Place>,
    use_policy_credentials: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "parsed for validation only")]
struct Alerts {
    enabled: Option<bool>,
    max_days_without_backup: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "parsed for validation only")]
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
#[expect(dead_code, reason = "parsed for validation only")]
struct BackupSet {
    #[serde(rename = "type")]
    set_type: Option<String>,
    schedule: Option<Schedule>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "parsed for validation only")]
struct Schedule {
    #[serde(rename = "type")]
    schedule_type: Option<String>,
    prevent_sleep: Option<bool>,
    conditions: Option<Map<String, Value>>,
    alarms: Option<Alarms>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "parsed for validation only")]
struct Alarms {
    time: Option<Time>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "parsed for validation only")]
struct Time {
    weekdays: Option<Vec<Weekday>>,
    repeat_at: Option<Vec<TimeOfDay>>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "parsed for validation only")]
struct TimeOfDay {
    hour: Option<i64>,
    minute: Option<i64>,
}
