//! A response: its head, and its body within limits of size and time.

use std::{
    io::{self, Read},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::Result;
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, LOCATION},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::value::RawValue;

use super::sent_call::SentCall;
use crate::json::{DecodeError, check_limits, object_from_slice};

/// The largest file that is read, in bytes. The largest known one, a report of a big partner, has a few megabytes.
pub(super) const MAX_FILE: usize = 64 * MIB;
/// The largest body of any other response, in bytes.
pub(super) const MAX_JSON: usize = 32 * MIB;
pub(super) const MIB: usize = 1024 * 1024;
/// The header in which the platform returns the id of a call.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A complete response.
pub(super) struct Response {
    pub(super) call: SentCall,
    pub(super) head: Head,
    pub(super) body: Vec<u8>,
}

/// Status and headers of a response.
#[derive(Default)]
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) content_type: Option<String>,
    pub(super) request_id: Option<String>,
    /// The host that a redirect names. The rest of the address may hold a secret.
    pub(super) redirects_to: Option<String>,
    /// How many seconds the platform's clock is ahead of this machine's, if the response has a plausible `Date`.
    pub(super) clock_skew: Option<i64>,
}

impl Head {
    pub(super) fn of(response: &reqwest::blocking::Response) -> Self {
        let headers = response.headers();
        let target = header(headers, &LOCATION)
            .filter(|_| response.status().is_redirection())
            .and_then(|location| response.url().join(&location).ok());
        Self {
            status: response.status(),
            content_type: header(headers, &CONTENT_TYPE),
            request_id: header(headers, &REQUEST_ID),
            redirects_to: target.map(|target| target.origin().ascii_serialization()),
            clock_skew: clock_skew(header(headers, &DATE).as_deref(), SystemTime::now()),
        }
    }

    fn has_type(&self, name: &str) -> bool {
        self.content_type
            .as_deref()
            .is_some_and(|it| it.contains(name))
    }
}

impl Response {
    /// Decodes the body as JSON.
    pub(super) fn decode<T: DeserializeOwned>(self) -> Result<T> {
        self.check_error()?;
        if self.body.is_empty() {
            return Err(self.unexpected("empty body"));
        }
        // Text that is not UTF-8 is rejected by the decoder.
        let text = str::from_utf8(&self.body).unwrap_or_default();
        check_limits(text).map_err(|reason| self.unexpected(reason))?;
        object_from_slice(&self.body).map_err(|error| self.not_decoded(&error))
    }

    /// Decodes the body as JSON, if there is one.
    pub(super) fn decode_optional<T: DeserializeOwned>(self) -> Result<Option<T>> {
        if self.body.is_empty() {
            return Ok(None);
        }
        self.decode().map(Some)
    }

    /// Checks that the body is JSON and not an error, or empty.
    pub(super) fn check_json(self) -> Result<()> {
        if self.body.is_empty() {
            return Ok(());
        }
        self.check_error()?;
        match serde_json::from_slice::<IgnoredAny>(&self.body) {
            Ok(_) => Ok(()),
            Err(cause) => Err(self.not_json(&cause.to_string())),
        }
    }

    /// The body as a file.
    pub(super) fn into_file(self) -> Result<Vec<u8>> {
        if self.head.has_type("json") {
            self.check_error()?;
        }
        if self.head.has_type("html") {
            return Err(self.unexpected("text/html instead of a file"));
        }
        Ok(self.body)
    }

    fn check_error(&self) -> Result<()> {
        if is_error(&self.body) {
            return Err(self.call.rejected(&self.head, &self.body).into());
        }
        Ok(())
    }

    fn not_decoded(&self, error: &DecodeError) -> anyhow::Error {
        if error.is_syntax_error {
            return self.not_json(&error.reason);
        }
        self.unexpected(&error.full_text())
    }

    fn not_json(&self, reason: &str) -> anyhow::Error {
        match &self.head.content_type {
            Some(kind) if !self.head.has_type("json") => {
                self.unexpected(&format!("{kind} instead of JSON"))
            }
            _ => self.unexpected(&format!("invalid JSON ({reason})")),
        }
    }

