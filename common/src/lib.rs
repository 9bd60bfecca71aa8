//! Everything the examples share: configuration, authentication, HTTP, files and prompts.
//!
//! An example is one function that receives a signed-in [`Platform`]:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use anyhow::{Context, Result};
//! use common::{Page, Platform, println};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Agent {
//!     hostname: String,
//! }
//!
//! fn list_agents(platform: &Platform) -> Result<()> {
//!     let agents: Page<Agent> = platform
//!         .get("/api/agent_manager/v2/agents")
//!         .fetch()
//!         .context("list the agents")?;
//!     for agent in &agents.items {
//!         println!("{}", agent.hostname);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! Modules, top to bottom. Each one imports only from those below it.
//!
//! | module | content | copy it? |
//! |---|---|---|
//! | [`example`] | how a binary starts, reports errors and exits | no |
//! | [`Platform`] | signed-in calls and saved files | yes |
//! | [`auth`] | the API client, its tokens, the platform's clock | yes |
//! | [`http`] | calls, retries, limits, the call log | yes |
//! | [`config`] | settings from files and environment | yes |
//! | [`folder`] | the home folder: atomic writes, locks, the keyring | yes |
//! | [`term`] | prompts, tables, progress | no |
//! | [`json`] | typed and lossless JSON, pages, ids | yes |
//! | [`poll_until()`] | polling long-running operations | yes |
//! | [`error`] | what can go wrong, and what to do about it | yes |
//! | `text`, `secret_names` | printable text; which fields hold a secret | yes |

pub mod auth;
pub mod config;
pub mod error;
pub mod example;
pub mod folder;
pub mod http;
pub mod json;
mod platform;
mod poll;
pub mod secret_names;
pub mod term;
mod text;

pub use auth::{AccessToken, ApiClient, IssuedToken, TokenChoice};
pub use config::{Config, RetryPolicy, Timeouts};
pub use error::{ApiError, Failure, TransportError, UnexpectedResponse, UserError};
pub use example::{
    Environment, Options, last_month, random_suffix, run, run_with_base_token,
    run_with_customer_token, run_with_options, run_without_token, utc, week_ago,
};
pub use folder::{CreatedObject, CreatedObjects, Home, ObjectKind, SavedTenant};
pub use http::{Call, HttpClient, Pages};
pub use json::{CursorGuard, Id, Lossless, Page};
#[doc(hidden)]
pub use log;
pub use platform::{Platform, PlatformBuilder};
pub use poll::poll_until;
pub use secrecy::{ExposeSecret, SecretString};
pub use term::{
    ask, ask_secret, bar, bytes, confirm, print_json, print_table, progress, wait_for_enter,
};
pub use text::{count, sanitize};

/// Logs a warning of an example: `warning: …` on standard error.
#[macro_export]
macro_rules! warn {
    ($($message:tt)+) => {
        $crate::log::warn!(target: "common", $($message)+)
    };
}

/// Prints a line on standard output, as [`std::println!`] does. It remains one line whatever is in its values: they are
/// [sanitized](sanitize). The run ends if standard output cannot be written, without a message if a pipe is closed.
#[macro_export]
macro_rules! println {
    () => {
        $crate::term::print_line("")
    };
    ($($line:tt)+) => {
        $crate::term::print_line(&::std::format!($($line)+))
    };
}
