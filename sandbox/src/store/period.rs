//! Billing periods: calendar months in UTC.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::clock::Timestamp;

/// A period of time. Usage is measured at its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Period {
    /// The time from which consumables are counted.
    pub start: Timestamp,
    /// The time of the measurement.
    pub end: Timestamp,
}

impl Period {
    /// The current month until now.
    pub(crate) fn of_month(now: Timestamp) -> Self {
        Self {
            start: start_of_month(now),
            end: now,
        }
    }
}

/// Midnight of the first day of the month.
pub(crate) fn start_of_month(now: Timestamp) -> Timestamp {
    midnight(now.civil().date().first_of_month())
}

/// Midnight at the start of a day, in UTC.
pub(crate) fn midnight(date: Date) -> Timestamp {
    // Dates at the limit of the calendar cannot be converted. The clock never reaches them.
    TimeZone::UTC
        .to_timestamp(date.to_datetime(Time::midnight()))
        .map_or(Timestamp::from_millis(0), |at| {
            Timestamp::from_millis(at.as_millisecond())
        })
}
