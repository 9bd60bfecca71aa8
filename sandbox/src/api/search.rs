//! The search for tenants and users.

use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::State;
use crate::auth::Caller;
use crate::error::{Refusal, Result};
use crate::extract::{Flag, Query, Whole};
use crate::id::Id;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new().route("/api/2/search", get(search))
}

const SHORTEST_TEXT: usize = 3;

#[derive(Deserialize)]
struct SearchQuery {
    tenant: Id,
    text: String,
    limit: Option<Whole>,
    allow_deleted: Option<Flag>,
}

async fn search(
    state: State,
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Result<Json<Value>> {
    let text = query.text.trim();
    if text.chars().count() < SHORTEST_TEXT {
        return Err(Refusal::bad(format!(
            "text: shorter than {SHORTEST_TEXT} characters."
        )));
    }
    let limit = query.limit.map_or(10, |limit| limit.0);
    let limit = usize::try_from(limit)
        .ok()
        .filter(|limit| *limit > 0)
        .ok_or_else(|| Refusal::bad("limit: less than 1."))?;
    let deleted = query.allow_deleted.is_some_and(|flag| flag.0);
    let hits = state
        .store
        .search(&caller, query.tenant, text, deleted, limit)?;
    Ok(Json(json!({ "items": hits })))
}
