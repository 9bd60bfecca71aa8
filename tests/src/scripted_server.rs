//! A platform that sends scripted responses and records the requests.

use std::{
    collections::BTreeMap,
    fmt, io,
    ops::RangeBounds,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use mockito::{Matcher, Mock, ServerGuard};
use serde_json::{Value, json};

/// The `User-Agent` of the examples.
pub const USER_AGENT: &str = concat!(
    "ACP-Rust-Examples/",
    env!("CARGO_PKG_VERSION"),
    " (Acronis Cyber Platform Rust Examples)"
);

/// The offering items that a child can have: one of the edition that is set in a [`TestHome`](crate::TestHome).
pub const AVAILABLE_ITEMS: &str = r#"{"items":[{"application_id":"app-1","name":"vms","edition":"pck_per_gigabyte","usage_name":"vms","type":"count","status":1}]}"#;

/// A response to one request.
#[derive(Debug, Clone)]
pub struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    cut: bool,
}

impl Response {
    /// A status without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            cut: false,
        }
    }

    /// A JSON response with exactly this text.
    pub fn text(status: u16, json: &str) -> Self {
        Self::empty(status).body("application/json", json)
    }

    /// A JSON response.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "so that `json!` needs no `&`"
    )]
    pub fn json(status: u16, json: Value) -> Self {
        Self::text(status, &json.to_string())
    }

    /// A token that is valid until the year 2100.
    pub fn token(token: &str) -> Self {
        Self::json(
            200,
            json!({ "access_token": token, "expires_on": 4_102_444_800_u32, "more": [] }),
        )
    }

    /// A list with these items.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "so that `json!` needs no `&`"
    )]
    pub fn items(items: Value) -> Self {
        Self::json(200, json!({ "items": items }))
    }

    /// An empty list.
    pub fn no_items() -> Self {
        Self::items(json!([]))
    }

    /// The list [`AVAILABLE_ITEMS`].
    pub fn available_items() -> Self {
        Self::text(200, AVAILABLE_ITEMS)
    }

    /// Sets the body and its type.
    #[must_use]
    pub fn body(self, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        let mut response = self.header("Content-Type", content_type);
        response.body = body.as_ref().to_vec();
        response
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Closes the connection before the end of the response.
    #[must_use]
    pub fn cut_short(mut self) -> Self {
        self.cut = true;
        self
    }

    /// Configures a mock to send this response.
    fn given_by(self, mock: Mock) -> Mock {
        let mut mock = mock.with_status(self.status.into());
        for (name, value) in &self.headers {
            mock = mock.with_header(name.as_str(), value);
        }
        if self.cut {
            return mock.with_chunked_body(move |to| {
                to.write_all(&self.body)?;
                Err(io::ErrorKind::ConnectionAborted.into())
            });
        }
        mock.with_body(self.body)
    }
}

/// A request that the server received.
#[derive(Debug, Clone)]
pub struct Call {
    /// `GET`.
    pub method: String,
    /// Path and query, as received.
    pub target: String,
    /// The headers, with names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body as text.
    pub body: String,
}

impl Call {
    fn of(request: &mockito::Request) -> Self {
        let text =
            |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("calls are sent in UTF-8");
        let mut headers = BTreeMap::new();
        for (name, value) in request.headers() {
            let before = headers.insert(name.to_string(), text(value.as_bytes()));
            assert_eq!(before, None, "the header {name} was sent twice");
        }
        Self {
            method: request.method().to_owned(),
            target: request.path_and_query().to_owned(),
            headers,
            body: text(request.body().expect("it was read")),
        }
    }
}

/// For snapshots: all headers except those that every call has.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.method, self.target)?;
        for (name, value) in &self.headers {
            match (name.as_str(), value.as_str()) {
                ("accept" | "accept-encoding" | "content-length" | "host", _)
                | ("user-agent", USER_AGENT) => {}
                ("authorization", value) => writeln!(f, "  {name}: {}", readable(value))?,
                _ => writeln!(f, "  {name}: {value}")?,
            }
        }
        if !self.body.is_empty() {
            writeln!(f, "  {}", self.body)?;
        }
        Ok(())
    }
}

