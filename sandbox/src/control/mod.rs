//! `/_sandbox`: for people who test with the sandbox. Answered to this machine only, and not to web
//! pages of elsewhere that a browser on it may show.

mod clock;
mod faults;
mod health;
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

use crate::domain::ApiError;
use crate::http::connection::Connection;
use crate::state::State;

/// The control routes.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/_sandbox/health", get(health::health))
        .route("/_sandbox/reset", post(reset::reset))
        .route("/_sandbox/requests", get(requests::requests))
        .route("/_sandbox/outbox", get(outbox::outbox))
        .merge(faults::router())
        .merge(clock::router())
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
    ApiError::denied("/_sandbox answers to this machine only, under its own name.").into_response()
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
