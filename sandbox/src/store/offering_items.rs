//! Offering items of tenants: what is on, with which quota, and what a child may have.
//!
//! The catalogue says what an item is; a row says only that a tenant has, or once had, it.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Transaction, params};
use serde::Serialize;

use super::tenants::{self, Tenant};
use super::{applications, usage};
use crate::catalogue::{self, Item, ItemType};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Code, Id, Result, TenantKind};

/// How much of an item a tenant may use.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub(crate) struct Quota {
    /// The soft limit; none: unlimited.
    pub value: Option<i64>,
    /// What is allowed above it; none: as much as one likes.
    pub overage: Option<i64>,
    /// 0 without a limit, else a millisecond stamp; a change must name the current one.
    pub version: i64,
}

impl Quota {
    /// Beyond this nothing works any more.
    fn hard_limit(self) -> Option<i64> {
        Some(self.value?.saturating_add(self.overage?))
    }
}

/// An item in a tenant: on, or off and once on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offered {
    /// What it is.
    pub item: &'static Item,
    /// The storage it is on, if it has one.
    pub infra_id: Option<Id>,
    /// On or off.
    pub on: bool,
    /// Unlimited while off and for features.
    pub quota: Quota,
    /// The last change.
    pub updated_at: Timestamp,
}

impl Offered {
    /// The quota as the platform shows it: features have none, nor has what is off.
    pub(crate) fn visible_quota(&self) -> Option<Quota> {
        let counted = self.item.item_type != ItemType::Feature;
        (self.on && counted).then_some(self.quota)
    }
}

/// A wish to change one item.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// The application of the item.
    pub application_id: Id,
    /// Its name.
    pub name: String,
    /// The storage, for items that have one.
    pub infra_id: Option<Id>,
    /// To be on or off.
    pub on: bool,
    /// The new quota; none: as it is.
    pub quota: Option<Quota>,
}

/// Position in the catalogue and storage: what tells the items of a tenant apart, and their order.
type Key = (usize, Option<Id>);
type Items = BTreeMap<Key, Offered>;

/// The tenant of this id, if the caller may change what it is offered: any below, but not the caller's own.
pub(crate) fn tenant_to_change(db: &Connection, caller: &Caller, id: Id) -> Result<Tenant> {
    let tenant = tenants::require_writable(db, caller, id)?;
    if tenant.id == caller.tenant_id || tenant.kind == TenantKind::Root {
        let info = "What a tenant is offered is decided by its parent.";
        return Err(ApiError::about(Code::AccessDenied, tenant.id, info));
    }
    Ok(tenant)
}

/// All items of a tenant, on and off, in the order of the catalogue.
pub(crate) fn of_tenant(db: &Connection, tenant: Id) -> Result<Vec<Offered>> {
    Ok(load(db, tenant)?.into_values().collect())
}

/// A tenant and all below it with their items, level by level.
pub(crate) fn of_subtree(db: &Connection, root: Tenant) -> Result<Vec<(Tenant, Vec<Offered>)>> {
    let below = tenants::descendants(db, &root)?;
    [root]
        .into_iter()
        .chain(below)
        .map(|tenant| {
            let items = of_tenant(db, tenant.id)?;
            Ok((tenant, items))
        })
        .collect()
}

/// What a child of this kind may have of this tenant's items: only what is on here.
pub(crate) fn available_for_child(
    db: &Connection,
    tenant: Id,
    kind: TenantKind,
) -> Result<Vec<Offered>> {
    let items = load(db, tenant)?.into_values();
    let available = items.filter(|offered| offered.on && offered.item.suits_kind(kind));
    Ok(available
        .map(|offered| Offered {
            quota: Quota::default(),
            ..offered
        })
        .collect())
}

/// What the rules let a tenant have, whether it is on or not.
pub(crate) fn allowed(db: &Connection, tenant: &Tenant) -> Result<Vec<Offered>> {
    let mut items = load(db, tenant.id)?;
    if tenant.kind == TenantKind::Root {
        return Ok(items.into_values().collect());
    }
    let available = available_for_child(db, tenant.parent_id, tenant.kind)?;
    Ok(available
        .into_iter()
        .map(|offered| {
            items.remove(&key(&offered)).unwrap_or(Offered {
                on: false,
                ..offered
            })
        })
        .collect())
}

