//! The faults.

use serde_json::{Value, json};

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// The server is gone before the request is sent.
    Refused,
    /// The connection is reset before the platform processes the request.
    ResetBefore,
    /// The connection is reset after the platform has processed the request.
    ResetAfter,
    /// The platform has processed the request, and only a part of the response arrives.
    Cut,
    /// No response within the timeout.
    Hang,
    Status401,
    Status404,
    Status409,
    /// Once, with `Retry-After`.
    Status429Later,
    /// Once, without.
    Status429,
    /// Each time.
    Status500,
    /// Once.
    Status503,
    /// An HTML page with a status of success, as from a proxy that does not forward the request.
    Html,
    /// JSON that ends in the middle.
    CutJson,
    /// JSON of another type.
    WrongType,
    /// A success without a body.
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
    /// The read timeout of the example in seconds.
    pub(crate) fn read_timeout(self) -> &'static str {
        match self {
            // The sandbox responds sooner unless the fault delays it.
            Self::Hang => "1.5",
            _ => "30",
        }
    }

    /// The effect of the sandbox's rule; `None` for the fault of the proxy.
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
