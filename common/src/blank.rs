//! Secrets become `***` before anything is shown: those known by the name they go under, and those known by their value.

use std::mem;

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// What stands in the place of a secret.
pub(crate) const BLANK: &str = "***";

/// Whether what goes under this name is a secret: `access_token`, `client_secret`, `ott` …
pub(crate) fn is_secret(name: &str) -> bool {
    const HARMLESS: [&str; 4] = [
        "client_secret_expires_at",
        "token_type",
        "token_type_hint",
        "token_endpoint_auth_method",
    ];
    const PARTS: [&str; 9] = [
        "password",
        "passphrase",
        "secret",
        "token",
        "assertion",
        "authorization",
        "cookie",
        "session",
        "totp",
    ];
    let name = name.to_lowercase();
    let known = name == "ott" || PARTS.iter().any(|part| name.contains(part));
    known && !HARMLESS.contains(&name.as_str())
}

/// Blanks these secrets wherever they stand in a text.
pub(crate) fn in_text(text: &str, secrets: &[String]) -> String {
    // The longest first: a shorter one may be a part of it, and would leave the rest.
    let mut secrets: Vec<_> = secrets.iter().filter(|it| !it.is_empty()).collect();
    secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
        .into_iter()
        .fold(text.to_owned(), |text, secret| text.replace(secret, BLANK))
}

/// Blanks these secrets in names and values, in the texts themselves: JSON can write each of their characters in many
/// ways.
pub(crate) fn by_value(value: &mut Value, secrets: &[String]) {
    match value {
        Value::String(text) => *text = in_text(text, secrets),
        Value::Number(number) => {
            let number = number.to_string();
            let shown = in_text(&number, secrets);
            if shown != number {
                *value = shown.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| by_value(item, secrets)),
        Value::Object(fields) => {
            *fields = mem::take(fields)
                .into_iter()
                .map(|(name, mut value)| {
                    by_value(&mut value, secrets);
                    (in_text(&name, secrets), value)
                })
                .collect();
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// Blanks what goes under the name of a secret, at any depth. The secrets, as they may stand elsewhere too.
pub(crate) fn by_name(value: &mut Value) -> Vec<String> {
    let mut found = Vec::new();
    blank_named(value, &mut found);
    // A short one would be found in words.
    found.retain(|secret| secret.len() > 5);
    found
}

fn blank_named(value: &mut Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Null | Value::Bool(_) => {}
                    _ if is_secret(name) => {
                        found.extend(value.as_str().map(str::to_owned));
                        *value = BLANK.into();
                    }
                    _ => blank_named(value, found),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| blank_named(item, found)),
        _ => {}
    }
}

/// A form or a query as it is sent, without what goes under the name of a secret and without these secrets.
pub(crate) fn in_form(form: &str, secrets: &[String]) -> String {
    let pairs = form.split('&').map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        if is_secret(&decoded(name)) {
            return format!("{name}={BLANK}");
        }
        let plain = decoded(value);
        let shown = in_text(&plain, secrets);
        match name {
            _ if shown == plain => pair.to_owned(),
            "" => shown,
            _ => format!("{name}={shown}"),
        }
    });
    in_text(&pairs.collect::<Vec<_>>().join("&"), secrets)
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
    fn secrets_are_known_by_their_names() {
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
    fn what_has_the_name_of_a_secret_is_blanked_at_any_depth() {
        let mut value = json!({
            "items": [{ "token": "abcdefgh", "id_token": null, "is_token": true, "n": 1 }],
            "password": { "value": "x" },
            "secrets": ["y"],
            "ott": "short",
            "token_type": "bearer",
        });
        assert_eq!(by_name(&mut value), ["abcdefgh"]);
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
    fn a_known_secret_is_blanked_wherever_it_stands() {
        let secrets = ["12345".to_owned(), "0123456".to_owned(), String::new()];
        let mut value = json!({ "a 12345": [{ "b": 9_123_459, "c": "x0123456y", "d": 1 }] });
        by_value(&mut value, &secrets);
        let expected = json!({ "a ***": [{ "b": "9***9", "c": "x***y", "d": 1 }] });
        assert_eq!(value, expected);
    }

    #[test]
    fn a_form_is_shown_as_it_is_sent_but_for_secrets() {
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
            assert_eq!(in_form(form, &secrets), shown);
        }
    }
}
