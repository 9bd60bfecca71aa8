//! What can be sold: applications, offering items, editions and storages.
//!
//! The catalogue is the same in every world, as it is in every data centre of the platform; a tenant only has some
//! of it switched on. It is data, with the rules that belong to it.

mod applications;
mod items;
mod storages;

use crate::domain::{Id, TenantKind};
use std::collections::HashMap;
use std::sync::LazyLock;

pub(crate) use applications::{
    APPLICATIONS, Application, BACKUP, FILES, HCI, NOTARY, PLATFORM, SHIPPING,
};
pub(crate) use storages::{Capability, STORAGE_DR, STORAGE_DR_GOOGLE, STORAGES, Storage};

/// How an offering item is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ItemType {
    /// A number of things; has a quota.
    Count,
    /// On or off; has no quota.
    Feature,
    /// Counted apart for each storage; has a quota.
    Infra,
}

impl ItemType {
    /// The word of the wire: `count`, `feature` or `infra`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ItemType::Count => "count",
            ItemType::Feature => "feature",
            ItemType::Infra => "infra",
        }
    }
}

/// What the usage of an offering item is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Pieces.
    Quantity,
    /// Bytes.
    Bytes,
    /// Seconds (compute points).
    Seconds,
    /// Not measured (features).
    None,
}

impl Unit {
    /// The word of the wire: `quantity`, `bytes`, `seconds` or `n/a`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Unit::Quantity => "quantity",
            Unit::Bytes => "bytes",
            Unit::Seconds => "seconds",
            Unit::None => "n/a",
        }
    }
}

/// One offering item of the catalogue. In a tenant it occurs once, or once per storage if it has a capability.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Its place in the catalogue, by which lists are ordered.
    pub position: usize,
    /// The application it belongs to.
    pub application_id: Id,
    /// Unique within the application, such as `pg_base_storage`.
    pub name: String,
    /// What it counts, such as `storage`: the same in all editions.
    pub usage_name: &'static str,
    /// The edition that sells it; `None` for what every edition has.
    pub edition: Option<&'static str>,
    /// How it is counted.
    pub item_type: ItemType,
    /// What it is measured in.
    pub unit: Unit,
    /// The capability of the storages it occurs on; `None` if it has no storage.
    pub capability: Option<Capability>,
    /// Only partners and folders can have it.
    pub partners_only: bool,
    /// The name of the item that must be on first (on the same storage, if both have one).
    pub needs: Option<String>,
}

impl Item {
    /// Can a tenant of this kind have it?
    pub(crate) fn suits_kind(&self, kind: TenantKind) -> bool {
        !self.partners_only || !buys_for_itself(kind)
    }

    /// Is it the one, on that storage, that `other` on this storage needs?
    ///
    /// Where both have a storage it must be the same one.
    pub(crate) fn is_needed_by(&self, here: Option<Id>, other: &Item, there: Option<Id>) -> bool {
        self.application_id == other.application_id
            && other.needs.as_deref() == Some(self.name.as_str())
            && (self.capability.is_none() || here == there)
    }

    /// The storages on which it occurs; `[None]` for an item without one.
    pub(crate) fn places(&self) -> Vec<Option<Id>> {
        match self.capability {
            None => vec![None],
            Some(capability) => STORAGES
                .iter()
                .filter(|storage| storage.capability == capability)
                .map(|storage| Some(storage.id))
                .collect(),
        }
    }

    /// Counted by what has been used up since the month began, not by what is there: machines that ran, documents
    /// that were signed, drives that were shipped.
    pub(crate) fn is_consumable(&self) -> bool {
        self.unit == Unit::Seconds
            || self.application_id == SHIPPING
            || (self.application_id == NOTARY && self.unit == Unit::Quantity)
    }
}

/// Customers and units use what they have; partners and folders hand it on.
pub(crate) fn buys_for_itself(kind: TenantKind) -> bool {
    matches!(kind, TenantKind::Customer | TenantKind::Unit)
}

/// All offering items, edition by edition; an item stands after the one that it needs.
pub(crate) fn items() -> &'static [Item] {
    &ITEMS
}

/// The offering item with this name.
pub(crate) fn item(application_id: Id, name: &str) -> Option<&'static Item> {
    BY_NAME.get(&(application_id, name)).copied()
}

/// The editions of an application, or of all, in the order of the catalogue.
pub(crate) fn editions(application_id: Option<Id>) -> Vec<&'static str> {
    let mut editions = Vec::new();
    for item in items() {
        let wanted = application_id.is_none_or(|id| id == item.application_id);
        if let Some(edition) = item.edition
            && wanted
            && !editions.contains(&edition)
        {
            editions.push(edition);
        }
    }
    editions
}

static ITEMS: LazyLock<Vec<Item>> = LazyLock::new(items::build);

static BY_NAME: LazyLock<HashMap<(Id, &'static str), &'static Item>> = LazyLock::new(|| {
    ITEMS
        .iter()
        .map(|item| ((item.application_id, item.name.as_str()), item))
        .collect()
});

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::storages::STORAGE_BACKUP;
    use super::*;

    #[test]
    fn a_name_is_unique_within_its_application() {
        let names: HashSet<_> = items()
            .iter()
            .map(|item| (item.application_id, &item.name))
            .collect();
        assert_eq!(names.len(), items().len());
        assert_eq!(items().len(), 276);
    }

    #[test]
    fn what_an_item_needs_stands_before_it_in_the_same_edition() {
        for (position, item) in items().iter().enumerate() {
            let Some(needs) = &item.needs else { continue };
            let needed = items()[..position]
                .iter()
                .find(|other| &other.name == needs);
            assert_eq!(
                needed.map(|other| other.edition),
                Some(item.edition),
                "{}",
                item.name
            );
        }
    }

    #[test]
    fn editions_have_the_items_of_the_platform() {
        let size = |edition| {
            items()
                .iter()
                .filter(|item| item.edition == Some(edition))
                .count()
        };
        let sizes = [
            ("pck_per_gigabyte", 27),
            ("pck_per_workload", 31),
            ("standard", 28),
            ("advanced", 22),
            ("disaster_recovery", 28),
            ("cyber_protect_std", 22),
            ("cyber_protect_adv", 22),
            ("cyber_protect_dre", 28),
            ("per_gigabyte", 18),
            ("per_workload", 36),
            ("fss_per_gigabyte", 2),
            ("fss_per_user", 2),
            ("fss_legacy", 3),
        ];
        assert_eq!(editions(None), sizes.map(|(edition, _)| edition));
        for (edition, expected) in sizes {
            assert_eq!(size(edition), expected, "{edition}");
        }
    }

    #[test]
    fn an_item_with_a_storage_occurs_once_per_storage_of_its_capability() {
        let places = |name| item(BACKUP, name).expect("in the catalogue").places();
        assert_eq!(places("pg_base_storage"), [Some(STORAGE_BACKUP)]);
        assert_eq!(
            places("pg_base_dr_base"),
            [Some(STORAGE_DR), Some(STORAGE_DR_GOOGLE)]
        );
        assert_eq!(places("dr_child_storages"), [None]);
        assert_eq!(places("vms"), [None]);
    }

    #[test]
    fn features_are_not_measured_and_everything_else_is() {
        for item in items() {
            assert_eq!(
                item.item_type == ItemType::Feature,
                item.unit == Unit::None,
                "{}",
                item.name
            );
        }
    }
}
