//! `/_sandbox/requests`: the request log.

use std::ops::RangeInclusive;

use axum::Json;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::domain::{ApiError, Id, Result};
use crate::http::extract::{LenientInt, Query, one_of};
use crate::lists::{self, Paging};
use crate::request_log::{Entry, Filter};
use crate::world::World;

const MAX_LIMIT: usize = 10_000;

/// Unknown parameters are rejected: a misspelled filter would match all calls.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestsQuery {
    method: Option<String>,
    path: Option<String>,
    status: Option<String>,
    caller: Option<String>,
    request_id: Option<String>,
    since: Option<String>,
    order: Option<String>,
    limit: Option<LenientInt>,
    after: Option<LenientInt>,
}

#[derive(Debug, Serialize)]
pub(super) struct Requests {
    items: Vec<Entry>,
    paging: Paging,
}

/// The calls that match the query, oldest first unless `order` is `desc`.
pub(super) async fn requests(
    world: World,
    Query(query): Query<RequestsQuery>,
) -> Result<Json<Requests>> {
    let (items, more) = world.request_log.list(&filter(query)?);
    let after = items
        .last()
        .filter(|_| more)
        .map(|entry| entry.number.to_string());
    Ok(Json(Requests {
        items,
        paging: lists::paging(after),
    }))
}

fn filter(query: RequestsQuery) -> Result<Filter> {
    let order = query.order.as_deref().unwrap_or("asc");
    one_of("order", order, &["asc", "desc"])?;
    let limit = query.limit.map_or(1000, |limit| limit.0);
    let limit = usize::try_from(limit).ok().filter(|limit| *limit > 0);
    let limit = limit.ok_or_else(|| ApiError::bad("limit: must be at least 1."))?;
    let after = query.after.map_or(0, |after| after.0);
    let id = |text: String| {
        let invalid = |_| ApiError::bad(format!("request_id: {text:?} is not a valid UUID."));
        text.parse::<Id>().map_err(invalid)
    };
    let time = |text: String| Timestamp::parse_field("since", &text);
    Ok(Filter {
        method: query.method,
        path: query.path,
        status: query.status.as_deref().map(statuses).transpose()?,
        caller: query.caller,
        request_id: query.request_id.map(id).transpose()?,
        since: query.since.map(time).transpose()?,
        newest_first: order == "desc",
        after: u64::try_from(after).map_err(|_| ApiError::bad("after: less than 0."))?,
        limit: Some(limit.min(MAX_LIMIT)),
    })
}

/// Parses a status, or a class of them such as `4xx`.
fn statuses(text: &str) -> Result<RangeInclusive<u16>> {
    let (first, last) = match text.strip_suffix("xx") {
        Some(class) if class.len() == 1 => (format!("{class}00"), format!("{class}99")),
        _ => (text.to_owned(), text.to_owned()),
    };
    let status = |text: String| text.parse().ok().filter(|status| *status < 1000);
    status(first)
        .zip(status(last))
        .map(|(first, last)| first..=last)
        .ok_or_else(|| {
            let text = format!("status: {text:?} is neither an HTTP status nor a class like 4xx.");
            ApiError::bad(text)
        })
}
