//! The settings. The environment overrides `cyber.platform.cfg.json`, which overrides
//! `cyber.platform.cfg.defaults.json`, which overrides the built-in defaults. `base_url` has no default: credentials go
//! only to an address that the user has chosen.

mod base_url;
mod names;
mod sources;

pub use names::{KEYS, check_variables};

use std::{path::PathBuf, time::Duration};

use reqwest::header::HeaderValue;
use url::Url;

use self::sources::{Setting, Sources};
use crate::{error::UserError, folder::Home};

/// The default `User-Agent`. A real integration sets its own name and version.
pub const USER_AGENT: &str = concat!(
    "ACP-Rust-Examples/",
    env!("CARGO_PKG_VERSION"),
    " (Acronis Cyber Platform Rust Examples)"
);

/// The settings of all examples. Each key `k` can also be given as the environment variable `CYBER_PLATFORM_K`.
#[derive(Debug, Clone)]
pub struct Config {
    /// `base_url` (required): the data center, or the sandbox. Its path ends with a slash.
    pub base_url: Url,
    /// `partner_tenant` (optional, `partner`): the kind of a new partner.
    pub partner_tenant: String,
    /// `customer_tenant` (optional, `customer`): the kind of a new customer.
    pub customer_tenant: String,
    /// `edition` (optional, `pck_per_gigabyte`): the edition that is enabled for new tenants.
    pub edition: String,
    /// `switch_edition` (optional, `pck_per_workload`): the edition to which a customer is switched.
    pub switch_edition: String,
    /// `cyber_protection_application_id` (optional, the id of Cyber Protection): the application whose edition is switched.
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

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(60),
        }
    }
}

/// How failed attempts are repeated; see [`http::retry`](crate::http::retry).
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// The first pause between two attempts; each further pause is twice as long.
    pub first_pause: Duration,
    /// The limit for all attempts of one call together.
    pub total: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first_pause: Duration::from_millis(500),
            total: Duration::from_secs(180),
        }
    }
}

impl Config {
    /// The defaults for a platform. Neither files nor environment variables are read.
    ///
    /// # Errors
    /// A [`UserError`] if `base_url` is not the address of a platform.
    pub fn new(base_url: &str) -> Result<Self, UserError> {
        base_url::parse(&Setting::of_program(base_url)).map(Self::with_defaults)
    }

    fn with_defaults(base_url: Url) -> Self {
        Self {
            base_url,
            partner_tenant: "partner".to_owned(),
            customer_tenant: "customer".to_owned(),
            edition: "pck_per_gigabyte".to_owned(),
            switch_edition: "pck_per_workload".to_owned(),
            cyber_protection_application_id: "6e6d758d-8e74-3ae3-ac84-50eb0dff12eb".to_owned(),
            user_agent: HeaderValue::from_static(USER_AGENT),
            wait: Duration::from_secs(600),
            timeouts: Timeouts::default(),
            retry: RetryPolicy::default(),
            ca_file: None,
            log: false,
            keyring: false,
        }
    }

    /// Reads and checks all settings.
    ///
    /// # Errors
    /// A [`UserError`] that names the file and the key, or the variable: it is unknown, missing or invalid.
    pub fn read(home: &Home) -> Result<Self, UserError> {
        check_variables()?;
        let sources = Sources::read(home)?;
        let default = Self::with_defaults(base_url::parse(&sources.base_url()?)?);
        Ok(Self {
            base_url: default.base_url,
            partner_tenant: sources.text("partner_tenant", default.partner_tenant)?,
            customer_tenant: sources.text("customer_tenant", default.customer_tenant)?,
            edition: sources.text("edition", default.edition)?,
            switch_edition: sources.text("switch_edition", default.switch_edition)?,
            cyber_protection_application_id: sources.text(
                "cyber_protection_application_id",
                default.cyber_protection_application_id,
            )?,
            user_agent: match sources.find("user_agent")? {
                Some(setting) => parse_user_agent(&setting)?,
                None => default.user_agent,
            },
            wait: sources.seconds("wait_seconds", default.wait)?,
            timeouts: Timeouts {
                connect: sources.seconds("connect_timeout_seconds", default.timeouts.connect)?,
                read: sources.seconds("read_timeout_seconds", default.timeouts.read)?,
            },
            retry: RetryPolicy {
                first_pause: sources.seconds("retry_pause_seconds", default.retry.first_pause)?,
                total: sources.seconds("retry_total_seconds", default.retry.total)?,
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

    /// Replaces the `User-Agent`.
    ///
    /// # Errors
    /// A [`UserError`] if the text is not allowed in an HTTP header.
    pub fn set_user_agent(&mut self, user_agent: &str) -> Result<(), UserError> {
        self.user_agent = parse_user_agent(&Setting::of_program(user_agent))?;
        Ok(())
    }

    /// Whether the platform is on this machine, as the sandbox is.
    #[must_use]
    pub fn is_local(&self) -> bool {
        base_url::is_loopback(&self.base_url)
    }
}

fn parse_user_agent(setting: &Setting) -> Result<HeaderValue, UserError> {
    HeaderValue::from_str(&setting.text).map_err(|_| {
        setting.invalid(
            "user_agent",
            "contains characters that are not allowed in an HTTP header",
            "Use the form Product/1.0 (what it does), in ASCII.",
        )
    })
}