/// Changes items of a tenant: all of them, or none if one is refused. Answers the changed ones in the given order.
pub(crate) fn set(
    tx: &Transaction<'_>,
    tenant: &Tenant,
    changes: &[Change],
    check_usage: bool,
    now: Timestamp,
) -> Result<Vec<Offered>> {
    let before = load(tx, tenant.id)?;
    let from_parent = load(tx, tenant.parent_id)?;
    let mut after = before.clone();
    let mut answer = Vec::with_capacity(changes.len());
    let mut named = BTreeSet::new();
    for change in changes {
        let item = known(change)?;
        let key = (item.position, change.infra_id);
        if !named.insert(key) {
            return Err(ApiError::bad(format!("{} is given twice.", item.name)));
        }
        let old = before.get(&key);
        let new = changed(tenant, change, item, old, from_parent.get(&key), now)?;
        answer.push(new);
        // An item that never was on leaves no trace when it is switched off.
        if new.on || old.is_some() {
            after.insert(key, new);
        }
    }
    check_needs(tenant, &after)?;
    if catalogue::buys_for_itself(tenant.kind) {
        check_choice(tenant, &after)?;
    }
    for offered in &answer {
        let old = before.get(&key(offered));
        if old.is_some_and(|old| old.on) && !offered.on {
            switch_off_below(tx, tenant, offered, check_usage, now)?;
        }
        save(tx, tenant.id, offered, old)?;
        if offered.on {
            applications::remember(tx, tenant.id, offered.item.application_id)?;
        }
    }
    Ok(answer)
}

/// Puts items on for a tenant that has none yet; for the worlds, which keep the rules by themselves.
pub(crate) fn seed<'a>(
    tx: &Connection,
    tenant: Id,
    items: impl IntoIterator<Item = (&'a Item, Option<Id>)>,
    now: Timestamp,
) -> Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO offering_items (tenant_id, application_id, name, infra_id, type, status, updated_at)
         VALUES (?, ?, ?, ?, ?, 1, ?)",
    )?;
    let mut applications = BTreeSet::new();
    for (item, infra_id) in items {
        insert.execute(params![
            tenant,
            item.application_id,
            item.name,
            place(infra_id),
            item.item_type.as_str(),
            now
        ])?;
        applications.insert(item.application_id);
    }
    for application in applications {
        applications::remember(tx, tenant, application)?;
    }
    Ok(())
}

fn known(change: &Change) -> Result<&'static Item> {
    let name = &change.name;
    let item = catalogue::item(change.application_id, name).ok_or_else(|| {
        ApiError::about(
            Code::ItemUnavailable,
            change.application_id,
            format!("The application has no offering item {name}."),
        )
    })?;
    match (item.capability, change.infra_id) {
        (Some(_), None) => Err(ApiError::bad(format!("{name} needs an infra_id."))),
        (None, Some(_)) => Err(ApiError::bad(format!(
            "{name} has no storage: no infra_id."
        ))),
        _ => Ok(item),
    }
}

fn changed(
    tenant: &Tenant,
    change: &Change,
    item: &'static Item,
    old: Option<&Offered>,
    parents: Option<&Offered>,
    now: Timestamp,
) -> Result<Offered> {
    let was_on = old.is_some_and(|old| old.on);
    if change.on {
        may_have(tenant, item, was_on, parents)?;
    }
    let current = old.map(|old| old.quota).unwrap_or_default();
    let wanted = match change.quota {
        Some(wanted) => quota(tenant, item, wanted, current, parents, now)?,
        None => current,
    };
    let new = Offered {
        item,
        infra_id: change.infra_id,
        on: change.on,
        quota: if change.on { wanted } else { Quota::default() },
        updated_at: now,
    };
    Ok(match old {
        Some(old) if old.on == new.on && old.quota == new.quota => *old,
        _ => new,
    })
}

fn may_have(tenant: &Tenant, item: &Item, was_on: bool, parents: Option<&Offered>) -> Result<()> {
    if !item.suits_kind(tenant.kind) {
        let info = format!("A {} cannot have {}.", tenant.kind.as_str(), item.name);
        return Err(ApiError::about(Code::BusinessRules, tenant.id, info));
    }
    if !parents.is_some_and(|parents| parents.on) {
        let info = format!("The parent does not offer {}.", item.name);
        return Err(ApiError::about(Code::ItemUnavailable, tenant.id, info));
    }
    if tenant.owner_id.is_some() && !was_on {
        let info = "In a personal tenant only quotas can be changed.";
        return Err(ApiError::about(Code::BusinessRules, tenant.id, info));
    }
    Ok(())
}

fn quota(
    tenant: &Tenant,
    item: &Item,
    wanted: Quota,
    current: Quota,
    parents: Option<&Offered>,
    now: Timestamp,
) -> Result<Quota> {
    let name = &item.name;
    if wanted.version != current.version {
        return Err(ApiError::UpgradeRequired(format!(
            "The quota of {name} has version {}, not {}.",
            current.version, wanted.version
        )));
    }
    if [wanted.value, wanted.overage]
        .iter()
        .flatten()
        .any(|limit| *limit < 0)
    {
        return Err(ApiError::bad(format!("The quota of {name} is below zero.")));
    }
    if wanted.value.is_none() && wanted.overage.is_some() {
        return Err(ApiError::bad(format!(
            "The quota of {name} is unlimited: there is no overage."
        )));
    }
    if (wanted.value, wanted.overage) == (current.value, current.overage) {
        return Ok(current);
    }
    if item.item_type == ItemType::Feature {
        let info = format!("{name} is a feature and has no quota.");
        return Err(ApiError::about(Code::BusinessRules, tenant.id, info));
    }
    let ceiling = parents.and_then(|parents| parents.quota.hard_limit());
    if let (Some(limit), Some(ceiling)) = (wanted.hard_limit(), ceiling)
        && limit > ceiling
    {
        let info = format!("{name}: {limit} asked for, the parent itself may use {ceiling}.");
        return Err(ApiError::about(Code::HardQuotaExceeded, tenant.id, info));
    }
    let version = match wanted.value {
        None => 0,
        Some(_) => now.millis().max(current.version + 1),
    };
    Ok(Quota { version, ..wanted })
}

