//! Responses of the account service, with the fields that the examples read.

use common::Id;
use serde::Deserialize;

/// A tenant, the response of `GET /api/2/tenants/{id}`.
#[derive(Debug, Deserialize)]
pub struct Tenant {
    /// Its id.
    pub id: Id,
    /// Its name, unique below its parent.
    pub name: String,
    /// `root`, `partner`, `folder`, `customer` or `unit`.
    pub kind: String,
    /// Counts the changes. A change is rejected unless it names the current version.
    pub version: i64,
}

/// The saved partner or customer, as far as later examples need it.
#[derive(Debug, Deserialize)]
pub struct SavedTenant {
    /// Its id.
    pub id: Id,
}

/// A user, the response of `GET /api/2/users/{id}`.
#[derive(Debug, Deserialize)]
pub struct User {
    /// The name with which the user signs in, unique on the platform.
    pub login: String,
}

/// The pricing of a tenant, the response of `GET /api/2/tenants/{id}/pricing`.
#[derive(Debug, Deserialize)]
pub struct Pricing {
    /// The time of the last change, in Unix milliseconds. In a new tenant it is the time of its creation.
    pub version: i64,
    /// The time at which the trial ends and production starts, in UTC: `2026-12-01T00:00:00`. Null, but never absent, if
    /// none is set.
    #[serde(deserialize_with = "Option::deserialize")]
    pub production_start_date: Option<String>,
}

/// An application, an item of `GET /api/2/applications`.
#[derive(Debug, Deserialize)]
pub struct Application {
    /// Its id, the same in all data centers.
    pub id: Id,
    /// Its name, such as `File Sync & Share`.
    pub name: String,
    /// `backup`, `files_cloud`, `notary` …, or `platform` for the management console.
    #[serde(rename = "type")]
    pub kind: String,
}

/// What switching an edition would bring, the response of `GET /api/2/tenants/{id}/edition`.
#[derive(Debug, Deserialize)]
pub struct EditionSwitch {
    /// Codes such as `OldFeaturesBecomeUnavailable`. They do not prevent the switch.
    pub warnings: Vec<String>,
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::*;
    use crate::OfferingItem;

    /// Checks that each field of a sample is needed, and needed in its type.
    fn assert_strict<T: DeserializeOwned + std::fmt::Debug>(sample: &Value) {
        let decode = |value: &Value| common::json::object_from_str::<T>(&value.to_string());
        decode(sample).unwrap();
        for field in sample.as_object().unwrap().keys() {
            let mut renamed = sample.clone();
            let value = renamed.as_object_mut().unwrap().remove(field).unwrap();
            renamed["new_name"] = value;
            let error = decode(&renamed).unwrap_err().to_string();
            assert_eq!(error, format!("missing field `{field}`"));

            let mut retyped = sample.clone();
            retyped[field] = json!({});
            let error = decode(&retyped).unwrap_err();
            assert!(error.location.starts_with(field), "{error}");
        }
    }

    #[test]
    fn a_renamed_or_retyped_field_is_an_error_that_names_it() {
        assert_strict::<Tenant>(
            &json!({ "id": "t", "name": "T", "kind": "partner", "version": 1 }),
        );
        assert_strict::<SavedTenant>(&json!({ "id": "t" }));
        assert_strict::<User>(&json!({ "login": "grace" }));
        assert_strict::<Application>(&json!({ "id": "a", "name": "A", "type": "backup" }));
        assert_strict::<EditionSwitch>(&json!({ "warnings": ["ThirdPartyLimits"] }));
        for date in [json!(null), json!("2026-12-01T00:00:00Z")] {
            assert_strict::<Pricing>(&json!({ "version": 1, "production_start_date": date }));
        }
        for edition in [json!(null), json!("standard")] {
            assert_strict::<OfferingItem>(&json!({
                "status": 1, "edition": edition, "type": "count", "usage_name": "vms",
            }));
        }
    }

    #[test]
    fn a_storage_may_be_null_but_not_another_type() {
        let item = |storage: Value| {
            let item = json!({
                "status": 1, "edition": null, "type": "infra", "usage_name": "storage", "infra_id": storage,
            });
            common::json::object_from_str::<OfferingItem>(&item.to_string())
        };
        item(json!(null)).unwrap();
        item(json!("e72104a3-c013-4e18-bb71-7bce1dcdcaf2")).unwrap();
        assert_eq!(item(json!(5)).unwrap_err().location, "infra_id");
    }
}
