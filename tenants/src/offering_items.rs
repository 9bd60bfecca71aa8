//! Which of the available offering items a customer may have, and switching them.

use serde_json::Value;

/// The second disaster-recovery storage of the vendor's data centre for developers.
const SECOND_STORAGE: &str = "ba2976d0-c13e-4661-ae60-b4593583fce2";

/// A partner may have any number of storages, a customer only one of a kind. Where the platform offers two, the items
/// of the second one have to go: the storage itself (type `infra`) and the disaster-recovery features on it. All else
/// stays as the platform sent it.
#[must_use]
pub fn for_customer(items: &[Value]) -> Vec<&Value> {
    items
        .iter()
        .filter(|item| !is_on_second_storage(item))
        .collect()
}

/// The same items, switched on (status 1) or off (0). All else stays as the platform sent it.
#[must_use]
pub fn with_status<'a>(items: impl IntoIterator<Item = &'a Value>, status: u8) -> Vec<Value> {
    items
        .into_iter()
        .cloned()
        .map(|mut item| {
            if let Some(fields) = item.as_object_mut() {
                fields.insert("status".into(), status.into());
            }
            item
        })
        .collect()
}

fn is_on_second_storage(item: &Value) -> bool {
    let field = |name| item.get(name).and_then(Value::as_str).unwrap_or_default();

    field("infra_id") == SECOND_STORAGE
        && match field("type") {
            "infra" => true,
            "feature" => field("usage_name").starts_with("dr_"),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_second_storage_and_its_features_go() {
        let items = [
            json!({"name": "storage", "type": "infra", "infra_id": "e72104a3-c013-4e18-bb71-7bce1dcdcaf2"}),
            json!({"name": "dr_storage", "type": "infra", "infra_id": SECOND_STORAGE}),
            json!({"name": "dr_internet_access", "type": "feature", "usage_name": "dr_internet_access", "infra_id": SECOND_STORAGE}),
            json!({"name": "other_feature", "type": "feature", "usage_name": "storage_dr_", "infra_id": SECOND_STORAGE}),
            json!({"name": "counted", "type": "count", "usage_name": "dr_counted", "infra_id": SECOND_STORAGE}),
            json!({"name": "dr_base", "type": "feature", "usage_name": "dr_base", "infra_id": null}),
            json!({"name": "workstations", "type": "count"}),
        ];

        let names: Vec<_> = for_customer(&items)
            .iter()
            .map(|item| item["name"].as_str().unwrap())
            .collect();

        assert_eq!(
            names,
            [
                "storage",
                "other_feature",
                "counted",
                "dr_base",
                "workstations"
            ]
        );
    }
}
