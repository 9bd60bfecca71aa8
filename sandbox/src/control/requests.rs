//! `/_sandbox/requests`: the request log.

use axum::Json;
use serde::{Deserialize, Serialize};

use crate::domain::{ApiError, Result};
use crate::http::extract::{LenientInt, Query};
use crate::lists::{self, Paging};
use crate::request_log::{Entry, Filter};
use crate::world::World;

#[derive(Deserialize)]
pub(super) struct RequestsQuery {
    method: Option<String>,
    path: Option<String>,
    status: Option<LenientInt>,
    limit: Option<LenientInt>,
    after: Option<LenientInt>,
}

#[derive(Debug, Serialize)]
pub(super) struct Requests {
    items: Vec<Entry>,
    paging: Paging,
}

/// The calls that match the query, oldest first.
pub(super) async fn requests(
    world: World,
    Query(query): Query<RequestsQuery>,
) -> Result<Json<Requests>> {
    const MAX_LIMIT: usize = 10_000;
    let positive = |name: &str, number: i64| {
        usize::try_from(number)
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(|| ApiError::bad(format!("{name}: must be at least 1.")))
    };
    let limit = query.limit.map_or(1000, |limit| limit.0);
    let filter = Filter {
        method: query.method,
        path: query.path,
        status: query
            .status
            .map(|status| {
                u16::try_from(status.0).map_err(|_| ApiError::bad("status: not an HTTP status."))
            })
            .transpose()?,
        after: query
            .after
            .map_or(Ok(0), |after| u64::try_from(after.0))
            .map_err(|_| ApiError::bad("after: less than 0."))?,
        limit: Some(positive("limit", limit)?.min(MAX_LIMIT)),
    };
    let (items, more) = world.request_log.list(&filter);
    let after = items
        .last()
        .filter(|_| more)
        .map(|entry| entry.number.to_string());
    Ok(Json(Requests {
        items,
        paging: lists::paging(after),
    }))
}
