//! `/_sandbox`: the control interface, for tests. It responds only to clients on this machine, and not to web pages of
//! other sites in a browser on this machine.

mod clock;
mod faults;
mod health;
mod index;
mod outbox;
mod requests;
mod reset;

use std::net::IpAddr;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;

use crate::domain::ApiError;
use crate::http::connection::Connection;
use crate::state::State;

/// The control routes.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/", get(index::index))
        .route("/_sandbox", get(index::index))
        .route("/_sandbox/", get(index::index))
        .route("/_sandbox/health", get(health::health))
        .route("/_sandbox/reset", post(reset::reset))
        .route("/_sandbox/requests", get(requests::requests))
        .route("/_sandbox/outbox", get(outbox::outbox))
        .merge(faults::router())
        .merge(clock::router())
        .route_layer(middleware::from_fn(guard))
}

/// A list in a response.
#[derive(Debug, Serialize)]
struct Items<T> {
    items: Vec<T>,
}

/// Rejects calls that do not come from this machine or are not addressed to it.
async fn guard(request: Request, next: Next) -> Response {
    let is_local_peer = request
        .extensions()
        .get::<Connection>()
        .is_some_and(|connection| connection.peer.ip().to_canonical().is_loopback());
    // The request line may contain a host too.
    let is_local_uri = request
        .uri()
        .host()
        .is_none_or(|host| is_loopback(&format!("http://{host}/")));
    if is_local_peer && is_local_uri && has_local_headers(request.headers()) {
        return next.run(request).await;
    }
    ApiError::denied(
        "/_sandbox is available only from this machine, through a loopback host name such as localhost.",
    )
    .into_response()
}

/// Whether `Host` and `Origin` are loopback names. A page of another site is recognized by its `Origin`, or after DNS
/// rebinding by its `Host`.
fn has_local_headers(headers: &HeaderMap) -> bool {
    let texts = |name| {
        let values = headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap_or("invalid"))
    };
    headers.contains_key(header::HOST)
        && texts(header::HOST).all(|host| is_loopback(&format!("http://{host}/")))
        && texts(header::ORIGIN).all(is_loopback)
}

fn is_loopback(url: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn accepts_only_loopback_names() {
        for local in [
            "http://127.0.0.1:80/",
            "http://[::1]:80",
            "https://localhost",
        ] {
            assert!(is_loopback(local), "{local}");
        }
        for foreign in [
            "null",
            "http://evil.example",
            "http://127.0.0.1.evil.example",
            "x y",
        ] {
            assert!(!is_loopback(foreign), "{foreign}");
        }
    }
}
