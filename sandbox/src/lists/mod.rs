//! Lists: filters, order and pages, by the same rules wherever the platform has them.
//!
//! **Filters.** A parameter is a bare value or an operator: `eq(v)`, `gt(v)`, `ge(v)`, `lt(v)`, `le(v)`, `or(a,b)`,
//! `not(a,b)`, and for texts `like(x)` (contains), `hlike(x)` (begins with), `tlike(x)` (ends with), which do not
//! tell capitals apart. Each list says which of them a parameter takes; another one is refused, while a text that only
//! looks like one, `Server (old)`, is a bare value. Where a parameter may be repeated, its values are alternatives;
//! different parameters all apply. Unknown parameters are ignored.
//!
//! **Order.** `asc(field)`, `desc(field)` or a bare `field`, which is ascending; several, the first the most important,
//! by commas or by repeating `order`. Rows that tie have an order of their own, so that no two have the same place.
//!
//! **Pages.** `limit` is how many rows a page has at most; without it, or with 0, a page has all. A cursor carries the
//! list it belongs to, its filters and order, the limit and the place of the row at the page's edge, not a count: so it
//! alone is enough, and rows that come or go meanwhile neither double nor hide others. Beside a cursor, `limit` may
//! differ; a filter may be repeated but not changed.
//!
//! [`Params`] reads what was asked, [`Conditions`] and [`Order`] make SQL of it, [`page`] fetches:
//!
//! ```text
//! const FILTERS: &[&str] = &["hostname", "order"];
//! const KEYS: &[Key] = &[Key { name: "hostname", sql: "a.hostname" }, Key { name: "id", sql: "a.id" }];
//!
//! let asked = params.asked("agents", FILTERS, Ways::Both)?;
//! let order = Order::parse(&asked.params, KEYS, "asc(hostname)", "asc(id)")?;
//! let mut wanted = Conditions::default();
//! wanted.filter(&asked.params, "hostname", "a.hostname", &[Like, Hlike, Tlike], text)?;
//! let page = lists::page(db, ("a.id, a.hostname", "agents a"), &wanted, &order, &asked, |row| …)?;
//! ```

mod filter;
mod order;
mod params;
mod sql;
mod time;

use crate::domain::{ApiError, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) use filter::{Op, Test, boolean, id, integer, text};
pub(crate) use order::{Key, Order};
pub(crate) use params::{Asked, Params, Ways};
pub(crate) use sql::{Condition, Conditions, Slice, count, page};
pub(crate) use time::time;

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
        .ok_or_else(|| ApiError::bad("after: not a cursor that this list has given out."))
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
