//! The offering items of tenants.
//!
//! The catalogue describes the items. A row says that a tenant has, or had, an item.

mod change;
mod row;
mod rules;

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use self::row::{key, load};
use super::applications;
use super::tenants::{self, Tenant};
use crate::catalogue::Item;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Code, Id, Result, TenantKind};

pub(crate) use self::change::{Change, update};
pub(crate) use self::row::{Offered, Quota, infra_key, parse_infra_key};

/// Finds a tenant whose offering items the caller can change: any tenant below the caller's own.
pub(crate) fn require_configurable(db: &Connection, caller: &Caller, id: Id) -> Result<Tenant> {
    let tenant = tenants::require_writable(db, caller, id)?;
    if tenant.id == caller.tenant_id || tenant.kind == TenantKind::Root {
        let info = "A tenant's offering items can be changed only by its parent.";
        return Err(ApiError::about(Code::AccessDenied, tenant.id, info));
    }
    Ok(tenant)
}

/// The items of a tenant, including disabled ones, in the order of the catalogue.
pub(crate) fn of_tenant(db: &Connection, tenant: Id) -> Result<Vec<Offered>> {
    Ok(load(db, tenant)?.into_values().collect())
}

/// A tenant and its descendants with their items, level by level.
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

/// The items that a child of this kind can have: those that are enabled in the tenant.
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

/// The items that a tenant can have, enabled or not.
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

/// Enables items of a new tenant in a seed, without checking any rule.
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
            infra_key(infra_id),
            item.item_type.as_str(),
            now
        ])?;
        applications.insert(item.application_id);
    }
    for application in applications {
        applications::add(tx, tenant, application)?;
    }
    Ok(())
}
