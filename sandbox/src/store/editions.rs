//! Switching a tenant from one edition of a service to another.

use std::collections::BTreeSet;

use rusqlite::{Connection, Transaction, params};
use serde_json::json;

use super::offering_items::{self, Change, Offered, Quota, place};
use super::tenants::Tenant;
use crate::catalogue::{self, Item};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Code, Id, Result};

/// What a switch would do.
#[derive(Debug)]
pub(crate) struct Plan {
    /// What one should know before.
    pub warnings: Vec<&'static str>,
    changes: Vec<Change>,
    /// Old and new name of what is counted on, with the storage.
    renamed: Vec<(String, String, Option<Id>)>,
}

/// Works out a switch; refused if the parent does not offer what it takes.
pub(crate) fn plan(
    db: &Connection,
    tenant: &Tenant,
    application: Id,
    edition: &str,
) -> Result<Plan> {
    let refuse = |info: String| Err(ApiError::about(Code::BusinessRules, tenant.id, info));
    if !catalogue::editions(Some(application)).contains(&edition) {
        return refuse(format!(
            "Application {application} has no edition {edition:?}."
        ));
    }
    if !catalogue::buys_for_itself(tenant.kind) {
        return refuse(format!(
            "A {} may have all editions at once.",
            tenant.kind.as_str()
        ));
    }
    let has = offering_items::of_tenant(db, tenant.id)?;
    let offered = offering_items::available_for_child(db, tenant.parent_id, tenant.kind)?;
    let target = Target {
        application,
        edition,
        tenant,
        has: &has,
        offered: &offered,
    };
    target.plan()
}

/// Switches: old items go off, their counterparts on, with their quotas and what is used of them.
pub(crate) fn switch(
    tx: &Transaction<'_>,
    tenant: &Tenant,
    plan: &Plan,
    now: Timestamp,
) -> Result<Vec<Offered>> {
    let items = offering_items::set(tx, tenant, &plan.changes, false, now)?;
    for (old, new, infra_id) in &plan.renamed {
        // Several old items may count on as one.
        tx.prepare_cached(
            "INSERT INTO usages (tenant_id, application_id, name, infra_id, base_value, daily_growth, since)
             SELECT tenant_id, application_id, ?1, infra_id, base_value, daily_growth, since
             FROM usages WHERE tenant_id = ?2 AND name = ?3 AND infra_id = ?4
             ON CONFLICT DO UPDATE SET base_value = base_value + excluded.base_value,
                 daily_growth = daily_growth + excluded.daily_growth",
        )?
        .execute(params![new, tenant.id, old, place(*infra_id)])?;
        tx.prepare_cached("DELETE FROM usages WHERE tenant_id = ? AND name = ? AND infra_id = ?")?
            .execute(params![tenant.id, old, place(*infra_id)])?;
    }
    Ok(items.into_iter().filter(|item| item.on).collect())
}

/// Where a switch leads, and from where.
struct Target<'a> {
    application: Id,
    edition: &'a str,
    tenant: &'a Tenant,
    has: &'a [Offered],
    offered: &'a [Offered],
}

impl Target<'_> {
    fn plan(&self) -> Result<Plan> {
        let leaving: Vec<&Offered> = self
            .has
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
            let mut quota = carried(old);
            for item in [Some(item), needed(item)].into_iter().flatten() {
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
                    "The parent of tenant {} does not offer all of it.",
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

    /// What counts the same in the new edition.
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

    /// A quota that is carried over, under the version that the new item has now.
    fn quota(&self, new: &Offered, carried: Option<Quota>) -> Option<Quota> {
        let current = self
            .has
            .iter()
            .find(|old| old.item.position == new.item.position && old.infra_id == new.infra_id)
            .map_or(0, |old| old.quota.version);
        carried.map(|quota| Quota {
            version: current,
            ..quota
        })
    }
}

/// Quotas of packs are not carried over.
fn carried(old: &Offered) -> Option<Quota> {
    let is_pack = old.item.usage_name.starts_with("pack_");
    (old.quota.value.is_some() && !is_pack).then_some(old.quota)
}

fn needed(item: &Item) -> Option<&'static Item> {
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
