//! Lists that are split into pages.

use std::collections::HashSet;

use serde::{Deserialize, Deserializer};

use crate::error::UnexpectedResponse;

/// One page of a list: `{"items": […], "paging": {"cursors": {"after": …}}}`.
///
/// `items` may be absent or null, as some services write an empty list.
#[derive(Debug, Clone, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub struct Page<T> {
    /// The items of this page, in the platform's order.
    #[serde(default = "Vec::new", deserialize_with = "null_is_empty")]
    pub items: Vec<T>,
    #[serde(default)]
    paging: Option<Paging>,
    /// The API description of tasks and activities has the cursors here; the service has them in `paging`.
    #[serde(default)]
    cursors: Option<Cursors>,
}

#[derive(Debug, Clone, Deserialize)]
struct Paging {
    cursors: Option<Cursors>,
}

#[derive(Debug, Clone, Deserialize)]
struct Cursors {
    after: Option<String>,
    before: Option<String>,
}

impl<T> Page<T> {
    /// The cursor of the next page, if there is one: the value of the query parameter `after`.
    #[must_use]
    pub fn next_cursor(&self) -> Option<&str> {
        self.cursor(|cursors| cursors.after.as_deref())
    }

    /// The cursor of the previous page, if there is one: the value of the query parameter `before`.
    #[must_use]
    pub fn previous_cursor(&self) -> Option<&str> {
        self.cursor(|cursors| cursors.before.as_deref())
    }

    fn cursor<'a>(&'a self, of: impl Fn(&'a Cursors) -> Option<&'a str>) -> Option<&'a str> {
        let paging = self.paging.as_ref().and_then(|it| it.cursors.as_ref());
        paging
            .and_then(&of)
            .or_else(|| self.cursors.as_ref().and_then(&of))
            .filter(|cursor| !cursor.is_empty())
    }

    /// Logs a warning if there are more pages, because this page could be mistaken for the whole list.
    pub fn warn_if_truncated(&self) {
        if self.next_cursor().is_some() {
            log::warn!(
                "this is only the first page of the list; follow paging.cursors.after for the rest"
            );
        }
    }
}

fn null_is_empty<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Guards a loop over pages: a list must not repeat a cursor and must end.
#[derive(Debug)]
pub struct CursorGuard {
    call: String,
    seen: HashSet<String>,
}

impl CursorGuard {
    /// The largest number of pages that is followed. The largest known week has a few thousand.
    pub const MAX_PAGES: usize = 10_000;

    /// A guard for the list at `path`.
    #[must_use]
    pub fn new(path: &str) -> Self {
        Self {
            call: format!("GET {path}"),
            seen: HashSet::new(),
        }
    }

    /// Checks a cursor before it is followed.
    ///
    /// # Errors
    /// [`UnexpectedResponse`] if the cursor was followed before, or if there are more than [`Self::MAX_PAGES`] pages.
    pub fn check(&mut self, cursor: &str) -> Result<(), UnexpectedResponse> {
        if !self.seen.insert(cursor.to_owned()) {
            let reason = "a cursor leads to a page that was already read";
            return Err(UnexpectedResponse::new(&self.call, reason));
        }
        if self.seen.len() >= Self::MAX_PAGES {
            let reason = format!("the list does not end after {} pages", Self::MAX_PAGES);
            return Err(UnexpectedResponse::new(&self.call, reason));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page<i64> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn absent_or_null_items_are_an_empty_list() {
        for text in ["{}", r#"{"items": null}"#, r#"{"items": []}"#] {
            assert!(page(text).items.is_empty(), "{text}");
        }
        assert_eq!(page(r#"{"items": [1, 2]}"#).items, [1, 2]);
    }

    #[test]
    fn cursors_are_read_from_both_places() {
        let both = page(
            r#"{"paging": {"cursors": {"after": "a"}}, "cursors": {"after": "b", "before": "c"}}"#,
        );
        assert_eq!(both.next_cursor(), Some("a"));
        assert_eq!(both.previous_cursor(), Some("c"));
        for text in [
            "{}",
            r#"{"paging": null}"#,
            r#"{"paging": {}}"#,
            r#"{"paging": {"cursors": null}, "cursors": null}"#,
            r#"{"paging": {"cursors": {"after": ""}}}"#,
        ] {
            assert_eq!(page(text).next_cursor(), None, "{text}");
        }
    }

    #[test]
    fn guard_rejects_a_repeated_cursor_and_an_endless_list() {
        let mut guard = CursorGuard::new("/api/list");
        guard.check("a").unwrap();
        guard.check("b").unwrap();
        assert_eq!(
            guard.check("a").unwrap_err().to_string(),
            "GET /api/list: unexpected response: a cursor leads to a page that was already read"
        );

        let mut guard = CursorGuard::new("/api/list");
        let followed = (1..).take_while(|number| guard.check(&number.to_string()).is_ok());
        assert_eq!(followed.count() + 1, CursorGuard::MAX_PAGES);
    }
}
