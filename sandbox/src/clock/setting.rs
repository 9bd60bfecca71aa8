//! The setting of the clock, and changes to it.

use jiff::Span;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use crate::domain::{ApiError, Result};

/// The years 2000 to 2100.
const SETTABLE: std::ops::RangeInclusive<i64> = 946_684_800_000..=4_133_980_799_999;
/// The clock stops at the beginning of the year 2200, however fast it runs. The timestamps of alerts, in nanoseconds,
/// overflow in 2262.
const END: i64 = 7_258_118_400_000;

/// The setting of the clock: a reference point and the speed since then.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct ClockSetting {
    /// The system time of the reference point, in Unix milliseconds.
    #[serde(rename = "machine")]
    system: i64,
    /// The sandbox time of the reference point, in Unix milliseconds.
    sandbox: i64,
    /// How many times faster than the system clock.
    pub(crate) speed: f64,
}

/// A change of the setting. `set` is applied first, then `advance`; the speed applies from then on.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// RFC 3339, or UTC without an offset.
    pub(crate) set: Option<String>,
    /// `2h`, `1 month 3 days`, `PT2H`.
    pub(crate) advance: Option<String>,
    pub(crate) speed: Option<f64>,
}

impl ClockSetting {
    /// Follows the system clock.
    pub(super) const SYSTEM: Self = Self {
        system: 0,
        sandbox: 0,
        speed: 1.0,
    };

    /// The sandbox time at a system time.
    pub(super) fn at(&self, system_time: Timestamp) -> Timestamp {
        let elapsed = (system_time.millis() - self.system) as f64 * self.speed;
        Timestamp::from_millis(self.sandbox.saturating_add(elapsed as i64).min(END))
    }

    /// The setting after a change at a system time.
    pub(super) fn changed(self, system_time: Timestamp, change: &Change) -> Result<Self> {
        let mut now = self.at(system_time);
        if let Some(text) = &change.set {
            now = ensure_settable("set", Timestamp::parse_field("set", text)?)?;
        }
        if let Some(text) = &change.advance {
            now = ensure_settable("advance", advanced(now, text)?)?;
        }
        let speed = change.speed.unwrap_or(self.speed);
        if !(0.001..=1_000_000.0).contains(&speed) {
            let info = format!("speed: {speed} is not a number from 0.001 to 1000000.");
            return Err(ApiError::bad(info));
        }
        if change.set.is_none() && change.advance.is_none() && change.speed.is_none() {
            return Err(ApiError::bad(
                "Give at least one of advance, set and speed.",
            ));
        }
        Ok(Self {
            system: system_time.millis(),
            sandbox: now.millis(),
            speed,
        })
    }
}

fn ensure_settable(field: &str, time: Timestamp) -> Result<Timestamp> {
    if SETTABLE.contains(&time.millis()) {
        return Ok(time);
    }
    let info = format!("{field}: {time} is not in the years 2000 to 2100.");
    Err(ApiError::bad(info))
}

fn advanced(now: Timestamp, text: &str) -> Result<Timestamp> {
    let invalid =
        |reason: &dyn std::fmt::Display| ApiError::bad(format!("advance: {text:?}: {reason}."));
    let span: Span = text.parse().map_err(|error| invalid(&error))?;
    if span.is_negative() {
        return Err(invalid(
            &"the duration is negative; use set to go back in time",
        ));
    }
    let later = now.civil().checked_add(span);
    let later: jiff::Timestamp = later
        .and_then(|later| TimeZone::UTC.to_timestamp(later))
        .map_err(|error| invalid(&error))?;
    Ok(Timestamp::from_millis(later.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const SYSTEM_TIME: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn changed(setting: ClockSetting, change: Value) -> Result<ClockSetting> {
        let change: Change = serde_json::from_value(change).unwrap();
        setting.changed(SYSTEM_TIME, &change)
    }

    fn at(setting: ClockSetting, later: i64) -> String {
        setting.at(SYSTEM_TIME.plus_millis(later)).to_string()
    }

    #[test]
    fn continues_from_where_it_was_set() {
        assert_eq!(ClockSetting::SYSTEM.at(SYSTEM_TIME), SYSTEM_TIME);
        let set = changed(
            ClockSetting::SYSTEM,
            json!({ "set": "2026-01-31T10:00:00Z" }),
        )
        .unwrap();
        assert_eq!(at(set, 1000), "2026-01-31T10:00:01");
        for (duration, expected) in [
            ("2h", "2026-01-31T12:00:00"),
            ("1mo", "2026-02-28T10:00:00"),
            ("1 day, 30 minutes", "2026-02-01T10:30:00"),
            ("P1Y", "2027-01-31T10:00:00"),
            ("0s", "2026-01-31T10:00:00"),
        ] {
            let advanced = changed(set, json!({ "advance": duration })).unwrap();
            assert_eq!(at(advanced, 0), expected, "{duration}");
        }
        let fast = changed(set, json!({ "speed": 60 })).unwrap();
        assert_eq!(at(fast, 60_000), "2026-01-31T11:00:00");
        let all = json!({ "speed": 0.5, "advance": "1h", "set": "2026-06-01T00:00:00" });
        assert_eq!(at(changed(fast, all).unwrap(), 2000), "2026-06-01T01:00:01");
        // Even the fastest clock stops at the end of time.
        let fastest = changed(set, json!({ "speed": 1_000_000 })).unwrap();
        assert_eq!(at(fastest, i64::MAX / 2), "2200-01-01T00:00:00");
    }

    #[test]
    fn rejects_invalid_changes() {
        for (change, message) in [
            (json!({}), "Give at least one"),
            (
                json!({ "set": "tomorrow" }),
                "set: \"tomorrow\" is not a valid time",
            ),
            (json!({ "set": "1999-12-31T23:59:59Z" }), "set: 1999-12-31"),
            (json!({ "set": "2101-01-01T00:00:00Z" }), "set: 2101-01-01"),
            (json!({ "advance": "2" }), "advance: \"2\": "),
            (json!({ "advance": "" }), "advance: \"\": "),
            (
                json!({ "advance": "-2h" }),
                "advance: \"-2h\": the duration is negative",
            ),
            (
                json!({ "advance": "2h ago" }),
                "advance: \"2h ago\": the duration is negative",
            ),
            (json!({ "advance": "100 years" }), "advance: 21"),
            (json!({ "advance": "9000 years" }), "advance: "),
            (json!({ "speed": 0 }), "speed: 0 is not"),
            (json!({ "speed": -1 }), "speed: -1 is not"),
            (json!({ "speed": 1e9 }), "speed: 1000000000 is not"),
        ] {
            let error = changed(ClockSetting::SYSTEM, change.clone()).unwrap_err();
            assert!(
                error.info().starts_with(message),
                "{change}: {}",
                error.info()
            );
        }
    }
}
