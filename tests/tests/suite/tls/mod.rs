//! TLS and proxies: which certificates the examples trust, and that nothing is sent if they do not.

mod certificates;
mod confirmations;
mod proxies;
mod proxy;
mod settings;
mod trust;
