//! The middleware around every call: applies fault rules, reads the body up to a limit, adds a request id to the
//! response and logs both.

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

/// The maximum size of a request body, in bytes.
const MAX_BODY: usize = 10 * 1024 * 1024;
/// How long the client can take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Handles a call in its own task: if the client disconnects, the call is still executed and logged, as on the platform.
pub(crate) async fn handle(
    axum::extract::State(state): axum::extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    let shared = state.clone();
    let mut response = match tokio::spawn(run(state, request, next)).await {
        Ok(response) => response,
        Err(_) => internal_error().into_response(),
    };
    // Without this, the server would send the machine's time instead of the simulated time.
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
    let (request_body, response) = call.respond(head, body, next).await;
    let (mut head, body) = service.format_error(&method, response).into_parts();
    // All responses are built in memory, so reading one cannot fail.
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
    call.log(request_body, Some((&head, &body)));
    if call.disconnects(Disconnect::After) {
        return call.drop_connection();
    }
    call.send(head, body)
}

/// A call in progress.
struct Call {
    state: State,
    began: Instant,
    connection: Connection,
    note: CallerNote,
    /// The effect of the fault rule that matches the call.
    fault: Option<FaultHit>,
    /// Whether this is a call to the control interface, which is not logged and has no faults.
    is_control: bool,
    /// Whether the path contains a secret, which the response may quote.
    has_secret_path: bool,
    entry: Entry,
}

impl Call {
    /// Starts the log entry and adds the connection and the [`CallerNote`] to the request's extensions.
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
        let logged_path = redact_path(path);
        let is_control = matches!(path, "/" | "/_sandbox") || path.starts_with(CONTROL_PREFIX);
        let fault = if is_control {
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
            path: logged_path,
        };
        Self {
            has_secret_path: entry.path != path,
            state,
            began,
            connection,
            note,
            fault,
            is_control,
            entry,
        }
    }

    /// Waits for the latency of the settings plus that of the fault.
    async fn wait(&self) {
        let injected = self.fault.as_ref().map(|fault| fault.effect.latency);
        let latency = self.state.options.latency + injected.unwrap_or_default();
        if !self.is_control && !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
    }

    /// Whether the fault disconnects the client at this point.
    fn disconnects(&self, at: Disconnect) -> bool {
        self.fault
            .as_ref()
            .is_some_and(|fault| fault.disconnects(at))
    }

    /// Disconnects the client. The returned response is never sent.
    fn drop_connection(&self) -> Response {
        self.connection.handle.reset();
        Response::default()
    }

    /// Returns the request body for the log and the response, which comes from the fault or from the routes.
    async fn respond(
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
        let request_body = loggable(&kind, &bytes);
        let injected = self
            .fault
            .as_ref()
            .and_then(|fault| fault.response(head.uri.path()));
        let response = match injected {
            Some(response) => response.into_response(),
            None => catch_panic(Request::from_parts(head, Body::from(bytes)), next).await,
        };
        (request_body, response)
    }

    /// Adds the call to the request log. `response` is `None` if the client was disconnected before the call.
    fn log(
        &mut self,
        request_body: Option<LoggedBody>,
        response: Option<(&response::Parts, &Bytes)>,
    ) {
        if self.is_control {
            return;
        }
        let noted = self.note.get();
        let mut entry = Entry {
            status: response.map_or(0, |(head, _)| head.status.as_u16()),
            caller: noted.caller,
            tenant_id: noted.tenant_id,
            ..self.entry.clone()
        };
        entry.latency_ms = (self.began.elapsed().as_secs_f64() * 100_000.0).round() / 100.0;
        let mut response_body =
            response.and_then(|(head, body)| loggable(&content_type(&head.headers), body));
        // An error may quote the secret that was redacted in the request.
        if self.has_secret_path || request_body.as_ref().is_some_and(|body| body.redacted) {
            response_body = response_body.map(without_details);
        }
        let text = |body: Option<LoggedBody>| body.map(|body| body.text);
        self.state
            .world
            .request_log
            .add(entry, text(request_body), text(response_body));
    }

    /// The response as it is sent, which a fault may slow down or cut short.
    fn send(&self, head: response::Parts, body: Bytes) -> Response {
        let body = match &self.fault {
            Some(fault) => fault.body(body, &self.connection.handle),
            None => Body::from(body),
        };
        Response::from_parts(head, body)
    }
}

async fn read(body: Body) -> Result<Bytes, ApiError> {
    match tokio::time::timeout(BODY_TIMEOUT, axum::body::to_bytes(body, MAX_BODY)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(unreadable(&error)),
        Err(_) => Err(ApiError::Timeout(
            "The body did not arrive in time.".to_owned(),
        )),
    }
}

/// Runs the routes in their own task: a panic in a handler becomes a 500 and ends neither the sandbox nor the connection.
async fn catch_panic(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(_) => internal_error().into_response(),
    }
}

fn internal_error() -> ApiError {
    let info = "The sandbox has failed. See its standard error.";
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
        return ApiError::TooLarge(format!("The body is larger than {MAX_BODY} bytes."));
    }
    ApiError::bad(format!("The body cannot be read: {text}."))
}
