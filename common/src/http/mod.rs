//! HTTP: one client per run, calls with retries, responses within limits, and a log without secrets.

pub(crate) mod call;
mod call_log;
mod client;
mod redact;
mod response;
pub mod retry;
mod secret_names;
mod tls;

pub use call::{Authorization, Call};
pub use client::HttpClient;