    fn unexpected(&self, reason: &str) -> anyhow::Error {
        self.call.unexpected(reason).into()
    }
}

/// How many seconds a `Date` is ahead of `now`; `None` if it is absent or impossible.
fn clock_skew(date: Option<&str>, now: SystemTime) -> Option<i64> {
    /// A platform's clock cannot show an earlier time: 1 January 2024.
    const EARLIEST: Duration = Duration::from_secs(1_704_067_200);

    // A `Date` has whole seconds, so both times are compared in whole seconds.
    let unix = |time: SystemTime| time.duration_since(UNIX_EPOCH).ok();
    let date = unix(httpdate::parse_http_date(date?).ok()?)?;
    let now = unix(now)?;
    if date < EARLIEST {
        return None;
    }
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Some(seconds(date) - seconds(now))
}

/// Whether a body is an error in the form of the account server or of OAuth, whatever the status says. The rest of the
/// body is skipped: it may be large.
fn is_error(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Probe<'a> {
        #[serde(borrow)]
        error: Option<&'a RawValue>,
    }

    #[derive(Deserialize)]
    struct ProbedError {
        #[serde(default, deserialize_with = "is_present")]
        code: bool,
        #[serde(default, deserialize_with = "is_present")]
        message: bool,
    }

    fn is_present<'de, D: Deserializer<'de>>(field: D) -> Result<bool, D::Error> {
        IgnoredAny::deserialize(field).map(|_| true)
    }

    // A struct would be filled from a list too.
    if !body.trim_ascii_start().starts_with(b"{") {
        return false;
    }
    let body = serde_json::from_slice(body);
    let error = match body {
        Ok(Probe { error: Some(error) }) => error.get(),
        Ok(Probe { error: None }) | Err(_) => return false,
    };
    if error.starts_with('{') {
        return serde_json::from_str(error)
            .is_ok_and(|ProbedError { code, message }| code || message);
    }
    error.starts_with('"') && error != r#""""#
}

pub(super) fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// Reads a body within its limits, so that neither an endless response nor a slow one blocks a run.
pub(super) fn read_body(
    mut response: reqwest::blocking::Response,
    max_size: usize,
    deadline: Instant,
) -> io::Result<Vec<u8>> {
    let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
    if response
        .content_length()
        .is_some_and(|it| it > max_size as u64)
    {
        return Err(too_large());
    }
    let mut body = Vec::new();
    let mut part = [0; 16 * 1024];
    loop {
        let length = match response.read(&mut part) {
            Ok(0) => {
                body.shrink_to_fit();
                return Ok(body);
            }
            Ok(length) => length,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            Err(cause) => return Err(cause),
        };
        body.extend_from_slice(part.get(..length).unwrap_or_default());
        if body.len() > max_size {
            return Err(too_large());
        }
        if Instant::now() > deadline {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "timed out"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_recognized_whatever_the_status_is() {
        for (body, expected) in [
            (r#"{"error": {"code": 1}}"#, true),
            (r#"{"error": {"message": "m"}}"#, true),
            (r#"{"error": "invalid_client"}"#, true),
            (r#"{"error": ""}"#, false),
            (r#"{"error": null}"#, false),
            (r#"{"error": {"code": null}}"#, true),
            (r#"{"error": {}}"#, false),
            (r#"{"error": 1}"#, false),
            (r#"{"error": [1, 2]}"#, false),
            (r#"[{"code": 1}]"#, false),
            (r#"{"id": "a"}"#, false),
            (r#"[{"error": {"code": 1}}]"#, false),
            ("", false),
        ] {
            assert_eq!(is_error(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn a_date_shows_the_difference_between_the_clocks() {
        let now = UNIX_EPOCH + Duration::from_millis(1_800_000_000_999);
        let hour = Duration::from_secs(3600);
        for (date, expected) in [(now, 0), (now + hour, 3600), (now - hour, -3600)] {
            let date = httpdate::fmt_http_date(date);
            assert_eq!(clock_skew(Some(&date), now), Some(expected));
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
            assert_eq!(clock_skew(date, SystemTime::now()), None, "{date:?}");
        }
    }
}
