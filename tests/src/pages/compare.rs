//! Compares outputs and ignores what changes from run to run.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::{Captures, Regex};

use super::redact::{ID, is_constant_id};

/// In the line of a call: how many times it was made. The path and the status count.
static IN_CALL: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [(r"tenant_id=\d+", "tenant_id=N"), (r"  \d+ times$", "")]
        .map(regex)
        .into()
});

/// In any other line: also names, all numbers, and bars.
static IN_TEXT: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"\b[A-Z0-9]{6} v3\.0", "NAME v3.0"),
        (r"\d+(\.\d+)?", "N"),
        // One activity, two activities.
        (r"\bN (\w+?)(ies|y|s)?\b", "N $1"),
        (r"[#-]{10}", "BAR"),
        (r"[KMGT]iB", "BYTES"),
    ]
    .map(regex)
    .into()
});

fn regex((pattern, replacement): (&str, &'static str)) -> (Regex, &'static str) {
    let pattern = Regex::new(pattern).expect("the pattern is valid");
    (pattern, replacement)
}

/// Whether two outputs say the same. The examples choose random names and the platform sorts by name, so the order of lines
/// does not count.
pub fn is_equivalent(old: &str, new: &str) -> bool {
    old == new || (is_output(new) && lines(old) == lines(new))
}

/// Excerpts and tables have to be equal.
fn is_output(block: &str) -> bool {
    block.starts_with("```text\n")
}

fn lines(block: &str) -> BTreeSet<String> {
    block
        .lines()
        // How many lines the tour leaves out depends on their number.
        .filter(|line| !line.trim_start().starts_with('…'))
        .map(|line| {
            let patterns = if line.contains(" /api/") {
                &*IN_CALL
            } else {
                &*IN_TEXT
            };
            let mut line = ID
                .replace_all(line, |id: &Captures<'_>| {
                    let is_constant = is_constant_id(&id[0]);
                    if is_constant { &id[0] } else { "ID" }.to_owned()
                })
                .into_owned();
            for (pattern, replacement) in patterns {
                line = pattern.replace_all(&line, *replacement).into_owned();
            }
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect()
}
