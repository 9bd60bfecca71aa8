//! The names of the settings. A name that is not known is an error, because a misspelled setting would be ignored.

use std::env;

use crate::{error::UserError, text::single_line};

/// The keys of the settings files.
pub const KEYS: [&str; 15] = [
    "base_url",
    "partner_tenant",
    "customer_tenant",
    "edition",
    "switch_edition",
    "cyber_protection_application_id",
    "user_agent",
    "wait_seconds",
    "ca_file",
    "credential_store",
    "log",
    "connect_timeout_seconds",
    "read_timeout_seconds",
    "retry_pause_seconds",
    "retry_total_seconds",
];

/// The start of each variable's name.
const PREFIX: &str = "CYBER_PLATFORM_";
/// The variable that is not a setting: it names the home folder.
const HOME: &str = "HOME";
/// The least similarity (0 to 1) of a name that is suggested.
const MIN_SIMILARITY: f64 = 0.8;

/// The environment variable of a setting.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase())
}

/// Checks that the settings have no variable with an unknown name.
///
/// # Errors
/// A [`UserError`] that names the variable and the known name that is most similar.
pub fn check_variables() -> Result<(), UserError> {
    let names = env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    names.into_iter().try_for_each(|name| check_variable(&name))
}

fn check_variable(name: &str) -> Result<(), UserError> {
    // Windows ignores the case of variable names.
    let upper = if cfg!(windows) {
        name.to_uppercase()
    } else {
        name.to_owned()
    };
    let Some(rest) = upper.strip_prefix(PREFIX) else {
        return Ok(());
    };
    let mut known: Vec<_> = KEYS.iter().map(|key| key.to_uppercase()).collect();
    known.push(HOME.to_owned());
    if known.iter().any(|known| known == rest) {
        return Ok(());
    }
    let help = match nearest(rest, known.iter().map(String::as_str)) {
        Some(near) => format!("Did you mean {PREFIX}{near}? Correct the name, or unset it."),
        None => format!(
            "Unset it. A known name is {PREFIX} and one of: {}.",
            known.join(", ")
        ),
    };
    let name = single_line(name).unwrap_or_default();
    Err(UserError::new(
        format!("the environment variable {name} is unknown"),
        help,
    ))
}

/// Checks a key of a settings file. `origin` is the path of the file.
pub(super) fn check_key(key: &str, origin: &str) -> Result<(), UserError> {
    if KEYS.contains(&key) {
        return Ok(());
    }
    let help = match nearest(key, KEYS.into_iter()) {
        Some(near) => format!("Did you mean \"{near}\"? Correct the name, or remove it."),
        None => format!("Remove it. The known settings are: {}.", KEYS.join(", ")),
    };
    let key = single_line(key).unwrap_or_default();
    Err(UserError::new(
        format!("\"{key}\" in {origin} is an unknown setting"),
        help,
    ))
}

/// The known name that is most similar, if it is similar enough. Case does not matter.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    known
        .map(|known| (strsim::jaro_winkler(&name, &known.to_lowercase()), known))
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_similar_name_is_suggested() {
        for (name, expected) in [
            ("baseurl", Some("base_url")),
            ("baseUrl", Some("base_url")),
            ("base-url", Some("base_url")),
            ("url", None),
            ("editon", Some("edition")),
            ("switchedition", Some("switch_edition")),
            ("partner", Some("partner_tenant")),
            ("useragent", Some("user_agent")),
            ("retry_pause", Some("retry_pause_seconds")),
            ("read_timeout", Some("read_timeout_seconds")),
            ("password", None),
            ("client_secret", None),
            ("comment", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, KEYS.into_iter()), expected, "{name}");
        }
    }

    #[test]
    fn only_variables_with_the_prefix_and_an_unknown_name_are_rejected() {
        for name in [
            "HOME",
            "CYBER_PLATFORM",
            "CYBER_PLATFORM_HOME",
            "CYBER_PLATFORM_LOG",
            "MY_CYBER_PLATFORM_X",
        ] {
            assert!(check_variable(name).is_ok(), "{name}");
        }
        for name in ["CYBER_PLATFORM_", "CYBER_PLATFORM_EDITON"] {
            assert!(check_variable(name).is_err(), "{name}");
        }
    }
}
