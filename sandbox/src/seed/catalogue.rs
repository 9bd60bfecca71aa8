//! The offering items of tenants.

use rusqlite::Connection;

use super::{SeedOptions, days_ago, partner_id, root_id};
use crate::catalogue::{self, Item, STORAGE_DR, STORAGE_DR_GOOGLE};
use crate::domain::{Id, Result};
use crate::store::offering_items;

/// An item and its storage.
pub(super) type OfferedItem = (&'static Item, Option<Id>);

/// Enables the whole catalogue for the root, and the items that match `sold` for the administrator's partner.
pub(super) fn enable_catalogue(
    db: &Connection,
    options: &SeedOptions,
    sold: impl Fn(&Item) -> bool,
) -> Result<()> {
    let created_at = days_ago(options, 400);
    offering_items::seed(db, root_id(), all_items(), created_at)?;
    let sold = all_items().filter(|(item, _)| sold(item));
    offering_items::seed(db, partner_id(), sold, created_at)
}

pub(super) fn all_items() -> impl Iterator<Item = OfferedItem> {
    catalogue::items().iter().flat_map(|item| {
        item.storages()
            .into_iter()
            .map(move |storage| (item, storage))
    })
}

/// The items of a customer: those of its edition and those without an edition, on one storage per capability.
pub(super) fn items_of_customer(edition: &str, recovery: Id) -> Vec<OfferedItem> {
    let other_storage = [STORAGE_DR, STORAGE_DR_GOOGLE]
        .into_iter()
        .find(|storage| *storage != recovery);
    all_items()
        .filter(|(item, storage)| {
            let in_edition = item.edition.is_none_or(|name| name == edition);
            in_edition && !item.partners_only && (storage.is_none() || *storage != other_storage)
        })
        .collect()
}
