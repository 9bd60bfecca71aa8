//! The platform's clock. Tokens end by it, and this machine's may be wrong: by how much, the `Date` of an answer with a
//! token tells, and `clock_skew.json` tells later runs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use indicatif::HumanDuration;
use serde_json::{Value, json};

use crate::{Home, error::Mistake, home::CLOCK_SKEW, json::Answer, run::warn};

/// Clocks that differ by so many seconds agree: an answer takes its time.
const AGREE: i64 = 60;
/// No platform's clock shows a time before that of these examples: 1 January 2024.
const EARLIEST: i64 = 1_704_067_200;

/// By how many seconds the platform's clock is ahead of this machine's, after the `Date` of an answer that has just
/// come; `None` where it tells nothing that can be.
pub(crate) fn skew(date: Option<&str>) -> Option<i64> {
    let date = unix(httpdate::parse_http_date(date?).ok()?);
    (date >= EARLIEST).then(|| date.saturating_sub(unix(SystemTime::now())))
}

/// Unix time in seconds by the platform's clock, as far as it is known.
pub(crate) fn now(home: &Home) -> i64 {
    unix(SystemTime::now()).saturating_add(kept(home))
}

/// Keeps what an answer with a token tells of the platform's clock, as long as the clocks differ.
///
/// # Errors
/// A [`Mistake`] where it cannot be kept.
pub(crate) fn note(home: &Home, answer: &impl Answer) -> Result<(), Mistake> {
    let Some(skew) = answer.clock_skew().filter(|skew| can_be(*skew, answer)) else {
        return Ok(());
    };
    if agree(skew, 0) {
        return home.remove(CLOCK_SKEW);
    }
    if agree(skew, kept(home)) {
        return Ok(());
    }
    warn(&format!(
        "this machine's clock is {} {} that of the platform; tokens are used by the platform's, but set yours right",
        HumanDuration(Duration::from_secs(skew.unsigned_abs())),
        if skew < 0 { "ahead of" } else { "behind" },
    ));
    home.save(CLOCK_SKEW, &json!({ "seconds": skew }))
}

/// A token that has ended when it was issued tells that the `Date` beside it is wrong.
fn can_be(skew: i64, answer: &impl Answer) -> bool {
    let expires_on = answer.value().get("expires_on").and_then(Value::as_i64);
    let platform = unix(SystemTime::now()).saturating_add(skew);
    expires_on.is_some_and(|expires_on| expires_on >= platform)
}

/// What an earlier answer told. A file that is missing or broken tells that the clocks agree.
fn kept(home: &Home) -> i64 {
    let kept = home.load(CLOCK_SKEW).unwrap_or_default();
    kept.get("seconds").and_then(Value::as_i64).unwrap_or(0)
}

fn agree(one: i64, other: i64) -> bool {
    one.abs_diff(other) <= AGREE.unsigned_abs()
}

/// Seconds since 1970; earlier ones are negative.
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

    fn skew_of(time: SystemTime) -> Option<i64> {
        skew(Some(&httpdate::fmt_http_date(time)))
    }

    #[test]
    fn a_date_tells_how_far_the_clocks_are_apart() {
        let hour = Duration::from_secs(3600);
        for (date, expected) in [
            (SystemTime::now(), 0),
            (SystemTime::now() + hour, 3600),
            (SystemTime::now() - hour, -3600),
        ] {
            let skew = skew_of(date).unwrap();
            assert!((expected - 2..=expected + 2).contains(&skew), "{skew}");
        }
    }

    #[test]
    fn a_date_that_cannot_be_tells_nothing() {
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
