//! Dates that the examples show and ask for, all in UTC.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

/// Formats a time in Unix seconds, `2026-11-24T00:56:05Z`. A number beyond the supported years is printed as it is.
#[must_use]
pub fn utc(unix_seconds: i64) -> String {
    Timestamp::from_second(unix_seconds)
        .map_or_else(|_| unix_seconds.to_string(), |time| time.to_string())
}

/// Midnight in UTC seven days ago: the start of the week that the monitoring examples read.
#[must_use]
pub fn week_ago() -> Timestamp {
    midnight_a_week_before(Timestamp::now())
}

fn midnight_a_week_before(now: Timestamp) -> Timestamp {
    let day = TimeZone::UTC.to_datetime(now).date();
    // Only the first week that the calendar supports has no earlier one.
    day.checked_sub(7.days())
        .ok()
        .and_then(|day| TimeZone::UTC.to_timestamp(day.into()).ok())
        .unwrap_or(now)
}

/// The first and the last day of the last full calendar month: a billing period.
#[must_use]
pub fn last_month() -> (Date, Date) {
    month_before(TimeZone::UTC.to_datetime(Timestamp::now()).date())
}

fn month_before(day: Date) -> (Date, Date) {
    // Only the first month that the calendar supports has no earlier one.
    let last = day.first_of_month().yesterday().unwrap_or(day);
    (last.first_of_month(), last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_week_starts_at_midnight_in_utc() {
        for (now, expected) in [
            ("2026-11-24T22:32:29.123Z", "2026-11-17T00:00:00Z"),
            ("2026-11-24T00:00:00Z", "2026-11-17T00:00:00Z"),
            ("2026-11-23T23:59:59.999999999Z", "2026-11-16T00:00:00Z"),
            ("2024-03-05T12:00:00Z", "2024-02-27T00:00:00Z"),
            ("2026-01-03T12:00:00+14:00", "2025-12-26T00:00:00Z"),
        ] {
            let now = now.parse().unwrap();
            assert_eq!(midnight_a_week_before(now).to_string(), expected);
        }
    }

    #[test]
    fn month_before_returns_first_and_last_day() {
        const DAYS: [i8; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

        for year in [1900, 2000, 2023, 2024, 2025, 2026, 2027, 2028, 2100] {
            let leap = [2000, 2024, 2028].contains(&year);
            for (month, days) in (1_i8..).zip(DAYS) {
                let days = days + i8::from(leap && month == 2);
                let month_of = |day| jiff::civil::date(year, month, day);
                let next = if month == 12 {
                    jiff::civil::date(year + 1, 1, 1)
                } else {
                    jiff::civil::date(year, month + 1, 1)
                };
                for day in [next, next.last_of_month()] {
                    assert_eq!(month_before(day), (month_of(1), month_of(days)), "{day}");
                }
            }
        }
    }
}
