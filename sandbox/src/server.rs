//! The server: connections that are numbered, one router, one layer around all of it.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::connect_info::Connected;
use axum::middleware;
use axum::serve::{IncomingStream, Listener};
use tokio::net::TcpListener;

use crate::State;
use crate::api::{self, documented};
use crate::around::around;
use crate::control;
use crate::faults::wire::{Io, Line};

/// How long an open call may take to end at the end.
const LAST_CALLS: Duration = Duration::from_secs(2);

/// Which connection a call came by.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    /// Counted from 1 as they are accepted.
    pub(crate) number: u64,
    /// Who is at the other end.
    pub(crate) peer: SocketAddr,
    /// What cuts it.
    pub(crate) line: Line,
}

impl Connection {
    /// For a router that is called without a connection.
    pub(crate) const NONE: Connection = Connection {
        number: 0,
        peer: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
        line: Line::NONE,
    };
}

struct Numbered {
    inner: TcpListener,
    accepted: u64,
}

impl Listener for Numbered {
    type Io = Io;
    type Addr = Connection;

    async fn accept(&mut self) -> (Io, Connection) {
        let (stream, peer) = Listener::accept(&mut self.inner).await;
        self.accepted += 1;
        // Small answers are not to wait for more.
        let _ = stream.set_nodelay(true);
        let stream = Io::new(stream);
        let connection = Connection {
            number: self.accepted,
            peer,
            line: stream.line(),
        };
        (stream, connection)
    }

    fn local_addr(&self) -> io::Result<Connection> {
        let peer = self.inner.local_addr()?;
        Ok(Connection {
            peer,
            ..Connection::NONE
        })
    }
}

impl Connected<IncomingStream<'_, Numbered>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Numbered>) -> Self {
        stream.remote_addr().clone()
    }
}

/// Serves until `shutdown` is ready, then ends what is open.
///
/// # Errors
/// If the runtime cannot take the listener over.
pub async fn serve(
    listener: std::net::TcpListener,
    state: State,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = Numbered {
        inner: TcpListener::from_std(listener)?,
        accepted: 0,
    };
    let service = app(state).into_make_service_with_connect_info::<Connection>();
    let (ending, ended) = tokio::sync::oneshot::channel();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        shutdown.await;
        let _ = ending.send(());
    });
    let out_of_patience = async {
        let _ = ended.await;
        tokio::time::sleep(LAST_CALLS).await;
    };
    tokio::select! {
        served = server.into_future() => served,
        () = out_of_patience => Ok(()),
    }
}

/// The whole sandbox as one router.
pub fn app(state: State) -> Router {
    let routes = Router::new()
        .merge(api::router())
        .merge(control::router())
        .fallback(documented::unknown_path)
        .method_not_allowed_fallback(documented::unknown_method);
    surrounded(routes, state)
}

fn surrounded(routes: Router<State>, state: State) -> Router {
    routes
        // The bound is that of `around`, which reads all bodies.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(state.clone(), around))
        .with_state(state)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use axum::http::StatusCode;

    use super::*;
    use crate::{Options, Seed};

    async fn faulty() -> StatusCode {
        panic!("on purpose")
    }

    #[test]
    fn a_fault_is_answered_and_survived() {
        let options = Options {
            seed: Seed::Empty,
            ..Options::default()
        };
        let prepared = crate::prepare(options).unwrap();
        let state = prepared.state.clone();
        let routes = Router::new().route("/faulty", axum::routing::get(faulty));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(prepared.listener).unwrap();
                let routes = surrounded(routes, prepared.state);
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
        assert_eq!(state.journal.len(), 2);
    }
}
