//! Offering items: what a tenant can use, and what it is billed for.

use common::Id;
use serde::Deserialize;

/// The second disaster recovery storage of the vendor's data center for developers.
const SECOND_STORAGE: &str = "ba2976d0-c13e-4661-ae60-b4593583fce2";

/// An item of `GET /api/2/tenants/{id}/offering_items` and of `…/offering_items/available_for_child`.
#[derive(Debug, Deserialize)]
pub struct OfferingItem {
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

    /// Whether a customer can have the item.
    ///
    /// A partner can have any number of storages, a customer only one of each kind. If two are available, customers get
    /// the first. Items of the second one are not for customers: the storage itself, and the disaster recovery features
    /// on it.
    #[must_use]
    pub fn is_for_customers(&self) -> bool {
        let needs_storage = match self.kind.as_str() {
            "infra" => true,
            "feature" => self.usage_name.starts_with("dr_"),
            _ => false,
        };
        !needs_storage || self.infra_id.as_deref() != Some(SECOND_STORAGE)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_second_storage_and_its_features_are_not_for_customers() {
        let first = Some("e72104a3-c013-4e18-bb71-7bce1dcdcaf2");
        let second = Some(SECOND_STORAGE);
        for (kind, usage_name, storage, expected) in [
            ("infra", "storage", first, true),
            ("infra", "dr_storage", second, false),
            ("feature", "dr_internet_access", second, false),
            ("feature", "storage_dr_", second, true),
            ("count", "dr_counted", second, true),
            ("feature", "dr_base", None, true),
            ("count", "workstations", None, true),
        ] {
            let item = json!({
                "status": 1, "edition": null, "type": kind, "usage_name": usage_name, "infra_id": storage,
            });
            let item: OfferingItem = serde_json::from_value(item).unwrap();
            assert_eq!(item.is_for_customers(), expected, "{item:?}");
        }
    }

    #[test]
    fn an_item_without_edition_belongs_to_none() {
        for (edition, has_edition) in [(json!("standard"), true), (json!(null), false)] {
            let item = json!({
                "status": 0, "edition": edition, "type": "count", "usage_name": "vms",
            });
            let item: OfferingItem = serde_json::from_value(item).unwrap();
            assert_eq!(item.has_edition(), has_edition);
            assert_eq!(item.is_of_edition("standard"), has_edition);
            assert!(!item.is_of_edition("advanced"));
            assert!(item.is_disabled());
        }
    }
}
