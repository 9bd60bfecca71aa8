//! One HTTP connection to the platform, kept for a whole run, and what an answer may be.

use std::{
    cell::{Cell, RefCell},
    error::Error,
    io::{self, Read},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use base64::{Engine, prelude::BASE64_STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{
    Method, StatusCode,
    blocking::{Client, Request, RequestBuilder, Response},
    cookie::{CookieStore, Jar},
    header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue, LOCATION, USER_AGENT},
    redirect,
};
use serde_json::Value;
use url::Url;

use crate::{
    Config, blank, clock,
    error::{Credential, Failure, Refused, one_line},
    log::{REQUEST_ID, Shown},
    retry::{Fate, Patience, TRIES, Tries, asked_pause},
    run::warn,
    secret::Secret,
    tls,
};

/// The largest answer that is read, in bytes. The largest known, a report of a big partner, is a few megabytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The advice where a call was sent, and nobody knows what became of it.
const SENT: &str = "The call was sent, and nobody knows whether the platform acted upon it: look first whether it has what \
                    was to be made. Then run it again.";
/// The advice where a call that changes nothing twice got no answer.
const TRY_LATER: &str =
    "Try again later; if it ends so each time, check base_url and your network.";

/// What stays as it is in a query value: the unreserved characters of RFC 3986.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

thread_local! {
    /// Method and path of the last call, so that whoever misses a field in an answer can tell in which.
    static LAST_CALL: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Method and path of the last call of this thread, empty before the first.
#[must_use]
pub fn last_call() -> String {
    LAST_CALL.with_borrow(String::clone)
}

/// The connection to the platform.
#[derive(Debug)]
pub struct Connection {
    base: Url,
    http: Client,
    /// By how many seconds the platform's clock was ahead of this machine's at the last answer that told its time.
    clock_skew: Cell<Option<i64>>,
    user_agent: HeaderValue,
    /// A session of the platform is a cookie, which lives as long as the connection.
    cookies: Arc<Jar>,
    patience: Patience,
}

impl Connection {
    /// Prepares the connection; it is made by the first call.
    ///
    /// # Errors
    /// A [`Mistake`](crate::Mistake) where the CA file or the proxy in the environment cannot be used; a [`Failure`]
    /// where the system's trusted certificates cannot be had.
    pub fn open(config: &Config) -> Result<Self> {
        let cookies = Arc::new(Jar::default());
        let mut client = Client::builder()
            .connect_timeout(config.patience.connect)
            .timeout(config.patience.read)
            // A redirect would carry credentials to another place, and turn a POST into a GET.
            .redirect(redirect::Policy::none())
            .cookie_provider(Arc::clone(&cookies))
            .http1_only();
        if config.is_local() {
            // Passwords for this machine have no business with a proxy.
            client = client.no_proxy();
        } else {
            tls::check_proxy()?;
        }
        // An error means that somebody has chosen a provider of cryptography already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        if config.base_url.scheme() == "http" {
            // Reading the system's certificates would take twice as long as all the rest of a run.
            client = client.tls_certs_only([]);
        } else if let Some(file) = &config.ca_file {
            client = client.tls_certs_merge(tls::authorities(file)?);
        }
        let http = client.build().map_err(|cause| {
            Failure::new(
                format!("no connection can be prepared: {}", root_cause(&cause)),
                "Install the system's trusted certificates, or name a PEM file with the one that you need in \
                 CYBER_PLATFORM_CA_FILE.",
            )
        })?;
        Ok(Self {
            base: config.base_url.clone(),
            http,
            clock_skew: Cell::default(),
            user_agent: config.user_agent.clone(),
            cookies,
            patience: config.patience,
        })
    }

    /// A call that is yet to be signed and sent. `path` starts with a slash; query values are percent-encoded here.
    ///
    /// # Errors
    /// A [`Failure`] where the path holds what no id may hold.
    pub fn request(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<RequestBuilder> {
        let request = self.http.request(method, self.url(path, query)?);
        Ok(request.header(USER_AGENT, &self.user_agent))
    }

    fn url(&self, path: &str, query: &[(&str, &str)]) -> Result<Url> {
        // Ids in paths come from answers: one such as `../users` must not lead elsewhere.
        let sound = path.split('/').skip(1).all(|part| {
            !matches!(part, "" | "." | "..")
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
        });
        if !sound {
            return Err(Failure::unexpected(format!(
                "the path {path:?} was not called: an id in it cannot be one"
            ))
            .into());
        }
        let mut url = self.base.clone();
        url.set_path(&format!(
            "{}{}",
            self.base.path(),
            path.trim_start_matches('/')
        ));
        if !query.is_empty() {
            let pairs: Vec<String> = query
                .iter()
                .map(|(key, value)| format!("{key}={}", utf8_percent_encode(value, UNRESERVED)))
                .collect();
            url.set_query(Some(&pairs.join("&")));
        }
        Ok(url)
    }

    /// Sends a call, more than once where [`retry`](mod@crate::retry) allows it, and takes the JSON of its answer, `null` where the
    /// answer has no body.
    ///
    /// # Errors
    /// [`Refused`] where the status is no 2xx; [`Failure`] where nothing comes back, or no JSON.
    pub fn send(&self, request: RequestBuilder) -> Result<Value> {
        let (call, answer) = self.exchange(request)?;
        if answer.body.is_empty() {
            return Ok(Value::Null);
        }
        let value = serde_json::from_slice(&answer.body).map_err(|cause| {
            let what = match &answer.content_type {
                Some(kind) if !kind.contains("json") => format!("{kind} instead of JSON"),
                _ => format!("JSON that cannot be read ({cause})"),
            };
            let cause = format!("{}: the platform answered {what}", call.name);
            call.acted_upon(Failure::unexpected(cause))
        })?;
        if is_error(&value) {
            return Err(call.refused(&answer).into());
        }
        Ok(value)
    }

    /// Sends a call whose answer holds a secret, in the way of [`Connection::send`].
    ///
    /// # Errors
    /// See [`Connection::send`].
    pub fn send_for_secret(&self, request: RequestBuilder) -> Result<Secret> {
        let answer = self.send(request)?;
        Ok(Secret::new(answer, self.clock_skew.get()))
    }

    /// Sends a call, as [`Connection::send`] does, and takes the bytes of its answer, such as a file.
    ///
    /// # Errors
    /// [`Refused`] where the status is no 2xx; [`Failure`] where nothing or too much comes back.
    pub fn download(&self, request: RequestBuilder) -> Result<Vec<u8>> {
        let (call, answer) = self.exchange(request)?;
        let is_json = answer
            .content_type
            .as_deref()
            .is_some_and(|kind| kind.contains("json"));
        if is_json && serde_json::from_slice(&answer.body).is_ok_and(|value| is_error(&value)) {
            return Err(call.refused(&answer).into());
        }
        Ok(answer.body)
    }

    /// Sends a call until there is an answer, or no reason to send it once more.
    fn exchange(&self, request: RequestBuilder) -> Result<(Call, Answer)> {
        let request = request.build().map_err(|cause| {
            Failure::unexpected(format!("a call cannot be made: {}", root_cause(&cause)))
        })?;
        let mut call = Call::of(&request, self.base.path());
        let cookie = self.cookies.cookies(request.url());
        call.secrets.extend(sessions(cookie.as_ref()));
        LAST_CALL.set(call.name.clone());
        let mut tries = Tries::new(&self.patience);
        loop {
            // Bodies are in memory, so there is always a copy.
            let copy = request.try_clone().ok_or_else(|| {
                Failure::unexpected(format!("{}: its body cannot be sent", call.name))
            })?;
            let failed = match self.attempt(&call, copy, cookie.as_ref(), tries.end()) {
                Ok(answer) => return Ok((call, answer)),
                Err(failed) => failed,
            };
            if call.is_gone(&failed.error) {
                warn(&format!("{}: an earlier try has done it", call.name));
                return Ok((call, Answer::default()));
            }
            call.may_be_done |= failed.fate == Fate::Unknown;
            let number = tries.number;
            let again = failed.fate.allows_another_try(&call.method, &call.path);
            match again.then(|| tries.next_after(failed.asked)).flatten() {
                Some(pause) => {
                    warn(&format!(
                        "{} (try {} of {TRIES} follows in {:.1} s)",
                        failed.error,
                        tries.number,
                        pause.as_secs_f64()
                    ));
                    thread::sleep(pause);
                }
                None if number > 1 => {
                    return Err(failed.error.context(format!("after {number} tries")));
                }
                None => return Err(failed.error),
            }
        }
    }

    /// Sends a call once.
    fn attempt(
        &self,
        call: &Call,
        mut request: Request,
        cookie: Option<&HeaderValue>,
        end: Instant,
    ) -> Result<Answer, Failed> {
        let left = end.saturating_duration_since(Instant::now());
        if left < self.patience.read {
            *request.timeout_mut() = Some(left);
        }
        let mut shown = Shown::call(&request, cookie, &call.secrets);
        let response = self.http.execute(request).map_err(|cause| {
            let failed = self.no_answer(call, &cause);
            shown.no_answer(&failed.error.to_string());
            failed
        })?;
        shown.head(&response);
        let date = header(&response, DATE.as_str());
        self.clock_skew.set(clock::skew(date.as_deref()));
        let leads_to = leads_to(&response);
        let asked = asked_pause(response.headers());
        let mut answer = Answer {
            status: response.status(),
            content_type: header(&response, CONTENT_TYPE.as_str()),
            request_id: header(&response, REQUEST_ID.as_str()),
            body: Vec::new(),
        };
        match read(response, end) {
            Ok(body) => answer.body = body,
            Err(cause) => {
                shown.no_answer(&cause.to_string());
                // A status that is no success says enough where the rest does not come.
                if answer.status.is_success() {
                    return Err(self.cut_short(call, &cause));
                }
            }
        }
        shown.answer(&answer.body);
        if answer.status.is_success() {
            return Ok(answer);
        }
        let mut refused = call.refused(&answer);
        refused.details = leads_to.or(refused.details);
        Err(Failed {
            error: refused.into(),
            fate: Fate::of_status(answer.status.as_u16()),
            asked,
        })
    }

    fn no_answer(&self, call: &Call, cause: &reqwest::Error) -> Failed {
        if cause.is_connect()
            && let Some(trouble) = tls::trouble(cause, &self.base)
        {
            return Failed {
                error: Failure::new(format!("{}: {}", call.name, trouble.what), trouble.advice)
                    .into(),
                fate: if trouble.may_pass {
                    Fate::NotDone
                } else {
                    Fate::Settled
                },
                asked: None,
            };
        }
        let root = root_cause(cause);
        let what = format!("{}: no answer from {}: {root}", call.name, self.base);
        if !cause.is_connect() {
            return call.of_unknown_fate(what);
        }
        let advice = if self.base.scheme() == "http" {
            "Start the sandbox in another terminal with `cargo run -p sandbox`, or set base_url in \
             cyber.platform.cfg.json to your data centre."
        } else {
            "Check base_url in cyber.platform.cfg.json and your network; a proxy is named by the variable HTTPS_PROXY."
        };
        Failed {
            error: Failure::new(what, advice).into(),
            fate: Fate::NotDone,
            asked: None,
        }
    }

    fn cut_short(&self, call: &Call, cause: &io::Error) -> Failed {
        if cause.kind() == io::ErrorKind::FileTooLarge {
            let what = format!(
                "{}: the answer from {} is larger than {} MiB",
                call.name,
                self.base,
                LARGEST / 1024 / 1024
            );
            return Failed {
                error: call.acted_upon(Failure::unexpected(what)).into(),
                fate: Fate::Settled,
                asked: None,
            };
        }
        let root = cause
            .get_ref()
            .map_or_else(|| cause.to_string(), |inner| root_cause(inner));
        let what = format!(
            "{}: the answer from {} did not come whole: {root}",
            call.name, self.base
        );
        call.of_unknown_fate(what)
    }
}

/// An answer, whole.
#[derive(Default)]
struct Answer {
    status: StatusCode,
    content_type: Option<String>,
    request_id: Option<String>,
    body: Vec<u8>,
}

/// A try that brought no answer with a status of success.
struct Failed {
    error: anyhow::Error,
    fate: Fate,
    /// How long the server asks to wait.
    asked: Option<Duration>,
}

/// What is known of a call once it is on its way.
struct Call {
    /// Method and path, for messages.
    name: String,
    method: Method,
    path: String,
    credential: Credential,
    /// What must not be printed even if the answer quotes it.
    secrets: Vec<String>,
    /// Whether a try of it was sent whose fate is unknown.
    may_be_done: bool,
}

impl Call {
    fn of(request: &Request, base_path: &str) -> Self {
        let method = request.method().clone();
        let path = format!(
            "/{}",
            request
                .url()
                .path()
                .strip_prefix(base_path)
                .unwrap_or_else(|| request.url().path())
        );
        let authorization = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let (credential, mut secrets) = match authorization.split_once(' ') {
            Some(("Basic", pair)) => {
                let decoded = BASE64_STANDARD.decode(pair).unwrap_or_default();
                let decoded = String::from_utf8_lossy(&decoded);
                let secret = decoded.split_once(':').map_or("", |(_, secret)| secret);
                let credential = if path.ends_with("/idp/token") {
                    Credential::Client
                } else {
                    Credential::Login
                };
                (credential, vec![pair.to_owned(), secret.to_owned()])
            }
            Some((_, token)) => (Credential::Token, vec![token.to_owned()]),
            None => (Credential::Session, Vec::new()),
        };
        secrets.extend(one_time_token(request));
        Self {
            name: format!("{method} {path}"),
            method,
            path,
            credential,
            secrets,
            may_be_done: false,
        }
    }

    /// Whether it was to delete what an earlier try may have deleted, and the platform does not have it any more.
    fn is_gone(&self, error: &anyhow::Error) -> bool {
        let gone = |refused: &Refused| matches!(refused.status.as_u16(), 404 | 410);
        self.may_be_done && self.method == Method::DELETE && error.downcast_ref().is_some_and(gone)
    }

    /// It was sent, and no answer came, or not all of it.
    fn of_unknown_fate(&self, what: String) -> Failed {
        let advice = if self.method == Method::POST {
            SENT
        } else {
            TRY_LATER
        };
        Failed {
            error: self.acted_upon(Failure::new(what, advice)).into(),
            fate: Fate::Unknown,
            asked: None,
        }
    }

    /// Marks a failure of a call that the platform may have acted upon, where it matters.
    fn acted_upon(&self, failure: Failure) -> Failure {
        if self.method == Method::POST {
            failure.of_unknown_fate()
        } else {
            failure
        }
    }

    fn refused(&self, answer: &Answer) -> Refused {
        let mut body = serde_json::from_slice(&answer.body).unwrap_or_default();
        blank::by_value(&mut body, &self.secrets);
        Refused {
            method: self.method.clone(),
            path: self.path.clone(),
            status: answer.status,
            credential: self.credential,
            code: None,
            message: None,
            details: None,
            request_id: answer
                .request_id
                .as_deref()
                .and_then(|id| one_line(&id.into())),
            may_be_done: self.may_be_done,
        }
        .with_body(&body)
    }
}

/// The one-time token that is sent, as good as a password.
fn one_time_token(request: &Request) -> Option<String> {
    let body: Value = serde_json::from_slice(request.body()?.as_bytes()?).ok()?;
    Some(body.get("ott")?.as_str()?.to_owned())
}

/// The values of the cookies that are sent.
fn sessions(cookie: Option<&HeaderValue>) -> Vec<String> {
    let cookies = cookie.and_then(|cookie| cookie.to_str().ok());
    let pairs = cookies.into_iter().flat_map(|cookies| cookies.split("; "));
    pairs
        .filter_map(|pair| Some(pair.split_once('=')?.1.to_owned()))
        .collect()
}

fn header(response: &Response, name: &str) -> Option<String> {
    let value = response.headers().get(name)?.to_str().ok()?;
    Some(value.to_owned())
}

/// Where a redirect leads: the host, as the rest of the address may hold what nobody should see.
fn leads_to(response: &Response) -> Option<String> {
    let location =
        header(response, LOCATION.as_str()).filter(|_| response.status().is_redirection())?;
    let target = response.url().join(&location).ok()?;
    Some(format!(
        "it leads to {}",
        target.origin().ascii_serialization()
    ))
}

/// Whether an answer is an error in the form of the account server or of OAuth, whatever its status says.
fn is_error(answer: &Value) -> bool {
    match answer.get("error") {
        Some(Value::String(code)) => !code.is_empty(),
        Some(error) => error.get("code").is_some() || error.get("message").is_some(),
        None => false,
    }
}

/// Reads a body within its bounds of size and time: neither an endless answer nor a slow one holds a run up.
fn read(mut response: Response, end: Instant) -> io::Result<Vec<u8>> {
    let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
    if response.content_length().is_some_and(|it| it > LARGEST) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    let mut part = [0; 16 * 1024];
    loop {
        let length = match response.read(&mut part) {
            Ok(0) => return Ok(body),
            Ok(length) => length,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            Err(cause) => return Err(cause),
        };
        body.extend_from_slice(part.get(..length).unwrap_or_default());
        if body.len() as u64 > LARGEST {
            return Err(too_large());
        }
        if Instant::now() > end {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "it takes too long"));
        }
    }
}

/// The innermost cause: `Connection refused`, not four layers of "error sending request".
fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
