//! The settings: `cyber.platform.cfg.json`, over `cyber.platform.cfg.defaults.json`, under the environment.

use std::{env, net::IpAddr, path::PathBuf, time::Duration};

use reqwest::header::HeaderValue;
use serde_json::Value;
use url::{Host, Url};

use crate::{
    error::Mistake,
    home::{DEFAULTS, Home, SETTINGS},
    retry::Patience,
};

/// How these examples name themselves on every call; a real integration sets its own name and version.
pub const USER_AGENT: &str = concat!(
    "ACP-Rust-Examples/",
    env!("CARGO_PKG_VERSION"),
    " (Acronis Cyber Platform Rust Examples)"
);

/// The settings of all examples. Each key `k` can also be given as the environment variable `CYBER_PLATFORM_K`.
#[derive(Debug, Clone)]
pub struct Config {
    /// `base_url`: the data centre, or the sandbox. Its path ends with a slash.
    pub base_url: Url,
    /// `partner_tenant`: the kind a new partner gets.
    pub partner_tenant: String,
    /// `customer_tenant`: the kind a new customer gets.
    pub customer_tenant: String,
    /// `edition`: the edition whose offering items new tenants get.
    pub edition: String,
    /// `switch_edition`: the edition a customer is switched to.
    pub switch_edition: String,
    /// `cyber_protection_application_id`: the application whose edition is switched.
    pub cyber_protection_application_id: String,
    /// `user_agent` (optional): how calls are marked; see [`USER_AGENT`].
    pub user_agent: HeaderValue,
    /// `wait_seconds` (optional, 600): how long an example waits for work on the platform, such as a report.
    pub wait: Duration,
    /// `connect_timeout_seconds` (optional, 10), `read_timeout_seconds` (60), `retry_pause_seconds` (0.5) and
    /// `retry_total_seconds` (180): how long a call may take, and its tries.
    pub patience: Patience,
    /// `ca_file` (optional): certificates to trust beside the system's, in PEM; not read for plain `http://`.
    pub ca_file: Option<PathBuf>,
    /// `log` (optional, `off`): whether each call is shown, `debug`; see [`mod@crate::log`].
    pub log: bool,
    /// `credential_store` (optional, `file`): whether files with a secret are in the system's keyring, `keyring`.
    pub keyring: bool,
}

impl Config {
    /// Reads and checks all settings.
    ///
    /// # Errors
    /// A [`Mistake`] that names file and key.
    pub fn read(home: &Home) -> Result<Self, Mistake> {
        let sources = Sources {
            home,
            settings: home.settings(SETTINGS)?,
            defaults: home.settings(DEFAULTS)?,
        };
        Ok(Self {
            base_url: base_url(&sources.needed("base_url")?)?,
            partner_tenant: sources.needed("partner_tenant")?.text,
            customer_tenant: sources.needed("customer_tenant")?.text,
            edition: sources.needed("edition")?.text,
            switch_edition: sources.needed("switch_edition")?.text,
            cyber_protection_application_id: sources
                .needed("cyber_protection_application_id")?
                .text,
            user_agent: user_agent(sources.find("user_agent")?)?,
            wait: sources.seconds("wait_seconds", 600.0)?,
            patience: Patience {
                connect: sources.seconds("connect_timeout_seconds", 10.0)?,
                read: sources.seconds("read_timeout_seconds", 60.0)?,
                pause: sources.seconds("retry_pause_seconds", 0.5)?,
                total: sources.seconds("retry_total_seconds", 180.0)?,
            },
            ca_file: sources
                .find("ca_file")?
                .map(|setting| home.path(&setting.text)),
            log: sources.choice(
                "log",
                [("debug", true), ("off", false)],
                "Write debug to see each call on standard error, or remove it.",
            )?,
            keyring: sources.choice(
                "credential_store",
                [("file", false), ("keyring", true)],
                "Write keyring to keep secrets in the system's keyring, or remove it.",
            )?,
        })
    }

    /// Whether the platform is on this machine, as the sandbox is.
    #[must_use]
    pub fn is_local(&self) -> bool {
        is_loopback(&self.base_url)
    }
}

/// A setting and where it comes from, for messages.
struct Setting {
    text: String,
    origin: String,
}

