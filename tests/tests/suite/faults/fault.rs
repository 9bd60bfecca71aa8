//! The faults.

use serde_json::{Value, json};

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// Nobody listens any more when it is about to be sent.
    Refused,
    /// The connection is reset before the platform has acted.
    ResetBefore,
    /// The connection is reset after the platform has acted.
    ResetAfter,
    /// The platform has acted, and half of its answer comes.
    Cut,
    /// No answer within the time that the settings give.
    Hang,
    Status401,
    Status404,
    Status409,
    /// Once, with `Retry-After`.
    Status429Later,
    /// Once, without.
    Status429,
    /// For ever.
    Status500,
    /// Once.
    Status503,
    /// A page with a status of success, from something between that does not hand the call on.
    Html,
    /// JSON that ends in the middle.
    CutJson,
    /// JSON that is something else.
    WrongType,
    /// A success that says nothing.
    Empty,
}

pub(crate) const ALL: [Fault; 16] = [
    Fault::Refused,
    Fault::ResetBefore,
    Fault::ResetAfter,
    Fault::Cut,
    Fault::Hang,
    Fault::Status401,
    Fault::Status404,
    Fault::Status409,
    Fault::Status429Later,
    Fault::Status429,
    Fault::Status500,
    Fault::Status503,
    Fault::Html,
    Fault::CutJson,
    Fault::WrongType,
    Fault::Empty,
];

impl Fault {
    /// How many seconds an example waits for an answer.
    pub(crate) fn patience(self) -> &'static str {
        match self {
            // The sandbox answers sooner where it answers at all.
            Self::Hang => "1.5",
            _ => "30",
        }
    }

    /// What a rule of the sandbox does; `None` for the one that is made on the way to it.
    pub(crate) fn then(self) -> Option<Value> {
        Some(match self {
            Self::Refused => return None,
            Self::ResetBefore => json!({ "reset": "before" }),
            Self::ResetAfter => json!({ "reset": "after" }),
            Self::Cut => json!({ "truncate": 5 }),
            Self::Hang => json!({ "status": 504, "latency_ms": 2500 }),
            Self::Status401 => json!({ "status": 401 }),
            Self::Status404 => json!({ "status": 404 }),
            Self::Status409 => json!({ "status": 409 }),
            Self::Status429Later => json!({ "status": 429, "retry_after": 1 }),
            Self::Status429 => json!({ "status": 429 }),
            Self::Status500 => json!({ "status": 500 }),
            Self::Status503 => json!({ "status": 503 }),
            Self::Html => json!({ "status": 200, "body": "<html>Please sign in</html>" }),
            Self::CutJson => json!({ "status": 200, "body": "{\"items\": [{\"id\": " }),
            Self::WrongType => json!({ "status": 200, "body": [7] }),
            Self::Empty => json!({ "status": 200, "body": "" }),
        })
    }
}
