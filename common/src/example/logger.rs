//! Lines on standard error: `warning: …`, `note: …`, and the call log. In color on a terminal, unless `NO_COLOR` is set.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::{http::CALL_LOG, term::highlight, text::sanitize};

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
    let style = style(kind);
    write(&format!("{style}{kind}:{style:#} {}\n", sanitize(message)));
}

fn style(kind: &str) -> Style {
    let color = match kind {
        "error" => AnsiColor::Red,
        "warning" | "not done" => AnsiColor::Yellow,
        "done" => AnsiColor::Green,
        _ => AnsiColor::Cyan,
    };
    color.on_default().bold()
}

/// Prints a block of the call log. On a terminal, JSON is indented and colored.
fn print_calls(block: &str) {
    if !io::stderr().is_terminal() {
        return write(block);
    }
    let mut shown = String::new();
    for line in block.lines() {
        // The line of a body: the mark of its direction and three spaces, then the JSON.
        match line.split_at_checked(4) {
            Some((margin, body)) if margin.ends_with("   ") && body.starts_with('{') => {
                shown.push_str(margin);
                shown.push_str(&highlight(body, margin));
            }
            _ => shown.push_str(line),
        }
        shown.push('\n');
    }
    write(&shown);
}

/// Writes to standard error, without colors if they are not supported or not wanted.
fn write(text: &str) {
    // If standard error is closed, the exit code is all that remains.
    let _ = anstream::stderr().write_all(text.as_bytes());
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
            Level::Debug | Level::Trace => print_calls(&message),
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
