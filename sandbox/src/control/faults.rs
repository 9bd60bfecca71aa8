//! `/_sandbox/faults`: lists, adds and removes fault rules.

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Items;
use crate::domain::{ApiError, Result};
use crate::faults::{self, RuleStatus};
use crate::http::extract::{self, Path};
use crate::state::State;
use crate::world::World;

/// The routes of fault rules.
pub(super) fn router() -> Router<State> {
    Router::new()
        .route("/_sandbox/faults", get(list).post(add).delete(clear))
        .route("/_sandbox/faults/{id}", delete(remove))
}

/// A rule as it was given, with its id and counters.
#[derive(Debug, Serialize)]
struct RuleResponse {
    id: u64,
    #[serde(flatten)]
    source: Map<String, Value>,
    /// The number of matching calls.
    seen: u64,
    /// The number of calls to which the rule was applied.
    met: u64,
}

impl From<RuleStatus> for RuleResponse {
    fn from(status: RuleStatus) -> Self {
        Self {
            id: status.id,
            source: status.source,
            seen: status.seen,
            met: status.hits,
        }
    }
}

async fn list(world: World) -> Json<Items<RuleResponse>> {
    let rules = world.faults.list().into_iter();
    let items = rules.map(RuleResponse::from).collect();
    Json(Items { items })
}

/// The added rules, as one or as a list, like the request.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Added {
    One(RuleResponse),
    List { items: Vec<RuleResponse> },
}

/// Adds one rule or a list of rules. If one is invalid, none is added. Any `Content-Type` is accepted, for `curl -d`.
async fn add(world: World, body: Bytes) -> Result<(StatusCode, Json<Added>)> {
    let value = extract::lenient_json(&body)?;
    let is_list = value.is_array();
    let rules = faults::rules(value).map_err(|error| ApiError::bad(format!("{error}.")))?;
    let added = world.faults.add(rules).into_iter();
    let mut added: Vec<RuleResponse> = added.map(RuleResponse::from).collect();
    let body = match added.pop() {
        Some(rule) if !is_list => Added::One(rule),
        last => {
            added.extend(last);
            Added::List { items: added }
        }
    };
    Ok((StatusCode::CREATED, Json(body)))
}

async fn clear(world: World) -> StatusCode {
    world.faults.clear();
    StatusCode::NO_CONTENT
}

async fn remove(world: World, Path(id): Path<String>) -> Result<StatusCode> {
    let found = id.parse().is_ok_and(|id| world.faults.remove(id));
    if found {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(ApiError::NotFound(format!(
        "There is no fault rule {id:?}."
    )))
}
