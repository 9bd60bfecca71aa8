//! Search for tenants and users.

use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Items;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, TenantKind};
use crate::http::extract::{LenientBool, LenientInt, Query};
use crate::state::State;
use crate::store::search::{Hit, Object};
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new().route("/api/2/search", get(search))
}

/// The minimum length of the search text, in characters.
const MIN_TEXT: usize = 3;

#[derive(Deserialize)]
struct SearchQuery {
    tenant: Id,
    text: String,
    limit: Option<LenientInt>,
    allow_deleted: Option<LenientBool>,
}

#[derive(Debug, Serialize)]
struct SearchResult {
    obj_type: &'static str,
    id: Id,
    parent_id: Id,
    path: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<TenantKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    deleted_at: Option<Timestamp>,
}

impl From<Hit> for SearchResult {
    fn from(hit: Hit) -> Self {
        let (obj_type, kind, name, login) = match hit.object {
            Object::Tenant { kind, name } => ("tenant", Some(kind), Some(name), None),
            Object::User { login } => ("user", None, None, Some(login)),
        };
        Self {
            obj_type,
            id: hit.id,
            parent_id: hit.parent_id,
            path: hit.path,
            kind,
            name,
            login,
            first_name: hit.first_name,
            last_name: hit.last_name,
            deleted_at: hit.deleted_at,
        }
    }
}

async fn search(
    world: World,
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Result<Json<Items<SearchResult>>> {
    let text = query.text.trim();
    if text.chars().count() < MIN_TEXT {
        return Err(ApiError::bad(format!(
            "text: shorter than {MIN_TEXT} characters."
        )));
    }
    let limit = query.limit.map_or(10, |limit| limit.0);
    let limit = usize::try_from(limit)
        .ok()
        .filter(|limit| *limit > 0)
        .ok_or_else(|| ApiError::bad("limit: must be at least 1."))?;
    let deleted = query.allow_deleted.is_some_and(|flag| flag.0);
    let hits = world
        .store
        .search(&caller, query.tenant, text, deleted, limit)?;
    let items = hits.into_iter().map(SearchResult::from).collect();
    Ok(Json(Items { items }))
}
