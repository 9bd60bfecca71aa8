//! The settings. The environment overrides `cyber.platform.cfg.json`, which overrides
//! `cyber.platform.cfg.defaults.json`.

use std::{env, net::IpAddr, path::PathBuf, time::Duration};

use reqwest::header::HeaderValue;
use serde_json::Value;
use url::{Host, Url};

use crate::{
    error::UserError,
    folder::{DEFAULTS, Home, SETTINGS},
};

/// The default `User-Agent`. A real integration sets its own name and version.
pub const USER_AGENT: &str = concat!(
    "ACP-Rust-Examples/",
    env!("CARGO_PKG_VERSION"),
    " (Acronis Cyber Platform Rust Examples)"
);

/// The settings of all examples. Each key `k` can also be given as the environment variable `CYBER_PLATFORM_K`.
#[derive(Debug, Clone)]
pub struct Config {
    /// `base_url`: the data center, or the sandbox. Its path ends with a slash.
    pub base_url: Url,
    /// `partner_tenant`: the kind of a new partner.
    pub partner_tenant: String,
    /// `customer_tenant`: the kind of a new customer.
    pub customer_tenant: String,
    /// `edition`: the edition that is enabled for new tenants.
    pub edition: String,
    /// `switch_edition`: the edition to which a customer is switched.
    pub switch_edition: String,
    /// `cyber_protection_application_id`: the application whose edition is switched.
    pub cyber_protection_application_id: String,
    /// `user_agent` (optional): the `User-Agent` of all calls, [`USER_AGENT`] by default.
    pub user_agent: HeaderValue,
    /// `wait_seconds` (optional, 600): how long an example waits for the platform to finish work, such as a report.
    pub wait: Duration,
    /// `connect_timeout_seconds` (optional, 10) and `read_timeout_seconds` (60).
    pub timeouts: Timeouts,
    /// `retry_pause_seconds` (optional, 0.5) and `retry_total_seconds` (180).
    pub retry: RetryPolicy,
    /// `ca_file` (optional): certificates to trust in addition to the system's, in PEM. Not read for plain `http://`.
    pub ca_file: Option<PathBuf>,
    /// `log` (optional, `off`): `debug` shows the call log.
    pub log: bool,
    /// `credential_store` (optional, `file`): `keyring` keeps secrets in the system keyring instead of files.
    pub keyring: bool,
}

/// How long one attempt of a call may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until the connection is open.
    pub connect: Duration,
    /// Until the response begins, and between two parts of it.
    pub read: Duration,
}

/// How failed attempts are repeated; see [`http::retry`](crate::http::retry).
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// The first pause between two attempts; each further pause is twice as long.
    pub first_pause: Duration,
    /// The limit for all attempts of one call together.
    pub total: Duration,
}

impl Config {
    /// Reads and checks all settings.
    ///
    /// # Errors
    /// A [`UserError`] that names the file and the key.
    pub fn read(home: &Home) -> Result<Self, UserError> {
        let sources = Sources {
            home,
            settings: home.settings(SETTINGS)?,
            defaults: home.settings(DEFAULTS)?,
        };
        Ok(Self {
            base_url: base_url(&sources.required("base_url")?)?,
            partner_tenant: sources.required("partner_tenant")?.text,
            customer_tenant: sources.required("customer_tenant")?.text,
            edition: sources.required("edition")?.text,
            switch_edition: sources.required("switch_edition")?.text,
            cyber_protection_application_id: sources
                .required("cyber_protection_application_id")?
                .text,
            user_agent: user_agent(sources.find("user_agent")?)?,
            wait: sources.seconds("wait_seconds", 600.0)?,
            timeouts: Timeouts {
                connect: sources.seconds("connect_timeout_seconds", 10.0)?,
                read: sources.seconds("read_timeout_seconds", 60.0)?,
            },
            retry: RetryPolicy {
                first_pause: sources.seconds("retry_pause_seconds", 0.5)?,
                total: sources.seconds("retry_total_seconds", 180.0)?,
            },
            ca_file: sources
                .find("ca_file")?
                .map(|setting| home.path(&setting.text)),
            log: sources.choice(
                "log",
                [("debug", true), ("off", false)],
                "Set it to debug to see each call on standard error, or remove it.",
            )?,
            keyring: sources.choice(
                "credential_store",
                [("file", false), ("keyring", true)],
                "Set it to keyring to keep secrets in the system keyring, or remove it.",
            )?,
        })
    }

    /// Whether the platform is on this machine, as the sandbox is.
    #[must_use]
    pub fn is_local(&self) -> bool {
        is_loopback(&self.base_url)
    }
}

/// The text of a setting, and its source for messages.
struct Setting {
    text: String,
    origin: String,
}

impl Setting {
    fn invalid(&self, key: &str, reason: &str, help: &str) -> UserError {
        UserError::new(format!("{key} in {} {reason}", self.origin), help)
    }
}

struct Sources<'a> {
    home: &'a Home,
    settings: Value,
    defaults: Value,
}

