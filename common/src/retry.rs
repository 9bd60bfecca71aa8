//! When a call is tried again, how often, and when not: the one place that decides it.
//!
//! | what came of a try | GET, PUT, DELETE, token calls | POST |
//! |---|---|---|
//! | it never left: no connection | again | again |
//! | 429, 503: refused before anything was done | again | again |
//! | 502, 504, no answer in time, a cut connection | again | its fate is unknown |
//! | a certificate that is not trusted | an error | an error |
//! | any other answer | that answer | that answer |
//!
//! A call of unknown fate is not sent again: it may have made something, and would make it twice. Whoever sent it looks
//! whether it did, see [`Platform::create`](crate::Platform::create).
//!
//! There are at most [`TRIES`], with pauses that double, each with a random part so that many clients do not come back
//! at the same moment. `Retry-After` (seconds or a date) is heeded up to [`LONGEST_PAUSE`]. All tries of one call
//! together end within [`Patience::total`].

use std::time::{Duration, Instant, SystemTime};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use reqwest::{
    Method,
    header::{DATE, HeaderMap, HeaderName, RETRY_AFTER},
};

/// How often a call is sent at most.
pub const TRIES: usize = 5;
/// How long a pause between two tries can get, whatever the server asks for.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long things may take; from the settings.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Until there is a connection.
    pub connect: Duration,
    /// Until an answer begins, and between two parts of it.
    pub read: Duration,
    /// The first pause between two tries.
    pub pause: Duration,
    /// All tries of one call together.
    pub total: Duration,
}

/// What became of a try that brought no answer one can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing was done, and the fault may pass: no connection, too many calls, a server that is busy.
    NotDone,
    /// It was sent, and whether it was acted upon cannot be known; the fault may pass.
    Unknown,
    /// To send it again would bring the same.
    Settled,
}

impl Fate {
    /// Of a status that is no success.
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            429 | 503 => Self::NotDone,
            502 | 504 => Self::Unknown,
            _ => Self::Settled,
        }
    }

    /// Whether a call may be sent again.
    pub(crate) fn allows_another_try(self, method: &Method, path: &str) -> bool {
        match self {
            Self::NotDone => true,
            Self::Unknown => is_repeatable(method, path),
            Self::Settled => false,
        }
    }
}

/// Whether it does no harm to act upon a call twice. A token that nobody uses just ends.
fn is_repeatable(method: &Method, path: &str) -> bool {
    method != Method::POST || path.ends_with("/idp/token") || path.ends_with("/idp/ott")
}

/// The tries of one call.
pub(crate) struct Tries {
    /// The number of the present one.
    pub(crate) number: usize,
    pauses: ExponentialBackoff,
    end: Instant,
}

impl Tries {
    pub(crate) fn new(patience: &Patience) -> Self {
        Self {
            number: 1,
            pauses: ExponentialBuilder::default()
                .with_min_delay(patience.pause)
                .with_max_delay(LONGEST_PAUSE)
                .with_max_times(TRIES - 1)
                .with_jitter()
                .build(),
            end: Instant::now() + patience.total,
        }
    }

    /// When all tries must be over.
    pub(crate) fn end(&self) -> Instant {
        self.end
    }

    /// Goes on to the next try: how long to wait before it. `None`: there were enough, or it would come too late.
    pub(crate) fn next_after(&mut self, asked: Option<Duration>) -> Option<Duration> {
        let pause = self.pauses.next()?;
        let pause = asked.map_or(pause, |asked| asked.min(LONGEST_PAUSE));
        self.number += 1;
        (Instant::now() + pause < self.end).then_some(pause)
    }
}

/// How long the server asks to wait: seconds, or a date by its own clock.
pub(crate) fn asked_pause(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok();
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let asked = text(RETRY_AFTER)?.trim();
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = text(DATE).and_then(date).unwrap_or_else(SystemTime::now);
    Some(date(asked)?.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        connect: Duration::from_secs(10),
        read: Duration::from_secs(60),
        pause: Duration::from_millis(500),
        total: Duration::from_secs(180),
    };

    #[test]
    fn what_was_not_done_is_sent_again_and_what_may_have_made_something_is_not() {
        let path = "/api/2/tenants";
        for (fate, method, path, expected) in [
            (Fate::NotDone, Method::POST, path, true),
            (Fate::NotDone, Method::GET, path, true),
            (Fate::Unknown, Method::GET, path, true),
            (Fate::Unknown, Method::PUT, path, true),
            (Fate::Unknown, Method::DELETE, path, true),
            (Fate::Unknown, Method::POST, path, false),
            (Fate::Unknown, Method::POST, "/api/2/idp/token", true),
            (Fate::Unknown, Method::POST, "/api/2/idp/ott", true),
            (Fate::Unknown, Method::POST, "/api/2/idp/ott/login", false),
            (Fate::Settled, Method::GET, path, false),
        ] {
            assert_eq!(
                fate.allows_another_try(&method, path),
                expected,
                "{fate:?} {method} {path}"
            );
        }
    }

    #[test]
    fn a_status_tells_whether_anything_was_done() {
        for (status, expected) in [
            (429, Fate::NotDone),
            (503, Fate::NotDone),
            (502, Fate::Unknown),
            (504, Fate::Unknown),
            (500, Fate::Settled),
            (501, Fate::Settled),
            (404, Fate::Settled),
            (302, Fate::Settled),
        ] {
            assert_eq!(Fate::of_status(status), expected, "{status}");
        }
    }

    #[test]
    fn there_are_five_tries_and_pauses_that_double() {
        let mut tries = Tries::new(&PATIENCE);
        for least in [500, 1000, 2000, 4000] {
            let pause = tries.next_after(None).unwrap();
            let least = Duration::from_millis(least);
            assert!(pause >= least && pause <= least * 2, "{pause:?}");
        }
        assert_eq!(tries.number, TRIES);
        assert_eq!(tries.next_after(None), None);
    }

    #[test]
    fn the_server_says_how_long_up_to_a_bound() {
        let mut tries = Tries::new(&PATIENCE);
        for (asked, expected) in [(0, 0), (7, 7), (86_400, 60)] {
            let pause = tries.next_after(Some(Duration::from_secs(asked)));
            assert_eq!(pause, Some(Duration::from_secs(expected)));
        }
    }

    #[test]
    fn no_try_begins_after_the_end() {
        let mut tries = Tries::new(&Patience {
            total: Duration::from_secs(5),
            ..PATIENCE
        });
        assert_eq!(tries.next_after(Some(Duration::from_secs(6))), None);
    }

    #[test]
    fn a_pause_is_asked_for_in_seconds_or_by_a_date() {
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
            assert_eq!(asked_pause(&headers), expected, "{asked} at {date:?}");
        }
        assert_eq!(asked_pause(&HeaderMap::new()), None);
    }
}
