//! HTTP for the handlers: extractors, authentication, connections and error responses.

pub(crate) mod caller;
pub(crate) mod connection;
pub(crate) mod error_body;
pub(crate) mod extract;
