//! When a trial ends, where the platform does not tell it.

use common::Failure;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde_json::Value;

/// The last day of a trial: a customer that was created on the first of a month is in trial for that month, any other
/// for the rest of the month and the whole next one. Days and months are those of UTC.
///
/// `created` is the moment of creation in Unix milliseconds, as the pricing of a new tenant has it in `version`.
///
/// # Errors
/// A [`Failure`] where this is no whole number, or none that the calendar knows.
pub fn trial_end(created: &Value) -> Result<Date, Failure> {
    let end = created
        .as_i64()
        .and_then(|millis| Timestamp::from_millisecond(millis).ok())
        .and_then(last_day);
    end.ok_or_else(|| {
        Failure::unexpected(format!(
            "the `version` of the pricing is no moment in Unix milliseconds: {}",
            common::plain(&created.to_string())
        ))
    })
}

fn last_day(created: Timestamp) -> Option<Date> {
    let day = TimeZone::UTC.to_datetime(created).date();
    let month = if day.day() == 1 {
        day
    } else {
        // Counted from the first of the month: a month after 30 January is no day of February.
        day.first_of_month().checked_add(1.month()).ok()?
    };
    Some(month.last_of_month())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    fn millis(day: Date) -> i64 {
        let midnight = TimeZone::UTC.to_timestamp(day.into()).unwrap();
        midnight.as_millisecond()
    }

    /// Counts days only: the trial has to end on the eve of the next first of a month, or of the one after it.
    #[test]
    fn every_moment_of_six_years_has_its_last_day() {
        const DAY: i64 = 24 * 60 * 60 * 1000;
        // A prime step meets other hours and minutes each day.
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

            let begin = millis(day);
            let moments = (begin..begin + DAY).step_by(STEP);
            for moment in moments.chain([begin + 1, begin + DAY - 1]) {
                assert_eq!(trial_end(&json!(moment)).unwrap(), end, "{day} {moment}");
            }
            day = day.tomorrow().unwrap();
            count += 1;
        }
        assert_eq!(count, 2192);
    }

    #[test]
    fn the_ends_of_months_and_years_come_out_right() {
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
            let version = json!(created.as_millisecond());
            assert_eq!(trial_end(&version).unwrap(), end, "{created}");
        }
    }

    #[test]
    fn what_is_no_moment_is_an_error() {
        for version in [
            json!(null),
            json!("1668505449478"),
            json!(1.5),
            json!([]),
            json!(u64::MAX),
            json!(i64::MAX),
            json!(i64::MIN),
            // 28 December 9999: the calendar has no next month.
            json!(253_402_000_000_000_i64),
        ] {
            let error = trial_end(&version).unwrap_err().to_string();
            assert!(error.contains("Unix milliseconds"), "{version}: {error}");
        }
    }
}
