//! The platform's routes, one file per domain.

pub(crate) mod agents;
pub(crate) mod alerts;
pub(crate) mod applications;
pub(crate) mod authorization;
pub(crate) mod editions;
pub(crate) mod groups;
pub(crate) mod infra;
pub(crate) mod not_simulated;
pub(crate) mod offering_items;
pub(crate) mod policies;
pub(crate) mod policy_applications;
pub(crate) mod pricing;
pub(crate) mod registration_tokens;
pub(crate) mod reports;
pub(crate) mod resources;
pub(crate) mod search;
pub(crate) mod sessions;
pub(crate) mod tasks;
pub(crate) mod tenants;
pub(crate) mod usage;
pub(crate) mod users;

use axum::Router;
use serde::Serialize;

use crate::state::State;

/// All routes of the platform that the sandbox serves.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .merge(agents::router())
        .merge(alerts::router())
        .merge(applications::router())
        .merge(authorization::router())
        .merge(editions::router())
        .merge(groups::router())
        .merge(infra::router())
        .merge(offering_items::router())
        .merge(policies::router())
        .merge(policy_applications::router())
        .merge(pricing::router())
        .merge(registration_tokens::router())
        .merge(reports::router())
        .merge(resources::router())
        .merge(search::router())
        .merge(sessions::router())
        .merge(tasks::router())
        .merge(tenants::router())
        .merge(usage::router())
        .merge(users::router())
}

/// A list that has nothing beside its items.
#[derive(Debug, Serialize)]
struct Items<T> {
    items: Vec<T>,
}
