//! Text from the platform, made safe to print.

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

/// [`sanitize`], as an owned string.
pub(crate) fn single_line(text: &str) -> String {
    sanitize(text).into_owned()
}

fn is_visible(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
}
