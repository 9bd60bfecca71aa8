//! The request log: what was called, by whom, and what came of it. Always on, bounded in calls and
//! in bytes, and without secrets: they are blanked before anything is kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

use crate::clock::Moment;
use crate::id::Id;

/// How much of one body is kept, and of one line of the call.
const LARGEST_BODY: usize = 16 * 1024;
const LONGEST_LINE: usize = 2 * 1024;
/// Bodies beyond this are not even looked into.
const LARGEST_PARSED: usize = 1024 * 1024;
/// How much of all is kept.
const LARGEST_LOG: usize = 8 * 1024 * 1024;
const BLANK: &str = "***";

/// What the handling of a call learns on the way and the log wants to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Note(Arc<Mutex<Noted>>);

/// Who called.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noted {
    /// Login or client id.
    pub caller: Option<String>,
    /// The tenant it belongs to.
    pub tenant_id: Option<Id>,
}

impl Note {
    /// Notes who is calling.
    pub(crate) fn caller(&self, name: &str, tenant_id: Option<Id>) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.caller = Some(name.to_owned());
        noted.tenant_id = tenant_id;
    }

    /// What was noted.
    pub(crate) fn taken(&self) -> Noted {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A call and its answer.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Counted from 1; where a list goes on after it.
    pub number: u64,
    /// When the call came.
    pub time: Moment,
    /// `GET`, …
    pub method: String,
    /// Without the query.
    pub path: String,
    /// As it was sent, secrets blanked.
    pub query: Option<String>,
    /// The HTTP status of the answer, also where a fault cut the connection before it got through; 0 if the call was
    /// not even acted upon.
    pub status: u16,
    /// Login or client id, if it was a known one.
    pub caller: Option<String>,
    /// The caller's tenant.
    pub tenant_id: Option<Id>,
    /// As it was sent.
    pub user_agent: Option<String>,
    /// From the call's arrival to its answer.
    pub latency_ms: f64,
    /// The number of the TCP connection, to see which calls shared one.
    pub connection: u64,
    /// As in the answer's `X-Request-Id`.
    pub request_id: Id,
    /// The number of the rule of `/_sandbox/faults` that the call has met.
    pub fault: Option<u64>,
    /// What was sent: JSON, a form, or a note on what it was.
    pub request_body: Option<Value>,
    /// What was answered.
    pub response_body: Option<Value>,
}

/// Which calls are asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// Only of this method.
    pub method: Option<String>,
    /// Only with this path; `*` stands for anything.
    pub path: Option<String>,
    /// Only with this status.
    pub status: Option<u16>,
    /// Only those with higher numbers.
    pub after: u64,
    /// At most so many.
    pub limit: usize,
}

/// The log.
#[derive(Debug)]
pub(crate) struct Journal {
    most: usize,
    kept: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    // The text of bodies, not their trees: a fraction of the memory.
    entries: VecDeque<(Entry, Option<String>, Option<String>)>,
    last: u64,
    bytes: usize,
}

impl Journal {
    /// A log of at most so many calls.
    pub(crate) fn new(most: usize) -> Journal {
        Journal {
            most,
            kept: Mutex::default(),
        }
    }

    /// Adds a call; the oldest go. Its number and bodies are set here.
    pub(crate) fn add(&self, entry: Entry, request: Option<String>, response: Option<String>) {
        let mut kept = self.kept();
        kept.last += 1;
        let entry = Entry {
            number: kept.last,
            path: shortened(&entry.path, LONGEST_LINE),
            query: entry
                .query
                .map(|query| shortened(&form(&query), LONGEST_LINE)),
            user_agent: entry
                .user_agent
                .map(|agent| shortened(&agent, LONGEST_LINE)),
            ..entry
        };
        let entry = (entry, request, response);
        kept.bytes += size(&entry);
        kept.entries.push_back(entry);
        while kept.entries.len() > self.most || kept.bytes > LARGEST_LOG {
            match kept.entries.pop_front() {
                Some(oldest) => kept.bytes -= size(&oldest),
                None => break,
            }
        }
    }