impl Setting {
    fn wrong(&self, key: &str, how: &str, advice: &str) -> Mistake {
        Mistake::new(format!("{key} in {} {how}", self.origin), advice)
    }
}

struct Sources<'a> {
    home: &'a Home,
    settings: Value,
    defaults: Value,
}

impl Sources<'_> {
    fn needed(&self, key: &str) -> Result<Setting, Mistake> {
        self.find(key)?.ok_or_else(|| {
            Mistake::new(
                format!(
                    "{key} is neither in {} nor in {DEFAULTS} beside it",
                    self.home.path(SETTINGS).display()
                ),
                format!(
                    "Add \"{key}\" to {SETTINGS}, or set {}.",
                    environment_name(key)
                ),
            )
        })
    }

    /// What one of two words means, or `false` where neither is given.
    fn choice(&self, key: &str, words: [(&str, bool); 2], advice: &str) -> Result<bool, Mistake> {
        let Some(setting) = self.find(key)? else {
            return Ok(false);
        };
        let [(one, _), (other, _)] = words;
        let known = words.iter().find(|(word, _)| *word == setting.text);
        known
            .map(|(_, meaning)| *meaning)
            .ok_or_else(|| setting.wrong(key, &format!("is neither {one} nor {other}"), advice))
    }

    /// A time in seconds, which may have a fraction.
    fn seconds(&self, key: &str, default: f64) -> Result<Duration, Mistake> {
        let Some(setting) = self.find(key)? else {
            return Ok(Duration::from_secs_f64(default));
        };
        match setting.text.parse() {
            Ok(seconds) if (0.001..=86_400.0).contains(&seconds) => {
                Ok(Duration::from_secs_f64(seconds))
            }
            _ => Err(setting.wrong(
                key,
                "is not a number of seconds from 0.001 to 86400",
                &format!("Write it like {default}, or remove it to take that default."),
            )),
        }
    }

    fn find(&self, key: &str) -> Result<Option<Setting>, Mistake> {
        let name = environment_name(key);
        let text = env::var_os(&name).unwrap_or_default().into_string();
        let text = text.map_err(|_| {
            Mistake::new(
                format!("{name} is not text"),
                "Set it to a text in UTF-8, or unset it.",
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
                    return Err(Mistake::new(
                        format!("{key} in {} is not a text with something in it", origin()),
                        format!("Correct \"{key}\" there, or remove it to take the default."),
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

fn base_url(setting: &Setting) -> Result<Url, Mistake> {
    let example = "Write it like https://dev-cloud.acronis.com/ (your data centre) or http://127.0.0.1:8080/ (the sandbox).";
    let wrong = |how: &str, advice: &str| setting.wrong("base_url", how, advice);

    let mut url = Url::parse(&setting.text)
        .map_err(|cause| wrong(&format!("is not a URL: {cause}"), example))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(wrong(
            "does not begin with https:// (or http:// for this machine)",
            example,
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "holds a login or password",
            "Remove it: the examples ask for login and password, once.",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has a query or fragment", example));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(wrong(
            "is plain http:// to another machine, which would show your credentials to everybody on the way",
            "Use https://; plain http:// is for the sandbox on this machine only.",
        ));
    }
    // With or without its last slash: paths are put behind it.
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

fn user_agent(setting: Option<Setting>) -> Result<HeaderValue, Mistake> {
    let Some(setting) = setting else {
        return Ok(HeaderValue::from_static(USER_AGENT));
    };
    HeaderValue::from_str(&setting.text).map_err(|_| {
        setting.wrong(
            "user_agent",
            "has characters that no HTTP header may have",
            "Write it like Product/1.0 (what it does), in plain ASCII.",
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
        base_url(&setting).map_err(|mistake| mistake.to_string())
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
    fn plain_http_is_for_this_machine_only() {
        for given in [
            "http://dev-cloud.acronis.com/",
            "http://localhost.example.com/",
            "http://10.0.0.1/",
            "http://0.0.0.0/",
            "http://[::]/",
        ] {
            let refusal = parse(given).unwrap_err();
            assert!(refusal.contains("plain http://"), "{given}: {refusal}");
        }
    }

    #[test]
    fn what_is_no_base_url_is_refused_without_showing_it() {
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
            let refusal = parse(given).unwrap_err();
            assert!(!refusal.contains("hunter2"), "{given}: {refusal}");
        }
    }
}
