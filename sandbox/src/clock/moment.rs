//! Points in time, as the platform writes them.

use std::fmt;

use jiff::{Timestamp, tz::TimeZone};
use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};
use serde::{Serialize, Serializer};

/// A point in time, in Unix milliseconds; answered as `YYYY-MM-DDTHH:MM:SS` in UTC, bare,
/// the one form that every known client of the platform parses.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Moment(i64);

impl Moment {
    /// From Unix milliseconds.
    pub const fn from_millis(millis: i64) -> Moment {
        Moment(millis)
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
    pub const fn plus_millis(self, millis: i64) -> Moment {
        Moment(self.0.saturating_add(millis))
    }

    /// The date and time of day in UTC.
    pub fn civil(self) -> jiff::civil::DateTime {
        TimeZone::UTC.to_datetime(self.timestamp())
    }

    /// The same as another library has it.
    pub(crate) fn timestamp(self) -> Timestamp {
        // Outside jiff's range (years -9999 to 9999) there is nothing the sandbox could mean.
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for Moment {
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

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl ToSql for Moment {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.into())
    }
}

impl FromSql for Moment {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Moment)
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn a_moment_is_written_bare() {
        assert_eq!(
            Moment::from_millis(1_565_249_818_999).to_string(),
            "2019-08-08T07:36:58"
        );
    }
}
