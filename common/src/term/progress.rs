//! Progress on standard error, for a terminal only.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressFinish};
use log::LevelFilter;

use super::print::print_line;
use crate::text::sanitize;

/// A spinner with a message. It disappears when it is dropped.
#[derive(Debug)]
#[must_use = "the spinner is shown as long as it exists"]
pub struct Progress {
    bar: ProgressBar,
    prints_lines: bool,
}

/// Shows a spinner: `reading the tasks`. Hidden if standard error is not a terminal, or if the call log is shown.
pub fn progress(message: &str) -> Progress {
    let bar = if log::max_level() >= LevelFilter::Debug {
        ProgressBar::hidden()
    } else {
        let bar = ProgressBar::new_spinner()
            .with_message(sanitize(message).into_owned())
            .with_finish(ProgressFinish::AndClear);
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    };
    Progress {
        bar,
        prints_lines: true,
    }
}

impl Progress {
    /// Replaces the message: `reading the tasks, page 3`.
    pub fn set_message(&self, message: &str) {
        self.bar.set_message(sanitize(message).into_owned());
    }

    /// Whether [`println`](Self::println) prints: not if standard output is for a JSON document.
    pub fn with_lines(self, prints_lines: bool) -> Self {
        Self {
            prints_lines,
            ..self
        }
    }

    /// Prints a line on standard output above the spinner, [sanitized](sanitize).
    pub fn println(&self, line: &str) {
        if self.prints_lines {
            self.bar.suspend(|| print_line(line));
        }
    }
}
