//! Edition switches.

use std::collections::BTreeSet;

use rusqlite::{Connection, Transaction, params};
use serde_json::json;

use super::offering_items::{self, Change, Offered, Quota, infra_key};
use super::tenants::Tenant;
use crate::catalogue::{self, Item};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Code, Id, Result};

/// A planned edition switch.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The warnings to show before the switch.
    pub warnings: Vec<&'static str>,
    changes: Vec<Change>,
    /// Old name, new name and storage of the items whose usage is carried over.
    renamed: Vec<(String, String, Option<Id>)>,
}

/// Plans an edition switch.
///
/// # Errors
/// 400 if the switch is not possible, for example because the parent does not offer the new items.
pub(crate) fn plan(
    db: &Connection,
    tenant: &Tenant,
    application: Id,
    edition: &str,
) -> Result<Plan> {
    let reject = |info: String| Err(ApiError::about(Code::BusinessRules, tenant.id, info));
    if !catalogue::editions(Some(application)).contains(&edition) {
        return reject(format!(
            "Application {application} has no edition {edition:?}."
        ));
    }
    if !catalogue::uses_items(tenant.kind) {
        return reject(format!(
            "A {} can have several editions and does not need to switch.",
            tenant.kind.as_str()
        ));
    }
    let current = offering_items::of_tenant(db, tenant.id)?;
    let offered = offering_items::available_for_child(db, tenant.parent_id, tenant.kind)?;
    let target = Target {
        application,
        edition,
        tenant,
        current: &current,
        offered: &offered,
    };
    target.plan()
}

/// Executes a switch: disables the old items and enables their counterparts, with their quotas and usage.
pub(crate) fn switch(
    tx: &Transaction<'_>,
    tenant: &Tenant,
    plan: &Plan,
    now: Timestamp,
) -> Result<Vec<Offered>> {
    let items = offering_items::update(tx, tenant, &plan.changes, false, now)?;
    for (old, new, infra_id) in &plan.renamed {
        // The usage of several old items may become that of one new item.
        tx.prepare_cached(
            "INSERT INTO usages (tenant_id, application_id, name, infra_id, base_value, daily_growth, since)
             SELECT tenant_id, application_id, ?1, infra_id, base_value, daily_growth, since
             FROM usages WHERE tenant_id = ?2 AND name = ?3 AND infra_id = ?4
             ON CONFLICT DO UPDATE SET base_value = base_value + excluded.base_value,
                 daily_growth = daily_growth + excluded.daily_growth",
        )?
        .execute(params![new, tenant.id, old, infra_key(*infra_id)])?;
        tx.prepare_cached("DELETE FROM usages WHERE tenant_id = ? AND name = ? AND infra_id = ?")?
            .execute(params![tenant.id, old, infra_key(*infra_id)])?;
    }
    Ok(items.into_iter().filter(|item| item.on).collect())
}

/// The switch to plan: the tenant, the new edition, and the items of the tenant and of its parent.
struct Target<'a> {
    application: Id,
    edition: &'a str,
    tenant: &'a Tenant,
    current: &'a [Offered],
    offered: &'a [Offered],
}

impl Target<'_> {
    fn plan(&self) -> Result<Plan> {
        let leaving: Vec<&Offered> = self
            .current
            .iter()
            .filter(|old| old.on && old.item.application_id == self.application)
            .filter(|old| {
                old.item
                    .edition
                    .is_some_and(|edition| edition != self.edition)
            })
            .collect();
        let mut changes: Vec<Change> = leaving.iter().map(|old| change(old, false, None)).collect();
        let mut renamed = Vec::new();
        let mut arriving = BTreeSet::new();
        let mut missing = BTreeSet::new();
        let mut features_lost = false;
        for old in &leaving {
            let Some(item) = self.counterpart(old.item) else {
                features_lost = true;
                continue;
            };
            renamed.push((old.item.name.clone(), item.name.clone(), old.infra_id));
            let mut quota = carried_quota(old);
            for item in [Some(item), dependency(item)].into_iter().flatten() {
                if !arriving.insert((item.position, old.infra_id)) {
                    continue;
                }
                match self.offer(item, old.infra_id) {
                    Some(new) => changes.push(change(new, true, self.quota(new, quota.take()))),
                    None => {
                        missing.insert(item.name.as_str());
                    }
                }
            }
        }
        if !missing.is_empty() {
            return Err(ApiError::Platform {
                code: Code::ItemUnavailable,
                info: format!(
                    "The parent of tenant {} does not offer all required items.",
                    self.tenant.id
                ),
                context: json!({ "id": self.tenant.id, "offering_items": missing }),
            });
        }
        let new_features = self.offered.iter().any(|new| {
            self.is_sold(new.item) && !arriving.contains(&(new.item.position, new.infra_id))
        });
        let warnings = [
            (features_lost, "OldFeaturesBecomeUnavailable"),
            (new_features, "NewFeaturesBecomeAvailable"),
            (!leaving.is_empty(), "AllDevicesWithBackupsPreserved"),
            (!leaving.is_empty(), "UsageStatisticsWillMigrate"),
        ];
        Ok(Plan {
            warnings: warnings
                .into_iter()
                .filter_map(|(holds, warning)| holds.then_some(warning))
                .collect(),
            changes,
            renamed,
        })
    }

    fn is_sold(&self, item: &Item) -> bool {
        item.application_id == self.application && item.edition == Some(self.edition)
    }

    /// The item of the new edition that measures the same usage.
    fn counterpart(&self, old: &Item) -> Option<&'static Item> {
        catalogue::items().iter().find(|item| {
            self.is_sold(item)
                && item.usage_name == old.usage_name
                && item.capability == old.capability
                && item.suits_kind(self.tenant.kind)
        })
    }

    fn offer(&self, item: &Item, infra_id: Option<Id>) -> Option<&Offered> {
        self.offered
            .iter()
            .find(|new| new.item.position == item.position && new.infra_id == infra_id)
    }

    /// The quota to carry over, with the current version of the new item.
    fn quota(&self, new: &Offered, carried: Option<Quota>) -> Option<Quota> {
        let version = self
            .current
            .iter()
            .find(|old| old.item.position == new.item.position && old.infra_id == new.infra_id)
            .map_or(0, |old| old.quota.version);
        carried.map(|quota| Quota { version, ..quota })
    }
}

/// The quota to carry over. Quotas of packs are not carried over.
fn carried_quota(old: &Offered) -> Option<Quota> {
    let is_pack = old.item.usage_name.starts_with("pack_");
    (old.quota.value.is_some() && !is_pack).then_some(old.quota)
}

/// The item that an item depends on.
fn dependency(item: &Item) -> Option<&'static Item> {
    catalogue::item(item.application_id, item.needs.as_deref()?)
}

fn change(offered: &Offered, on: bool, quota: Option<Quota>) -> Change {
    Change {
        application_id: offered.item.application_id,
        name: offered.item.name.clone(),
        infra_id: offered.infra_id,
        on,
        quota,
    }
}
