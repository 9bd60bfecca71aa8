//! The call log: each call and its answer on standard error, with every secret blanked. It is off, and costs nothing,
//! unless `--verbose` or `CYBER_PLATFORM_LOG=debug` asks for it.
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
//! A JSON object and a form are shown on one line, [`LONGEST`] characters of it at most; of any other body type and size
//! are told, as nobody can blank what cannot be read. The size is that of the body unpacked.

use std::{
    cell::RefCell,
    io::{self, Write},
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use reqwest::{
    blocking::{Request, Response},
    header::{
        AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
        SET_COOKIE, USER_AGENT,
    },
};
use serde_json::Value;

use crate::{
    blank::{self, BLANK},
    show::plain,
};

/// How many characters of a body are shown.
pub const LONGEST: usize = 4000;

/// The header under which the platform tells the id of a call.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

static ON: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// All secrets that calls carried or answers told while the log is on: a later answer may quote them.
    static KNOWN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Shows all calls from now on.
pub fn switch_on() {
    ON.store(true, Ordering::Relaxed);
}

/// Whether calls are shown.
#[must_use]
pub fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// A call that was shown, and is yet to be answered; nothing where the log is off.
#[derive(Debug)]
pub(crate) struct Shown(Option<Begun>);

#[derive(Debug)]
struct Begun {
    at: Instant,
    /// Status, type and id of the answer, once they are there.
    status: String,
    kind: String,
    id: Option<String>,
    headers: Vec<String>,
}

impl Shown {
    /// Shows a call. It carries the cookie too, which the client adds by itself, and these secrets.
    pub(crate) fn call(
        request: &Request,
        cookie: Option<&HeaderValue>,
        secrets: &[String],
    ) -> Self {
        if !is_on() {
            return Self(None);
        }
        learn(secrets.iter().cloned());
        print(&call(request, cookie));
        Self(Some(Begun {
            at: Instant::now(),
            status: String::new(),
            kind: String::new(),
            id: None,
            headers: Vec::new(),
        }))
    }

    /// Takes from an answer what is to be shown, before its body is read.
    pub(crate) fn head(&mut self, response: &Response) {
        let Some(begun) = &mut self.0 else { return };
        let headers = response.headers();
        begun.status = response.status().to_string();
        begun.kind = value(headers, &CONTENT_TYPE).unwrap_or_default();
        begun.id = value(headers, &REQUEST_ID);
        // A session that begins here must not be shown by what follows.
        learn(new_sessions(headers));
        begun.headers = [RETRY_AFTER, SET_COOKIE]
            .iter()
            .filter_map(|name| header(headers, name))
            .collect();
    }

    /// Shows the answer.
    pub(crate) fn answer(&self, content: &[u8]) {
        let Some(begun) = &self.0 else { return };
        let mut first = format!("{}, {} ms", begun.status, begun.at.elapsed().as_millis());
        first += &format!(", {} bytes", content.len());
        if !begun.kind.is_empty() {
            first += &format!(", {}", begun.kind);
        }
        if let Some(id) = &begun.id {
            first += &format!(", request {id}");
        }
        let mut lines = vec![without_secrets(&first)];
        lines.extend(begun.headers.iter().cloned());
        lines.extend(body(&begun.kind, content));
        print(&block('<', &lines));
    }

    /// Shows that there was no answer, or not all of it.
    pub(crate) fn no_answer(&self, why: &str) {
        let Some(begun) = &self.0 else { return };
        let line = format!("nothing, {} ms: {why}", begun.at.elapsed().as_millis());
        print(&block('<', &[without_secrets(&line)]));
    }
}

fn learn(secrets: impl IntoIterator<Item = String>) {
    KNOWN.with_borrow_mut(|known| {
        for secret in secrets {
            if !known.contains(&secret) {
                known.push(secret);
            }
        }
    });
}

fn without_secrets(text: &str) -> String {
    KNOWN.with_borrow(|known| blank::in_text(text, known))
}

fn form_without_secrets(form: &str) -> String {
    KNOWN.with_borrow(|known| blank::in_form(form, known))
}

fn call(request: &Request, cookie: Option<&HeaderValue>) -> String {
    let url = request.url();
    let (place, query) = url.as_str().split_once('?').unwrap_or((url.as_str(), ""));
    let mut first = format!("{} {}", request.method(), without_secrets(place));
    if !query.is_empty() {
        first += &format!("?{}", form_without_secrets(query));
    }
    let mut lines = vec![first];
    let headers = request.headers();
    lines.extend(
        [AUTHORIZATION, CONTENT_TYPE, USER_AGENT]
            .iter()
            .filter_map(|name| header(headers, name)),
    );
    lines.extend(cookie.map(|_| format!("Cookie: {BLANK}")));
    if let Some(content) = request.body().and_then(|body| body.as_bytes()) {
        let kind = value(headers, &CONTENT_TYPE).unwrap_or_default();
        lines.extend(body(&kind, content));
    }
    block('>', &lines)
}

/// A line of headers, as a person writes their names, without what is secret in them.
fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let text = value(headers, name)?;
    let shown = match (name, text.split_once(' ')) {
        (&AUTHORIZATION, Some((scheme @ ("Basic" | "Bearer"), _))) => format!("{scheme} {BLANK}"),
        (&AUTHORIZATION | &SET_COOKIE | &COOKIE, _) => BLANK.to_owned(),
        _ => text,
    };
    let name: Vec<_> = name
        .as_str()
        .split('-')
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        })
        .collect();
    Some(format!("{}: {shown}", name.join("-")))
}

