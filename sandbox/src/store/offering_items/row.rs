//! The offering item row.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, params};

use crate::catalogue::{self, Item, ItemType};
use crate::clock::Timestamp;
use crate::domain::{Id, Result};

/// The limit of an offering item's usage.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Quota {
    /// The soft limit; `None` means unlimited.
    pub value: Option<i64>,
    /// The allowed overage above the soft limit; `None` means unlimited.
    pub overage: Option<i64>,
    /// 0 without a limit, otherwise a Unix time in milliseconds. A change must contain the current version.
    pub version: i64,
}

impl Quota {
    /// The hard limit; `None` means unlimited.
    pub(super) fn hard_limit(self) -> Option<i64> {
        Some(self.value?.saturating_add(self.overage?))
    }
}

/// An offering item of a tenant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offered {
    /// The item of the catalogue.
    pub item: &'static Item,
    /// The storage, for items that have one.
    pub infra_id: Option<Id>,
    /// Whether the item is enabled.
    pub on: bool,
    /// Unlimited for features and for disabled items.
    pub quota: Quota,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

impl Offered {
    /// The quota in responses: features and disabled items have none.
    pub(crate) fn visible_quota(&self) -> Option<Quota> {
        let counted = self.item.item_type != ItemType::Feature;
        (self.on && counted).then_some(self.quota)
    }
}

/// Identifies an item of a tenant and orders them: position in the catalogue, and storage.
pub(super) type Key = (usize, Option<Id>);
/// The items of a tenant.
pub(super) type Items = BTreeMap<Key, Offered>;

/// Writes an item of a tenant.
pub(super) fn save(
    tx: &Transaction<'_>,
    tenant: Id,
    offered: &Offered,
    old: Option<&Offered>,
) -> Result<()> {
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
        infra_key(offered.infra_id),
        offered.on,
        offered.quota.value,
        offered.quota.overage,
        offered.quota.version,
        offered.updated_at,
        offered.item.item_type.as_str(),
    ])?;
    Ok(())
}

/// Reads all items of a tenant.
pub(super) fn load(db: &Connection, tenant: Id) -> Result<Items> {
    let mut rows = db.prepare_cached(
        "SELECT application_id, name, infra_id, status, quota_value, quota_overage, quota_version, updated_at
         FROM offering_items WHERE tenant_id = ?",
    )?;
    let mut rows = rows.query([tenant])?;
    let mut items = Items::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(1)?;
        // The database may contain items of an older catalogue.
        let Some(item) = catalogue::item(row.get(0)?, &name) else {
            continue;
        };
        let offered = Offered {
            item,
            infra_id: parse_infra_key(&row.get::<_, String>(2)?),
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

/// The key of an item.
pub(super) fn key(offered: &Offered) -> Key {
    (offered.item.position, offered.infra_id)
}

/// The storage's column value. It is "" without a storage, because a primary key cannot contain NULL.
pub(crate) fn infra_key(infra_id: Option<Id>) -> String {
    infra_id.map(|id| id.to_string()).unwrap_or_default()
}

/// The storage of a column value.
pub(crate) fn parse_infra_key(text: &str) -> Option<Id> {
    text.parse().ok()
}
