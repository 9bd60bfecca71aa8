//! `/_sandbox`: for people who test with the sandbox. Answered to this machine only, and not to web
//! pages of elsewhere that a browser on it may show.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::State;
use crate::clock;
use crate::error::{Refusal, Result};
use crate::extract::{Query, Whole};
use crate::faults;
use crate::journal::Filter;
use crate::lists;
use crate::server::Connection;

/// Where the control routes begin. Calls to them are not logged.
pub(crate) const PREFIX: &str = "/_sandbox/";

/// The control routes.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/_sandbox/health", get(health))
        .route("/_sandbox/reset", post(reset))
        .route("/_sandbox/requests", get(requests))
        .route("/_sandbox/outbox", get(outbox))
        .merge(faults::routes::router())
        .merge(clock::routes::router())
        .route_layer(middleware::from_fn(guard))
}

/// Lets in only who is on this machine and means this machine.
async fn guard(request: Request, next: Next) -> Response {
    let peer = request
        .extensions()
        .get::<Connection>()
        .is_some_and(|connection| connection.peer.ip().to_canonical().is_loopback());
    // A request line with a whole address speaks for itself as well.
    let own = request
        .uri()
        .host()
        .is_none_or(|host| loopback(&format!("http://{host}/")));
    if peer && own && meant(request.headers()) {
        return next.run(request).await;
    }
    Refusal::denied("/_sandbox answers to this machine only, under its own name.").into_response()
}

/// A page of elsewhere gives itself away by `Origin`, or by the name it made the browser look up.
fn meant(headers: &HeaderMap) -> bool {
    let texts = |name| {
        let values = headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap_or("unreadable"))
    };
    headers.contains_key(header::HOST)
        && texts(header::HOST).all(|host| loopback(&format!("http://{host}/")))
        && texts(header::ORIGIN).all(loopback)
}

fn loopback(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or("");
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

async fn health(state: State) -> Result<Json<Value>> {
    let uptime = u64::try_from(state.started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let counts = state.store.counts()?;
    Ok(Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "uptime_ms": uptime,
        "counts": {
            "tenants": counts.tenants,
            "users": counts.users,
            "clients": counts.clients,
            "mails": counts.mails,
            "requests": state.journal.len(),
        },
    })))
}

/// Back to the seed: what was made is gone, the administrator's password stays.
async fn reset(state: State) -> Result<StatusCode> {
    let seed = |now| state.store.reset(&state.options, now);
    state.clock.reset(seed)?;
    state.journal.clear();
    state.faults.restore();
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct RequestsQuery {
    method: Option<String>,
    path: Option<String>,
    status: Option<Whole>,
    limit: Option<Whole>,
    after: Option<Whole>,
}

/// The request log, oldest first.
async fn requests(state: State, Query(query): Query<RequestsQuery>) -> Result<Json<Value>> {
    const MOST: usize = 10_000;
    let positive = |name: &str, number: i64| {
        usize::try_from(number)
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(|| Refusal::bad(format!("{name}: less than 1.")))
    };
    let limit = query.limit.map_or(1000, |limit| limit.0);
    let filter = Filter {
        method: query.method,
        path: query.path,
        status: query
            .status
            .map(|status| {
                u16::try_from(status.0).map_err(|_| Refusal::bad("status: no HTTP status."))
            })
            .transpose()?,
        after: query
            .after
            .map_or(Ok(0), |after| u64::try_from(after.0))
            .map_err(|_| Refusal::bad("after: less than 0."))?,
        limit: positive("limit", limit)?.min(MOST),
    };
    let (items, more) = state.journal.list(&filter);
    let after = items
        .last()
        .filter(|_| more)
        .map(|entry| entry.number.to_string());
    Ok(Json(json!({
        "items": items,
        "paging": lists::paging(after),
    })))
}

/// The mails that would have been sent, oldest first.
async fn outbox(state: State) -> Result<Json<Value>> {
    Ok(Json(json!({ "items": state.store.mails()? })))
}

#[cfg(test)]
mod tests {
    use super::loopback;

    #[test]
    fn loopback_has_several_names() {
        for own in [
            "http://127.0.0.1:80/",
            "http://[::1]:80",
            "https://localhost",
        ] {
            assert!(loopback(own), "{own}");
        }
        for foreign in [
            "null",
            "http://evil.example",
            "http://127.0.0.1.evil.example",
            "x y",
        ] {
            assert!(!loopback(foreign), "{foreign}");
        }
    }
}
