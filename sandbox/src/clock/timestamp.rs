//! Points in time, as the platform writes them.

use std::fmt;

use jiff::tz::TimeZone;
use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};
use serde::{Serialize, Serializer};

use crate::domain::ApiError;

/// A point in time, in Unix milliseconds; answered as `YYYY-MM-DDTHH:MM:SS` in UTC, bare,
/// the one form that every known client of the platform parses.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From Unix milliseconds.
    pub const fn from_millis(millis: i64) -> Timestamp {
        Timestamp(millis)
    }

    /// Unix milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole Unix seconds.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// So many milliseconds later, or earlier.
    pub const fn plus_millis(self, millis: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(millis))
    }

    /// The date and time of day in UTC.
    pub fn civil(self) -> jiff::civil::DateTime {
        TimeZone::UTC.to_datetime(self.to_jiff())
    }

    /// As a `jiff` timestamp.
    pub(crate) fn to_jiff(self) -> jiff::Timestamp {
        // Outside jiff's range (years -9999 to 9999) there is nothing the sandbox could mean.
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// The value of a parameter or a field: RFC 3339, or without an offset and then in UTC.
    pub(crate) fn parse_field(name: &str, text: &str) -> Result<Timestamp, ApiError> {
        // A `+` that came unescaped is a space by now.
        let text = text.trim().replace(' ', "+");
        let parsed = text.parse::<jiff::Timestamp>().ok().or_else(|| {
            let bare: jiff::civil::DateTime = text.parse().ok()?;
            TimeZone::UTC.to_timestamp(bare).ok()
        });
        parsed
            .map(|at| Timestamp::from_millis(at.as_millisecond()))
            .ok_or_else(|| ApiError::bad(format!("{name}: {text:?} is not a time.")))
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

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.into())
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Timestamp)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn a_moment_is_written_bare() {
        assert_eq!(
            Timestamp::from_millis(1_565_249_818_999).to_string(),
            "2019-08-08T07:36:58"
        );
    }
}
