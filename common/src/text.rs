//! Text for users: safe to print, with the right plural.

use std::borrow::Cow;

/// Replaces control characters and characters that change the direction of text with spaces, so that text from the
/// platform can neither leave its line nor control the terminal.
#[must_use]
pub fn sanitize(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_visible) {
        return Cow::Borrowed(text);
    }
    text.chars()
        .map(|c| if is_visible(c) { c } else { ' ' })
        .collect()
}

fn is_visible(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A number with its noun: `1 task`, `2 tasks`, `2 activities`, `2 statuses`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    let stem = noun.strip_suffix('y');
    match (
        number,
        stem.filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])),
    ) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) if noun.ends_with('s') => format!("{number} {noun}es"),
        (_, None) => format!("{number} {noun}s"),
    }
}

/// A text from outside the program, on one line, trimmed and truncated. `None` if nothing remains.
pub(crate) fn single_line(text: &str) -> Option<String> {
    const MAX_LENGTH: usize = 500;

    let mut line = sanitize(text.trim()).into_owned();
    if let Some((cut, _)) = line.char_indices().nth(MAX_LENGTH) {
        line.truncate(cut);
        line.push('…');
    }
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_characters_become_spaces() {
        assert_eq!(sanitize("Zweiunddreißig 日本"), "Zweiunddreißig 日本");
        assert_eq!(
            sanitize("a\nb\u{1b}[2J\u{9b}\u{202e}c\u{7f}"),
            "a b [2J  c "
        );
    }

    #[test]
    fn count_pluralizes_the_noun() {
        for (number, noun, expected) in [
            (0, "task", "0 tasks"),
            (1, "task", "1 task"),
            (2, "activity", "2 activities"),
            (1, "activity", "1 activity"),
            (2, "day", "2 days"),
            (3, "protection status", "3 protection statuses"),
        ] {
            assert_eq!(count(number, noun), expected);
        }
    }

    #[test]
    fn a_single_line_is_trimmed_and_truncated() {
        assert_eq!(single_line(" a\nb ").as_deref(), Some("a b"));
        assert_eq!(single_line(" \n "), None);
        let line = single_line(&"ä".repeat(2000)).unwrap();
        assert_eq!(line.chars().count(), 501);
        assert!(line.ends_with('…'));
    }
}
