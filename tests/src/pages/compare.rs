//! Compares outputs without what changes from run to run.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;

/// In the line of a call: ids and names, and how often it was made. The path and the status count.
static IN_CALL: LazyLock<[(Regex, &str); 3]> = LazyLock::new(|| {
    [
        (
            regex(r"[0-9a-f]{8}((-[0-9a-f]{4}){3}-[0-9a-f]{12}|…)"),
            "ID",
        ),
        (regex(r"tenant_id=\d+"), "tenant_id=N"),
        (regex(r"  \d+ times$"), ""),
    ]
});

/// In any other line: also all numbers, bars, and the space that aligns a column.
static IN_TEXT: LazyLock<[(Regex, &str); 6]> = LazyLock::new(|| {
    [
        IN_CALL[0].clone(),
        (regex(r"\b[A-Z0-9]{6} v3\.0"), "NAME v3.0"),
        (regex(r"\d+(\.\d+)?"), "N"),
        // One activity, two activities.
        (regex(r"\bN (\w+?)(ies|y|s)?\b"), "N $1"),
        (regex(r"[#-]{10}"), "BAR"),
        (regex(r"[KMGT]iB"), "BYTES"),
    ]
});

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid")
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
            let patterns: &[(Regex, &str)] = if line.contains(" /api/") {
                &*IN_CALL
            } else {
                &*IN_TEXT
            };
            let mut line = line.to_owned();
            for (pattern, replacement) in patterns {
                line = pattern.replace_all(&line, *replacement).into_owned();
            }
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect()
}
