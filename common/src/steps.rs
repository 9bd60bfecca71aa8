//! What was done when a run ends half way: an example that makes several changes marks each, and where a later one
//! fails, the end tells which were made, which were not, and how to go on or undo.

use std::{cell::RefCell, fmt::Display};

use anyhow::{Context, Result};

thread_local! {
    static DONE: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Marks a call that changes something on the platform, as [`Context::context`] marks one that reads.
pub trait Step<T> {
    /// Keeps in mind that this was done, or says in the error that this was not.
    ///
    /// # Errors
    /// The error it was called on.
    fn step(self, what: impl Display) -> Result<T>;
}

impl<T> Step<T> for Result<T> {
    fn step(self, what: impl Display) -> Result<T> {
        let what = what.to_string();
        let value = self.context(what.clone())?;
        DONE.with_borrow_mut(|done| done.push(what));
        Ok(value)
    }
}

/// What was done so far, in that order.
pub(crate) fn done() -> Vec<String> {
    DONE.with_borrow(Clone::clone)
}

/// Which of the `planned` changes were not made. One that was made may have a name behind it.
pub(crate) fn not_done<'a>(planned: &'a str, done: &[String]) -> Vec<&'a str> {
    planned
        .split(", ")
        .filter(|change| !done.iter().any(|done| done.starts_with(change)))
        .collect()
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn what_was_done_is_remembered_and_what_was_not_is_told() {
        Ok(()).step("creating the partner Rust 1").unwrap();
        let error = Err::<(), _>(anyhow!("no")).step("enabling the items");

        assert_eq!(
            format!("{:#}", error.unwrap_err()),
            "enabling the items: no"
        );
        assert_eq!(done(), ["creating the partner Rust 1"]);
        let planned = "creating the partner, enabling the items, locking it";
        assert_eq!(
            not_done(planned, &done()),
            ["enabling the items", "locking it"]
        );
    }
}
