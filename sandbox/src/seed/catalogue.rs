//! What tenants can buy and have switched on.

use rusqlite::Connection;

use super::{SeedOptions, days_ago, partner_id, root_id};
use crate::catalogue::{self, Item, STORAGE_DR, STORAGE_DR_GOOGLE};
use crate::domain::{Id, Result};
use crate::store::offering_items;

/// An item where it is.
pub(super) type Place = (&'static Item, Option<Id>);

/// Everything that is sold goes on for the root and, if `sold` agrees, for the administrator's partner.
pub(super) fn enable_catalogue(
    db: &Connection,
    options: &SeedOptions,
    sold: impl Fn(&Item) -> bool,
) -> Result<()> {
    let opened = days_ago(options, 400);
    offering_items::seed(db, root_id(), all_items(), opened)?;
    let sold = all_items().filter(|(item, _)| sold(item));
    offering_items::seed(db, partner_id(), sold, opened)
}

pub(super) fn all_items() -> impl Iterator<Item = Place> {
    catalogue::items()
        .iter()
        .flat_map(|item| item.places().into_iter().map(move |place| (item, place)))
}

/// What a customer gets of an edition and of what has none: on one storage of a kind.
pub(super) fn for_customer(edition: &str, recovery: Id) -> Vec<Place> {
    let other_storage = [STORAGE_DR, STORAGE_DR_GOOGLE]
        .into_iter()
        .find(|storage| *storage != recovery);
    all_items()
        .filter(|(item, place)| {
            let sold = item.edition.is_none_or(|of| of == edition);
            sold && !item.partners_only && (place.is_none() || *place != other_storage)
        })
        .collect()
}
