//! The call log: each request and response, with every secret redacted. It is off and costs nothing unless `--verbose` or
//! `CYBER_PLATFORM_LOG=debug` asks for it.
//!
//! ```text
//! > POST http://127.0.0.1:8080/api/2/idp/token
//! >   Authorization: Basic ***
//! >   Content-Type: application/x-www-form-urlencoded
//! >   User-Agent: Product/1.0 (what it does)
//! >   grant_type=client_credentials
//! < 200 OK, 12 ms, 72 bytes, application/json, request 5f0c1e2d
//! <   {"access_token":"***","token_type":"bearer","expires_on":1767225600}
//! ```
//!
//! JSON objects and forms are shown on one line, up to [`max_length`] characters. Of any other body only type and size
//! are shown, since nothing in it can be redacted, and also of one with more than 256 KiB. The size is that of the
//! decompressed body.

use std::{
    io::{self, IsTerminal},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use log::log_enabled;
use reqwest::{
    StatusCode,
    blocking::Request,
    header::{
        AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
        SET_COOKIE, USER_AGENT,
    },
};

use super::{
    redact::{REDACTED, parse_small, redact_fields, redact_form, redact_text, redact_values},
    response::{REQUEST_ID, header},
};
use crate::text::{count, sanitize};

/// The target of the log records: each is one or more complete lines.
pub(crate) const CALL_LOG: &str = "common::call_log";

/// The largest number of characters of a body that is shown. Longer lines make a terminal hard to read.
fn max_length() -> usize {
    if io::stderr().is_terminal() {
        500
    } else {
        4000
    }
}

/// Logs the calls of one client, and knows its secrets.
#[derive(Default)]
pub(super) struct CallLog {
    /// Secrets of all calls so far: a later response may quote them.
    secrets: Mutex<Vec<String>>,
}

/// When a logged request was sent. `None` if the log is off.
pub(super) struct Logged(Option<Instant>);

impl CallLog {
    /// Logs a request. `cookie` is the header that the HTTP library adds later; `secrets` are those of the call.
    pub(super) fn request(
        &self,
        request: &Request,
        cookie: Option<&HeaderValue>,
        secrets: &[String],
    ) -> Logged {
        if !log_enabled!(target: CALL_LOG, log::Level::Debug) {
            return Logged(None);
        }
        self.learn(secrets.iter().cloned());
        self.write('>', &self.describe_request(request, cookie));
        Logged(Some(Instant::now()))
    }

    /// Learns the session cookies that a response sets, before its body is read: it may quote them.
    pub(super) fn learn_cookies(&self, logged: &Logged, headers: &HeaderMap) {
        if logged.0.is_some() {
            self.learn(new_sessions(headers));
        }
    }

    /// Logs a response.
    pub(super) fn response(
        &self,
        logged: &Logged,
        status: StatusCode,
        headers: &HeaderMap,
        content: &[u8],
    ) {
        let Some(sent) = logged.0 else { return };
        let kind = header(headers, &CONTENT_TYPE).unwrap_or_default();
        let mut first = format!("{status}, {} ms", sent.elapsed().as_millis());
        first += &format!(", {}", count(content.len(), "byte"));
        if !kind.is_empty() {
            first += &format!(", {kind}");
        }
        if let Some(id) = header(headers, &REQUEST_ID) {
            first += &format!(", request {id}");
        }
        let mut lines = vec![first];
        let shown = [RETRY_AFTER, SET_COOKIE];
        lines.extend(shown.iter().filter_map(|name| show_header(headers, name)));
        lines.extend(self.show_body(&kind, content));
        // A header may quote a secret too.
        let lines: Vec<_> = lines.iter().map(|line| self.redact(line)).collect();
        self.write('<', &lines);
    }

    /// Logs that no response arrived.
    pub(super) fn no_response(&self, logged: &Logged, reason: &str) {
        self.write_failure(logged, "no response", reason);
    }

    /// Logs that only a part of a response arrived.
    pub(super) fn incomplete_response(
        &self,
        logged: &Logged,
        status: StatusCode,
        cause: &io::Error,
    ) {
        let outcome = format!("{status}, incomplete response");
        self.write_failure(logged, &outcome, &cause.to_string());
    }

    fn write_failure(&self, logged: &Logged, outcome: &str, reason: &str) {
        let Some(sent) = logged.0 else { return };
        let line = format!("{outcome}, {} ms: {reason}", sent.elapsed().as_millis());
        self.write('<', &[self.redact(&line)]);
    }

    fn describe_request(&self, request: &Request, cookie: Option<&HeaderValue>) -> Vec<String> {
        let url = request.url().as_str();
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let mut first = format!("{} {}", request.method(), self.redact(address));
        if !query.is_empty() {
            first += &format!("?{}", redact_form(query, &self.secrets()));
        }
        let mut lines = vec![first];
        let headers = request.headers();
        lines.extend(
            [AUTHORIZATION, CONTENT_TYPE, USER_AGENT]
                .iter()
                .filter_map(|name| show_header(headers, name)),
        );
        lines.extend(cookie.map(|_| format!("Cookie: {REDACTED}")));
        if let Some(content) = request.body().and_then(|body| body.as_bytes()) {
            let kind = header(headers, &CONTENT_TYPE).unwrap_or_default();
            lines.extend(self.show_body(&kind, content));
        }
        lines
    }

    /// What can be shown of a body, if there is one.
    fn show_body(&self, kind: &str, content: &[u8]) -> Option<String> {
        if content.is_empty() {
            return None;
        }
        let readable = if kind.starts_with("application/x-www-form-urlencoded") {
            let form = str::from_utf8(content).ok();
            form.map(|form| redact_form(form, &self.secrets()))
        } else {
            self.show_json(content)
        };
        let kind = match kind {
            "" => "no type",
            kind => kind,
        };
        Some(match readable {
            Some(text) => truncate(&text, max_length()),
            None => format!("({kind}, {})", count(content.len(), "byte")),
        })
    }

    /// A JSON object on one line. A bare value has no name that says whether it is a secret, so it is not shown.
    fn show_json(&self, content: &[u8]) -> Option<String> {
        let mut value = parse_small(content)?;
        if !value.is_object() {
            return None;
        }
        self.learn(redact_fields(&mut value));
        redact_values(&mut value, &self.secrets());
        Some(value.to_string())
    }

    fn learn(&self, secrets: impl IntoIterator<Item = String>) {
        let mut known = self.secrets();
        for secret in secrets {
            if !known.contains(&secret) {
                known.push(secret);
            }
        }
    }

    fn redact(&self, text: &str) -> String {
        redact_text(text, &self.secrets())
    }

    fn secrets(&self) -> MutexGuard<'_, Vec<String>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, mark: char, lines: &[String]) {
        log::debug!(target: CALL_LOG, "{}", block(mark, lines));
    }
}

