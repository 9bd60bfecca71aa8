//! Points in time, as the platform formats them.

use std::fmt;

use jiff::tz::TimeZone;
use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::ApiError;

/// A point in time, in Unix milliseconds. It is serialized as `YYYY-MM-DDTHH:MM:SS`, in UTC and without an offset: the
/// only format that every known client of the platform parses.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From Unix milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Unix milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole Unix seconds.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Adds milliseconds, which may be negative.
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The date and time of day in UTC.
    pub fn civil(self) -> jiff::civil::DateTime {
        TimeZone::UTC.to_datetime(self.to_jiff())
    }

    /// Converts to a `jiff` timestamp.
    pub(crate) fn to_jiff(self) -> jiff::Timestamp {
        // The clock never leaves jiff's range, the years -9999 to 9999.
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// RFC 3339 with seconds: `2019-08-08T07:36:58Z`.
    pub(crate) fn rfc3339(self) -> String {
        format!("{self}Z")
    }

    /// RFC 3339 with milliseconds: `2019-08-08T07:36:58.999Z`.
    pub(crate) fn rfc3339_millis(self) -> String {
        format!("{self}.{:03}Z", self.0.rem_euclid(1000))
    }

    /// Parses a parameter or field: RFC 3339, or UTC without an offset.
    pub(crate) fn parse_field(name: &str, text: &str) -> Result<Self, ApiError> {
        // An unescaped `+` was decoded as a space.
        let text = text.trim().replace(' ', "+");
        let parsed = text.parse::<jiff::Timestamp>().ok().or_else(|| {
            let bare: jiff::civil::DateTime = text.parse().ok()?;
            TimeZone::UTC.to_timestamp(bare).ok()
        });
        parsed
            .map(|at| Self::from_millis(at.as_millisecond()))
            .ok_or_else(|| ApiError::bad(format!("{name}: {text:?} is not a valid time.")))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.civil();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_field("time", &text).map_err(|error| D::Error::custom(error.info()))
    }
}

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.into())
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn formats_utc_with_and_without_offset() {
        let at = Timestamp::from_millis(1_565_249_818_999);
        assert_eq!(at.to_string(), "2019-08-08T07:36:58");
        assert_eq!(at.rfc3339(), "2019-08-08T07:36:58Z");
        assert_eq!(at.rfc3339_millis(), "2019-08-08T07:36:58.999Z");
    }
}
