//! Tables, bars and numbers. Color and block characters on a terminal only; plain text elsewhere and if `NO_COLOR` is set.

use std::io::{self, IsTerminal};

use anstream::{AutoStream, ColorChoice};
use anstyle::Style;
use comfy_table::{Table, presets};
use indicatif::HumanBytes;

use super::print::write;
use crate::text::sanitize;

const BOLD: Style = Style::new().bold();

/// Prints rows below a header. Each column is as wide as its widest cell. All cells are
/// [sanitized](sanitize).
pub fn print_table<const N: usize, Cell: AsRef<str>>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [Cell; N]>,
) {
    write(&table(header, rows));
}

fn table<const N: usize, Cell: AsRef<str>>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [Cell; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for row in rows {
        table.add_row(row.map(|cell| sanitize(cell.as_ref()).into_owned()));
    }
    let text = table.trim_fmt();
    match text.split_once('\n') {
        Some((header, rows)) if has_color() => format!("{BOLD}{header}{BOLD:#}\n{rows}"),
        _ => text,
    }
}

/// The used share of a limit, `####------  40 %`. A share above 100 % fills the bar.
#[must_use]
pub fn bar(used: f64, limit: f64) -> String {
    const WIDTH: usize = 10;

    let share = if limit > 0.0 { used / limit } else { 1.0 };
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

/// A number of bytes in a readable unit, `1.50 GiB`.
#[must_use]
pub fn bytes(count: f64) -> String {
    // A value above `u64::MAX` is shown as `u64::MAX`.
    HumanBytes(count as u64).to_string()
}

fn has_color() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_cells_are_sanitized() {
        let rows = [["one", "a\nb\u{1b}[2J"], ["Zweiunddreißig 日本", "x"]];
        assert_eq!(
            table(["name", "what"], rows),
            "name                 what\none                  a b [2J\nZweiunddreißig 日本  x"
        );
    }

    #[test]
    fn a_table_without_rows_is_only_its_header() {
        assert_eq!(table::<2, &str>(["name", "what"], []), "name  what");
    }

    #[test]
    fn a_bar_shows_its_share() {
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
