//! Decoding a JSON object into a type, with an error that names the field.

use std::fmt;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::objects_only::ObjectsOnly;
use crate::{secret_names::is_secret, text::single_line};

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
    /// What is wrong there. It may quote a value and be as long; `Display` shows its beginning.
    pub reason: String,
    /// Whether the text is not JSON at all.
    pub is_syntax_error: bool,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.full_text();
        f.write_str(&single_line(&text).unwrap_or_default())
    }
}

impl DecodeError {
    /// The text that `Display` truncates.
    pub(crate) fn full_text(&self) -> String {
        match self.location.as_str() {
            "" => self.reason.clone(),
            location => format!("{location}: {}", self.reason),
        }
    }

    /// The form in which the error passes through the decoder of the surrounding document.
    pub(super) fn nested(&self) -> String {
        format!("{SEPARATOR}{}{SEPARATOR}{}", self.location, self.reason)
    }

    fn from_path(error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        let inner = error.inner();
        let is_syntax_error = matches!(
            inner.classify(),
            serde_json::error::Category::Syntax | serde_json::error::Category::Eof
        );
        let message = inner.to_string();
        if is_syntax_error {
            return Self {
                location: String::new(),
                reason: message,
                is_syntax_error,
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
        // The reason may quote the value.
        let mut fields = location.split(['.', '[', ']']);
        if fields.any(is_secret) {
            reason = "expected a non-empty string";
        }
        Self {
            location,
            reason: reason.to_owned(),
            is_syntax_error,
        }
    }
}

/// Decodes a JSON object. No struct inside it is filled from a list.
///
/// # Errors
/// A [`DecodeError`] if the text is not JSON, not an object, or lacks what `T` needs.
pub fn object_from_str<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    // `ObjectsOnly` rejects a list too, but only if `T` is a struct, and with a message about Rust.
    if !text.trim_start().starts_with('{') {
        return Err(match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => DecodeError {
                location: String::new(),
                reason: "not a JSON object".to_owned(),
                is_syntax_error: false,
            },
            Err(cause) => DecodeError {
                location: String::new(),
                reason: cause.to_string(),
                is_syntax_error: true,
            },
        });
    }
    let mut decoder = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(ObjectsOnly(&mut decoder))
        .map_err(|error| DecodeError::from_path(&error))?;
    decoder.end().map_err(|cause| DecodeError {
        location: String::new(),
        reason: cause.to_string(),
        is_syntax_error: true,
    })?;
    Ok(value)
}

/// Decodes a JSON object in UTF-8.
///
/// # Errors
/// See [`object_from_str`].
pub fn object_from_slice<T: DeserializeOwned>(content: &[u8]) -> Result<T, DecodeError> {
    let text = str::from_utf8(content).map_err(|cause| DecodeError {
        location: String::new(),
        reason: cause.to_string(),
        is_syntax_error: true,
    })?;
    object_from_str(text)
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
        object_from_str::<T>(text).unwrap_err().to_string()
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
                r#"{"items": [], "paging": [["a", "b"]]}"#,
                "paging: invalid type: sequence, expected struct Paging",
            ),
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
    fn errors_do_not_quote_secrets_and_are_short() {
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only decoding is tested")]
        struct Token {
            access_token: secrecy::SecretString,
            version: i64,
        }

        assert_eq!(
            error::<Token>(r#"{"access_token": 123456}"#),
            "access_token: expected a non-empty string"
        );
        let long = format!(
            r#"{{"access_token": "a", "version": "{}"}}"#,
            "ä".repeat(2000)
        );
        assert!(error::<Token>(&long).chars().count() < 600);
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
            assert!(
                object_from_str::<Tenant>(text).unwrap_err().is_syntax_error,
                "{text}"
            );
        }
        assert!(
            object_from_slice::<Tenant>(b"{\"\xff\"}")
                .unwrap_err()
                .is_syntax_error
        );
    }
}
