//! How the clock is set, and how that is changed.

use jiff::Span;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use crate::domain::{ApiError, Result};

/// From the beginning of the year 2000 to the end of 2100.
const SENSIBLE: std::ops::RangeInclusive<i64> = 946_684_800_000..=4_133_980_799_999;
/// Where time ends for the sandbox, however fast it runs: the beginning of the year 2200. Not much later the nanoseconds
/// in which alerts are dated do not fit any more.
const END: i64 = 7_258_118_400_000;

/// How the clock is set: which moment it was at one of the machine's, and how fast it has gone on since.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct ClockSetting {
    /// Unix milliseconds of the machine.
    machine: i64,
    /// Unix milliseconds of the sandbox at that moment.
    sandbox: i64,
    /// How many times as fast as the machine's.
    pub(crate) speed: f64,
}

/// What is to change. `set` comes first, then `advance`; the speed holds from there on.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// RFC 3339, or bare and then in UTC.
    pub(crate) set: Option<String>,
    /// `2h`, `1 month 3 days`, `PT2H`.
    pub(crate) advance: Option<String>,
    pub(crate) speed: Option<f64>,
}

impl ClockSetting {
    /// The machine's own time.
    pub(super) const MACHINE: ClockSetting = ClockSetting {
        machine: 0,
        sandbox: 0,
        speed: 1.0,
    };

    /// The moment at one of the machine's.
    pub(super) fn at(&self, machine: Timestamp) -> Timestamp {
        let passed = (machine.millis() - self.machine) as f64 * self.speed;
        Timestamp::from_millis(self.sandbox.saturating_add(passed as i64).min(END))
    }

    /// As it is after a change at a moment of the machine's.
    pub(super) fn changed(self, machine: Timestamp, change: &Change) -> Result<ClockSetting> {
        let mut now = self.at(machine);
        if let Some(text) = &change.set {
            now = sensible("set", Timestamp::parse_field("set", text)?)?;
        }
        if let Some(text) = &change.advance {
            now = sensible("advance", advanced(now, text)?)?;
        }
        let speed = change.speed.unwrap_or(self.speed);
        if !(0.001..=1_000_000.0).contains(&speed) {
            let info = format!("speed: {speed} is not a number from 0.001 to 1000000.");
            return Err(ApiError::bad(info));
        }
        if change.set.is_none() && change.advance.is_none() && change.speed.is_none() {
            return Err(ApiError::bad("None of advance, set, speed is given."));
        }
        Ok(ClockSetting {
            machine: machine.millis(),
            sandbox: now.millis(),
            speed,
        })
    }
}

fn sensible(field: &str, moment: Timestamp) -> Result<Timestamp> {
    if SENSIBLE.contains(&moment.millis()) {
        return Ok(moment);
    }
    let info = format!("{field}: {moment} is not in the years 2000 to 2100.");
    Err(ApiError::bad(info))
}

fn advanced(now: Timestamp, text: &str) -> Result<Timestamp> {
    let refused = |why: &dyn std::fmt::Display| ApiError::bad(format!("advance: {text:?}: {why}."));
    let span: Span = text.parse().map_err(|error| refused(&error))?;
    if span.is_negative() {
        return Err(refused(&"time goes forward, set leads back"));
    }
    let later = now.civil().checked_add(span);
    let later: jiff::Timestamp = later
        .and_then(|later| TimeZone::UTC.to_timestamp(later))
        .map_err(|error| refused(&error))?;
    Ok(Timestamp::from_millis(later.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const MACHINE: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn changed(setting: ClockSetting, change: Value) -> Result<ClockSetting> {
        let change: Change = serde_json::from_value(change).unwrap();
        setting.changed(MACHINE, &change)
    }

    fn at(setting: ClockSetting, later: i64) -> String {
        setting.at(MACHINE.plus_millis(later)).to_string()
    }

    #[test]
    fn it_goes_on_from_where_it_was_set() {
        assert_eq!(ClockSetting::MACHINE.at(MACHINE), MACHINE);
        let set = changed(
            ClockSetting::MACHINE,
            json!({ "set": "2026-01-31T10:00:00Z" }),
        )
        .unwrap();
        assert_eq!(at(set, 1000), "2026-01-31T10:00:01");
        for (by, then) in [
            ("2h", "2026-01-31T12:00:00"),
            ("1mo", "2026-02-28T10:00:00"),
            ("1 day, 30 minutes", "2026-02-01T10:30:00"),
            ("P1Y", "2027-01-31T10:00:00"),
            ("0s", "2026-01-31T10:00:00"),
        ] {
            let advanced = changed(set, json!({ "advance": by })).unwrap();
            assert_eq!(at(advanced, 0), then, "{by}");
        }
        let fast = changed(set, json!({ "speed": 60 })).unwrap();
        assert_eq!(at(fast, 60_000), "2026-01-31T11:00:00");
        let all = json!({ "speed": 0.5, "advance": "1h", "set": "2026-06-01T00:00:00" });
        assert_eq!(at(changed(fast, all).unwrap(), 2000), "2026-06-01T01:00:01");
        // However fast, no moment is past all that can be written.
        let fastest = changed(set, json!({ "speed": 1_000_000 })).unwrap();
        assert_eq!(at(fastest, i64::MAX / 2), "2200-01-01T00:00:00");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (change, why) in [
            (json!({}), "None of advance"),
            (
                json!({ "set": "tomorrow" }),
                "set: \"tomorrow\" is not a time",
            ),
            (json!({ "set": "1999-12-31T23:59:59Z" }), "set: 1999-12-31"),
            (json!({ "set": "2101-01-01T00:00:00Z" }), "set: 2101-01-01"),
            (json!({ "advance": "2" }), "advance: \"2\": "),
            (json!({ "advance": "" }), "advance: \"\": "),
            (
                json!({ "advance": "-2h" }),
                "advance: \"-2h\": time goes forward",
            ),
            (
                json!({ "advance": "2h ago" }),
                "advance: \"2h ago\": time goes forward",
            ),
            (json!({ "advance": "100 years" }), "advance: 21"),
            (json!({ "advance": "9000 years" }), "advance: "),
            (json!({ "speed": 0 }), "speed: 0 is not"),
            (json!({ "speed": -1 }), "speed: -1 is not"),
            (json!({ "speed": 1e9 }), "speed: 1000000000 is not"),
        ] {
            let refused = changed(ClockSetting::MACHINE, change.clone()).unwrap_err();
            assert!(
                refused.info().starts_with(why),
                "{change}: {}",
                refused.info()
            );
        }
    }
}
