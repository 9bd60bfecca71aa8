//! JSON documents that are read through typed views and saved or sent back unchanged.

mod decode;
mod id;
mod limits;
mod lossless;
mod objects_only;
mod page;
mod pretty;

pub use decode::{DecodeError, object_from_slice, object_from_str};
pub(crate) use id::is_path_segment;
pub use id::{Id, InvalidId};
pub(crate) use limits::check_limits;
pub use lossless::Lossless;
pub use page::{CursorGuard, Page};
pub use pretty::to_pretty_string;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::{Map, Value};

/// Decodes a secret, for `#[serde(deserialize_with = "…")]`. An error does not quote the value.
///
/// # Errors
/// If the value is not a string, or is empty.
pub fn non_empty_secret<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<SecretString, D::Error> {
    match String::deserialize(deserializer) {
        Ok(secret) if !secret.is_empty() => Ok(secret.into()),
        _ => Err(D::Error::custom("expected a non-empty string")),
    }
}

/// The same value with the keys of every object in alphabetical order, for display.
#[must_use]
pub fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| name.as_str());
            fields
                .into_iter()
                .map(|(name, value)| (name.clone(), sorted(value)))
                .collect::<Map<_, _>>()
                .into()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorting_changes_only_the_order_of_keys() {
        let value: Value = serde_json::from_str(
            r#"{"b": [{"z": 1, "a": 123456789012345678901234567890}], "a": 1.50}"#,
        )
        .unwrap();
        assert_eq!(
            sorted(&value).to_string(),
            r#"{"a":1.50,"b":[{"a":123456789012345678901234567890,"z":1}]}"#
        );
    }
}
