//! Redaction: what of a call may be logged.

use serde_json::Value;

/// The maximum length of a logged body, in bytes.
const LARGEST_BODY: usize = 16 * 1024;
/// Larger bodies are not parsed, and so not logged.
const LARGEST_PARSED: usize = 1024 * 1024;
const REDACTED: &str = "***";

/// A body as it is logged.
#[derive(Debug)]
pub(crate) struct LoggedBody {
    /// The text.
    pub(crate) text: String,
    /// Whether secrets, or text that may hold one, were left out.
    pub(crate) hidden: bool,
}

/// The body as it is logged: secrets redacted, long bodies shortened, unparsable ones replaced by their size.
pub(crate) fn loggable(content_type: &str, body: &[u8]) -> Option<LoggedBody> {
    if body.is_empty() {
        return None;
    }
    let is_form = content_type
        .to_ascii_lowercase()
        .starts_with("application/x-www-form-urlencoded");
    let readable = if body.len() > LARGEST_PARSED {
        None
    } else if is_form {
        std::str::from_utf8(body).ok().and_then(redacted_form)
    } else {
        serde_json::from_slice(body).ok().and_then(redacted_json)
    };
    // A body that cannot be parsed cannot be redacted either.
    let kept = readable.unwrap_or_else(|| LoggedBody {
        text: format!("({} bytes, {content_type})", body.len()),
        hidden: true,
    });
    Some(LoggedBody {
        text: shorten(&kept.text, LARGEST_BODY),
        ..kept
    })
}

/// No call takes or answers a bare value, so nobody knows what one would be.
fn redacted_json(mut value: Value) -> Option<LoggedBody> {
    if !value.is_object() {
        return None;
    }
    let hidden = redact(&mut value);
    let text = value.to_string();
    Some(LoggedBody { text, hidden })
}

fn redacted_form(text: &str) -> Option<LoggedBody> {
    if text.split('&').any(|pair| !pair.contains('=')) {
        return None;
    }
    let kept = redact_form(text);
    let hidden = kept != text;
    Some(LoggedBody { text: kept, hidden })
}

/// A refusal without its explanation, which may quote what was hidden in the call.
pub(crate) fn without_details(mut answer: LoggedBody) -> LoggedBody {
    if let Ok(mut value) = serde_json::from_str::<Value>(&answer.text)
        && let Some(details) = value.pointer_mut("/error/details")
    {
        *details = REDACTED.into();
        answer.text = value.to_string();
    }
    answer
}

fn is_secret(name: &str) -> bool {
    const HARMLESS: [&str; 4] = [
        "client_secret_expires_at",
        "token_type",
        "token_type_hint",
        "token_endpoint_auth_method",
    ];
    const SECRET: [&str; 7] = [
        "password",
        "secret",
        "token",
        "assertion",
        "authorization",
        "ott",
        "totp",
    ];
    let name = name.to_ascii_lowercase();
    !HARMLESS.contains(&name.as_str())
        && SECRET.iter().any(|secret| match *secret {
            "ott" => name == "ott",
            secret => name.contains(secret),
        })
}

/// Redacts the secrets in a value. Returns whether there were any.
fn redact(value: &mut Value) -> bool {
    let mut found = false;
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if is_secret(name) && !value.is_null() {
                    *value = REDACTED.into();
                    found = true;
                } else {
                    found |= redact(value);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                found |= redact(item);
            }
        }
        _ => {}
    }
    found
}

/// A form or a query with its secrets redacted.
pub(crate) fn redact_form(text: &str) -> String {
    text.split('&')
        .map(|pair| match pair.split_once('=') {
            // Names can be escaped too: `pass%77ord` is a password.
            Some((name, _)) if is_secret(&unescaped(name)) => format!("{name}={REDACTED}"),
            _ => pair.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("&")
}

fn unescaped(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

/// The link of an activation mail is a secret too, however it is written.
pub(crate) fn redact_path(path: &str) -> String {
    const LINK: &str = "/activate/";
    let plain = unescaped(path);
    match plain.to_ascii_lowercase().find(LINK) {
        Some(at) => format!("{}{LINK}{REDACTED}", plain.get(..at).unwrap_or("")),
        None => path.to_owned(),
    }
}

pub(crate) fn shorten(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let whole = |at: &usize| text.is_char_boundary(*at);
    let cut = (0..=most).rev().find(whole).unwrap_or(0);
    format!(
        "{}… ({} bytes in all)",
        text.get(..cut).unwrap_or(""),
        text.len()
    )
}

#[cfg(test)]
mod tests {
    use super::{loggable, redact_path};

    #[test]
    fn secrets_are_redacted_at_any_depth() {
        let json = br#"{"a":[{"Password":"x","client_secret":"y"}],"token_type":"bearer","n":1}"#;
        assert_eq!(
            loggable("application/json", json).unwrap().text,
            r#"{"a":[{"Password":"***","client_secret":"***"}],"token_type":"bearer","n":1}"#
        );
        let form = b"grant_type=password&username=u&pass%77ord=x&assertion=y";
        assert_eq!(
            loggable("application/x-www-form-urlencoded", form)
                .unwrap()
                .text,
            "grant_type=password&username=u&pass%77ord=***&assertion=***"
        );
    }

    #[test]
    fn unparsed_bodies_are_not_logged() {
        let broken = br#"{"password":"x""#;
        assert_eq!(
            loggable("application/json", broken).unwrap().text,
            "(15 bytes, application/json)"
        );
        for bare in ["\"swordfish\"", "[\"swordfish\"]", "17"] {
            let kept = loggable("application/json", bare.as_bytes()).unwrap();
            assert!(kept.hidden && kept.text.starts_with('('), "{}", kept.text);
        }
        let no_form = loggable("application/x-www-form-urlencoded", b"swordfish").unwrap();
        assert_eq!(no_form.text, "(9 bytes, application/x-www-form-urlencoded)");
        let long = format!(r#"{{"a":"{}"}}"#, "ü".repeat(20_000));
        let kept = loggable("application/json", long.as_bytes()).unwrap().text;
        assert!(kept.len() < 17_000 && kept.ends_with("(40008 bytes in all)"));
    }

    #[test]
    fn activation_links_are_logged_without_their_token() {
        for path in [
            "/activate/abc",
            "//Activate/abc/x",
            "/%61ctivate/abc",
            "/activate%2fabc",
        ] {
            let kept = redact_path(path);
            assert!(kept.ends_with("/activate/***"), "{kept}");
        }
        assert_eq!(redact_path("/api/2/users/%41"), "/api/2/users/%41");
    }
}
