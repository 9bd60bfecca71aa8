//! Log lines on standard error: `warning: …`, `note: …`, and the call log as it is.

use std::io::{self, Write};

use log::{Level, LevelFilter, Log, Metadata, Record};

/// The target of the call log: records of this target are complete lines.
pub(crate) const CALL_LOG: &str = "common::call_log";

/// Prints all log records from now on; with `verbose` the call log too. A logger that is installed already stays.
pub(crate) fn install(verbose: bool) {
    if log::set_logger(&StderrLogger).is_ok() {
        log::set_max_level(if verbose {
            LevelFilter::Debug
        } else {
            LevelFilter::Info
        });
    }
}

/// Shows the call log from now on.
pub(crate) fn show_call_log() {
    log::set_max_level(LevelFilter::Debug);
}

/// Prints one line of a run's report: `error: …`, `help: …`.
pub(crate) fn print_line(kind: &str, message: &str) {
    // If standard error is closed, the exit code is all that remains.
    let _ = writeln!(io::stderr(), "{kind}: {message}");
}

struct StderrLogger;

impl Log for StderrLogger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Debug records of other crates are not for the reader of a tutorial.
        metadata.level() <= Level::Info || metadata.target() == CALL_LOG
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        match record.level() {
            Level::Error | Level::Warn => print_line("warning", &record.args().to_string()),
            Level::Info => print_line("note", &record.args().to_string()),
            Level::Debug | Level::Trace => {
                let _ = io::stderr().write_all(record.args().to_string().as_bytes());
            }
        }
    }

    fn flush(&self) {}
}
