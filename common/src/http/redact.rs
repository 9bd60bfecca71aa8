//! Replaces secrets with `***`: those in fields with a secret name, and those whose value is known.

use std::mem;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::secret_names::is_secret;

/// Replaces a secret.
pub(crate) const REDACTED: &str = "***";

/// The largest JSON text that is parsed as a `Value`, in bytes. The value can take fifty times as much memory.
const MAX_SMALL: usize = 256 * 1024;

/// A JSON text as a `Value`. `None` if it is not JSON or has more than 256 KiB.
pub(crate) fn parse_small(text: &[u8]) -> Option<Value> {
    if text.len() > MAX_SMALL {
        return None;
    }
    serde_json::from_slice(text).ok()
}

/// Redacts these secrets anywhere in a text, in any case: a host name, for example, is shown in lower case.
pub(crate) fn redact_text(text: &str, secrets: &[String]) -> String {
    // The longest first: a shorter one may be a part of it and would leave the rest visible.
    let mut secrets: Vec<_> = secrets.iter().filter(|it| !it.is_empty()).collect();
    secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.into_iter().fold(text.to_owned(), |text, secret| {
        replace_ignoring_case(text, secret)
    })
}

fn replace_ignoring_case(text: String, secret: &str) -> String {
    // Only ASCII letters change, so positions in both texts are the same.
    let lowercase = text.to_ascii_lowercase();
    let mut redacted = String::new();
    let mut end = 0;
    for (start, found) in lowercase.match_indices(&secret.to_ascii_lowercase()) {
        redacted += text.get(end..start).unwrap_or_default();
        redacted += REDACTED;
        end = start + found.len();
    }
    if end == 0 {
        return text;
    }
    redacted + text.get(end..).unwrap_or_default()
}

/// Redacts these secrets in the names and values of a document. Works on decoded strings, since JSON can escape any
/// character.
pub(crate) fn redact_values(value: &mut Value, secrets: &[String]) {
    match value {
        Value::String(text) => *text = redact_text(text, secrets),
        Value::Number(number) => {
            let number = number.to_string();
            let shown = redact_text(&number, secrets);
            if shown != number {
                *value = shown.into();
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| redact_values(item, secrets)),
        Value::Object(fields) => {
            *fields = mem::take(fields)
                .into_iter()
                .map(|(name, mut value)| {
                    redact_values(&mut value, secrets);
                    (redact_text(&name, secrets), value)
                })
                .collect();
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// Redacts the fields with a secret name, at any depth. Returns their values, which may occur elsewhere too.
pub(crate) fn redact_fields(value: &mut Value) -> Vec<String> {
    let mut found = Vec::new();
    redact_named(value, &mut found);
    // A short value would match parts of words.
    found.retain(|secret| secret.len() > 5);
    found
}

fn redact_named(value: &mut Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Null | Value::Bool(_) => {}
                    _ if is_secret(name) => {
                        found.extend(value.as_str().map(str::to_owned));
                        *value = REDACTED.into();
                    }
                    _ => redact_named(value, found),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact_named(item, found)),
        _ => {}
    }
}

/// Redacts a form or a query: the fields with a secret name, and these secrets.
pub(crate) fn redact_form(form: &str, secrets: &[String]) -> String {
    let pairs = form.split('&').map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        if is_secret(&decoded(name)) {
            return format!("{name}={REDACTED}");
        }
        let plain = decoded(value);
        let shown = redact_text(&plain, secrets);
        match name {
            _ if shown == plain => pair.to_owned(),
            "" => shown,
            _ => format!("{name}={shown}"),
        }
    });
    redact_text(&pairs.collect::<Vec<_>>().join("&"), secrets)
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn recognizes_secret_names() {
        for name in [
            "access_token",
            "id_token",
            "refresh_token",
            "registration_access_token",
            "token",
            "client_secret",
            "Password",
            "newPassword",
            "ott",
            "assertion",
            "Set-Cookie",
            "totp_code",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "token_type",
            "client_secret_expires_at",
            "login",
            "bottom",
            "",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn redacts_secret_fields_at_any_depth() {
        let mut value = json!({
            "items": [{ "token": "abcdefgh", "id_token": null, "is_token": true, "n": 1 }],
            "password": { "value": "x" },
            "secrets": ["y"],
            "ott": "short",
            "token_type": "bearer",
        });
        assert_eq!(redact_fields(&mut value), ["abcdefgh"]);
        let expected = json!({
            "items": [{ "token": "***", "id_token": null, "is_token": true, "n": 1 }],
            "password": "***",
            "secrets": "***",
            "ott": "***",
            "token_type": "bearer",
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn redacts_known_secrets_everywhere() {
        let secrets = ["12345".to_owned(), "0123456".to_owned(), String::new()];
        let mut value = json!({ "a 12345": [{ "b": 9_123_459, "c": "x0123456y", "d": 1 }] });
        redact_values(&mut value, &secrets);
        let expected = json!({ "a ***": [{ "b": "9***9", "c": "x***y", "d": 1 }] });
        assert_eq!(value, expected);
    }

    #[test]
    fn redacts_secrets_in_any_case() {
        let secrets = ["S3cret".to_owned()];
        assert_eq!(redact_text("ä s3CRETs3cret Ä", &secrets), "ä ****** Ä");
        assert_eq!(redact_text("s3cre", &secrets), "s3cre");
    }

    #[test]
    fn redacts_only_the_secrets_of_a_form() {
        let secrets = ["s3cret/+ä".to_owned()];
        for (form, shown) in [
            ("grant_type=a%3Ab&x=1%202", "grant_type=a%3Ab&x=1%202"),
            (
                "pass%77ord=x&assertion=y&z",
                "pass%77ord=***&assertion=***&z",
            ),
            ("text=a+s3cret%2F%2B%C3%A4", "text=a ***"),
            ("s3cret%2F%2B%C3%A4", "***"),
            ("", ""),
        ] {
            assert_eq!(redact_form(form, &secrets), shown);
        }
    }
}
