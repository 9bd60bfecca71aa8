//! The schedule of a backup.

use jiff::civil::Weekday;
use serde_json::Value;

use crate::clock::Timestamp;

const DAY: i64 = 24 * 60 * 60 * 1000;
const MINUTE: i64 = 60 * 1000;

/// The next run after a time; `None` if the schedule is disabled or not weekly.
pub(super) fn next_run(settings: &Value, after: Timestamp) -> Option<Timestamp> {
    let scheduling = settings.get("scheduling")?;
    if scheduling.get("enabled") == Some(&Value::Bool(false)) {
        return None;
    }
    let sets = scheduling.get("backup_sets")?.as_array()?;
    sets.iter()
        .filter_map(|set| next_in_set(set.pointer("/schedule/alarms/time")?, after))
        .min()
}

fn next_in_set(time: &Value, after: Timestamp) -> Option<Timestamp> {
    let weekdays = time.get("weekdays")?.as_array()?;
    let times = time.get("repeat_at")?.as_array()?;
    let midnight = Timestamp::from_millis(after.millis().div_euclid(DAY) * DAY);
    (0..=7)
        .map(|days| midnight.plus_millis(days * DAY))
        .filter(|day| {
            let name = weekday_name(day.civil().weekday());
            weekdays.iter().any(|weekday| weekday == name)
        })
        .flat_map(|day| {
            times.iter().map(move |time| {
                let field = |name| time.get(name).and_then(Value::as_i64).unwrap_or(0);
                let minutes = field("hour")
                    .saturating_mul(60)
                    .saturating_add(field("minute"));
                day.plus_millis(minutes.saturating_mul(MINUTE))
            })
        })
        .filter(|at| *at > after)
        .min()
}

fn weekday_name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "mon",
        Weekday::Tuesday => "tue",
        Weekday::Wednesday => "wed",
        Weekday::Thursday => "thu",
        Weekday::Friday => "fri",
        Weekday::Saturday => "sat",
        Weekday::Sunday => "sun",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_the_next_weekday_and_time() {
        let settings = json!({ "scheduling": { "backup_sets": [{ "schedule": { "alarms": { "time": {
            "weekdays": ["mon", "thu"],
            "repeat_at": [{ "hour": 21, "minute": 30 }, { "hour": 6 }],
        } } } }] } });
        // A Thursday.
        let day = 7 * 2_858 * DAY;
        assert_eq!(
            weekday_name(Timestamp::from_millis(day).civil().weekday()),
            "thu"
        );
        for (after, expected) in [
            (0, 6 * 60),
            (6 * 60, 21 * 60 + 30),
            (22 * 60, 4 * 24 * 60 + 6 * 60),
        ] {
            let next = next_run(&settings, Timestamp::from_millis(day + after * MINUTE));
            let expected = Timestamp::from_millis(day + expected * MINUTE);
            assert_eq!(next, Some(expected), "{after}");
        }
        assert_eq!(next_run(&json!({}), Timestamp::from_millis(day)), None);
    }
}