/// An item that is on has what it needs on too.
fn check_needs(tenant: &Tenant, items: &Items) -> Result<()> {
    let on = || items.values().filter(|offered| offered.on);
    for offered in on() {
        let item = offered.item;
        let Some(needed) = &item.needs else { continue };
        let met = on().any(|other| {
            other
                .item
                .is_needed_by(other.infra_id, item, offered.infra_id)
        });
        if !met {
            let info = format!("{} needs {needed} to be on.", item.name);
            return Err(ApiError::about(Code::ItemDependency, tenant.id, info));
        }
    }
    Ok(())
}

/// Who buys for itself has one storage of a kind, and each service in one edition.
fn check_choice(tenant: &Tenant, items: &Items) -> Result<()> {
    let mut storages = BTreeMap::new();
    let mut editions = BTreeMap::new();
    for offered in items.values().filter(|offered| offered.on) {
        let item = offered.item;
        if let (Some(capability), Some(id)) = (item.capability, offered.infra_id) {
            let chosen = *storages.entry(capability.as_str()).or_insert(id);
            if chosen != id {
                let info = format!(
                    "A {} has one storage for {}: {chosen} or {id}.",
                    tenant.kind.as_str(),
                    capability.as_str()
                );
                return Err(ApiError::about(Code::BusinessRules, tenant.id, info));
            }
        }
        if let Some(edition) = item.edition {
            let chosen = *editions.entry(item.application_id).or_insert(edition);
            if chosen != edition {
                let info = format!(
                    "A {} has a service in one edition: {chosen} or {edition}.",
                    tenant.kind.as_str()
                );
                return Err(ApiError::about(Code::BusinessRules, tenant.id, info));
            }
        }
    }
    Ok(())
}

/// What goes off in a tenant goes off in all below it; a storage that they use does not.
fn switch_off_below(
    tx: &Transaction<'_>,
    tenant: &Tenant,
    offered: &Offered,
    check_usage: bool,
    now: Timestamp,
) -> Result<()> {
    let item = offered.item;
    let used = || usage::of_item(tx, tenant, item, offered.infra_id, now);
    if check_usage && used()? > 0 {
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
        place(offered.infra_id),
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
            let info = format!("{} is on for {children} tenants below.", item.name);
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

fn save(tx: &Transaction<'_>, tenant: Id, offered: &Offered, old: Option<&Offered>) -> Result<()> {
    if old.is_none() && !offered.on {
        return Ok(());
    }
    tx.prepare_cached(
        "INSERT INTO offering_items (tenant_id, application_id, name, infra_id, status,
             quota_value, quota_overage, quota_version, updated_at, type)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT DO UPDATE SET status = ?5, quota_value = ?6, quota_overage = ?7,
             quota_version = ?8, updated_at = ?9",
    )?
    .execute(params![
        tenant,
        offered.item.application_id,
        offered.item.name,
        place(offered.infra_id),
        offered.on,
        offered.quota.value,
        offered.quota.overage,
        offered.quota.version,
        offered.updated_at,
        offered.item.item_type.as_str(),
    ])?;
    Ok(())
}

fn load(db: &Connection, tenant: Id) -> Result<Items> {
    let mut rows = db.prepare_cached(
        "SELECT application_id, name, infra_id, status, quota_value, quota_overage, quota_version, updated_at
         FROM offering_items WHERE tenant_id = ?",
    )?;
    let mut rows = rows.query([tenant])?;
    let mut items = Items::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(1)?;
        // A state may be older than the catalogue.
        let Some(item) = catalogue::item(row.get(0)?, &name) else {
            continue;
        };
        let offered = Offered {
            item,
            infra_id: infra(&row.get::<_, String>(2)?),
            on: row.get(3)?,
            quota: Quota {
                value: row.get(4)?,
                overage: row.get(5)?,
                version: row.get(6)?,
            },
            updated_at: row.get(7)?,
        };
        items.insert(key(&offered), offered);
    }
    Ok(items)
}

fn key(offered: &Offered) -> Key {
    (offered.item.position, offered.infra_id)
}

/// A storage as it stands in the database: a key cannot hold NULL.
pub(crate) fn place(infra_id: Option<Id>) -> String {
    infra_id.map(|id| id.to_string()).unwrap_or_default()
}

/// A storage out of the database.
pub(crate) fn infra(text: &str) -> Option<Id> {
    text.parse().ok()
}
