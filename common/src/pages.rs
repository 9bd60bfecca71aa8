//! Lists that come in pages: the cursor to the next one, and a bound to following it.

use std::collections::HashSet;

use serde_json::Value;

use crate::{connection::last_call, error::Failure};

/// The cursor to the page `after` or `before` this one, if there is such a page.
///
/// It stands in `paging.cursors`; the platform's description of tasks and activities has it in `cursors`.
#[must_use]
pub fn cursor(page: &Value, way: &str) -> Option<String> {
    let within = |part: &Value| Some(part.get("cursors")?.get(way)?.as_str()?.to_owned());
    page.get("paging")
        .and_then(within)
        .or_else(|| within(page))
        .filter(|cursor| !cursor.is_empty())
}

/// The cursors that were followed: a list must not lead in circles, and not on for ever.
#[derive(Debug, Default)]
pub struct Trail(HashSet<String>);

impl Trail {
    /// How many pages a list may have. The largest week known has a few thousand.
    pub const LONGEST: usize = 10_000;

    /// Notes the cursor that is followed next.
    ///
    /// # Errors
    /// A [`Failure`] where it was followed before, and where it leads beyond page [`Trail::LONGEST`].
    pub fn step(&mut self, cursor: &str) -> Result<(), Failure> {
        let wrong = |how: &str| Failure::unexpected(format!("{}: {how}", last_call()));
        if !self.0.insert(cursor.to_owned()) {
            return Err(wrong("the answer has a cursor that led to an earlier page"));
        }
        if self.0.len() >= Self::LONGEST {
            let how = format!("the list has no end after {} pages", Self::LONGEST);
            return Err(wrong(&how));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_trail_has_no_circle_and_an_end() {
        let mut trail = Trail::default();
        trail.step("a").unwrap();
        trail.step("b").unwrap();
        assert!(trail.step("a").is_err());

        let mut trail = Trail::default();
        let steps = (1..).take_while(|number| trail.step(&number.to_string()).is_ok());
        assert_eq!(steps.count() + 1, Trail::LONGEST);
    }

    #[test]
    fn a_cursor_is_found_in_both_places() {
        let new = json!({ "paging": { "cursors": { "after": "a" } }, "cursors": { "after": "b" } });
        assert_eq!(cursor(&new, "after").as_deref(), Some("a"));
        assert_eq!(cursor(&new, "before"), None);
        let old = json!({ "cursors": { "after": "b" }, "paging": {} });
        assert_eq!(cursor(&old, "after").as_deref(), Some("b"));
        for none in [
            json!({}),
            json!(null),
            json!({ "paging": null }),
            json!({ "paging": { "cursors": { "after": "" } } }),
            json!({ "paging": { "cursors": { "after": 1 } } }),
        ] {
            assert_eq!(cursor(&none, "after"), None, "{none}");
        }
    }
}
