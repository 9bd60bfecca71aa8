//! Indented JSON that is still the same text: numbers, escapes and the order of fields stay as they are.

use serde::Serialize;

/// Serializes a value as indented JSON, two spaces a level.
///
/// Works on the text, so that a [`Lossless`](super::Lossless) value keeps its content unchanged.
///
/// # Errors
/// If the value cannot be serialized.
pub fn to_pretty_string(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(indent(&serde_json::to_string(value)?))
}

/// Indents a valid JSON text. Strings are copied; all other white space is replaced.
fn indent(text: &str) -> String {
    let mut pretty = String::with_capacity(text.len() * 3 / 2);
    let mut depth = 0;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => {
                pretty.push(c);
                let mut escaped = false;
                for c in rest.by_ref() {
                    pretty.push(c);
                    if c == '"' && !escaped {
                        break;
                    }
                    escaped = c == '\\' && !escaped;
                }
            }
            '{' | '[' => {
                pretty.push(c);
                while rest.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(end) = rest.next_if(|c| matches!(c, '}' | ']')) {
                    pretty.push(end);
                } else {
                    depth += 1;
                    new_line(&mut pretty, depth);
                }
            }
            '}' | ']' => {
                depth -= 1;
                new_line(&mut pretty, depth);
                pretty.push(c);
            }
            ',' => {
                pretty.push(c);
                new_line(&mut pretty, depth);
            }
            ':' => pretty.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => pretty.push(c),
        }
    }
    pretty
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn looks_as_serde_json_would_print_it() {
        for text in [
            "{}",
            "[]",
            "{ }",
            r#"{"a":[],"b":{},"c":[1,[2,{"d":null}]]}"#,
            "{\n \"a\" : [ true ,\t\"x, {y}: [\\\"z\\\\\" ] }",
            r#"{"\\":"\\\\\"","":-1.50e+10}"#,
        ] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(indent(text), format!("{value:#}"), "{text}");
        }
    }

    #[test]
    fn keeps_numbers_and_escapes_unchanged() {
        let text = r#"{"a":18446744073709551617,"b":1.50,"c":"\u00e4\/"}"#;
        assert_eq!(
            indent(text),
            "{\n  \"a\": 18446744073709551617,\n  \"b\": 1.50,\n  \"c\": \"\\u00e4\\/\"\n}"
        );
    }
}
