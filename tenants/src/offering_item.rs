//! Offering items: what a tenant can use, and what it is billed for.

use std::{
    collections::{HashMap, HashSet},
    ops::Deref,
};

use common::{Id, count};
use serde::Deserialize;

/// An item of `GET /api/2/tenants/{id}/offering_items` and of `…/offering_items/available_for_child`.
#[derive(Debug, Clone, Deserialize)]
pub struct OfferingItem {
    /// The application that it belongs to.
    application_id: Id,
    /// Its name, such as `pg_base_storage`.
    name: String,
    /// 1 if the tenant has the item, 0 if the item was enabled once and is disabled now.
    status: u8,
    /// The edition, such as `pck_per_gigabyte`. Null, but never absent, for items that belong to none.
    #[serde(deserialize_with = "Option::deserialize")]
    edition: Option<String>,
    /// `count`, `feature` or `infra`, which is a storage.
    #[serde(rename = "type")]
    kind: String,
    /// What is counted, such as `storage` or `vms`. The same in all editions.
    usage_name: String,
    /// The storage of an item that needs one.
    infra_id: Option<Id>,
}

impl OfferingItem {
    /// Whether the item is disabled.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.status == 0
    }

    /// Whether the item belongs to an edition.
    #[must_use]
    pub fn has_edition(&self) -> bool {
        self.edition.is_some()
    }

    /// Whether the item belongs to this edition.
    #[must_use]
    pub fn is_of_edition(&self, edition: &str) -> bool {
        self.edition.as_deref() == Some(edition)
    }

    /// Its edition, if it belongs to one.
    pub(crate) fn edition(&self) -> Option<&str> {
        self.edition.as_deref()
    }

    /// Whether this is the same item of another tenant.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        (
            &self.application_id,
            &self.name,
            &self.edition,
            &self.infra_id,
        ) == (
            &other.application_id,
            &other.name,
            &other.edition,
            &other.infra_id,
        )
    }
}

/// Counts offering items: `32 offering items of standard and 7 of no edition`. `edition` is the edition of those that belong to
/// one, or `all editions`.
#[must_use]
pub fn count_items<T: Deref<Target = OfferingItem>>(items: &[T], edition: &str) -> String {
    let of_edition = items.iter().filter(|item| item.has_edition()).count();
    let counted = format!("{} of {edition}", count(of_edition, "offering item"));
    match items.len() - of_edition {
        0 => counted,
        others => format!("{counted} and {others} of no edition"),
    }
}

