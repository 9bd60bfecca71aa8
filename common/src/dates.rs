//! Times as a person reads them.

use jiff::Timestamp;

/// A moment given in Unix seconds, as `2026-11-24T00:56:05Z`; a number no calendar knows, as that number.
#[must_use]
pub fn utc(unix_seconds: i64) -> String {
    Timestamp::from_second(unix_seconds)
        .map_or_else(|_| unix_seconds.to_string(), |time| time.to_string())
}
