//! Decoding a JSON object into a type, with an error that names the field.

use std::fmt;

use serde::de::DeserializeOwned;

/// Separates the location inside a [`Lossless`](super::Lossless) value from the message, while an error passes through
/// the decoder of the surrounding document.
const SEPARATOR: char = '\u{1f}';

/// A document that cannot be decoded: where, and why.
///
/// `items[0].id: "../x" is not an id`, or the reason alone if the whole document is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct DecodeError {
    /// The field, such as `items[0].id`. Empty for the document itself.
    pub location: String,
    /// What is wrong there.
    pub reason: String,
    /// Whether the text is not JSON at all.
    pub is_syntax: bool,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.location.is_empty() {
            write!(f, "{}: ", self.location)?;
        }
        f.write_str(&self.reason)
    }
}

impl DecodeError {
    /// The form in which the error passes through the decoder of the surrounding document.
    pub(super) fn nested(&self) -> String {
        format!("{SEPARATOR}{}{SEPARATOR}{}", self.location, self.reason)
    }

    fn from_path(error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        let inner = error.inner();
        let is_syntax = matches!(
            inner.classify(),
            serde_json::error::Category::Syntax | serde_json::error::Category::Eof
        );
        let message = inner.to_string();
        if is_syntax {
            return Self {
                location: String::new(),
                reason: message,
                is_syntax,
            };
        }
        let mut location = error.path().to_string();
        if location == "." {
            location.clear();
        }
        // The position in the text does not help a reader who does not see the text.
        let (mut reason, _) = message.rsplit_once(" at line ").unwrap_or((&message, ""));
        if let Some((inner, rest)) = reason
            .strip_prefix(SEPARATOR)
            .and_then(|nested| nested.split_once(SEPARATOR))
        {
            if !location.is_empty() && !inner.is_empty() && !inner.starts_with('[') {
                location.push('.');
            }
            location.push_str(inner);
            reason = rest;
        }
        Self {
            location,
            reason: reason.to_owned(),
            is_syntax,
        }
    }
}

/// Decodes a JSON object.
///
/// # Errors
/// A [`DecodeError`] if the text is not JSON, not an object, or lacks what `T` needs.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    // Serde fills a struct from a list too, by position. The platform never means that.
    if !text.trim_start().starts_with('{') {
        return Err(match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => DecodeError {
                location: String::new(),
                reason: "not a JSON object".to_owned(),
                is_syntax: false,
            },
            Err(cause) => DecodeError {
                location: String::new(),
                reason: cause.to_string(),
                is_syntax: true,
            },
        });
    }
    let mut decoder = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut decoder)
        .map_err(|error| DecodeError::from_path(&error))?;
    decoder.end().map_err(|cause| DecodeError {
        location: String::new(),
        reason: cause.to_string(),
        is_syntax: true,
    })?;
    Ok(value)
}

/// Decodes a JSON object in UTF-8.
///
/// # Errors
/// See [`from_str`].
pub fn from_slice<T: DeserializeOwned>(content: &[u8]) -> Result<T, DecodeError> {
    let text = str::from_utf8(content).map_err(|cause| DecodeError {
        location: String::new(),
        reason: cause.to_string(),
        is_syntax: true,
    })?;
    from_str(text)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::json::{Id, Lossless, Page};

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only decoding is tested")]
    struct Tenant {
        id: Id,
        version: i64,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only decoding is tested")]
    struct Outer {
        inner: Lossless<Tenant>,
    }

    fn error<T: DeserializeOwned + std::fmt::Debug>(text: &str) -> String {
        from_str::<T>(text).unwrap_err().to_string()
    }

    #[test]
    fn errors_name_the_field() {
        for (text, expected) in [
            (r#"{"id": "a"}"#, "missing field `version`"),
            (
                r#"{"id": "../x", "version": 1}"#,
                r#"id: "../x" is not an id"#,
            ),
            (
                r#"{"id": "a", "version": "1"}"#,
                r#"version: invalid type: string "1", expected i64"#,
            ),
            ("[\"a\", 1]", "not a JSON object"),
            ("\"a\"", "not a JSON object"),
            ("null", "not a JSON object"),
        ] {
            assert_eq!(error::<Tenant>(text), expected);
            assert_eq!(error::<Lossless<Tenant>>(text), expected);
        }
    }

    #[test]
    fn errors_inside_lossless_values_name_the_whole_path() {
        for (text, expected) in [
            (
                r#"{"items": [{"id": "a", "version": 1}, {"id": "", "version": 1}]}"#,
                r#"items[1].id: "" is not an id"#,
            ),
            (
                r#"{"items": [{"id": "a"}]}"#,
                "items[0]: missing field `version`",
            ),
            (r#"{"items": [["a", 1]]}"#, "items[0]: not a JSON object"),
            (
                r#"{"items": {}}"#,
                "items: invalid type: map, expected a sequence",
            ),
        ] {
            assert_eq!(error::<Page<Lossless<Tenant>>>(text), expected);
            assert_eq!(error::<Lossless<Page<Lossless<Tenant>>>>(text), expected);
        }
        assert_eq!(
            error::<Lossless<Outer>>(r#"{"inner": {"id": 1, "version": 1}}"#),
            "inner.id: invalid type: integer `1`, expected a string"
        );
    }

    #[test]
    fn text_that_is_not_json_is_reported_as_such() {
        for text in [
            "{",
            "<html>",
            "",
            r#"{"id": "a", "version": 1} {}"#,
            "{\"a\": }",
        ] {
            assert!(from_str::<Tenant>(text).unwrap_err().is_syntax, "{text}");
        }
        assert!(from_slice::<Tenant>(b"{\"\xff\"}").unwrap_err().is_syntax);
    }
}
