//! Offering items: what a tenant has and what it may give to a child.

use axum::Router;

use crate::State;

/// The routes of this domain.
pub fn router() -> Router<State> {
    Router::new()
}
