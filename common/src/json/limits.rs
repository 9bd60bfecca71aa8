//! Limits for the JSON of a response. A few bytes of text can become a value that takes a hundred times as much memory,
//! and a few kilobytes of compressed text can become many megabytes. The limits are far above what the platform sends.

use std::mem;

/// The longest string, in bytes.
const MAX_STRING: usize = 1024 * 1024;
/// As many items and fields are accepted however short they are.
const ALWAYS_ACCEPTED: usize = 10_000;
/// The smallest average size of an object or a list inside a list, in bytes.
const MIN_OBJECT: usize = 256;
/// The smallest average size of another value inside a list, in bytes. A UUID takes 39.
const MIN_ITEM: usize = 32;
/// The smallest average size of a field, in bytes.
const MIN_FIELD: usize = 16;
/// `serde_json` rejects what is nested more deeply.
const MAX_DEPTH: usize = 128;

/// Checks the size of the text's parts. It need not be valid JSON: the decoder checks that.
///
/// # Errors
/// What exceeds a limit.
pub(crate) fn check_limits(text: &str) -> Result<(), &'static str> {
    let at_most = |min_size| ALWAYS_ACCEPTED + text.len() / min_size;
    let (mut objects, mut items, mut fields) = (0, 0, 0);
    // For each open bracket, whether it is that of a list.
    let mut open = Vec::new();
    let mut starts_item = false;
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte.is_ascii_whitespace() {
            continue;
        }
        if mem::take(&mut starts_item) {
            match byte {
                b'{' | b'[' => objects += 1,
                _ => items += 1,
            }
        }
        match byte {
            b'"' if string_length(&mut rest) > MAX_STRING => {
                return Err("a string is longer than 1 MiB");
            }
            b'{' | b'[' if open.len() == MAX_DEPTH => return Ok(()),
            b'{' | b'[' => {
                open.push(byte == b'[');
                starts_item = byte == b'[';
            }
            b'}' | b']' => {
                open.pop();
            }
            b',' => starts_item = open.last() == Some(&true),
            b':' => fields += 1,
            _ => {}
        }
    }
    if objects > at_most(MIN_OBJECT) || items > at_most(MIN_ITEM) || fields > at_most(MIN_FIELD) {
        return Err("too many values for the size of the response");
    }
    Ok(())
}

/// Reads the rest of a string, with its closing quote. Returns its length.
fn string_length(rest: &mut impl Iterator<Item = u8>) -> usize {
    let mut is_escaped = false;
    rest.take_while(|&byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        !is_end
    })
    .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(item: &str, count: usize) -> String {
        format!("{{\"items\":[{}]}}", vec![item; count].join(","))
    }

    #[test]
    fn realistic_lists_are_accepted() {
        let object = format!(r#"{{"id":"a","name":"{}"}}"#, "n".repeat(240));
        let id = r#""ba2976d0-c13e-4661-ae60-b4593583fce2""#;
        for text in [
            list(&object, 50_000),
            list(id, 50_000),
            list("{}", 10_000),
            list("0", 10_000),
            "{}".to_owned(),
            "<html>".to_owned(),
            String::new(),
        ] {
            assert_eq!(check_limits(&text), Ok(()));
        }
    }

    #[test]
    fn too_many_small_values_are_rejected() {
        for text in [
            list("0", 20_000),
            list(" {\n} ", 20_000),
            list("[]", 20_000),
            list(r#""\",[""#, 20_000),
            format!("{{{}}}", vec![r#""a":0"#; 20_000].join(",")),
        ] {
            let expected = Err("too many values for the size of the response");
            assert_eq!(check_limits(&text), expected);
        }
    }

    #[test]
    fn only_what_is_outside_of_strings_counts() {
        let text = format!(r#"{{"a":"{}"}}"#, r#"[,\"{:\\"#.repeat(50_000));
        assert_eq!(check_limits(&text), Ok(()));
    }

    #[test]
    fn a_string_of_more_than_a_mebibyte_is_rejected() {
        let text = |length| format!(r#"{{"a":"{}"}}"#, "a".repeat(length));
        assert_eq!(check_limits(&text(MAX_STRING)), Ok(()));
        let expected = Err("a string is longer than 1 MiB");
        assert_eq!(check_limits(&text(MAX_STRING + 1)), expected);
    }

    #[test]
    fn deep_nesting_is_left_to_the_decoder() {
        assert_eq!(check_limits(&"[".repeat(1_000_000)), Ok(()));
    }
}
