//! The request log: what was called, by whom, and what came of it. Always on, bounded in calls and
//! in bytes, and without secrets: they are redacted before anything is stored.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::domain::Id;
use crate::redact::{redact_form, shorten};

/// The maximum length of one line of a call, in bytes.
const LONGEST_LINE: usize = 2 * 1024;
/// How much of all is kept.
const LARGEST_LOG: usize = 8 * 1024 * 1024;

/// What the handling of a call learns on the way and the log wants to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallerNote(Arc<Mutex<NotedCaller>>);

/// Who called.
#[derive(Clone, Debug, Default)]
pub(crate) struct NotedCaller {
    /// Login or client id.
    pub caller: Option<String>,
    /// The tenant it belongs to.
    pub tenant_id: Option<Id>,
}

impl CallerNote {
    /// Notes who is calling.
    pub(crate) fn caller(&self, name: &str, tenant_id: Option<Id>) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.caller = Some(name.to_owned());
        noted.tenant_id = tenant_id;
    }

    /// What was noted.
    pub(crate) fn get(&self) -> NotedCaller {
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
    pub time: Timestamp,
    /// `GET`, …
    pub method: String,
    /// Without the query.
    pub path: String,
    /// As it was sent, secrets redacted.
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
pub(crate) struct RequestLog {
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

impl RequestLog {
    /// A log of at most so many calls.
    pub(crate) fn new(most: usize) -> Self {
        Self {
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
            path: shorten(&entry.path, LONGEST_LINE),
            query: entry
                .query
                .map(|query| shorten(&redact_form(&query), LONGEST_LINE)),
            user_agent: entry.user_agent.map(|agent| shorten(&agent, LONGEST_LINE)),
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
    use super::glob;

    #[test]
    fn a_star_matches_any_text() {
        assert!(glob("/api/2/*", "/api/2/tenants"));
        assert!(glob("*/tenants/*/users", "/api/2/tenants/1/users"));
        assert!(!glob("*/tenants/*/users", "/api/2/tenants/1/user"));
        assert!(glob("/a", "/a") && !glob("/a", "/ab"));
    }
}
