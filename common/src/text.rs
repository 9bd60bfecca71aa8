//! Text for users: safe to print, with the right plural.

use std::{borrow::Cow, fmt::Write};

/// Replaces each character that is not displayed with a space, so that text from the platform can neither leave its
/// line, nor control the terminal, nor hide or reorder a part of itself.
#[must_use]
pub fn sanitize(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_displayed) {
        return Cow::Borrowed(text);
    }
    text.chars()
        .map(|c| if is_displayed(c) { c } else { ' ' })
        .collect()
}

/// Escapes each character of an indented JSON text that is not displayed: it is the same JSON, and safe to print.
pub(crate) fn escape_json(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || is_displayed(c) {
            escaped.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
    }
    escaped
}

/// Whether a terminal shows the character itself. Control characters, line separators and marks for annotations are not
/// shown, and neither is what Unicode calls "default ignorable": direction marks, zero-width characters, fillers,
/// variation selectors and tags.
fn is_displayed(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
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
    fn characters_that_are_not_displayed_become_spaces() {
        assert_eq!(sanitize("Zweiunddreißig 日本 👍"), "Zweiunddreißig 日本 👍");
        for c in "\0\t\u{1b}\u{7f}\u{80}\u{85}\u{9b}\u{9f}\u{ad}\u{61c}\u{180e}\u{200b}\u{200c}\u{200d}\u{200e}\u{2028}\u{2029}\
                  \u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{3164}\u{fe0f}\u{feff}\u{fff9}\u{e0001}\u{e0041}\u{e007f}\u{e0100}"
            .chars()
        {
            assert_eq!(sanitize(&c.to_string()), " ", "{c:?}");
        }
        assert_eq!(
            sanitize("a\nb\u{1b}[2J\u{9b}\u{202e}c\u{7f}"),
            "a b [2J  c "
        );
    }

    #[test]
    fn escaped_json_is_the_same_json() {
        let text = "{\n  \"a\u{9b}\": \"\u{7f}ä\u{202e}\u{e0041}\\u001b\"\n}";
        let escaped = escape_json(text);
        assert_eq!(
            escaped,
            "{\n  \"a\\u009b\": \"\\u007fä\\u202e\\udb40\\udc41\\u001b\"\n}"
        );
        let json = |text| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(json(&escaped), json(text));
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
