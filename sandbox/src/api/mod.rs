//! The platform's routes, one file per domain.

pub mod applications;
pub mod authorization;
pub mod documented;
pub mod editions;
pub mod infra;
pub mod offering_items;
pub mod pricing;
pub mod reports;
pub mod search;
pub mod tenants;
pub mod usage;
pub mod users;

use axum::Router;
use serde::Serialize;

use crate::State;

/// All routes of the platform that the sandbox serves.
pub fn router() -> Router<State> {
    Router::new()
        .merge(applications::router())
        .merge(authorization::router())
        .merge(editions::router())
        .merge(infra::router())
        .merge(offering_items::router())
        .merge(pricing::router())
        .merge(reports::router())
        .merge(search::router())
        .merge(tenants::router())
        .merge(usage::router())
        .merge(users::router())
}

/// A list that has nothing beside its items.
#[derive(Debug, Serialize)]
struct Items<T> {
    items: Vec<T>,
}
