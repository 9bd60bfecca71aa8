//! Lines on standard error: `warning: …`, `note: …`, and the call log as it is.

use std::io::{self, Write};

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::{http::CALL_LOG, text::sanitize};

/// Prints the log records of the examples and of this crate; with `verbose` the call log too.
pub(super) fn install(verbose: bool) {
    // If a logger is installed already, it stays.
    if log::set_logger(&StderrLogger).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
    if verbose {
        show_call_log();
    }
}

/// Shows the call log from now on.
pub(super) fn show_call_log() {
    log::set_max_level(LevelFilter::Debug);
}

/// Prints one line of a run's report: `error: …`, `help: …`.
pub(super) fn print_line(kind: &str, message: &str) {
    // If standard error is closed, the exit code is all that remains.
    let _ = writeln!(io::stderr(), "{kind}: {}", sanitize(message));
}

struct StderrLogger;

impl Log for StderrLogger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Log records of other crates would only distract the reader.
        let target = metadata.target();
        match metadata.level() {
            Level::Error | Level::Warn | Level::Info => {
                target == "common" || target.starts_with("common::")
            }
            Level::Debug | Level::Trace => target == CALL_LOG,
        }
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let message = record.args().to_string();
        match record.level() {
            Level::Error | Level::Warn => print_line("warning", &message),
            Level::Info => print_line("note", &message),
            // The call log is made of complete lines.
            Level::Debug | Level::Trace => {
                let _ = io::stderr().write_all(message.as_bytes());
            }
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_records_of_the_examples_and_the_call_log_only() {
        for (level, target, expected) in [
            (Level::Warn, "common", true),
            (Level::Info, "common::folder", true),
            (Level::Warn, "commonplace", false),
            (Level::Error, "rustls_platform_verifier", false),
            (Level::Debug, CALL_LOG, true),
            (Level::Debug, "common::http", false),
            (Level::Debug, "reqwest::connect", false),
        ] {
            let metadata = Metadata::builder().level(level).target(target).build();
            assert_eq!(
                StderrLogger.enabled(&metadata),
                expected,
                "{level} {target}"
            );
        }
    }
}