/// A header line, without what is secret in it.
fn show_header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let text = header(headers, name)?;
    let shown = match (name, text.split_once(' ')) {
        (&AUTHORIZATION, Some((scheme @ ("Basic" | "Bearer"), _))) => {
            format!("{scheme} {REDACTED}")
        }
        (&AUTHORIZATION | &SET_COOKIE | &COOKIE, _) => REDACTED.to_owned(),
        _ => text,
    };
    let words: Vec<_> = name
        .as_str()
        .split('-')
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        })
        .collect();
    Some(format!("{}: {shown}", words.join("-")))
}

/// The values of the cookies that a response sets.
fn new_sessions(headers: &HeaderMap) -> Vec<String> {
    let cookies = headers.get_all(SET_COOKIE).iter();
    cookies
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next()?.split_once('='))
        .map(|(_, value)| value.to_owned())
        .collect()
}

fn truncate(text: &str, max_length: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(max_length) else {
        return text.to_owned();
    };
    let (shown, rest) = text.split_at(end);
    format!("{shown}… ({} more characters)", rest.chars().count())
}

/// Prefixes each line with a mark. No line can contain a line break.
fn block(mark: char, lines: &[String]) -> String {
    let mut block = String::new();
    for (number, line) in lines.iter().enumerate() {
        let indent = if number == 0 { " " } else { "   " };
        block += &format!("{mark}{indent}{}\n", sanitize(line));
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: &str, content: &str) -> Option<String> {
        let log = CallLog::default();
        log.learn(["hunter2".to_owned()]);
        log.show_body(kind, content.as_bytes())
    }

    #[test]
    fn shows_type_and_size_of_bodies_that_cannot_be_redacted() {
        for (kind, content, expected) in [
            ("text/html", "<p>hunter2", "(text/html, 10 bytes)"),
            (
                "application/json",
                "{\"a\": ",
                "(application/json, 6 bytes)",
            ),
            (
                "application/json",
                "\"hunter2\"",
                "(application/json, 9 bytes)",
            ),
            (
                "application/json",
                "[\"hunter2\"]",
                "(application/json, 11 bytes)",
            ),
            ("", "hunter2", "(no type, 7 bytes)"),
            ("text/plain", "h", "(text/plain, 1 byte)"),
        ] {
            assert_eq!(shown(kind, content).as_deref(), Some(expected));
        }
        assert_eq!(shown("application/json", ""), None);
    }

    #[test]
    fn truncates_a_long_body_after_redaction() {
        let content = format!("{{\"a\":\"{}hunter2\"}}", "ä".repeat(max_length() - 9));
        let shown = shown("application/json", &content).expect("a body");
        assert!(shown.ends_with("ä***… (2 more characters)"), "{shown}");
        assert_eq!(truncate("short", 5), "short");
    }

    #[test]
    fn lines_cannot_contain_line_breaks() {
        let lines = ["a\nb".to_owned(), "c\u{1b}[2J\u{9b}\u{202e}".to_owned()];
        assert_eq!(block('<', &lines), "< a b\n<   c [2J  \n");
    }
}
