//! Which calls are sent again, how many times, and which are not.
//!
//! | outcome of an attempt | GET, PUT, DELETE, token calls | POST |
//! |---|---|---|
//! | no connection: not sent | retried | retried |
//! | connection refused on this machine: the sandbox is not running | an error | an error |
//! | 429, 503: rejected before anything was processed | retried | retried |
//! | 502, 504, a timeout, a broken connection | retried | unknown: not retried |
//! | a certificate that is not trusted | an error | an error |
//! | any other response | that response | that response |
//!
//! A POST whose outcome is unknown is not sent again: it may have created an object and would create a second one. See
//! [`Call::fetch_or_find`](super::Call::fetch_or_find).
//!
//! There are at most [`MAX_ATTEMPTS`] attempts. The pauses between them double and have a random part, so that many
//! clients do not retry at the same moment. `Retry-After`, seconds or a date, is honored up to [`MAX_PAUSE`]. All
//! attempts of one call end within [`RetryPolicy::total`].

use std::time::{Duration, Instant, SystemTime};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use reqwest::{
    Method,
    header::{DATE, HeaderMap, RETRY_AFTER},
};

use super::response::header;
use crate::config::RetryPolicy;

/// The largest number of attempts of one call.
pub const MAX_ATTEMPTS: usize = 5;
/// The longest pause between two attempts, whatever the server asks for.
pub const MAX_PAUSE: Duration = Duration::from_secs(60);

/// What a failed attempt means for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryClass {
    /// Nothing was processed, and the cause may be temporary: no connection, too many calls, a busy server.
    NotProcessed,
    /// The call was sent, and it is unknown whether it was processed; the cause may be temporary.
    Indeterminate,
    /// Another attempt would have the same outcome.
    Permanent,
}

impl RetryClass {
    /// The class of an error status.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        match status {
            429 | 503 => Self::NotProcessed,
            502 | 504 => Self::Indeterminate,
            _ => Self::Permanent,
        }
    }

    /// Whether a call may be sent again.
    #[must_use]
    pub fn is_retryable(self, method: &Method, path: &str) -> bool {
        match self {
            Self::NotProcessed => true,
            Self::Indeterminate => is_repeatable(method, path),
            Self::Permanent => false,
        }
    }
}

/// Whether processing a call twice does no harm. A second token simply expires.
pub(super) fn is_repeatable(method: &Method, path: &str) -> bool {
    method != Method::POST || path.ends_with("/idp/token") || path.ends_with("/idp/ott")
}

/// The attempts of one call.
pub(crate) struct Attempts {
    /// The number of the current attempt, from 1.
    pub(crate) number: usize,
    pauses: ExponentialBackoff,
    deadline: Instant,
}

impl Attempts {
    pub(crate) fn new(policy: &RetryPolicy) -> Self {
        Self {
            number: 1,
            pauses: ExponentialBuilder::default()
                .with_min_delay(policy.first_pause)
                .with_max_delay(MAX_PAUSE)
                .with_max_times(MAX_ATTEMPTS - 1)
                .with_jitter()
                .build(),
            deadline: Instant::now() + policy.total,
        }
    }

    /// When all attempts must have ended.
    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Counts the next attempt and returns the pause before it, or `None` if there is no attempt or no time left.
    pub(crate) fn next_pause(&mut self, retry_after: Option<Duration>) -> Option<Duration> {
        let pause = self.pauses.next()?;
        let pause = retry_after.map_or(pause, |asked| asked.min(MAX_PAUSE));
        self.number += 1;
        (Instant::now() + pause < self.deadline).then_some(pause)
    }
}

/// The pause that the server asks for in `Retry-After`: seconds, or a date by its own clock.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let value = header(headers, &RETRY_AFTER)?;
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = header(headers, &DATE).and_then(|text| date(&text));
    let now = now.unwrap_or_else(SystemTime::now);
    Some(date(value)?.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy {
        first_pause: Duration::from_millis(500),
        total: Duration::from_secs(180),
    };

    #[test]
    fn retries_unless_a_post_may_have_taken_effect() {
        let path = "/api/2/tenants";
        for (class, method, path, expected) in [
            (RetryClass::NotProcessed, Method::POST, path, true),
            (RetryClass::NotProcessed, Method::GET, path, true),
            (RetryClass::Indeterminate, Method::GET, path, true),
            (RetryClass::Indeterminate, Method::PUT, path, true),
            (RetryClass::Indeterminate, Method::DELETE, path, true),
            (RetryClass::Indeterminate, Method::POST, path, false),
            (
                RetryClass::Indeterminate,
                Method::POST,
                "/api/2/idp/token",
                true,
            ),
            (
                RetryClass::Indeterminate,
                Method::POST,
                "/api/2/idp/ott",
                true,
            ),
            (
                RetryClass::Indeterminate,
                Method::POST,
                "/api/2/idp/ott/login",
                false,
            ),
            (RetryClass::Permanent, Method::GET, path, false),
        ] {
            assert_eq!(
                class.is_retryable(&method, path),
                expected,
                "{class:?} {method} {path}"
            );
        }
    }

    #[test]
    fn classifies_error_statuses() {
        for (status, expected) in [
            (429, RetryClass::NotProcessed),
            (503, RetryClass::NotProcessed),
            (502, RetryClass::Indeterminate),
            (504, RetryClass::Indeterminate),
            (500, RetryClass::Permanent),
            (501, RetryClass::Permanent),
            (404, RetryClass::Permanent),
            (302, RetryClass::Permanent),
        ] {
            assert_eq!(RetryClass::of_status(status), expected, "{status}");
        }
    }

    #[test]
    fn makes_five_attempts_with_pauses_that_double() {
        let mut attempts = Attempts::new(&POLICY);
        for least in [500, 1000, 2000, 4000] {
            let pause = attempts.next_pause(None).unwrap();
            let least = Duration::from_millis(least);
            assert!(pause >= least && pause <= least * 2, "{pause:?}");
        }
        assert_eq!(attempts.number, MAX_ATTEMPTS);
        assert_eq!(attempts.next_pause(None), None);
    }

    #[test]
    fn honors_retry_after_up_to_the_maximum() {
        let mut attempts = Attempts::new(&POLICY);
        for (asked, expected) in [(0, 0), (7, 7), (86_400, 60)] {
            let pause = attempts.next_pause(Some(Duration::from_secs(asked)));
            assert_eq!(pause, Some(Duration::from_secs(expected)));
        }
    }

    #[test]
    fn makes_no_attempt_after_the_deadline() {
        let mut attempts = Attempts::new(&RetryPolicy {
            total: Duration::from_secs(5),
            ..POLICY
        });
        assert_eq!(attempts.next_pause(Some(Duration::from_secs(6))), None);
    }

    #[test]
    fn reads_retry_after_as_seconds_or_date() {
        let later = "Thu, 26 Nov 2026 04:00:09 GMT";
        let now = "Thu, 26 Nov 2026 04:00:00 GMT";
        for (asked, date, expected) in [
            ("3", None, Some(3)),
            (" 0 ", None, Some(0)),
            (later, Some(now), Some(9)),
            (now, Some(later), Some(0)),
            ("soon", Some(now), None),
            ("-1", None, None),
            ("1.5", None, None),
            ("99999999999999999999999", None, None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, asked.parse().unwrap());
            if let Some(date) = date {
                headers.insert(DATE, date.parse().unwrap());
            }
            let expected = expected.map(Duration::from_secs);
            assert_eq!(retry_after(&headers), expected, "{asked} at {date:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
