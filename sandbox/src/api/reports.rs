//! Reports and their files.

use axum::Router;

use crate::State;

/// The routes of this domain.
pub fn router() -> Router<State> {
    Router::new()
}
