//! Cursors: where a list goes on. A cursor carries the filters, so that it alone is enough, and
//! the place of the last row rather than a count, so that it holds while rows are added.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::{Refusal, Result};

/// A cursor that carries this.
pub(crate) fn cursor(place: &impl Serialize) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(place)?))
}

/// What a cursor carries; 400 if it is none of the sandbox's.
pub(crate) fn place<T: DeserializeOwned>(cursor: &str) -> Result<T> {
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| Refusal::bad("after: not a cursor that this list has given out."))
}

/// The `paging` part of an answer: empty on the last page.
pub(crate) fn paging(after: Option<String>) -> Value {
    match after {
        Some(after) => json!({ "cursors": { "after": after } }),
        None => json!({ "cursors": {} }),
    }
}

/// A page of a list.
#[derive(Debug)]
pub(crate) struct Page<T, B> {
    /// What is on it.
    pub items: Vec<T>,
    /// What to ask for next; none on the last page.
    pub next: Option<B>,
}
