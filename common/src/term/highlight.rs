//! JSON of the call log for a terminal: indented and in color.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

const KEY: Style = AnsiColor::Blue.on_default();
const STRING: Style = AnsiColor::Green.on_default();
const LITERAL: Style = AnsiColor::Yellow.on_default();

/// The characters that end a number or a word.
const ENDS: [char; 7] = ['{', '}', '[', ']', ',', ':', '"'];

/// Indents and colors a JSON text that is on one line. Each further line begins with `margin`. The text may be truncated.
pub(crate) fn highlight(json: &str, margin: &str) -> String {
    let mut shown = String::new();
    let mut depth: usize = 0;
    let mut rest = json;
    while !rest.is_empty() {
        let (token, after) = rest.split_at(token_length(rest));
        match token {
            "{" | "[" => {
                depth += 1;
                shown.push_str(token);
                break_line(&mut shown, margin, depth);
            }
            "}" | "]" => {
                depth = depth.saturating_sub(1);
                break_line(&mut shown, margin, depth);
                shown.push_str(token);
            }
            "," => {
                shown.push_str(token);
                break_line(&mut shown, margin, depth);
            }
            ":" => shown.push_str(": "),
            "{}" | "[]" => shown.push_str(token),
            _ => {
                let style = match token.starts_with('"') {
                    true if after.starts_with(':') => KEY,
                    true => STRING,
                    false => LITERAL,
                };
                // Writing to a string cannot fail.
                let _ = write!(shown, "{style}{token}{style:#}");
            }
        }
        rest = after;
    }
    shown
}

fn break_line(shown: &mut String, margin: &str, depth: usize) {
    let _ = write!(shown, "\n{margin}{}", "  ".repeat(depth));
}

/// The length in bytes of the token at the start of a text that is not empty. An empty object or list is one token.
fn token_length(text: &str) -> usize {
    let mut characters = text.char_indices();
    match characters.next() {
        Some((_, '"')) => {
            let mut is_escaped = false;
            for (at, c) in characters {
                match c {
                    _ if is_escaped => is_escaped = false,
                    '\\' => is_escaped = true,
                    '"' => return at + 1,
                    _ => {}
                }
            }
            text.len()
        }
        Some(_) if text.starts_with("{}") || text.starts_with("[]") => 2,
        Some((_, c)) if ENDS.contains(&c) => 1,
        _ => text.find(ENDS).unwrap_or(text.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text, with the style of each token as a letter in parentheses.
    fn shown(json: &str) -> String {
        let mut shown = highlight(json, "< ");
        for (style, letter) in [(KEY, "k"), (STRING, "s"), (LITERAL, "l")] {
            shown = shown.replace(&style.render().to_string(), &format!("({letter})"));
        }
        shown.replace(&STRING.render_reset().to_string(), "")
    }

    #[test]
    fn keys_strings_and_other_values_have_a_color_and_nesting_is_indented() {
        let json = r#"{"a":{"b\"{":"c:,}","d":[1.50,null]},"e":[],"f":{}}"#;
        let expected = r#"{
<   (k)"a": {
<     (k)"b\"{": (s)"c:,}",
<     (k)"d": [
<       (l)1.50,
<       (l)null
<     ]
<   },
<   (k)"e": [],
<   (k)"f": {}
< }"#;
        assert_eq!(shown(json), expected);
    }

    #[test]
    fn a_truncated_text_is_shown_to_its_end() {
        for json in [
            r#"{"a":[{"b":"cd… (519 more characters)"#,
            r#"{"a":"\… (5 more characters)"#,
            r#"{"a":tr… (5 more characters)"#,
            r#"{"a… (5 more characters)"#,
            "{… (5 more characters)",
            "]",
        ] {
            let shown = anstream::adapter::strip_str(&highlight(json, "")).to_string();
            let compact = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(compact(&shown), compact(json), "{shown}");
        }
    }
}
