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
