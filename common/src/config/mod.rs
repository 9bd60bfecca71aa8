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
    /// A [`UserError`] that names the file and the key, or the variable: it is unknown, missing or invalid.
    pub fn read(home: &Home) -> Result<Self, UserError> {
        check_variables()?;
        let sources = Sources::read(home)?;
        Ok(Self {
            base_url: base_url::parse(&sources.base_url()?)?,
            partner_tenant: sources.text("partner_tenant", "partner")?,
            customer_tenant: sources.text("customer_tenant", "customer")?,
            edition: sources.text("edition", "pck_per_gigabyte")?,
            switch_edition: sources.text("switch_edition", "pck_per_workload")?,
            cyber_protection_application_id: sources.text(
                "cyber_protection_application_id",
                "6e6d758d-8e74-3ae3-ac84-50eb0dff12eb",
            )?,
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
        base_url::is_loopback(&self.base_url)
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
