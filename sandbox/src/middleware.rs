//! Around every call: it meets a fault or none, its body is read, within bounds, its answer gets a request id, and both
//! go to the log.

use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header, request, response};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::fmt::rfc2822::DateTimePrinter;

use crate::clock::Timestamp;
use crate::domain::CONTROL_PREFIX;
use crate::domain::{ApiError, Code, Id};
use crate::faults::{Disconnect, FaultHit};
use crate::http::connection::Connection;
use crate::http::error_body::Service;
use crate::redact::{LoggedBody, loggable, redact_path, without_details};
use crate::request_log::{CallerNote, Entry};
use crate::state::State;

/// The largest body that is taken, in bytes.
const LARGEST_BODY: usize = 10 * 1024 * 1024;
/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// The layer. A caller who gives up is not noticed: as on the platform, what was asked is done and logged all the same.
pub(crate) async fn handle(
    axum::extract::State(state): axum::extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    let shared = state.clone();
    let mut response = match tokio::spawn(run(state, request, next)).await {
        Ok(response) => response,
        Err(_) => broken().into_response(),
    };
    // The server would take the machine's time.
    if let Some(date) = date(shared.world.clock.now()) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

fn date(now: Timestamp) -> Option<HeaderValue> {
    let text = DateTimePrinter::new().timestamp_to_rfc9110_string(&now.to_jiff());
    HeaderValue::try_from(text.ok()?).ok()
}

async fn run(state: State, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let mut call = Call::begin(state, &mut head);
    call.wait().await;
    if call.disconnects(Disconnect::Before) {
        call.log(None, None);
        return call.drop_connection();
    }
    let (method, service) = (head.method.clone(), Service::of(&call.entry.path));
    let (asked, answer) = call.answered(head, body, next).await;
    let (mut head, body) = service.answer(&method, answer).into_parts();
    // Answers are made in memory, so they are all there.
    let mut body = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default();
    if let Ok(value) = HeaderValue::from_str(&call.entry.request_id.to_string()) {
        let name = HeaderName::from_static("x-request-id");
        head.headers.insert(name, value);
    }
    if let Some(fault) = &call.fault {
        body = fault.change(&mut head, body);
    }
    call.log(asked, Some((&head, &body)));
    if call.disconnects(Disconnect::After) {
        return call.drop_connection();
    }
    call.sent(head, body)
}

/// A call on its way.
struct Call {
    state: State,
    began: Instant,
    connection: Connection,
    note: CallerNote,
    /// The rule it has met.
    fault: Option<FaultHit>,
    /// For the control interface: not logged, and never at fault.
    control: bool,
    /// Its path has a secret in it, which the answer may quote.
    hidden: bool,
    entry: Entry,
}

impl Call {
    /// Notes what is known from its head. Those who handle it find connection and note there.
    fn begin(state: State, head: &mut request::Parts) -> Self {
        let (time, began) = (state.world.clock.now(), Instant::now());
        let connection = head
            .extensions
            .get::<ConnectInfo<Connection>>()
            .map_or(Connection::NONE, |info| info.0.clone());
        let note = CallerNote::default();
        head.extensions.insert(connection.clone());
        head.extensions.insert(note.clone());
        let path = head.uri.path();
        let shown = redact_path(path);
        let control = path.starts_with(CONTROL_PREFIX);
        let fault = if control {
            None
        } else {
            state.world.faults.hit(&head.method, path)
        };
        let entry = Entry {
            number: 0,
            time,
            method: head.method.to_string(),
            query: head.uri.query().map(str::to_owned),
            status: 0,
            caller: None,
            tenant_id: None,
            user_agent: header_text(&head.headers, header::USER_AGENT),
            latency_ms: 0.0,
            connection: connection.number,
            request_id: Id::random(),
            fault: fault.as_ref().map(|fault| fault.id),
            request_body: None,
            response_body: None,
            path: shown,
        };
        Self {
            hidden: entry.path != path,
            state,
            began,
            connection,
            note,
            fault,
            control,
            entry,
        }
    }

    /// Waits as long as all calls do, and as its fault says.
    async fn wait(&self) {
        let own = self.fault.as_ref().map(|fault| fault.then.latency);
        let latency = self.state.options.latency + own.unwrap_or_default();
        if !self.control && !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
    }

    /// Is its connection cut here?
    fn disconnects(&self, at: Disconnect) -> bool {
        self.fault
            .as_ref()
            .is_some_and(|fault| fault.disconnects(at))
    }

    /// No answer: nothing of this one gets through.
    fn drop_connection(&self) -> Response {
        self.connection.line.cut();
        Response::default()
    }

    /// What was asked, for the log, and the answer to it: the fault's, or else that of the routes.
    async fn answered(
        &self,
        head: request::Parts,
        body: Body,
        next: Next,
    ) -> (Option<LoggedBody>, Response) {
        let kind = content_type(&head.headers);
        let bytes = match read(body).await {
            Ok(bytes) => bytes,
            Err(error) => return (None, error.into_response()),
        };
        let asked = loggable(&kind, &bytes);
        let instead = self
            .fault
            .as_ref()
            .and_then(|fault| fault.response(head.uri.path()));
        let answer = match instead {
            Some(response) => response.into_response(),
            None => catch_panic(Request::from_parts(head, Body::from(bytes)), next).await,
        };
        (asked, answer)
    }

    /// Puts it into the log, without an answer if there is none.
    fn log(&mut self, asked: Option<LoggedBody>, answer: Option<(&response::Parts, &Bytes)>) {
        if self.control {
            return;
        }
        let noted = self.note.get();
        let mut entry = Entry {
            status: answer.map_or(0, |(head, _)| head.status.as_u16()),
            caller: noted.caller,
            tenant_id: noted.tenant_id,
            ..self.entry.clone()
        };
        entry.latency_ms = (self.began.elapsed().as_secs_f64() * 100_000.0).round() / 100.0;
        let mut answered =
            answer.and_then(|(head, body)| loggable(&content_type(&head.headers), body));
        if self.hidden || asked.as_ref().is_some_and(|asked| asked.hidden) {
            answered = answered.map(without_details);
        }
        let text = |body: Option<LoggedBody>| body.map(|body| body.text);
        self.state
            .world
            .request_log
            .add(entry, text(asked), text(answered));
    }

    /// The answer as it goes out.
    fn sent(&self, head: response::Parts, body: Bytes) -> Response {
        let body = match &self.fault {
            Some(fault) => fault.sent(body, &self.connection.line),
            None => Body::from(body),
        };
        Response::from_parts(head, body)
    }
}

async fn read(body: Body) -> Result<Bytes, ApiError> {
    match tokio::time::timeout(BODY_TIMEOUT, axum::body::to_bytes(body, LARGEST_BODY)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(unreadable(&error)),
        Err(_) => Err(ApiError::Timeout("The body did not arrive.".to_owned())),
    }
}

/// The answer of the routes. A fault in one of them ends neither the sandbox nor the connection: a task of its own
/// takes the panic.
async fn catch_panic(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(_) => broken().into_response(),
    }
}

fn broken() -> ApiError {
    let info = "A fault in the sandbox; its standard error says more.";
    ApiError::platform(Code::Internal, info)
}

fn header_text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn content_type(headers: &HeaderMap) -> String {
    header_text(headers, header::CONTENT_TYPE).unwrap_or_else(|| "no Content-Type".to_owned())
}

fn unreadable(error: &axum::Error) -> ApiError {
    let text = error.to_string();
    if text.contains("length limit exceeded") {
        return ApiError::TooLarge(format!("The body is larger than {LARGEST_BODY} bytes."));
    }
    ApiError::bad(format!("The body cannot be read: {text}."))
}