    /// The calls that were asked for, oldest first, and whether there are more.
    pub(crate) fn list(&self, filter: &Filter) -> (Vec<Entry>, bool) {
        let kept = self.kept();
        let mut fitting = kept.entries.iter().filter(|(entry, ..)| {
            entry.number > filter.after
                && filter
                    .method
                    .as_ref()
                    .is_none_or(|method| entry.method.eq_ignore_ascii_case(method))
                && filter
                    .path
                    .as_ref()
                    .is_none_or(|path| glob(path, &entry.path))
                && filter.status.is_none_or(|status| entry.status == status)
        });
        let page = fitting
            .by_ref()
            .take(filter.limit)
            .map(|(entry, request, response)| Entry {
                request_body: request.as_deref().map(reread),
                response_body: response.as_deref().map(reread),
                ..entry.clone()
            })
            .collect();
        (page, fitting.next().is_some())
    }

    /// How many calls are in it.
    pub(crate) fn len(&self) -> usize {
        self.kept().entries.len()
    }

    /// Forgets all; the numbers go on.
    pub(crate) fn clear(&self) {
        let mut kept = self.kept();
        kept.entries.clear();
        kept.bytes = 0;
    }

    fn kept(&self) -> MutexGuard<'_, Entries> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn size((entry, request, response): &(Entry, Option<String>, Option<String>)) -> usize {
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    std::mem::size_of::<Entry>()
        + entry.path.len()
        + length(&entry.query)
        + length(&entry.user_agent)
        + length(&entry.caller)
        + length(request)
        + length(response)
}

/// JSON as such, all else as text.
fn reread(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// What of a body is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    /// The text.
    pub(crate) text: String,
    /// Whether something was left out of it lest a secret stands there.
    pub(crate) hidden: bool,
}

/// What of a body is kept: secrets blanked, long ones cut, what cannot be read only counted.
pub(crate) fn loggable(content_type: &str, body: &[u8]) -> Option<Kept> {
    if body.is_empty() {
        return None;
    }
    let is_form = content_type
        .to_ascii_lowercase()
        .starts_with("application/x-www-form-urlencoded");
    let readable = if body.len() > LARGEST_PARSED {
        None
    } else if is_form {
        std::str::from_utf8(body).ok().and_then(blanked_form)
    } else {
        serde_json::from_slice(body).ok().and_then(blanked_json)
    };
    // What cannot be read cannot be blanked either.
    let kept = readable.unwrap_or_else(|| Kept {
        text: format!("({} bytes, {content_type})", body.len()),
        hidden: true,
    });
    Some(Kept {
        text: shortened(&kept.text, LARGEST_BODY),
        ..kept
    })
}

/// No call takes or answers a bare value, so nobody knows what one would be.
fn blanked_json(mut value: Value) -> Option<Kept> {
    if !value.is_object() {
        return None;
    }
    let hidden = blank(&mut value);
    let text = value.to_string();
    Some(Kept { text, hidden })
}

fn blanked_form(text: &str) -> Option<Kept> {
    if text.split('&').any(|pair| !pair.contains('=')) {
        return None;
    }
    let kept = form(text);
    let hidden = kept != text;
    Some(Kept { text: kept, hidden })
}

/// A refusal without its explanation, which may quote what was hidden in the call.
pub(crate) fn unexplained(mut answer: Kept) -> Kept {
    if let Ok(mut value) = serde_json::from_str::<Value>(&answer.text)
        && let Some(details) = value.pointer_mut("/error/details")
    {
        *details = BLANK.into();
        answer.text = value.to_string();
    }
    answer
}

fn secret(name: &str) -> bool {
    const HARMLESS: [&str; 4] = [
        "client_secret_expires_at",
        "token_type",
        "token_type_hint",
        "token_endpoint_auth_method",
    ];
    const SECRET: [&str; 7] = [
        "password",
        "secret",
        "token",
        "assertion",
        "authorization",
        "ott",
        "totp",
    ];
    let name = name.to_ascii_lowercase();
    !HARMLESS.contains(&name.as_str())
        && SECRET.iter().any(|secret| match *secret {
            "ott" => name == "ott",
            secret => name.contains(secret),
        })
}

