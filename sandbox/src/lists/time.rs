//! Times in filters, in all formats that the platform accepts.

use jiff::fmt::{rfc2822, strtime};
use jiff::{Timestamp, tz::TimeZone};
use rusqlite::types::Value;

use crate::domain::{ApiError, Result};

/// Parses a time to Unix nanoseconds: RFC 3339, RFC 1123, RFC 850, ANSI C, Unix seconds, or Unix nanoseconds followed
/// by `ns`.
pub(crate) fn time(text: &str) -> Result<Value> {
    let text = text.trim();
    unix_time(text)
        .or_else(|| {
            let at = formatted_time(text)?;
            i64::try_from(at.as_nanosecond()).ok()
        })
        .map(Value::Integer)
        .ok_or_else(|| ApiError::bad(format!("{text:?} is not a valid time.")))
}

fn unix_time(text: &str) -> Option<i64> {
    match text.strip_suffix("ns") {
        Some(nanoseconds) => nanoseconds.parse().ok(),
        None => text.parse::<i64>().ok()?.checked_mul(1_000_000_000),
    }
}

fn formatted_time(text: &str) -> Option<Timestamp> {
    // An unescaped `+` was decoded as a space.
    let rfc3339 = || text.replace(' ', "+").parse::<Timestamp>().ok();
    let rfc1123 = || Some(rfc2822::parse(text).ok()?.timestamp());
    let rfc850 = || in_utc("%A, %d-%b-%y %H:%M:%S", text.strip_suffix(" GMT")?);
    let ansi_c = || in_utc("%a %b %e %H:%M:%S %Y", text);
    rfc3339().or_else(rfc1123).or_else(rfc850).or_else(ansi_c)
}

fn in_utc(format: &str, text: &str) -> Option<Timestamp> {
    let at = strtime::parse(format, text).ok()?.to_datetime().ok()?;
    TimeZone::UTC.to_timestamp(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_all_formats() {
        for text in [
            "2020-04-22T11:00:00Z",
            "2020-04-22T13:00:00.000000000+02:00",
            "2020-04-22T13:00:00 02:00",
            "Wed, 22 Apr 2020 11:00:00 GMT",
            "Wed, 22 Apr 2020 11:00:00 +0000",
            "Wednesday, 22-Apr-20 11:00:00 GMT",
            "Wed Apr 22 11:00:00 2020",
            "1587553200",
            "1587553200000000000ns",
        ] {
            let at = Value::Integer(1_587_553_200_000_000_000);
            assert_eq!(time(text).unwrap(), at, "{text}");
        }
        let single = Value::Integer(1_585_735_200_000_000_000);
        assert_eq!(time("Wed Apr  1 10:00:00 2020").unwrap(), single);
    }

    #[test]
    fn rejects_other_formats() {
        for text in [
            "",
            "yesterday",
            "2020-04-22",
            "12.5",
            "9999999999999",
            "9ms",
        ] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
