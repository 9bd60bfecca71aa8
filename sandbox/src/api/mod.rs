//! The routes of the platform, one module per domain.

pub(crate) mod agents;
pub(crate) mod alerts;
pub(crate) mod applications;
pub(crate) mod clients;
pub(crate) mod editions;
pub(crate) mod groups;
pub(crate) mod identity_provider;
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
pub(crate) mod tokens;
pub(crate) mod usage;
pub(crate) mod users;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::domain::{ApiError, Result};
use crate::lists::{CursorPage, Paging};
use crate::state::State;

/// All routes of the platform that the sandbox implements.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .merge(agents::router())
        .merge(alerts::router())
        .merge(applications::router())
        .merge(clients::router())
        .merge(editions::router())
        .merge(groups::router())
        .merge(identity_provider::router())
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
        .merge(tokens::router())
        .merge(usage::router())
        .merge(users::router())
}

/// How much of each object a list contains: the query parameter `lod`.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
enum Detail {
    /// Ids, versions and times.
    Stamps,
    /// The most important fields.
    Basic,
    #[default]
    Full,
}

impl Detail {
    /// Parses `lod`. The default is `full`.
    fn parse(lod: Option<&str>) -> Result<Self> {
        match lod {
            Some("stamps") => Ok(Self::Stamps),
            Some("basic") => Ok(Self::Basic),
            None | Some("full") => Ok(Self::Full),
            Some(other) => Err(ApiError::bad(format!(
                "lod: {other:?} is not one of stamps, basic, full."
            ))),
        }
    }
}

/// A list without paging.
#[derive(Debug, Serialize)]
struct Items<T> {
    items: Vec<T>,
}

/// A page of a list that can be read in both directions.
#[derive(Debug, Serialize)]
struct PagedItems<T> {
    items: Vec<T>,
    paging: Paging,
}

impl<T> PagedItems<T> {
    fn new<R>(page: CursorPage<R>, item: impl FnMut(R) -> T) -> Self {
        Self {
            items: page.items.into_iter().map(item).collect(),
            paging: Paging::new(page.after, page.before),
        }
    }
}

/// A JSON response that ends with a newline, as some services of the platform send it.
#[derive(Debug)]
struct JsonLine<T>(T);

impl<T: Serialize> IntoResponse for JsonLine<T> {
    fn into_response(self) -> Response {
        match serde_json::to_string(&self.0) {
            Ok(json) => {
                let content_type = [(header::CONTENT_TYPE, "application/json")];
                (content_type, format!("{json}\n")).into_response()
            }
            Err(error) => ApiError::from(error).into_response(),
        }
    }
}
