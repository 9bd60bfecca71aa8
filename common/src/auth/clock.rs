//! The platform's clock. Tokens expire by it, and this machine's clock may be wrong. The `Date` of a response with a
//! token shows the difference, and `clock_skew.json` keeps it for later runs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use indicatif::HumanDuration;
use serde::{Deserialize, Serialize};

use crate::{error::UserError, folder::Home};

/// The difference between the clocks, while there is one.
const CLOCK_SKEW: &str = "clock_skew.json";
/// Clocks that differ by at most this many seconds are equal: a response takes time.
const TOLERANCE: u64 = 60;
/// A platform's clock cannot show an earlier time: 1 January 2024.
const EARLIEST: i64 = 1_704_067_200;

/// How many seconds the platform's clock is ahead of this machine's.
#[derive(Default, Deserialize, Serialize)]
struct ClockSkew {
    seconds: i64,
}

/// Unix time in seconds by the platform's clock, as far as it is known.
pub(super) fn now(home: &Home) -> i64 {
    unix(SystemTime::now()).saturating_add(saved(home))
}

/// Saves the clock skew that the `Date` of a response with a token shows, or removes the file if the clocks agree.
/// `expires_on` (Unix seconds) is that of the token.
pub(super) fn update(home: &Home, date: Option<&str>, expires_on: i64) -> Result<(), UserError> {
    // A token that expired before it was issued means that the `Date` beside it is wrong.
    let Some(seconds) = skew(date).filter(|skew| expires_on >= unix(SystemTime::now()) + skew)
    else {
        return Ok(());
    };
    if seconds.unsigned_abs() <= TOLERANCE {
        return home.remove(CLOCK_SKEW);
    }
    if seconds.abs_diff(saved(home)) <= TOLERANCE {
        return Ok(());
    }
    log::warn!(
        "this machine's clock is {} {} the platform's; tokens follow the platform's clock, but correct yours",
        HumanDuration(Duration::from_secs(seconds.unsigned_abs())),
        if seconds < 0 { "ahead of" } else { "behind" },
    );
    home.save(CLOCK_SKEW, &ClockSkew { seconds })
}

/// The skew that a `Date` shows; `None` if it is absent or impossible.
fn skew(date: Option<&str>) -> Option<i64> {
    let date = unix(httpdate::parse_http_date(date?).ok()?);
    (date >= EARLIEST).then(|| date.saturating_sub(unix(SystemTime::now())))
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

    #[test]
    fn a_date_shows_the_difference_between_the_clocks() {
        let hour = Duration::from_secs(3600);
        for (date, expected) in [
            (SystemTime::now(), 0),
            (SystemTime::now() + hour, 3600),
            (SystemTime::now() - hour, -3600),
        ] {
            let skew = skew(Some(&httpdate::fmt_http_date(date))).unwrap();
            assert!((expected - 2..=expected + 2).contains(&skew), "{skew}");
        }
    }

    #[test]
    fn an_impossible_date_shows_nothing() {
        for date in [
            None,
            Some(""),
            Some("soon"),
            Some("1783952000"),
            Some("Thu, 01 Jan 1970 00:00:00 GMT"),
            Some("Fri, 31 Dec 1999 23:59:59 GMT"),
            Some("Fri, 32 Dec 2099 23:59:59 GMT"),
        ] {
            assert_eq!(skew(date), None, "{date:?}");
        }
    }
}