/// Decodes `Basic` credentials.
fn readable(authorization: &str) -> String {
    let Some(pair) = authorization.strip_prefix("Basic ") else {
        return authorization.to_owned();
    };
    let pair = BASE64_STANDARD.decode(pair).expect("it is Base64");
    format!("Basic {}", String::from_utf8_lossy(&pair))
}

/// The requests, and a signal for each new one.
type Calls = (Mutex<Vec<Call>>, Condvar);

/// A scripted platform. It stops on drop.
pub struct ScriptedServer {
    server: ServerGuard,
    script: Vec<Response>,
    /// The response to all requests after the script.
    rest: Option<Response>,
    calls: Arc<Calls>,
}

impl ScriptedServer {
    /// A server that sends these responses in this order, whatever the requests are.
    pub fn new(script: impl IntoIterator<Item = Response>) -> Self {
        Self::start(script.into_iter().collect(), None)
    }

    /// Adds a response to all requests after the script.
    #[must_use]
    pub fn from_then_on(self, response: Response) -> Self {
        Self::start(self.script, Some(response))
    }

    fn start(script: Vec<Response>, rest: Option<Response>) -> Self {
        let calls = Arc::new(Calls::default());
        let mut server = mockito::Server::new();
        let one_too_many = Response::text(500, "\"one call too many\"");
        // Mockito offers a request to one mock after the other. Those for later requests come first, so that a request
        // that its own mock has just recorded is not taken for the next one.
        respond_to_calls(
            &mut server,
            &calls,
            rest.as_ref().unwrap_or(&one_too_many),
            script.len()..,
        );
        for (turn, response) in script.iter().enumerate().rev() {
            respond_to_calls(&mut server, &calls, response, turn..=turn);
        }
        Self {
            server,
            script,
            rest,
            calls,
        }
    }

    /// A server that expects no request.
    pub fn unused() -> Self {
        Self::new([])
    }

    /// The base URL, with a trailing slash.
    pub fn url(&self) -> String {
        format!("{}/", self.server.url())
    }

    /// All requests, in the order of their arrival.
    ///
    /// # Panics
    /// If there were fewer or more than the script has responses.
    pub fn calls(&self) -> Vec<Call> {
        let calls = lock(&self.calls.0).clone();
        let expected = match self.rest {
            Some(_) => calls.len().max(self.script.len()),
            None => self.script.len(),
        };
        assert_eq!(calls.len(), expected, "calls were {calls:#?}");
        for call in &calls {
            assert_eq!(
                call.headers.get("host"),
                Some(&self.server.host_with_port())
            );
        }
        calls
    }

    /// Waits until this many requests have arrived.
    ///
    /// # Panics
    /// If they do not arrive within a minute.
    pub fn wait_for_calls(&self, count: usize) {
        let calls = lock(&self.calls.0);
        let minute = Duration::from_secs(60);
        let waited = self
            .calls
            .1
            .wait_timeout_while(calls, minute, |calls| calls.len() < count);
        let (calls, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!timeout.timed_out(), "calls were {calls:#?}");
    }

    /// [`ScriptedServer::calls`] as text, for snapshots.
    pub fn conversation(&self) -> String {
        self.calls().iter().map(Call::to_string).collect()
    }
}

/// Responds to the requests with these numbers, counted from 0, and records them.
fn respond_to_calls(
    server: &mut ServerGuard,
    calls: &Arc<Calls>,
    response: &Response,
    turns: impl RangeBounds<usize> + Clone + Send + Sync + 'static,
) {
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        let (calls, turns) = (Arc::clone(calls), turns.clone());
        let mock = server
            .mock(method, Matcher::Any)
            .match_request(move |request| {
                let mut recorded = lock(&calls.0);
                let is_next = turns.contains(&recorded.len());
                if is_next {
                    recorded.push(Call::of(request));
                    calls.1.notify_all();
                }
                is_next
            });
        response.clone().given_by(mock).create();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
