//! A fault rule: the calls it matches, when it applies, and its effect.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderValue, Method, StatusCode};
use globset::GlobMatcher;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A rule for injected faults, parsed from JSON:
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
/// `match` selects calls by `method` and `path`, a glob pattern for the path without the query; both are optional. Of the
/// matching calls, the rule applies to the `nth` call (counted from 1), to every `every`-th call, or to each call with
/// `probability`, which is reproducible with a `seed`. Without these it applies to all calls. It applies at most `times`
/// times. `then` has at least one of
///
/// - `status`: the response status. The call is not processed; the error body has the format of the called service;
/// - `retry_after`: the value of this header, in seconds or as a date;
/// - `latency_ms`: a delay before the call is processed;
/// - `reset`: resets the connection without a response, `"before"` (or `true`) or `"after"` the call is processed;
/// - `truncate`: closes the connection after this many bytes of the response body;
/// - `body`: the response body; a string is sent as text, any other value as JSON.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub struct Rule {
    /// The rule as it was given.
    pub(super) source: Map<String, Value>,
    pub(super) method: Option<Method>,
    pub(super) path: Option<GlobMatcher>,
    pub(super) trigger: Trigger,
    pub(super) times: Option<u64>,
    pub(super) effect: Arc<Effect>,
}

/// The matching calls to which a rule applies.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trigger {
    Always,
    /// Counted from 1.
    Nth(u64),
    Every(u64),
    Random {
        probability: f64,
        seed: u64,
    },
}

/// The effect of a rule on a call.
#[derive(Clone, Debug)]
pub(crate) struct Effect {
    /// The status of the response; the call is not processed.
    pub(super) status: Option<StatusCode>,
    pub(super) retry_after: Option<HeaderValue>,
    /// The delay before the call is processed.
    pub(crate) latency: Duration,
    pub(crate) disconnect: Option<Disconnect>,
    pub(super) body: Option<FixedBody>,
}

/// The response body of a rule.
#[derive(Clone, Debug)]
pub(super) struct FixedBody {
    pub(super) bytes: Bytes,
    pub(super) content_type: HeaderValue,
}

/// When a connection is closed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Disconnect {
    /// Before the call is read and processed.
    Before,
    /// After the call is processed, before the response.
    After,
    /// After this many bytes of the response body.
    Within(usize),
}

impl Rule {
    /// Whether the rule matches a call. Some of the vendor's samples use paths with two leading slashes.
    pub(super) fn matches(&self, method: &Method, path: &str) -> bool {
        let path = format!("/{}", path.trim_start_matches('/'));
        let same_method = |expected: &Method| expected == method;
        let matches_glob = |glob: &GlobMatcher| glob.is_match(&path);
        self.method.as_ref().is_none_or(same_method) && self.path.as_ref().is_none_or(matches_glob)
    }
}
