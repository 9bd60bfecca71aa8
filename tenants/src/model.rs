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
    /// False if it was disabled: its users cannot sign in.
    enabled: Option<bool>,
    update_lock: Option<UpdateLock>,
    /// `trial`, `production` or `suspended`.
    pricing_mode: Option<String>,
}

/// A lock on changes by anyone but its owner.
#[derive(Debug, Deserialize)]
struct UpdateLock {
    enabled: bool,
}

impl Tenant {
    /// The kind, and the state as far as the response contains it: `customer`, `customer, trial`,
    /// `partner, disabled, locked`.
    #[must_use]
    pub fn kind_and_state(&self) -> String {
        let pricing = self.pricing_mode.as_deref();
        let states = [
            (pricing == Some("trial"), "trial"),
            (pricing == Some("suspended"), "suspended"),
            (self.enabled == Some(false), "disabled"),
            (
                self.update_lock.as_ref().is_some_and(|it| it.enabled),
                "locked",
            ),
        ];
        let states = states.into_iter().filter(|(applies, _)| *applies);
        let words = [self.kind.as_str()]
            .into_iter()
            .chain(states.map(|(_, word)| word));
        words.collect::<Vec<_>>().join(", ")
    }
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
}

/// When production starts, the response of the same call. A response without the field is an error; [`Pricing`] is for
/// platforms that do not return it.
#[derive(Debug, Deserialize)]
pub struct ProductionStart {
    /// The time at which the trial ends and production starts, in UTC: `2026-12-01T00:00:00`. Null if
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

/// What an edition switch would change, the response of `GET /api/2/tenants/{id}/edition`.
#[derive(Debug, Deserialize)]
pub struct EditionSwitch {
    /// Codes such as `OldFeaturesBecomeUnavailable`. They do not prevent the switch.
    pub warnings: Vec<String>,
}

/// A tenant or a user, an item of `GET /api/2/search`.
#[derive(Debug, Deserialize)]
pub struct SearchResult {
    /// `tenant` or `user`.
    obj_type: String,
    id: Id,
    /// The names of the tenants from the root of the search down to the object.
    path: Vec<String>,
    /// The kind of a tenant; absent for a user.
    kind: Option<String>,
    /// The name of a tenant; absent for a user.
    name: Option<String>,
    /// The name with which a user signs in; absent for a tenant.
    login: Option<String>,
}

impl SearchResult {
    /// A table row: name or login, kind, path and id.
    #[must_use]
    pub fn row(&self) -> [String; 4] {
        let name = self.name.as_ref().or(self.login.as_ref());
        [
            name.cloned().unwrap_or_default(),
            self.kind.as_ref().unwrap_or(&self.obj_type).clone(),
            self.path.join(" / "),
            self.id.to_string(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_shown_as_far_as_it_is_known() {
        for (fields, expected) in [
            ("", "customer"),
            (
                r#","enabled":null,"update_lock":null,"pricing_mode":null"#,
                "customer",
            ),
            (
                r#","enabled":true,"update_lock":{"enabled":false},"pricing_mode":"production""#,
                "customer",
            ),
            (r#","pricing_mode":"trial""#, "customer, trial"),
            (
                r#","enabled":false,"update_lock":{"enabled":true},"pricing_mode":"suspended""#,
                "customer, suspended, disabled, locked",
            ),
        ] {
            let tenant =
                format!(r#"{{"id":"t","name":"T","kind":"customer","version":1{fields}}}"#);
            let tenant: Tenant = serde_json::from_str(&tenant).unwrap();
            assert_eq!(tenant.kind_and_state(), expected, "{fields}");
        }
    }
}
