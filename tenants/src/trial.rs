//! The end of a trial, for platforms that do not return it.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

/// The last day of a trial, in UTC: the end of the month for a customer created on the first of a month, otherwise the
/// end of the next month.
///
/// `created` is the time of creation in Unix milliseconds. `None` if the time or the last day is outside the calendar.
#[must_use]
pub fn trial_end(created: i64) -> Option<Date> {
    let created = Timestamp::from_millisecond(created).ok()?;
    let day = TimeZone::UTC.to_datetime(created).date();
    let month = if day.day() == 1 {
        day
    } else {
        // From the first of the month: one month after 30 January is not a day of February.
        day.first_of_month().checked_add(1.month()).ok()?
    };
    Some(month.last_of_month())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn millis(day: Date) -> i64 {
        let midnight = TimeZone::UTC.to_timestamp(day.into()).unwrap();
        midnight.as_millisecond()
    }

    /// Computes the expected day by counting days: the day before the next first of a month, or before the second next.
    #[test]
    fn the_last_day_is_right_for_every_day_of_six_years() {
        const DAY: i64 = 24 * 60 * 60 * 1000;
        // The step is a prime number, so the hours and minutes differ from day to day.
        const STEP: usize = 7_368_787;

        let mut day = date(2023, 1, 1);
        let mut count = 0;
        while day.year() < 2029 {
            let firsts = if day.day() == 1 { 1 } else { 2 };
            let end = day
                .series(1.day())
                .skip(1)
                .filter(|day| day.day() == 1)
                .nth(firsts - 1)
                .and_then(|first| first.yesterday().ok())
                .unwrap();

            let start = millis(day);
            let moments = (start..start + DAY).step_by(STEP);
            for moment in moments.chain([start + 1, start + DAY - 1]) {
                assert_eq!(trial_end(moment), Some(end), "{day} {moment}");
            }
            day = day.tomorrow().unwrap();
            count += 1;
        }
        assert_eq!(count, 2192);
    }

    #[test]
    fn ends_of_months_and_leap_days_are_right() {
        for (created, end) in [
            ("2023-12-01T00:00:00Z", date(2023, 12, 31)),
            ("2023-12-02T00:00:00Z", date(2024, 1, 31)),
            ("2023-12-31T23:59:59.999Z", date(2024, 1, 31)),
            ("2024-01-01T00:00:00Z", date(2024, 1, 31)),
            ("2024-01-29T12:00:00Z", date(2024, 2, 29)),
            ("2024-01-31T23:59:59.999Z", date(2024, 2, 29)),
            ("2025-01-30T12:00:00Z", date(2025, 2, 28)),
            ("2025-02-28T12:00:00Z", date(2025, 3, 31)),
        ] {
            let created: Timestamp = created.parse().unwrap();
            assert_eq!(trial_end(created.as_millisecond()), Some(end), "{created}");
        }
    }

    #[test]
    fn trial_end_is_none_for_out_of_range_times() {
        for created in [
            i64::MAX,
            i64::MIN,
            // 28 December 9999: the calendar has no next month.
            253_402_000_000_000,
        ] {
            assert_eq!(trial_end(created), None, "{created}");
        }
    }
}
