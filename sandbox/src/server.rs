//! The HTTP server: numbered connections, one router, and the middleware around it.

use std::future::Future;
use std::io;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;

use crate::api::{self, not_simulated};
use crate::http::connection::{Connection, NumberedListener};
use crate::state::State;
use crate::{control, middleware};

/// How long open calls can take to end at shutdown.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(2);

/// Serves until `shutdown` is ready, then waits up to two seconds for open calls.
///
/// # Errors
/// If the listener cannot be registered with the runtime.
pub async fn serve(
    listener: std::net::TcpListener,
    state: State,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = NumberedListener::new(TcpListener::from_std(listener)?);
    let service = app(state).into_make_service_with_connect_info::<Connection>();
    let (ending, ended) = tokio::sync::oneshot::channel();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        shutdown.await;
        let _ = ending.send(());
    });
    let grace_period = async {
        let _ = ended.await;
        tokio::time::sleep(SHUTDOWN_GRACE).await;
    };
    tokio::select! {
        served = server.into_future() => served,
        () = grace_period => Ok(()),
    }
}

/// The sandbox as a router.
pub fn app(state: State) -> Router {
    let routes = Router::new()
        .merge(api::router())
        .merge(control::router())
        .fallback(not_simulated::unknown_path)
        .method_not_allowed_fallback(not_simulated::unknown_method);
    with_middleware(routes, state)
}

fn with_middleware(routes: Router<State>, state: State) -> Router {
    routes
        // The middleware reads all bodies and limits their size.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(state.clone(), middleware::handle))
        .with_state(state)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use axum::http::StatusCode;

    use super::*;
    use crate::settings::{Options, Seed};
    use crate::start::prepare;

    async fn panics() -> StatusCode {
        panic!("on purpose")
    }

    #[test]
    fn responds_500_to_a_panic_and_keeps_serving() {
        let options = Options {
            seed: Some(Seed::Empty),
            ..Options::default()
        };
        let prepared = prepare(options).unwrap();
        let state = prepared.state.clone();
        let routes = Router::new().route("/panics", axum::routing::get(panics));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(prepared.listener).unwrap();
                let routes = with_middleware(routes, prepared.state);
                axum::serve(listener, routes).await
            })
        });
        let address = state
            .url
            .trim_start_matches("http://")
            .trim_end_matches('/');
        for _ in 0..2 {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            let request = "GET /panics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            stream.write_all(request.as_bytes()).unwrap();
            let mut response = String::new();
            stream.read_to_string(&mut response).unwrap();
            assert!(response.starts_with("HTTP/1.1 500 "), "{response}");
            assert!(response.contains(r#"{"error":{"code":1000,"#), "{response}");
        }
        assert_eq!(state.world.request_log.len(), 2);
    }
}
