//! The server: connections that are numbered, one router, one layer around all of it.

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

/// How long open calls may take to end at shutdown.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(2);

/// Serves until `shutdown` is ready, then ends what is open.
///
/// # Errors
/// If the runtime cannot take the listener over.
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
    let grace_is_over = async {
        let _ = ended.await;
        tokio::time::sleep(SHUTDOWN_GRACE).await;
    };
    tokio::select! {
        served = server.into_future() => served,
        () = grace_is_over => Ok(()),
    }
}

/// The whole sandbox as one router.
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

    async fn faulty() -> StatusCode {
        panic!("on purpose")
    }

    #[test]
    fn a_fault_is_answered_and_survived() {
        let options = Options {
            seed: Seed::Empty,
            ..Options::default()
        };
        let prepared = prepare(options).unwrap();
        let state = prepared.state.clone();
        let routes = Router::new().route("/faulty", axum::routing::get(faulty));
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
            let request = "GET /faulty HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
            assert!(answer.contains(r#"{"error":{"code":1000,"#), "{answer}");
        }
        assert_eq!(state.world.request_log.len(), 2);
    }
}