impl Sources<'_> {
    fn required(&self, key: &str) -> Result<Setting, UserError> {
        self.find(key)?.ok_or_else(|| {
            UserError::new(
                format!(
                    "{key} is neither in {} nor in {DEFAULTS} next to it",
                    self.home.path(SETTINGS).display()
                ),
                format!(
                    "Add \"{key}\" to {SETTINGS}, or set {}.",
                    environment_name(key)
                ),
            )
        })
    }

    /// Reads a setting that must be one of two words, and returns the value of that word; `false` if it is absent.
    fn choice(&self, key: &str, words: [(&str, bool); 2], help: &str) -> Result<bool, UserError> {
        let Some(setting) = self.find(key)? else {
            return Ok(false);
        };
        let [(one, _), (other, _)] = words;
        let known = words.iter().find(|(word, _)| *word == setting.text);
        known
            .map(|(_, value)| *value)
            .ok_or_else(|| setting.invalid(key, &format!("is neither {one} nor {other}"), help))
    }

    /// A duration in seconds, which may have a fraction.
    fn seconds(&self, key: &str, default: f64) -> Result<Duration, UserError> {
        let Some(setting) = self.find(key)? else {
            return Ok(Duration::from_secs_f64(default));
        };
        match setting.text.parse() {
            Ok(seconds) if (0.001..=86_400.0).contains(&seconds) => {
                Ok(Duration::from_secs_f64(seconds))
            }
            _ => Err(setting.invalid(
                key,
                "is not a number of seconds from 0.001 to 86400",
                &format!("Use the form {default}, or remove the setting to use that default."),
            )),
        }
    }

    fn find(&self, key: &str) -> Result<Option<Setting>, UserError> {
        let name = environment_name(key);
        let text = env::var_os(&name).unwrap_or_default().into_string();
        let text = text.map_err(|_| {
            UserError::new(
                format!("{name} is not valid UTF-8"),
                "Set it to UTF-8 text, or unset it.",
            )
        })?;
        if !text.trim().is_empty() {
            return Ok(Some(Setting {
                text: text.trim().to_owned(),
                origin: name,
            }));
        }
        for (file, content) in [(SETTINGS, &self.settings), (DEFAULTS, &self.defaults)] {
            let origin = || self.home.path(file).display().to_string();
            match content.get(key) {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) if !text.trim().is_empty() => {
                    return Ok(Some(Setting {
                        text: text.trim().to_owned(),
                        origin: origin(),
                    }));
                }
                Some(Value::Number(number)) if key.ends_with("_seconds") => {
                    return Ok(Some(Setting {
                        text: number.to_string(),
                        origin: origin(),
                    }));
                }
                Some(_) => {
                    let expected = match key.ends_with("_seconds") {
                        true => "a number",
                        false => "a non-empty string",
                    };
                    return Err(UserError::new(
                        format!("{key} in {} is not {expected}", origin()),
                        format!("Correct \"{key}\" there, or remove it to use the default."),
                    ));
                }
            }
        }
        Ok(None)
    }
}

fn environment_name(key: &str) -> String {
    format!("CYBER_PLATFORM_{}", key.to_uppercase())
}

fn base_url(setting: &Setting) -> Result<Url, UserError> {
    let example = "Use the form https://dev-cloud.acronis.com/ (your data center) or http://127.0.0.1:8080/ (the sandbox).";
    let invalid = |reason: &str, help: &str| setting.invalid("base_url", reason, help);

    let mut url = Url::parse(&setting.text)
        .map_err(|cause| invalid(&format!("is not a URL: {cause}"), example))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(invalid(
            "does not start with https:// (or http:// for this machine)",
            example,
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid(
            "contains a login or password",
            "Remove it. Only create_api_client needs a login and password, and it prompts for them.",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("has a query or fragment", example));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(invalid(
            "is plain http:// to another machine, which would expose your credentials",
            "Use https://; plain http:// is for the sandbox on this machine only.",
        ));
    }
    // Paths are appended, so it always ends with one slash.
    url.set_path(&format!("{}/", url.path().trim_end_matches('/')));
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

fn user_agent(setting: Option<Setting>) -> Result<HeaderValue, UserError> {
    let Some(setting) = setting else {
        return Ok(HeaderValue::from_static(USER_AGENT));
    };
    HeaderValue::from_str(&setting.text).map_err(|_| {
        setting.invalid(
            "user_agent",
            "contains characters that are not allowed in an HTTP header",
            "Use the form Product/1.0 (what it does), in ASCII.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Url, String> {
        let setting = Setting {
            text: text.to_owned(),
            origin: "the test".to_owned(),
        };
        base_url(&setting).map_err(|error| error.to_string())
    }

    #[test]
    fn a_base_url_ends_with_one_slash() {
        for (given, expected) in [
            (
                "https://dev-cloud.acronis.com",
                "https://dev-cloud.acronis.com/",
            ),
            (
                "https://dev-cloud.acronis.com//",
                "https://dev-cloud.acronis.com/",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
            (
                "http://localhost:8080/w/mine",
                "http://localhost:8080/w/mine/",
            ),
            ("http://[::1]:8080/w/mine/", "http://[::1]:8080/w/mine/"),
        ] {
            assert_eq!(parse(given).as_ref().map(Url::as_str), Ok(expected));
        }
    }

    #[test]
    fn plain_http_is_accepted_for_this_machine_only() {
        for given in [
            "http://dev-cloud.acronis.com/",
            "http://localhost.example.com/",
            "http://10.0.0.1/",
            "http://0.0.0.0/",
            "http://[::]/",
        ] {
            let message = parse(given).unwrap_err();
            assert!(message.contains("plain http://"), "{given}: {message}");
        }
    }

    #[test]
    fn an_invalid_base_url_is_rejected_without_printing_it() {
        for given in [
            "",
            "dev-cloud.acronis.com",
            "localhost:8080",
            "ftp://127.0.0.1/",
            "https://",
            "https://admin:hunter2@dev-cloud.acronis.com/",
            "https://dev-cloud.acronis.com/?password=hunter2",
            "https://dev-cloud.acronis.com/#hunter2",
        ] {
            let message = parse(given).unwrap_err();
            assert!(!message.contains("hunter2"), "{given}: {message}");
        }
    }
}
