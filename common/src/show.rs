//! What a person looks at: tables, bars, progress. Colour and block characters only on a terminal, plain text elsewhere
//! and where `NO_COLOR` is set.

use std::{
    borrow::Cow,
    io::{self, IsTerminal},
    time::Duration,
};

use anstream::{AutoStream, ColorChoice};
use anstyle::Style;
use comfy_table::{Table, presets};
use indicatif::{HumanBytes, ProgressBar, ProgressFinish};

use crate::{error::is_visible, log};

const BOLD: Style = Style::new().bold();

/// Rows under a header, each column as wide as its widest cell. What comes from the platform cannot leave its line.
#[must_use]
pub fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for row in rows {
        table.add_row(row.map(|cell| plain(&cell).into_owned()));
    }
    let text = table.trim_fmt();
    match text.split_once('\n') {
        Some((header, rows)) if has_colour() => format!("{BOLD}{header}{BOLD:#}\n{rows}"),
        _ => text,
    }
}

/// How much of a limit is used, `####------  40 %`; more than all of it fills the bar and says the true share.
#[must_use]
pub fn bar(used: f64, limit: f64) -> String {
    const WIDTH: usize = 10;

    let share = if limit > 0.0 { used / limit } else { 1.0 };
    // Between 0 and WIDTH, and nobody counts on the last bit.
    let full = (share.clamp(0.0, 1.0) * WIDTH as f64).round() as usize;
    let (mark, space) = if io::stdout().is_terminal() {
        ("█", "░")
    } else {
        ("#", "-")
    };
    format!(
        "{}{} {:3.0} %",
        mark.repeat(full),
        space.repeat(WIDTH - full),
        share * 100.0
    )
}

/// A number of bytes as a person reads it, `1.50 GiB`.
#[must_use]
pub fn bytes(count: f64) -> String {
    // What is too large for it is shown as the largest, and nobody has so much.
    HumanBytes(count as u64).to_string()
}

/// A number of things: `1 task`, `2 tasks`, `2 activities`, `2 statuses`.
#[must_use]
pub fn counted(number: usize, what: &str) -> String {
    match (number, what.strip_suffix('y')) {
        (1, _) => format!("1 {what}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) if what.ends_with('s') => format!("{number} {what}es"),
        (_, None) => format!("{number} {what}s"),
    }
}

/// A text of the platform as one line: control characters and those that turn the direction of the text are spaces.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_visible) {
        return Cow::Borrowed(text);
    }
    text.chars()
        .map(|c| if is_visible(c) { c } else { ' ' })
        .collect()
}

/// Shows on standard error, where that is a terminal, that something goes on; gone when this goes.
#[derive(Debug)]
#[must_use = "it is shown as long as it is kept"]
pub struct Progress(ProgressBar);

/// Begins to show that something goes on: `reading the tasks`. The call log, where it is on, shows it better.
pub fn progress(what: &str) -> Progress {
    if log::is_on() {
        return Progress(ProgressBar::hidden());
    }
    let bar = ProgressBar::new_spinner()
        .with_message(what.to_owned())
        .with_finish(ProgressFinish::AndClear);
    bar.enable_steady_tick(Duration::from_millis(100));
    Progress(bar)
}

impl Progress {
    /// Shows how far it has come: `reading the tasks, page 3`.
    pub fn at(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    /// Prints a line on standard output, clear of what is shown.
    pub fn say(&self, line: &str) {
        self.0.suspend(|| println!("{line}"));
    }
}

fn has_colour() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_nothing_leaves_its_line() {
        let rows = [
            ["one".to_owned(), "a\nb\u{1b}[2J".to_owned()],
            ["Zweiunddreißig 日本".to_owned(), "x".to_owned()],
        ];
        assert_eq!(
            table(["name", "what"], rows),
            "name                 what\none                  a b [2J\nZweiunddreißig 日本  x"
        );
    }

    #[test]
    fn a_table_without_rows_is_its_header() {
        assert_eq!(table(["name", "what"], []), "name  what");
    }

    #[test]
    fn one_is_no_plural() {
        for (number, what, expected) in [
            (0, "task", "0 tasks"),
            (1, "task", "1 task"),
            (2, "activity", "2 activities"),
            (1, "activity", "1 activity"),
            (3, "protection status", "3 protection statuses"),
        ] {
            assert_eq!(counted(number, what), expected);
        }
    }

    #[test]
    fn a_bar_is_as_full_as_its_share() {
        for (used, limit, expected) in [
            (0.0, 10.0, "----------   0 %"),
            (4.0, 10.0, "####------  40 %"),
            (25.0, 10.0, "########## 250 %"),
            (0.0, 0.0, "########## 100 %"),
        ] {
            assert_eq!(bar(used, limit), expected);
        }
    }
}
