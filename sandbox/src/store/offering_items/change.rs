//! Changing the offering items of a tenant.

use std::collections::BTreeSet;

use rusqlite::{Transaction, params};

use super::row::{Offered, Quota, infra_key, key, load, save};
use super::rules::{ensure_available, ensure_dependencies, ensure_single_choice, new_quota};
use crate::catalogue::{self, Item, ItemType};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Code, Id, Result};
use crate::store::tenants::{self, Tenant};
use crate::store::{applications, usage};

/// A change to an item of a tenant.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// The application of the item.
    pub application_id: Id,
    /// The name of the item.
    pub name: String,
    /// The storage, for items that have one.
    pub infra_id: Option<Id>,
    /// Whether to enable the item.
    pub on: bool,
    /// The new quota; `None` means unchanged.
    pub quota: Option<Quota>,
}

/// Changes items of a tenant. Returns the changed items in the order of `changes`.
pub(crate) fn update(
    tx: &Transaction<'_>,
    tenant: &Tenant,
    changes: &[Change],
    check_usage: bool,
    now: Timestamp,
) -> Result<Vec<Offered>> {
    let before = load(tx, tenant.id)?;
    let parent_items = load(tx, tenant.parent_id)?;
    let mut after = before.clone();
    let mut changed = Vec::with_capacity(changes.len());
    let mut seen = BTreeSet::new();
    for change in changes {
        let item = catalogue_item(change)?;
        let key = (item.position, change.infra_id);
        if !seen.insert(key) {
            return Err(ApiError::bad(format!("{} appears twice.", item.name)));
        }
        let old = before.get(&key);
        let new = apply(tenant, change, item, old, parent_items.get(&key), now)?;
        changed.push(new);
        // Disabling an item that was never enabled has no effect.
        if new.on || old.is_some() {
            after.insert(key, new);
        }
    }
    ensure_dependencies(tenant, &after)?;
    if catalogue::uses_items(tenant.kind) {
        ensure_single_choice(tenant, &after)?;
    }
    for offered in &changed {
        let old = before.get(&key(offered));
        if old.is_some_and(|old| old.on) && !offered.on {
            disable_below(tx, tenant, offered, check_usage, now)?;
        }
        save(tx, tenant.id, offered, old)?;
        if offered.on {
            applications::add(tx, tenant.id, offered.item.application_id)?;
        }
    }
    Ok(changed)
}

/// Finds the catalogue item of a change.
fn catalogue_item(change: &Change) -> Result<&'static Item> {
    let name = &change.name;
    let item = catalogue::item(change.application_id, name).ok_or_else(|| {
        ApiError::about(
            Code::ItemUnavailable,
            change.application_id,
            format!("The application has no offering item {name}."),
        )
    })?;
    match (item.capability, change.infra_id) {
        (Some(_), None) => Err(ApiError::bad(format!("{name} requires an infra_id."))),
        (None, Some(_)) => Err(ApiError::bad(format!(
            "{name} has no storage, so infra_id is not allowed."
        ))),
        _ => Ok(item),
    }
}

/// The item after the change.
fn apply(
    tenant: &Tenant,
    change: &Change,
    item: &'static Item,
    old: Option<&Offered>,
    offer: Option<&Offered>,
    now: Timestamp,
) -> Result<Offered> {
    let was_on = old.is_some_and(|old| old.on);
    if change.on {
        ensure_available(tenant, item, was_on, offer)?;
    }
    let current = old.map(|old| old.quota).unwrap_or_default();
    let quota = match change.quota {
        Some(quota) => new_quota(tenant, item, quota, current, offer, now)?,
        None => current,
    };
    let new = Offered {
        item,
        infra_id: change.infra_id,
        on: change.on,
        quota: if change.on { quota } else { Quota::default() },
        updated_at: now,
    };
    Ok(match old {
        Some(old) if old.on == new.on && old.quota == new.quota => *old,
        _ => new,
    })
}

/// Disables an item in all descendants. A storage that a descendant uses cannot be disabled.
fn disable_below(
    tx: &Transaction<'_>,
    tenant: &Tenant,
    offered: &Offered,
    check_usage: bool,
    now: Timestamp,
) -> Result<()> {
    let item = offered.item;
    let usage = || usage::of_item(tx, tenant, item, offered.infra_id, now);
    if check_usage && usage()? > 0 {
        let code = match item.item_type {
            ItemType::Infra => Code::StorageInUse,
            _ => Code::BusinessRules,
        };
        let info = format!("{} is in use.", item.name);
        return Err(ApiError::about(code, tenant.id, info));
    }
    let last = tenants::path_end(&tenant.path);
    let below = params![
        item.application_id,
        item.name,
        infra_key(offered.infra_id),
        tenant.path,
        last,
        now
    ];
    if item.item_type == ItemType::Infra {
        let children: i64 = tx
            .prepare_cached(
                "SELECT count(*) FROM offering_items o JOIN tenants t ON t.id = o.tenant_id
                 WHERE application_id = ?1 AND o.name = ?2 AND infra_id = ?3 AND status = 1
                 AND t.path > ?4 AND t.path < ?5 AND t.deleted_at IS NULL AND ?6 = ?6",
            )?
            .query_row(below, |row| row.get(0))?;
        if children > 0 {
            let info = format!("{} is enabled in {children} descendants.", item.name);
            return Err(ApiError::about(Code::StorageUsedByChild, tenant.id, info));
        }
    }
    tx.prepare_cached(
        "UPDATE offering_items SET status = 0, quota_value = NULL, quota_overage = NULL,
         quota_version = 0, updated_at = ?6
         WHERE application_id = ?1 AND name = ?2 AND infra_id = ?3 AND status = 1
         AND tenant_id IN (SELECT id FROM tenants WHERE path > ?4 AND path < ?5)",
    )?
    .execute(below)?;
    Ok(())
}