/// Blanks the secrets in it; answers whether there were any.
fn blank(value: &mut Value) -> bool {
    let mut found = false;
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if secret(name) && !value.is_null() {
                    *value = BLANK.into();
                    found = true;
                } else {
                    found |= blank(value);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                found |= blank(item);
            }
        }
        _ => {}
    }
    found
}

/// A form or a query with its secrets blanked, else as it came.
fn form(text: &str) -> String {
    text.split('&')
        .map(|pair| match pair.split_once('=') {
            // Names can be escaped too: `pass%77ord` is a password.
            Some((name, _)) if secret(&unescaped(name)) => format!("{name}={BLANK}"),
            _ => pair.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("&")
}

fn unescaped(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

/// The link of an activation mail is a secret too, however it is written.
pub(crate) fn without_token(path: &str) -> String {
    const LINK: &str = "/activate/";
    let plain = unescaped(path);
    match plain.to_ascii_lowercase().find(LINK) {
        Some(at) => format!("{}{LINK}{BLANK}", plain.get(..at).unwrap_or("")),
        None => path.to_owned(),
    }
}

fn shortened(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let whole = |at: &usize| text.is_char_boundary(*at);
    let cut = (0..=most).rev().find(whole).unwrap_or(0);
    format!(
        "{}… ({} bytes in all)",
        text.get(..cut).unwrap_or(""),
        text.len()
    )
}

/// Does the text fit a pattern in which `*` stands for anything?
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::{glob, loggable, without_token};

    #[test]
    fn secrets_are_blanked_wherever_they_are() {
        let json = br#"{"a":[{"Password":"x","client_secret":"y"}],"token_type":"bearer","n":1}"#;
        assert_eq!(
            loggable("application/json", json).unwrap().text,
            r#"{"a":[{"Password":"***","client_secret":"***"}],"token_type":"bearer","n":1}"#
        );
        let form = b"grant_type=password&username=u&pass%77ord=x&assertion=y";
        assert_eq!(
            loggable("application/x-www-form-urlencoded", form)
                .unwrap()
                .text,
            "grant_type=password&username=u&pass%77ord=***&assertion=***"
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_kept() {
        let broken = br#"{"password":"x""#;
        assert_eq!(
            loggable("application/json", broken).unwrap().text,
            "(15 bytes, application/json)"
        );
        for bare in ["\"swordfish\"", "[\"swordfish\"]", "17"] {
            let kept = loggable("application/json", bare.as_bytes()).unwrap();
            assert!(kept.hidden && kept.text.starts_with('('), "{}", kept.text);
        }
        let no_form = loggable("application/x-www-form-urlencoded", b"swordfish").unwrap();
        assert_eq!(no_form.text, "(9 bytes, application/x-www-form-urlencoded)");
        let long = format!(r#"{{"a":"{}"}}"#, "ü".repeat(20_000));
        let kept = loggable("application/json", long.as_bytes()).unwrap().text;
        assert!(kept.len() < 17_000 && kept.ends_with("(40008 bytes in all)"));
    }

    #[test]
    fn a_link_is_kept_without_its_token() {
        for path in [
            "/activate/abc",
            "//Activate/abc/x",
            "/%61ctivate/abc",
            "/activate%2fabc",
        ] {
            let kept = without_token(path);
            assert!(kept.ends_with("/activate/***"), "{kept}");
        }
        assert_eq!(without_token("/api/2/users/%41"), "/api/2/users/%41");
    }

    #[test]
    fn a_star_stands_for_anything() {
        assert!(glob("/api/2/*", "/api/2/tenants"));
        assert!(glob("*/tenants/*/users", "/api/2/tenants/1/users"));
        assert!(!glob("*/tenants/*/users", "/api/2/tenants/1/user"));
        assert!(glob("/a", "/a") && !glob("/a", "/ab"));
    }
}