fn value(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// The values of the cookies that an answer sets.
fn new_sessions(headers: &HeaderMap) -> Vec<String> {
    let cookies = headers.get_all(SET_COOKIE).iter();
    cookies
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next()?.split_once('='))
        .map(|(_, value)| value.to_owned())
        .collect()
}

/// What can be shown of a body, if there is one.
fn body(kind: &str, content: &[u8]) -> Option<String> {
    if content.is_empty() {
        return None;
    }
    let readable = if kind.starts_with("application/x-www-form-urlencoded") {
        str::from_utf8(content).ok().map(form_without_secrets)
    } else {
        json(content)
    };
    let kind = match kind {
        "" => "of no type",
        kind => kind,
    };
    Some(match readable {
        Some(text) => cut(&text),
        None => format!("({kind}, {} bytes)", content.len()),
    })
}

/// An object, on one line: nobody knows what a bare value would be.
fn json(content: &[u8]) -> Option<String> {
    let mut value: Value = serde_json::from_slice(content).ok()?;
    if !value.is_object() {
        return None;
    }
    learn(blank::by_name(&mut value));
    KNOWN.with_borrow(|known| blank::by_value(&mut value, known));
    Some(value.to_string())
}

fn cut(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(LONGEST) else {
        return text.to_owned();
    };
    let (shown, rest) = text.split_at(end);
    format!("{shown}… ({} more characters)", rest.chars().count())
}

/// A mark before each line, and nothing in a line that leaves it.
fn block(mark: char, lines: &[String]) -> String {
    let mut block = String::new();
    for (number, line) in lines.iter().enumerate() {
        let indent = if number == 0 { " " } else { "   " };
        block += &format!("{mark}{indent}{}\n", plain(line));
    }
    block
}

fn print(text: &str) {
    // Where standard error is gone, there is nobody to show it to.
    let _ = io::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: &str, content: &str) -> Option<String> {
        learn(["hunter2".to_owned()]);
        body(kind, content.as_bytes())
    }

    #[test]
    fn what_cannot_be_read_is_told_by_type_and_size() {
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
            ("", "hunter2", "(of no type, 7 bytes)"),
        ] {
            assert_eq!(shown(kind, content).as_deref(), Some(expected));
        }
        assert_eq!(shown("application/json", ""), None);
    }

    #[test]
    fn a_long_body_is_cut_after_secrets_are_blanked() {
        let content = format!("{{\"a\":\"{}hunter2\"}}", "ä".repeat(LONGEST - 9));
        let shown = shown("application/json", &content).expect("a body");
        assert!(shown.ends_with("ä***… (2 more characters)"), "{shown}");
        assert_eq!(cut("short"), "short");
    }

    #[test]
    fn nothing_leaves_its_line() {
        let lines = ["a\nb".to_owned(), "c\u{1b}[2J\u{9b}\u{202e}".to_owned()];
        assert_eq!(block('<', &lines), "< a b\n<   c [2J  \n");
    }
}
