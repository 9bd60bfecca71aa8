//! The contact of a tenant or user. Every contact has all fields; unset ones are "".

use serde::{Deserialize, Deserializer, Serialize};

use crate::clock::Timestamp;
use crate::domain::Id;

/// Declares the fields of a contact and of a change. Both have the same fields, so they are declared together.
macro_rules! contact {
    ($($field:ident: $type:ty,)*) => {
        /// A contact. The fields are in the order of the platform's responses.
        #[derive(Clone, Debug, Deserialize, Serialize)]
        pub(crate) struct Contact {
            id: Id,
            created_at: Timestamp,
            updated_at: Timestamp,
            $(pub $field: $type,)*
        }

        /// The fields to set; `None` leaves a field as it is. In JSON, `null` resets a field.
        #[derive(Clone, Debug, Default, Deserialize)]
        #[serde(default)]
        pub(crate) struct ContactChange {
            $(
                #[serde(deserialize_with = "null_resets")]
                pub $field: Option<$type>,
            )*
        }

        impl Contact {
            /// Creates a contact with the given fields.
            pub(crate) fn new(id: Id, given: &ContactChange, now: Timestamp) -> Self {
                Self {
                    id,
                    created_at: now,
                    updated_at: now,
                    $($field: given.$field.clone().unwrap_or_default(),)*
                }
            }

            /// Sets the given fields.
            pub(crate) fn merge(&mut self, change: &ContactChange, now: Timestamp) {
                $(
                    if let Some(value) = &change.$field {
                        self.$field.clone_from(value);
                    }
                )*
                self.updated_at = now;
            }
        }
    };
}

contact! {
    types: Vec<ContactType>,
    email: Email,
    address1: String,
    address2: String,
    country: String,
    state: String,
    city: String,
    zipcode: String,
    phone: String,
    firstname: String,
    lastname: String,
    title: String,
    website: String,
    industry: String,
    organization_size: String,
    aan: String,
    fax: String,
    language: String,
    email_confirmed: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ContactType {
    Legal,
    Primary,
    Billing,
    Technical,
    Management,
    CompanyBilling,
}

/// An e-mail address, or "". As on the platform, an address is valid if it has text on both sides of an `@`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub(crate) struct Email(String);

impl Email {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Email {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_valid = text.is_empty()
            || (!text.contains(char::is_whitespace)
                && text
                    .split_once('@')
                    .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()));
        is_valid
            .then_some(Self(text))
            .ok_or("not an e-mail address")
    }
}

fn null_resets<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::<T>::deserialize(deserializer).map(|value| Some(value.unwrap_or_default()))
}
