//! The usage of customers.

use rusqlite::Connection;

use super::catalogue::OfferedItem;
use crate::catalogue::{BACKUP, Capability, Item, ItemType, Unit};
use crate::clock::Timestamp;
use crate::domain::{Id, Result};
use crate::store::usage;

const MIB: i64 = 1024 * 1024;
const GIB: i64 = 1024 * MIB;

/// Adds the usage of a customer with `size` workstations.
pub(super) fn use_items(
    db: &Connection,
    tenant: Id,
    items: &[OfferedItem],
    size: i64,
    since: Timestamp,
) -> Result<()> {
    for item in items {
        let (base, growth) = amount(item.0, size);
        if (base, growth) != (0, 0) {
            usage::seed(db, tenant, *item, (base, growth), since)?;
        }
    }
    Ok(())
}

/// The initial usage of an item by a customer with `size` workstations, and its daily growth.
fn amount(item: &Item, size: i64) -> (i64, i64) {
    match (item.item_type, item.unit) {
        (ItemType::Feature, _) => (0, 0),
        (_, Unit::Bytes) => match item.capability {
            Some(Capability::Backup) => (size * 40 * GIB, size * 300 * MIB),
            Some(Capability::DisasterRecovery) => (size * 4 * GIB, size * 20 * MIB),
            Some(Capability::FilesCloud) => (size * 2 * GIB, size * 50 * MIB),
            None if item.application_id == BACKUP => (size * 10 * GIB, size * 90 * MIB),
            None => (size * 5 * MIB, MIB),
        },
        (_, Unit::Seconds) => (0, size * 600),
        (_, _) if item.is_consumable() => (size / 4, if size > 10 { 2 } else { 0 }),
        (_, _) => match item.usage_name {
            "workstations" => (size, 0),
            "mailboxes" | "gsuite_seats" => (size * 5 / 4, 0),
            "servers" | "vms" => (servers(size), 0),
            "mobiles" => (size / 2, 0),
            name if name.starts_with("pack_") => (size / 2, 0),
            _ => (size / 6, 0),
        },
    }
}

/// The number of servers of a customer with this many workstations.
pub(super) fn servers(workstations: i64) -> i64 {
    1 + workstations / 10
}
