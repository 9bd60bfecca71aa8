//! What the platform documents and the sandbox does not serve yet, so that a gap is never taken
//! for a missing object.

use axum::http::{Method, Uri};

use crate::error::Refusal;

/// Whatever no route was found for: 404.
pub async fn unknown_path(method: Method, uri: Uri) -> Refusal {
    Refusal::NotFound(format!("There is no {method} {}.", uri.path()))
}

/// A path that is there, with another method: 405.
pub async fn unknown_method(method: Method, uri: Uri) -> Refusal {
    Refusal::MethodNotAllowed(format!("{} does not take {method}.", uri.path()))
}
