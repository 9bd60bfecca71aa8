//! The request log: calls, their callers and their responses. It is always on and limited in calls and bytes. Secrets
//! are redacted before a call is stored.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::domain::Id;
use crate::redact::{redact_form, shorten};

/// The maximum length of a path, query or user agent, in bytes.
const MAX_LINE: usize = 2 * 1024;
/// The maximum size of the log, in bytes.
const MAX_LOG_SIZE: usize = 8 * 1024 * 1024;

/// The caller of a request, which a handler notes for the log after authentication.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallerNote(Arc<Mutex<NotedCaller>>);

/// The noted caller.
#[derive(Clone, Debug, Default)]
pub(crate) struct NotedCaller {
    /// The login or client id.
    pub caller: Option<String>,
    /// The caller's tenant.
    pub tenant_id: Option<Id>,
}

impl CallerNote {
    /// Notes the caller.
    pub(crate) fn set(&self, name: &str, tenant_id: Option<Id>) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.caller = Some(name.to_owned());
        noted.tenant_id = tenant_id;
    }

    /// The noted caller.
    pub(crate) fn get(&self) -> NotedCaller {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A call and its response.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// The number of the call, counted from 1. A list continues `after` this number.
    pub number: u64,
    /// The simulated time at which the call arrived.
    pub time: Timestamp,
    /// The HTTP method.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query, with secrets redacted.
    pub query: Option<String>,
    /// The HTTP status of the response, even if a fault disconnected the client before it was sent; 0 if a fault
    /// prevented the call from being executed.
    pub status: u16,
    /// The login or client id, if the caller is known.
    pub caller: Option<String>,
    /// The caller's tenant.
    pub tenant_id: Option<Id>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The time from the call's arrival to its response, in milliseconds.
    pub latency_ms: f64,
    /// The number of the TCP connection, which shows which calls shared one.
    pub connection: u64,
    /// The response's `X-Request-Id`.
    pub request_id: Id,
    /// The number of the fault rule that was applied to the call.
    pub fault: Option<u64>,
    /// The request body: JSON, a form, or a note on its size and type.
    pub request_body: Option<Value>,
    /// The response body.
    pub response_body: Option<Value>,
}

/// A filter for calls. The default matches all calls.
#[derive(Debug, Default)]
pub struct Filter {
    /// Only calls with this method.
    pub method: Option<String>,
    /// Only calls with this path; `*` matches any text.
    pub path: Option<String>,
    /// Only calls with a status in this range, such as `400..=499`.
    pub status: Option<RangeInclusive<u16>>,
    /// Only calls by this login or client id.
    pub caller: Option<String>,
    /// Only the call whose response had this `X-Request-Id`.
    pub request_id: Option<Id>,
    /// Only calls that arrived at this simulated time or later.
    pub since: Option<Timestamp>,
    /// Whether the newest call comes first.
    pub newest_first: bool,
    /// Only calls that follow the call with this number in the order of the list; 0 is all.
    pub after: u64,
    /// The maximum number of calls; `None` is all.
    pub limit: Option<usize>,
}

impl Filter {
    fn matches(&self, entry: &Entry) -> bool {
        let follows = match self.after {
            0 => true,
            after if self.newest_first => entry.number < after,
            after => entry.number > after,
        };
        let has_method = |method: &String| entry.method.eq_ignore_ascii_case(method);
        follows
            && self.method.as_ref().is_none_or(has_method)
            && self
                .path
                .as_ref()
                .is_none_or(|path| glob(path, &entry.path))
            && self
                .status
                .as_ref()
                .is_none_or(|range| range.contains(&entry.status))
            && self
                .caller
                .as_ref()
                .is_none_or(|caller| entry.caller.as_ref() == Some(caller))
            && self.request_id.is_none_or(|id| entry.request_id == id)
            && self.since.is_none_or(|since| entry.time >= since)
    }
}

/// The request log.
#[derive(Debug)]
pub(crate) struct RequestLog {
    max_entries: usize,
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    // Bodies are stored as text, which needs less memory than parsed values.
    entries: VecDeque<(Entry, Option<String>, Option<String>)>,
    last: u64,
    bytes: usize,
}

impl RequestLog {
    /// Creates a log of at most `max_entries` calls.
    pub(crate) fn new(max_entries: usize) -> Self {
        Self {
            max_entries,
            entries: Mutex::default(),
        }
    }

    /// Adds a call and removes the oldest ones beyond the limits. Sets the number and the bodies of the entry.
    pub(crate) fn add(&self, entry: Entry, request: Option<String>, response: Option<String>) {
        let mut log = self.lock();
        log.last += 1;
        let entry = Entry {
            number: log.last,
            path: shorten(&entry.path, MAX_LINE),
            query: entry
                .query
                .map(|query| shorten(&redact_form(&query), MAX_LINE)),
            user_agent: entry.user_agent.map(|agent| shorten(&agent, MAX_LINE)),
            ..entry
        };
        let entry = (entry, request, response);
        log.bytes += size(&entry);
        log.entries.push_back(entry);
        while log.entries.len() > self.max_entries || log.bytes > MAX_LOG_SIZE {
            match log.entries.pop_front() {
                Some(oldest) => log.bytes -= size(&oldest),
                None => break,
            }
        }
    }

    /// The calls that match the filter, and whether there are more.
    pub(crate) fn list(&self, filter: &Filter) -> (Vec<Entry>, bool) {
        let log = self.lock();
        let mut entries = log.entries.iter();
        let next = || match filter.newest_first {
            true => entries.next_back(),
            false => entries.next(),
        };
        let mut matching = std::iter::from_fn(next).filter(|(entry, ..)| filter.matches(entry));
        let page = matching
            .by_ref()
            .take(filter.limit.unwrap_or(usize::MAX))
            .map(|(entry, request, response)| Entry {
                request_body: request.as_deref().map(body_value),
                response_body: response.as_deref().map(body_value),
                ..entry.clone()
            })
            .collect();
        (page, matching.next().is_some())
    }

    /// The number of calls in the log.
    pub(crate) fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Removes all calls. Later calls continue the numbering.
    pub(crate) fn clear(&self) {
        let mut log = self.lock();
        log.entries.clear();
        log.bytes = 0;
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
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

/// The logged body as JSON, or else as a string.
fn body_value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// Whether the text matches a pattern in which `*` matches any text.
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
    use super::glob;

    #[test]
    fn star_matches_any_text() {
        assert!(glob("/api/2/*", "/api/2/tenants"));
        assert!(glob("*/tenants/*/users", "/api/2/tenants/1/users"));
        assert!(!glob("*/tenants/*/users", "/api/2/tenants/1/user"));
        assert!(glob("/a", "/a") && !glob("/a", "/ab"));
    }
}
