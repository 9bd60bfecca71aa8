//! The search for tenants and users.

use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::extract::{LenientBool, LenientInt, Query};
use crate::state::State;
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new().route("/api/2/search", get(search))
}

const SHORTEST_TEXT: usize = 3;

#[derive(Deserialize)]
struct SearchQuery {
    tenant: Id,
    text: String,
    limit: Option<LenientInt>,
    allow_deleted: Option<LenientBool>,
}

async fn search(
    world: World,
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Result<Json<Value>> {
    let text = query.text.trim();
    if text.chars().count() < SHORTEST_TEXT {
        return Err(ApiError::bad(format!(
            "text: shorter than {SHORTEST_TEXT} characters."
        )));
    }
    let limit = query.limit.map_or(10, |limit| limit.0);
    let limit = usize::try_from(limit)
        .ok()
        .filter(|limit| *limit > 0)
        .ok_or_else(|| ApiError::bad("limit: less than 1."))?;
    let deleted = query.allow_deleted.is_some_and(|flag| flag.0);
    let hits = world
        .store
        .search(&caller, query.tenant, text, deleted, limit)?;
    Ok(Json(json!({ "items": hits })))
}
