//! The text of a file. Editors on Windows may add a byte order mark or save UTF-16.

use std::borrow::Cow;

/// Decodes UTF-8, with or without a byte order mark, and UTF-16 with one.
///
/// # Errors
/// What is wrong with the content, without quoting it.
pub(super) fn decode(content: &[u8]) -> Result<Cow<'_, str>, &'static str> {
    match content {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf_8(rest),
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        _ => utf_8(content),
    }
}

fn utf_8(content: &[u8]) -> Result<Cow<'_, str>, &'static str> {
    let text = str::from_utf8(content).map_err(|_| "is not UTF-8 text")?;
    // JSON has no NUL, but UTF-16 has one in most characters.
    if text.contains('\0') {
        return Err("is not UTF-8 text");
    }
    Ok(Cow::Borrowed(text))
}

fn utf_16(content: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, &'static str> {
    let (pairs, []) = content.as_chunks() else {
        return Err("is not valid UTF-16 text");
    };
    let units: Vec<_> = pairs.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16(&units)
        .map(Cow::Owned)
        .map_err(|_| "is not valid UTF-16 text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_utf_8_and_utf_16_with_their_marks() {
        let text = "{\"a\": \"ä😀\"}";
        let units = || text.encode_utf16();
        let little = units().flat_map(u16::to_le_bytes);
        let big = units().flat_map(u16::to_be_bytes);
        for content in [
            text.bytes().collect(),
            [0xef, 0xbb, 0xbf].into_iter().chain(text.bytes()).collect(),
            [0xff, 0xfe].into_iter().chain(little).collect(),
            [0xfe, 0xff].into_iter().chain(big).collect::<Vec<u8>>(),
        ] {
            assert_eq!(decode(&content).as_deref(), Ok(text), "{content:x?}");
        }
    }

    #[test]
    fn names_the_encoding_that_is_wrong() {
        for (content, expected) in [
            (b"\xe4".as_slice(), "is not UTF-8 text"),
            (b"{\0}\0", "is not UTF-8 text"),
            (b"\xff\xfe{", "is not valid UTF-16 text"),
            (b"\xff\xfe\0\xd8", "is not valid UTF-16 text"),
        ] {
            assert_eq!(decode(content), Err(expected), "{content:x?}");
        }
    }
}
