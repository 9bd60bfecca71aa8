//! The protection plans of a customer: one that is applied to most machines, and one that is not applied.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::SeedOptions;
use crate::clock::Timestamp;
use crate::domain::{Id, Result};
use crate::store::plans::schema::NewPolicy;
use crate::store::plans::{BACKUP, ROOT, applications, policies, runs};
use crate::store::resources;
use crate::store::tenants::Tenant;

/// An applied plan.
#[derive(Clone, Debug)]
pub(crate) struct Applied {
    /// The backup policy.
    pub backup_id: Id,
    pub name: String,
    /// The root policy.
    pub plan_id: Id,
    pub machines: Vec<resources::Machine>,
    pub last_run: Timestamp,
    /// The number of runs.
    pub run_count: i64,
}

/// The names of an applied and of an unapplied plan, and the hour of the backup.
const PLANS: [(&str, &str, i64); 4] = [
    (
        "Nightly backup of all machines",
        "Servers, kept for a year",
        21,
    ),
    ("Whole machines to the cloud", "Laptops on the road", 22),
    ("Daily protection", "Archive at the end of the week", 20),
    ("Workstations and servers", "Second copy", 23),
];
const EVERY_DAY: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const FRIDAY: [&str; 1] = ["fri"];
const DAY: i64 = 24 * 60 * 60 * 1000;
const HOUR: i64 = 60 * 60 * 1000;

/// Adds two plans to a customer, chosen by the number of the tenant.
pub(crate) fn seed(
    db: &Connection,
    tenant: &Tenant,
    options: &SeedOptions,
    since: Timestamp,
) -> Result<Applied> {
    let index = usize::try_from(tenant.number).unwrap_or_default() % PLANS.len();
    let [first, ..] = PLANS;
    let (applied, unused, hour) = PLANS.get(index).copied().unwrap_or(first);
    let since = since.plus_millis(DAY);
    insert(db, tenant, unused, (hour - 2, &FRIDAY), since)?;
    let (plan_id, backup_id) = insert(db, tenant, applied, (hour, &EVERY_DAY), since)?;

    let mut machines = resources::machines_of(db, &tenant.path, options.now)?;
    // Every fifth machine is unprotected.
    let mut number = 0;
    machines.retain(|_| {
        number += 1;
        number % 5 != 0
    });
    let last_run = last_run(options.now, hour);
    let run_count = (last_run.millis() - since.millis()).div_euclid(DAY).max(1);
    for machine in &machines {
        applications::put(db, plan_id, machine, machine.id, true, since)?;
        runs::seed(db, plan_id, machine.id, (run_count, last_run))?;
    }
    Ok(Applied {
        backup_id,
        name: applied.to_owned(),
        plan_id,
        machines,
        last_run,
        run_count,
    })
}

/// The most recent start of this hour of the day that is at least an hour ago, so that a backup has ended since.
fn last_run(now: Timestamp, hour: i64) -> Timestamp {
    let midnight = now.millis().div_euclid(DAY) * DAY;
    let today = Timestamp::from_millis(midnight + hour * HOUR);
    if today.plus_millis(HOUR) <= now {
        return today;
    }
    today.plus_millis(-DAY)
}

fn insert(
    db: &Connection,
    tenant: &Tenant,
    name: &str,
    (hour, weekdays): (i64, &[&str]),
    since: Timestamp,
) -> Result<(Id, Id)> {
    let named = |what: &str| Id::named(&format!("{what} {name} of {}", tenant.name));
    let (plan, backup, patches) = (named("plan"), named("backup"), named("patches"));
    let settings = json!({
        "archive": { "name": "[Machine Name]-[Plan ID]-[Unique ID]A" },
        "compression": "normal",
        "format": "auto",
        "vault": { "type": "cloud", "use_policy_credentials": true },
        "retention": {
            "after_backup": true,
            "rules": [{ "backup_set": ["daily"], "max_age": { "type": "days", "count": 30 } }],
        },
        "scheduling": {
            "enabled": true,
            "scheme": "always_incremental",
            "weekly_backup_day": "mon",
            "backup_sets": [{
                "type": "auto",
                "schedule": {
                    "type": "weekly",
                    "prevent_sleep": true,
                    "conditions": {},
                    "alarms": {
                        "time": { "weekdays": weekdays, "repeat_at": [{ "hour": hour, "minute": 0 }] },
                    },
                },
            }],
        },
        "alerts": { "enabled": true, "max_days_without_backup": 5 },
        "cbt": "enable_and_use",
    });
    let policies: [(Id, Value); 3] = [
        (
            plan,
            json!({ "type": ROOT, "name": name, "enabled": true, "origin": "upstream" }),
        ),
        (
            backup,
            json!({
                "type": BACKUP,
                "enabled": true,
                "origin": "upstream",
                "parent_ids": [plan],
                "settings_schema": "2.0",
                "settings": settings,
            }),
        ),
        (
            patches,
            json!({
                "type": "policy.security.patch_management",
                "enabled": true,
                "origin": "upstream",
                "parent_ids": [plan],
            }),
        ),
    ];
    for (id, policy) in &policies {
        let policy = NewPolicy::parse(policy)?;
        policies::insert(db, (*id, plan), tenant.id, &policy, since)?;
    }
    Ok((plan, backup))
}
