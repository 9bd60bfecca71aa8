//! Standard output: the only place where the examples print results.
//!
//! If nothing can be printed, there is nothing left to do for an example, so it ends. It does not handle this at every
//! line: printing unwinds to [`run_to_end`], which returns the reason as an error. Locks and temporary files are released
//! on the way.

use std::{
    io::{self, Write},
    panic::{self, AssertUnwindSafe},
};

use anyhow::Result;
use serde::Serialize;

use crate::{
    error::OutputError,
    json::to_pretty_string,
    text::{escape_json, sanitize},
};

/// Prints a line, [sanitized](sanitize). What [`println!`](crate::println) calls.
#[doc(hidden)]
pub fn print_line(line: &str) {
    write(&sanitize(line));
}

/// Prints a value as indented JSON. Characters that a terminal does not show are escaped.
///
/// # Errors
/// If the value cannot be serialized.
pub fn print_json(value: &impl Serialize) -> Result<()> {
    write(&escape_json(&to_pretty_string(value)?));
    Ok(())
}

/// Prints lines that are safe to print.
pub(super) fn write(lines: &str) {
    let mut stdout = io::stdout().lock();
    if let Err(cause) = writeln!(stdout, "{lines}").and_then(|()| stdout.flush()) {
        // Unlike a panic, this prints nothing.
        panic::resume_unwind(Box::new(OutputError::new(cause)));
    }
}

/// Runs an example until it ends or standard output cannot be written.
///
/// # Errors
/// Those of the example; an [`OutputError`] if standard output cannot be written.
pub(crate) fn run_to_end(example: impl FnOnce() -> Result<()>) -> Result<()> {
    match panic::catch_unwind(AssertUnwindSafe(example)) {
        Ok(outcome) => outcome,
        Err(payload) => match payload.downcast::<OutputError>() {
            Ok(cause) => Err((*cause).into()),
            Err(payload) => panic::resume_unwind(payload),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_what_the_example_returns() {
        run_to_end(|| Ok(())).unwrap();
        let error = run_to_end(|| anyhow::bail!("no machine")).unwrap_err();
        assert_eq!(error.to_string(), "no machine");
    }

    #[test]
    fn returns_why_nothing_can_be_printed() {
        let cause = OutputError::new(io::ErrorKind::BrokenPipe.into());
        let error = run_to_end(|| panic::resume_unwind(Box::new(cause))).unwrap_err();
        assert!(error.is::<OutputError>());
    }

    #[test]
    #[should_panic(expected = "a bug")]
    fn does_not_hide_a_panic() {
        let _ = run_to_end(|| panic!("a bug"));
    }
}
