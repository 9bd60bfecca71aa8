//! The server: connections that are numbered, one router, one layer around all of it.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};

use crate::State;
use crate::api::{self, documented};
use crate::control;
use crate::error::{Code, Refusal};
use crate::id::Id;
use crate::journal::{Entry, Kept, Note, loggable, unexplained, without_token};
use crate::services::Service;

/// The largest body that is taken, in bytes.
const LARGEST_BODY: usize = 10 * 1024 * 1024;
/// How long a body may take to arrive, and an open call to end at the end.
const PATIENCE: Duration = Duration::from_secs(30);
const LAST_CALLS: Duration = Duration::from_secs(2);

/// Which connection a call came by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    /// Counted from 1 as they are accepted.
    pub(crate) number: u64,
    /// Who is at the other end.
    pub(crate) peer: SocketAddr,
}

impl Connection {
    /// For a router that is called without a connection.
    const NONE: Connection = Connection {
        number: 0,
        peer: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    };
}

struct Numbered {
    inner: TcpListener,
    accepted: u64,
}

impl Listener for Numbered {
    type Io = TcpStream;
    type Addr = Connection;

    async fn accept(&mut self) -> (TcpStream, Connection) {
        let (stream, peer) = Listener::accept(&mut self.inner).await;
        self.accepted += 1;
        // Small answers are not to wait for more.
        let _ = stream.set_nodelay(true);
        let number = self.accepted;
        (stream, Connection { number, peer })
    }

    fn local_addr(&self) -> io::Result<Connection> {
        let peer = self.inner.local_addr()?;
        Ok(Connection { number: 0, peer })
    }
}

impl Connected<IncomingStream<'_, Numbered>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Numbered>) -> Self {
        *stream.remote_addr()
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

/// Around every call: its body is read, within bounds, its answer gets a request id, and both go
/// to the log.
async fn around(
    axum::extract::State(state): axum::extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    let (time, began) = (state.clock.now(), Instant::now());
    let (mut parts, body) = request.into_parts();
    let connection = parts
        .extensions
        .get::<ConnectInfo<Connection>>()
        .map_or(Connection::NONE, |info| info.0);
    let note = Note::default();
    parts.extensions.insert(connection);
    parts.extensions.insert(note.clone());
    let request_id = Id::random();
    let mut entry = Entry {
        number: 0,
        time,
        method: parts.method.to_string(),
        path: without_token(parts.uri.path()),
        query: parts.uri.query().map(str::to_owned),
        status: 0,
        caller: None,
        tenant_id: None,
        user_agent: header_text(&parts.headers, header::USER_AGENT),
        latency_ms: 0.0,
        connection: connection.number,
        request_id,
        request_body: None,
        response_body: None,
    };
    let control = entry.path.starts_with(control::PREFIX);
    if !control && !state.options.latency.is_zero() {
        tokio::time::sleep(state.options.latency).await;
    }
    let kind = header_text(&parts.headers, header::CONTENT_TYPE);
    let method = parts.method.clone();
    let mut hidden = entry.path != parts.uri.path();
    let body = tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, LARGEST_BODY)).await;
    let (response, asked) = match body {
        Ok(Ok(bytes)) => {
            let asked = loggable(kind.as_deref().unwrap_or("no Content-Type"), &bytes);
            let request = Request::from_parts(parts, Body::from(bytes));
            (answered(request, next).await, asked)
        }
        Ok(Err(error)) => (unreadable(&error).into_response(), None),
        Err(_) => {
            let late = Refusal::Timeout("The body did not arrive.".to_owned());
            (late.into_response(), None)
        }
    };
    let (mut parts, body) = Service::of(&entry.path)
        .answer(&method, response)
        .into_parts();
    // Answers are made in memory, so they are all there.
    let bytes = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default();
    if let Ok(value) = HeaderValue::from_str(&request_id.to_string()) {
        parts
            .headers
            .insert(HeaderName::from_static("x-request-id"), value);
    }
    if !control {
        let noted = note.taken();
        entry.status = parts.status.as_u16();
        entry.caller = noted.caller;
        entry.tenant_id = noted.tenant_id;
        entry.latency_ms = (began.elapsed().as_secs_f64() * 100_000.0).round() / 100.0;
        let kind = header_text(&parts.headers, header::CONTENT_TYPE);
        let mut answered = loggable(kind.as_deref().unwrap_or("no Content-Type"), &bytes);
        hidden |= asked.as_ref().is_some_and(|asked| asked.hidden);
        if hidden {
            answered = answered.map(unexplained);
        }
        let text = |body: Option<Kept>| body.map(|body| body.text);
        state.journal.add(entry, text(asked), text(answered));
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// The answer of the routes. A fault in one of them ends neither the sandbox nor the connection: a task of its own
/// takes the panic.
async fn answered(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let info = "A fault in the sandbox; its standard error says more.";
            Refusal::platform(Code::Internal, info).into_response()
        }
    }
}

fn header_text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn unreadable(error: &axum::Error) -> Refusal {
    let text = error.to_string();
    if text.contains("length limit exceeded") {
        return Refusal::TooLarge(format!("The body is larger than {LARGEST_BODY} bytes."));
    }
    Refusal::bad(format!("The body cannot be read: {text}."))
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
