//! A stateful stand-in for the Acronis Cyber Platform that runs on your own machine.
//!
//! ```
//! let sandbox = sandbox::Sandbox::start(sandbox::Options::default())?;
//! assert!(sandbox.url().starts_with("http://127.0.0.1:"));
//! # Ok::<(), sandbox::StartError>(())
//! ```
//!
//! [`Sandbox::start`] runs a sandbox on its own thread, for tests. [`prepare`] and [`serve`] run one on the caller's
//! runtime; the `sandbox` binary uses them and keeps the state in a folder.

mod api;
pub mod binaries;
mod catalogue;
mod clock;
mod control;
mod domain;
mod embedded;
mod faults;
mod http;
mod keys;
mod lists;
mod middleware;
mod redact;
mod request_log;
mod secrets;
mod seed;
mod server;
mod settings;
mod start;
mod state;
mod store;
pub mod tutorial;
mod world;

pub use crate::catalogue::catalogue_ids;
pub use crate::clock::Timestamp;
pub use crate::domain::Id;
pub use crate::embedded::{ApiClient, Sandbox};
pub use crate::faults::{BadRule, Rule};
pub use crate::request_log::{Entry, Filter};
pub use crate::server::{app, serve};
pub use crate::settings::{Options, Seed};
pub use crate::start::{Prepared, StartError, prepare};
pub use crate::state::{Shared, State};
pub use crate::store::OpenError;
pub use crate::store::outbox::Sent;
