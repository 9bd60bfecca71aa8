//! Lists: filters, order and pages, with the same rules for all services of the platform.
//!
//! **Filters.** A parameter is a bare value or an operator: `eq(v)`, `gt(v)`, `ge(v)`, `lt(v)`, `le(v)`, `or(a,b)`,
//! `not(a,b)`, and for text `like(x)` (contains), `hlike(x)` (starts with), `tlike(x)` (ends with), which ignore case.
//! Each list defines which operators a parameter accepts. Other operators are rejected, but text that only looks like
//! an operator, such as `Server (old)`, is a bare value. The values of a repeated parameter are alternatives; different
//! parameters must all match. Unknown parameters are ignored.
//!
//! **Order.** `asc(field)`, `desc(field)` or a bare `field`, which is ascending. Several fields are separated by commas
//! or given in several `order` parameters, the most important first. A unique field breaks ties, so the order is total.
//!
//! **Pages.** `limit` is the maximum number of rows on a page; without it, or with 0, a page has all rows. A cursor
//! contains the list it belongs to, its filters, order and limit, and the sort keys of the row at the edge of the page.
//! It is therefore enough on its own, and rows that are added or deleted in the meantime neither duplicate nor hide
//! other rows. `limit` may be changed while paging; a filter may be repeated but not changed.
//!
//! [`Params`] holds the query, [`Conditions`] and [`Order`] translate it to SQL, and [`page`] fetches the rows:
//!
//! ```text
//! const FILTERS: &[&str] = &["hostname", "order"];
//! const KEYS: &[Key] = &[Key { name: "hostname", sql: "a.hostname" }, Key { name: "id", sql: "a.id" }];
//!
//! let request = params.page_request("agents", FILTERS, Directions::Both)?;
//! let order = Order::parse(&request.params, KEYS, "asc(hostname)", "asc(id)")?;
//! let mut conditions = Conditions::default();
//! conditions.filter(&request.params, "hostname", "a.hostname", &[Like, Hlike, Tlike], text)?;
//! let page = lists::page(db, ("a.id, a.hostname", "agents a"), &conditions, &order, &request, |row| …)?;
//! ```

mod filter;
mod order;
mod params;
mod sql;
mod time;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::{ApiError, Result};

pub(crate) use self::filter::{Filter, Op, boolean, id, integer, text};
pub(crate) use self::order::{Key, Order};
pub(crate) use self::params::{Directions, PageRequest, Params};
pub(crate) use self::sql::{Condition, Conditions, CursorPage, count, page};
pub(crate) use self::time::time;

/// Encodes the content of a cursor.
pub(crate) fn encode_cursor(content: &impl Serialize) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(content)?))
}

/// The content of a cursor; 400 if the sandbox did not issue it.
pub(crate) fn decode_cursor<T: DeserializeOwned>(cursor: &str) -> Result<T> {
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(foreign_cursor)
}

fn foreign_cursor() -> ApiError {
    ApiError::bad("The cursor was not issued for this list.")
}

/// The `paging` field of a response.
#[derive(Debug, Serialize)]
pub(crate) struct Paging {
    cursors: Cursors,
}

#[derive(Debug, Serialize)]
struct Cursors {
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
}

/// The `paging` field of a list that is read forward only. Without a next page, `cursors` is empty.
pub(crate) fn paging(after: Option<String>) -> Paging {
    Paging::new(after, None)
}

impl Paging {
    pub(crate) fn new(after: Option<String>, before: Option<String>) -> Self {
        Self {
            cursors: Cursors { after, before },
        }
    }
}

/// A page of a list whose cursor the API builds.
#[derive(Debug)]
pub(crate) struct Page<T, B> {
    /// The rows on the page.
    pub items: Vec<T>,
    /// Where the next page starts; `None` on the last page.
    pub next: Option<B>,
}
