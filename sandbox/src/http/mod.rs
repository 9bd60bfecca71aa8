//! HTTP around the handlers: extractors, authentication, connections and error bodies.

pub(crate) mod caller;
pub(crate) mod connection;
pub(crate) mod error_body;
pub(crate) mod extract;
