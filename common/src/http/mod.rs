//! HTTP: one client per run, calls with retries, responses within limits, and a log without secrets.

mod call;
mod call_log;
mod client;
mod local;
mod pages;
mod record;
mod redact;
mod response;
pub mod retry;
mod sent_call;
mod step;
mod tls;

pub use call::Call;
pub(crate) use call::{Authorizer, Token};
pub(crate) use call_log::CALL_LOG;
pub use client::HttpClient;
pub use pages::Pages;
pub use step::Step;
pub(crate) use step::Steps;
pub use tls::install_provider;
