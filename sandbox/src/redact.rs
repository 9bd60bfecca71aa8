//! Redaction: removes secrets from what is logged.

// The file is shared with `common`, so that there is one list of secret names. The sandbox does not depend on the
// crate itself.
#[expect(unreachable_pub, reason = "the module is public in `common`")]
#[path = "../../common/src/secret_names.rs"]
mod secret_names;

use serde_json::Value;

use self::secret_names::is_secret;

/// The maximum length of a logged body, in bytes.
const MAX_LOGGED_BODY: usize = 16 * 1024;
/// The maximum length of a body that is parsed, in bytes. Only parsed bodies are logged.
const MAX_PARSED_BODY: usize = 1024 * 1024;
const REDACTED: &str = "***";

/// A body for the log.
#[derive(Debug)]
pub(crate) struct LoggedBody {
    pub(crate) text: String,
    /// Whether something that is or may contain a secret was removed.
    pub(crate) redacted: bool,
}

/// Redacts the secrets in a body and shortens it. A body that cannot be parsed is replaced by its size.
pub(crate) fn loggable(content_type: &str, body: &[u8]) -> Option<LoggedBody> {
    if body.is_empty() {
        return None;
    }
    let is_form = content_type
        .to_ascii_lowercase()
        .starts_with("application/x-www-form-urlencoded");
    let parsed = if body.len() > MAX_PARSED_BODY {
        None
    } else if is_form {
        std::str::from_utf8(body).ok().and_then(redacted_form)
    } else {
        serde_json::from_slice(body).ok().and_then(redacted_json)
    };
    // A body that cannot be parsed cannot be redacted either.
    let logged = parsed.unwrap_or_else(|| {
        let unit = if body.len() == 1 { "byte" } else { "bytes" };
        LoggedBody {
            text: format!("({} {unit}, {content_type})", body.len()),
            redacted: true,
        }
    });
    Some(LoggedBody {
        text: shorten(&logged.text, MAX_LOGGED_BODY),
        ..logged
    })
}

/// Redacts an object. Other JSON values are not logged: without field names, secrets cannot be recognized.
fn redacted_json(mut value: Value) -> Option<LoggedBody> {
    if !value.is_object() {
        return None;
    }
    let redacted = redact(&mut value);
    let text = value.to_string();
    Some(LoggedBody { text, redacted })
}

fn redacted_form(text: &str) -> Option<LoggedBody> {
    if text.split('&').any(|pair| !pair.contains('=')) {
        return None;
    }
    let form = redact_form(text);
    let redacted = form != text;
    Some(LoggedBody {
        text: form,
        redacted,
    })
}

/// Removes the details of an error, which may quote a secret of the request.
pub(crate) fn without_details(mut body: LoggedBody) -> LoggedBody {
    if let Ok(mut value) = serde_json::from_str::<Value>(&body.text)
        && let Some(details) = value.pointer_mut("/error/details")
    {
        *details = REDACTED.into();
        body.text = value.to_string();
    }
    body
}

/// Redacts the secrets in a value. Returns whether it found any.
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

/// Redacts the secrets in a form or a query.
pub(crate) fn redact_form(text: &str) -> String {
    text.split('&')
        .map(|pair| match pair.split_once('=') {
            // Names can be percent-encoded: `pass%77ord` is a password.
            Some((name, _)) if is_secret(&decoded(name)) => format!("{name}={REDACTED}"),
            _ => pair.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("&")
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

/// Redacts the token in the path of an activation link, even if the path is percent-encoded.
pub(crate) fn redact_path(path: &str) -> String {
    const LINK: &str = "/activate/";
    let decoded = decoded(path);
    match decoded.to_ascii_lowercase().find(LINK) {
        Some(at) => format!("{}{LINK}{REDACTED}", decoded.get(..at).unwrap_or("")),
        None => path.to_owned(),
    }
}

/// Shortens a text to at most `max` bytes plus a note on its full length.
pub(crate) fn shorten(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    let end = (0..=max)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    format!(
        "{}… ({} bytes in all)",
        text.get(..end).unwrap_or(""),
        text.len()
    )
}

#[cfg(test)]
mod tests {
    use super::{loggable, redact_path};

    #[test]
    fn redacts_secrets_at_any_depth() {
        let json = br#"{"a":[{"Password":"x","client_secret":"y"}],"token_type":"bearer","n":1}"#;
        assert_eq!(
            loggable("application/json", json).unwrap().text,
            r#"{"a":[{"Password":"***","client_secret":"***"}],"token_type":"bearer","n":1}"#
        );
        let user = br#"{"session_mfa_status":"x","session":"y"}"#;
        assert_eq!(
            loggable("application/json", user).unwrap().text,
            r#"{"session_mfa_status":"x","session":"***"}"#
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
    fn replaces_unparsable_bodies_by_their_size() {
        let broken = br#"{"password":"x""#;
        assert_eq!(
            loggable("application/json", broken).unwrap().text,
            "(15 bytes, application/json)"
        );
        assert_eq!(
            loggable("text/plain", b"x").unwrap().text,
            "(1 byte, text/plain)"
        );
        for bare in ["\"swordfish\"", "[\"swordfish\"]", "17"] {
            let logged = loggable("application/json", bare.as_bytes()).unwrap();
            assert!(
                logged.redacted && logged.text.starts_with('('),
                "{}",
                logged.text
            );
        }
        let not_a_form = loggable("application/x-www-form-urlencoded", b"swordfish").unwrap();
        assert_eq!(
            not_a_form.text,
            "(9 bytes, application/x-www-form-urlencoded)"
        );
        let long = format!(r#"{{"a":"{}"}}"#, "ü".repeat(20_000));
        let logged = loggable("application/json", long.as_bytes()).unwrap().text;
        assert!(logged.len() < 17_000 && logged.ends_with("(40008 bytes in all)"));
    }

    #[test]
    fn redacts_the_token_in_activation_links() {
        for path in [
            "/activate/abc",
            "//Activate/abc/x",
            "/%61ctivate/abc",
            "/activate%2fabc",
        ] {
            let redacted = redact_path(path);
            assert!(redacted.ends_with("/activate/***"), "{redacted}");
        }
        assert_eq!(redact_path("/api/2/users/%41"), "/api/2/users/%41");
    }
}
