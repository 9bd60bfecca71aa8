//! Excerpts of source files.

/// The lines of `source` from the one that begins with `start` to the one that begins with `end`, or to the end of the
/// paragraph, without their common indentation. Indentation does not count for `start` and `end`, but `}` is
/// only the brace at the indentation of the first line, which closes it.
///
/// # Errors
/// If a line is missing, or `start` matches more than one line.
pub fn find(source: &str, start: &str, end: Option<&str>) -> Result<String, String> {
    let lines: Vec<&str> = source.lines().collect();
    let begins = |line: &&str, with: &str| line.trim_start().starts_with(with);
    let mut starts = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| begins(line, start));
    let first = match (starts.next(), starts.next()) {
        (Some((number, _)), None) => number,
        (None, _) => return Err(format!("no line begins with {start:?}")),
        (Some(_), Some(_)) => return Err(format!("more than one line begins with {start:?}")),
    };
    let rest = || lines.iter().skip(first);
    let count = match end {
        Some(end) => {
            let outer = lines.get(first).map(indentation);
            let after = rest().skip(1).position(|line| {
                begins(line, end) && (end != "}" || Some(indentation(line)) == outer)
            });
            after.ok_or_else(|| format!("no later line begins with {end:?}"))? + 2
        }
        None => rest()
            .position(|line| line.trim().is_empty())
            .unwrap_or(lines.len()),
    };
    Ok(dedent(&rest().take(count).copied().collect::<Vec<_>>()))
}

/// The number of spaces before the text of a line.
fn indentation(line: &&str) -> usize {
    line.len() - line.trim_start().len()
}

/// Removes the common indentation.
fn dedent(lines: &[&str]) -> String {
    let common = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(indentation)
        .min()
        .unwrap_or_default();
    lines
        .iter()
        .map(|line| format!("{}\n", line.get(common..).unwrap_or_default()))
        .collect()
}