/// Keeps the items that a customer can have.
///
/// A partner can have any number of storages, a customer only one of each kind. The `usage_name` of an `infra` item says
/// what its storage is for. If several storages are available for the same, the customer gets the first one. The items of
/// the others are left out, and also the features on a storage that is left out completely.
pub fn keep_one_storage_of_each_kind<T: Deref<Target = OfferingItem>>(items: &mut Vec<T>) {
    let mut chosen: HashMap<String, Id> = HashMap::new();
    let mut offered: HashSet<Id> = HashSet::new();
    for item in items.iter().filter(|item| item.kind == "infra") {
        if let Some(storage) = &item.infra_id {
            offered.insert(storage.clone());
            let usage = item.usage_name.clone();
            chosen.entry(usage).or_insert_with(|| storage.clone());
        }
    }
    let is_left_out =
        |storage: &Id| offered.contains(storage) && !chosen.values().any(|id| id == storage);

    items.retain(|item| match (item.kind.as_str(), &item.infra_id) {
        ("infra", Some(storage)) => chosen.get(&item.usage_name) == Some(storage),
        ("feature", Some(storage)) => !is_left_out(storage),
        _ => true,
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The usage names and storages of the items that are kept.
    fn kept(items: &[(&str, &str, Option<&str>)]) -> Vec<String> {
        let item = |&(kind, usage_name, storage): &(&str, &str, Option<&str>)| {
            let item = json!({
                "application_id": "a", "name": "n", "status": 1, "edition": null, "type": kind, "usage_name": usage_name, "infra_id": storage,
            });
            Box::new(serde_json::from_value::<OfferingItem>(item).unwrap())
        };
        let mut items: Vec<_> = items.iter().map(item).collect();
        keep_one_storage_of_each_kind(&mut items);
        let name = |item: &OfferingItem| match &item.infra_id {
            Some(storage) => format!("{} on {storage}", item.usage_name),
            None => item.usage_name.clone(),
        };
        items.iter().map(|item| name(item)).collect()
    }

    #[test]
    fn items_without_an_edition_are_counted_apart() {
        let item = |edition: Option<&str>| {
            let item = json!({
                "application_id": "a", "name": "n", "edition": edition, "usage_name": "u", "type": "count", "status": 1,
            });
            Box::new(serde_json::from_value::<OfferingItem>(item).unwrap())
        };
        let items = [Some("standard"), None, Some("advanced"), None].map(item);
        for (number, expected) in [
            (0, "0 offering items of all editions"),
            (1, "1 offering item of all editions"),
            (2, "1 offering item of all editions and 1 of no edition"),
            (4, "2 offering items of all editions and 2 of no edition"),
        ] {
            assert_eq!(count_items(&items[..number], "all editions"), expected);
        }
    }

    #[test]
    fn the_first_storage_of_each_kind_is_kept() {
        let items = [
            ("infra", "storage", Some("backup")),
            ("infra", "dr_storage", Some("first")),
            ("infra", "dr_storage", Some("second")),
            ("infra", "compute_points", Some("first")),
            ("infra", "compute_points", Some("second")),
            // Another item of the same storage.
            ("infra", "dr_storage", Some("first")),
            ("infra", "no_storage", None),
        ];
        assert_eq!(
            kept(&items),
            [
                "storage on backup",
                "dr_storage on first",
                "compute_points on first",
                "dr_storage on first",
                "no_storage",
            ]
        );
    }

    #[test]
    fn features_on_a_storage_that_is_left_out_are_left_out() {
        let items = [
            // A feature can precede its storage.
            ("feature", "dr_internet_access", Some("second")),
            ("feature", "dr_internet_access", Some("first")),
            ("infra", "dr_storage", Some("first")),
            ("infra", "dr_storage", Some("second")),
            ("feature", "encryption", Some("second")),
            ("feature", "dr_child_storages", None),
            ("count", "dr_servers", Some("second")),
        ];
        assert_eq!(
            kept(&items),
            [
                "dr_internet_access on first",
                "dr_storage on first",
                "dr_child_storages",
                "dr_servers on second",
            ]
        );
    }

    #[test]
    fn features_on_a_storage_that_is_kept_for_another_use_are_kept() {
        let items = [
            ("infra", "storage", Some("first")),
            ("infra", "storage", Some("second")),
            ("infra", "dr_storage", Some("second")),
            ("feature", "dr_base", Some("second")),
            ("feature", "dr_base", Some("unknown")),
        ];
        assert_eq!(
            kept(&items),
            [
                "storage on first",
                "dr_storage on second",
                "dr_base on second",
                "dr_base on unknown",
            ]
        );
    }

    #[test]
    fn an_item_without_edition_belongs_to_none() {
        for (edition, has_edition) in [(json!("standard"), true), (json!(null), false)] {
            let item = json!({
                "application_id": "a", "name": "n", "status": 0, "edition": edition, "type": "count", "usage_name": "vms",
            });
            let item: OfferingItem = serde_json::from_value(item).unwrap();
            assert_eq!(item.has_edition(), has_edition);
            assert_eq!(item.is_of_edition("standard"), has_edition);
            assert!(!item.is_of_edition("advanced"));
            assert!(item.is_disabled());
        }
    }
    #[test]
    fn an_item_is_the_same_in_another_tenant_if_its_four_keys_are_equal() {
        let item = |fields: serde_json::Value| {
            let mut item = json!({
                "application_id": "a", "name": "n", "edition": "standard", "infra_id": "s",
                "type": "infra", "usage_name": "storage", "status": 1,
            });
            for (name, value) in fields.as_object().unwrap() {
                item[name] = value.clone();
            }
            serde_json::from_value::<OfferingItem>(item).unwrap()
        };
        let same = json!({ "status": 0, "type": "count", "usage_name": "u" });
        assert!(item(json!({})).is_same_as(&item(same)));
        for key in ["application_id", "name", "edition", "infra_id"] {
            assert!(
                !item(json!({})).is_same_as(&item(json!({ key: "other" }))),
                "{key}"
            );
        }
        assert!(!item(json!({})).is_same_as(&item(json!({ "infra_id": null }))));
    }
}
