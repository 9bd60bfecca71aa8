//! The platform's clock. It decides when a token expires, and this machine's clock may be wrong. The difference between
//! the two is the clock skew. It is computed from the `Date` of a token response and saved in `clock_skew.json`, so
//! that later runs know whether a saved token is still valid.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::{error::UserError, folder::Home, text::count};

/// The saved clock skew. The file exists only if the clocks differ.
const CLOCK_SKEW: &str = "clock_skew.json";
/// A token is used only while it is valid for at least this many seconds, so that it outlives a run.
pub(super) const MIN_REMAINING: i64 = 900;
/// Differences of at most this many seconds are ignored, because a response arrives with a delay.
const TOLERANCE: u64 = 60;

/// The difference between the clocks, as saved in `clock_skew.json`.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct ClockSkew {
    /// How many seconds the platform's clock is ahead of this machine's.
    pub seconds: i64,
}

/// Unix time in seconds by the platform's clock, as far as it is known.
pub(super) fn now(home: &Home) -> i64 {
    unix(SystemTime::now()).saturating_add(saved(home))
}

/// Saves the clock skew of a token response, or removes the file if the clocks agree. `expires_on` (Unix seconds) is
/// that of the token.
pub(super) fn update(home: &Home, skew: Option<i64>, expires_on: i64) -> Result<(), UserError> {
    let now = unix(SystemTime::now());
    // A new token cannot have expired yet: if it seems so, the `Date` of the response is wrong.
    let Some(seconds) = skew.filter(|skew| expires_on >= now.saturating_add(*skew)) else {
        return Ok(());
    };
    if seconds.unsigned_abs() <= TOLERANCE {
        return home.remove(CLOCK_SKEW);
    }
    if seconds.abs_diff(saved(home)) <= TOLERANCE {
        return Ok(());
    }
    let lifetime = expires_on.saturating_sub(now.saturating_add(seconds));
    if affects_lifetime(seconds, lifetime) {
        log::warn!(
            "this machine's clock is {} {} the platform's, so tokens are checked against the platform's clock; if this \
             machine's clock is wrong, correct it",
            readable(seconds.unsigned_abs()),
            if seconds < 0 { "ahead of" } else { "behind" },
        );
    }
    home.save(CLOCK_SKEW, &ClockSkew { seconds })
}

/// Whether a new token that is valid for `lifetime` seconds would be used after it expires, or never, if it were checked
/// against this machine's clock. A smaller difference affects nothing.
fn affects_lifetime(skew: i64, lifetime: i64) -> bool {
    skew > MIN_REMAINING || lifetime.saturating_add(skew) < MIN_REMAINING
}

/// Seconds, rounded to the unit that fits: `3 hours`.
fn readable(seconds: u64) -> String {
    let (unit, noun) = match seconds {
        ..5_400 => (60, "minute"),
        5_400..129_600 => (3_600, "hour"),
        _ => (86_400, "day"),
    };
    let number = seconds.saturating_add(unit / 2) / unit;
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    count(number, noun)
}

/// The saved skew. A missing or broken file means none.
fn saved(home: &Home) -> i64 {
    home.load::<ClockSkew>(CLOCK_SKEW)
        .unwrap_or_default()
        .seconds
}

/// Seconds since 1970; earlier times are negative.
fn unix(time: SystemTime) -> i64 {
    let seconds = |elapsed: Duration| i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(elapsed) => seconds(elapsed),
        Err(before) => -seconds(before.duration()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUTURE: i64 = i64::MAX;

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        (folder, home)
    }

    #[test]
    fn saves_a_skew_and_removes_it_when_the_clocks_agree() {
        let (_folder, home) = home();
        update(&home, Some(30), FUTURE).unwrap();
        assert!(!home.has(CLOCK_SKEW));
        update(&home, Some(-3600), FUTURE).unwrap();
        assert_eq!(saved(&home), -3600);
        // Within the tolerance of what is saved.
        update(&home, Some(-3570), FUTURE).unwrap();
        assert_eq!(saved(&home), -3600);
        update(&home, Some(0), FUTURE).unwrap();
        assert!(!home.has(CLOCK_SKEW));
    }

    #[test]
    fn ignores_a_response_without_a_date_or_with_an_impossible_one() {
        let (_folder, home) = home();
        update(&home, None, FUTURE).unwrap();
        let expired = unix(SystemTime::now()) - 10;
        update(&home, Some(3600), expired).unwrap();
        assert!(!home.has(CLOCK_SKEW));
    }

    #[test]
    fn a_skew_matters_if_a_token_is_used_too_long_or_never() {
        for (skew, expected) in [
            (61, false),
            (900, false),
            (901, true),
            (-3_600, false),
            (-6_300, false),
            (-6_301, true),
        ] {
            assert_eq!(affects_lifetime(skew, 7_200), expected, "{skew}");
        }
    }

    #[test]
    fn skews_are_readable() {
        for (seconds, expected) in [
            (61, "1 minute"),
            (3_600, "60 minutes"),
            (7_199, "2 hours"),
            (10_800, "3 hours"),
            (259_200, "3 days"),
        ] {
            assert_eq!(readable(seconds), expected);
        }
    }
}
