//! Ids of the platform's objects.

use std::{fmt, ops::Deref};

use serde::{Deserialize, Serialize};

/// The id of a tenant, a user, a report, …: not empty, and safe as a part of a path.
///
/// Most are UUIDs, but not all. Letters, digits, `-`, `.`, `_` and `~` are allowed; `.` and `..` are not, so an id from a
/// response cannot lead to another path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub struct Id(String);

/// A string that is not a valid id.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not an id")]
pub struct InvalidId(String);

/// Whether a text can be one part of a path without changing where the path leads.
pub(crate) fn is_path_segment(text: &str) -> bool {
    !matches!(text, "" | "." | "..")
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

impl TryFrom<String> for Id {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        if is_path_segment(&text) {
            Ok(Self(text))
        } else {
            Err(InvalidId(text))
        }
    }
}

impl Deref for Id {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Id {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Id {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_is_safe_in_a_path_and_nothing_else() {
        for text in [
            "ba2976d0-c13e-4661-ae60-b4593583fce2",
            "1234",
            "a.b_c~d",
            "...",
        ] {
            assert_eq!(Id::try_from(text.to_owned()).unwrap(), *text);
        }
        for text in ["", ".", "..", "a/b", "../users", "a b", "a?b", "ä", "a%2f"] {
            assert!(Id::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
