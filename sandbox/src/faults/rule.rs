//! What a rule is: which calls it matches, whose turn it is, and what then.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderValue, Method, StatusCode};
use globset::GlobMatcher;
use serde_json::{Map, Value};

/// Which calls go wrong, and how. Made from JSON:
///
/// ```
/// let rule: sandbox::Rule = r#"{
///     "match": { "method": "POST", "path": "/api/2/tenants" },
///     "nth": 2,
///     "then": { "status": 503, "retry_after": 2 }
/// }"#
/// .parse()?;
/// # Ok::<(), sandbox::BadRule>(())
/// ```
///
/// `match` has `method` and `path`, a glob over the path without the query; what is not given is any. Of the calls that
/// match, `nth` takes one, counted from 1, `every` each so-and-so-manyth, `probability` some, the same ones for the same
/// `seed`; without these it takes all. It acts `times` times at most. `then` has at least one of
///
/// - `status`: answered instead of acting, with an error body of the service that was called;
/// - `retry_after`: that header, seconds or a date;
/// - `latency_ms`: how long the call waits first;
/// - `reset`: the connection is reset without an answer, `"before"` (or `true`) or `"after"` the call is acted upon;
/// - `truncate`: the connection ends after so many bytes of the answer's body;
/// - `body`: what is answered as the body, text as it is, all else as JSON.
#[derive(Clone, Debug)]
pub struct Rule {
    /// As it was written.
    pub(super) given: Map<String, Value>,
    pub(super) method: Option<Method>,
    pub(super) path: Option<GlobMatcher>,
    pub(super) when: When,
    pub(super) times: Option<u64>,
    pub(super) then: Arc<Effect>,
}

/// Whose turn it is among the calls that match.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    Always,
    /// Counted from 1.
    Nth(u64),
    Every(u64),
    Chance {
        probability: f64,
        seed: u64,
    },
}

/// What happens to a call that meets a rule.
#[derive(Clone, Debug)]
pub(crate) struct Effect {
    /// Answered instead of acting.
    pub(super) status: Option<StatusCode>,
    pub(super) retry_after: Option<HeaderValue>,
    /// How long the call waits.
    pub(crate) latency: Duration,
    /// How the connection ends, if it does.
    pub(crate) cut: Option<Disconnect>,
    pub(super) body: Option<FixedBody>,
}

/// A body that was given with the rule.
#[derive(Clone, Debug)]
pub(super) struct FixedBody {
    pub(super) bytes: Bytes,
    pub(super) content_type: HeaderValue,
}

/// Where a connection is cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Disconnect {
    /// Before the call is read and acted upon.
    Before,
    /// When it was acted upon, before the answer.
    After,
    /// After so many bytes of the answer's body.
    Within(usize),
}

impl Rule {
    /// Is this a call that it is about? The vendor's samples write some paths with two slashes in front.
    pub(super) fn matches(&self, method: &Method, path: &str) -> bool {
        let path = format!("/{}", path.trim_start_matches('/'));
        let this = |wanted: &Method| wanted == method;
        let here = |glob: &GlobMatcher| glob.is_match(&path);
        self.method.as_ref().is_none_or(this) && self.path.as_ref().is_none_or(here)
    }
}
