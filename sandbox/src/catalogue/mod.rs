//! The catalogue: applications, offering items, editions and storages.
//!
//! The catalogue is the same in every world, as in every data center of the platform. A tenant has a part of it
//! enabled.

mod applications;
mod items;
mod storages;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::domain::{Id, TenantKind};

pub(crate) use self::applications::{
    APPLICATIONS, Application, BACKUP, FILES, HCI, NOTARY, PLATFORM, SHIPPING,
};
pub(crate) use self::storages::{Capability, STORAGE_DR, STORAGE_DR_GOOGLE, STORAGES, Storage};

/// The ids of all applications and storages, which are the same in every world.
pub fn catalogue_ids() -> impl Iterator<Item = Id> {
    let applications = APPLICATIONS.iter().map(|application| application.id);
    applications.chain(STORAGES.iter().map(|storage| storage.id))
}

/// The type of an offering item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ItemType {
    /// A number, with a quota.
    Count,
    /// On or off, without a quota.
    Feature,
    /// Counted per storage, with a quota.
    Infra,
}

impl ItemType {
    /// The name in the API: `count`, `feature` or `infra`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Feature => "feature",
            Self::Infra => "infra",
        }
    }
}

/// The unit of the usage of an offering item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Quantity,
    Bytes,
    /// For compute points.
    Seconds,
    /// Features are not measured.
    None,
}

impl Unit {
    /// The name in the API: `quantity`, `bytes`, `seconds` or `n/a`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Quantity => "quantity",
            Self::Bytes => "bytes",
            Self::Seconds => "seconds",
            Self::None => "n/a",
        }
    }
}

/// An offering item. A tenant has it once, or once per storage if it has a capability.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// The position in the catalogue, by which lists are ordered.
    pub position: usize,
    pub application_id: Id,
    /// Unique within the application; for example `pg_base_storage`.
    pub name: String,
    /// What it counts, for example `storage`; the same in all editions.
    pub usage_name: &'static str,
    /// The edition that contains it; `None` for items in every edition.
    pub edition: Option<&'static str>,
    pub item_type: ItemType,
    pub unit: Unit,
    /// The required capability of its storages; `None` if it has no storage.
    pub capability: Option<Capability>,
    /// Whether only partners and folders can have it.
    pub partners_only: bool,
    /// The name of the item that must be enabled first, on the same storage if both have one.
    pub needs: Option<String>,
}

impl Item {
    /// Whether a tenant of this kind can have it.
    pub(crate) fn suits_kind(&self, kind: TenantKind) -> bool {
        !self.partners_only || !uses_items(kind)
    }

    /// Whether `other` on the storage `there` needs this item on the storage `here`.
    ///
    /// If both have a storage, it must be the same.
    pub(crate) fn is_needed_by(&self, here: Option<Id>, other: &Self, there: Option<Id>) -> bool {
        self.application_id == other.application_id
            && other.needs.as_deref() == Some(self.name.as_str())
            && (self.capability.is_none() || here == there)
    }

    /// The storages of the item; `[None]` for an item without a storage.
    pub(crate) fn storages(&self) -> Vec<Option<Id>> {
        match self.capability {
            None => vec![None],
            Some(capability) => STORAGES
                .iter()
                .filter(|storage| storage.capability == capability)
                .map(|storage| Some(storage.id))
                .collect(),
        }
    }

    /// Whether the usage is the consumption since the beginning of the month, not the current amount: compute points,
    /// signed documents, shipped drives.
    pub(crate) fn is_consumable(&self) -> bool {
        self.unit == Unit::Seconds
            || self.application_id == SHIPPING
            || (self.application_id == NOTARY && self.unit == Unit::Quantity)
    }
}

/// Whether tenants of this kind use their items. Partners and folders pass them on.
pub(crate) fn uses_items(kind: TenantKind) -> bool {
    matches!(kind, TenantKind::Customer | TenantKind::Unit)
}

/// All offering items, by edition. An item follows the item that it needs.
pub(crate) fn items() -> &'static [Item] {
    &ITEMS
}

/// Finds an offering item by name.
pub(crate) fn item(application_id: Id, name: &str) -> Option<&'static Item> {
    BY_NAME.get(&(application_id, name)).copied()
}

/// The editions of one or all applications, in the order of the catalogue.
pub(crate) fn editions(application_id: Option<Id>) -> Vec<&'static str> {
    let mut editions = Vec::new();
    for item in items() {
        let is_requested = application_id.is_none_or(|id| id == item.application_id);
        if let Some(edition) = item.edition
            && is_requested
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
    fn names_are_unique_within_an_application() {
        let names: HashSet<_> = items()
            .iter()
            .map(|item| (item.application_id, &item.name))
            .collect();
        assert_eq!(names.len(), items().len());
        assert_eq!(items().len(), 276);
    }

    #[test]
    fn dependencies_precede_their_items_and_share_the_edition() {
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
    fn editions_have_as_many_items_as_on_the_platform() {
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
    fn items_with_a_capability_exist_once_per_storage() {
        let storages = |name| item(BACKUP, name).expect("in the catalogue").storages();
        assert_eq!(storages("pg_base_storage"), [Some(STORAGE_BACKUP)]);
        assert_eq!(
            storages("pg_base_dr_base"),
            [Some(STORAGE_DR), Some(STORAGE_DR_GOOGLE)]
        );
        assert_eq!(storages("dr_child_storages"), [None]);
        assert_eq!(storages("vms"), [None]);
    }

    #[test]
    fn only_features_have_no_unit() {
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
