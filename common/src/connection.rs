//! One HTTP connection to the platform, kept for a whole run, and what an answer may be.

use std::{
    cell::RefCell,
    error::Error,
    io::{self, Read},
    sync::Arc,
    time::Duration,
};

use anyhow::Result;
use base64::{Engine, prelude::BASE64_STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{
    Method, StatusCode,
    blocking::{Client, Request, RequestBuilder, Response},
    cookie::{CookieStore, Jar},
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION, USER_AGENT},
    redirect,
};
use serde_json::Value;
use url::Url;

use crate::{
    Config, blank,
    error::{Credential, Failure, Refused, one_line},
    log::{REQUEST_ID, Shown},
    secret::Secret,
};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a whole call may take, a large report included.
const CALL: Duration = Duration::from_secs(60);
/// The largest answer that is read, in bytes. The largest known, a report of a big partner, is a few megabytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The advice where a call was sent, and nobody knows what became of it.
const SENT: &str = "The call was sent: if it was to make something, look first whether the platform has it. Then run it \
                    again, and check base_url if it ends so each time.";

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
    user_agent: HeaderValue,
    /// A session of the platform is a cookie, which lives as long as the connection.
    cookies: Arc<Jar>,
}

impl Connection {
    /// Prepares the connection; it is made by the first call.
    ///
    /// # Errors
    /// A [`Failure`] where the system's trusted certificates cannot be had.
    pub fn open(config: &Config) -> Result<Self> {
        let cookies = Arc::new(Jar::default());
        let mut client = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(CALL)
            // A redirect would carry credentials to another place, and turn a POST into a GET.
            .redirect(redirect::Policy::none())
            .cookie_provider(Arc::clone(&cookies))
            .http1_only();
        if config.is_local() {
            // Passwords for this machine have no business with a proxy.
            client = client.no_proxy();
        }
        // An error means that somebody has chosen a provider of cryptography already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        if config.base_url.scheme() == "http" {
            // Reading the system's certificates would take twice as long as all the rest of a run.
            client = client.tls_certs_only([]);
        }
        let http = client.build().map_err(|cause| {
            Failure::new(
                format!("no connection can be prepared: {}", root_cause(&cause)),
                "Check the system's trusted certificates and the proxy settings in the environment.",
            )
        })?;
        Ok(Self {
            base: config.base_url.clone(),
            http,
            user_agent: config.user_agent.clone(),
            cookies,
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
        // The client's own limit begins anew with each part of an answer, which an endless one would never meet.
        Ok(request.timeout(CALL).header(USER_AGENT, &self.user_agent))
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

    /// Sends a call and takes the JSON of its answer, `null` where the answer has no body.
    ///
    /// # Errors
    /// [`Refused`] where the status is no 2xx; [`Failure`] where nothing comes back, or no JSON.
    pub fn send(&self, request: RequestBuilder) -> Result<Value> {
        let (call, body) = self.exchange(request)?;
        if body.is_empty() {
            return Ok(Value::Null);
        }
        let answer = serde_json::from_slice(&body).map_err(|cause| {
            let what = match &call.content_type {
                Some(kind) if !kind.contains("json") => format!("{kind} instead of JSON"),
                _ => format!("JSON that cannot be read ({cause})"),
            };
            Failure::unexpected(format!("{}: the platform answered {what}", call.name))
        })?;
        if is_error(&answer) {
            return Err(call.refused(&body).into());
        }
        Ok(answer)
    }

    /// Sends a call whose answer holds a secret, in the way of [`Connection::send`].
    ///
    /// # Errors
    /// See [`Connection::send`].
    pub fn send_for_secret(&self, request: RequestBuilder) -> Result<Secret> {
        self.send(request).map(Secret::from)
    }

    /// Sends a call and takes the bytes of its answer, such as a file.
    ///
    /// # Errors
    /// [`Refused`] where the status is no 2xx; [`Failure`] where nothing or too much comes back.
    pub fn download(&self, request: RequestBuilder) -> Result<Vec<u8>> {
        let (call, body) = self.exchange(request)?;
        let is_json = call
            .content_type
            .as_deref()
            .is_some_and(|kind| kind.contains("json"));
        if is_json && serde_json::from_slice(&body).is_ok_and(|answer| is_error(&answer)) {
            return Err(call.refused(&body).into());
        }
        Ok(body)
    }

    fn exchange(&self, request: RequestBuilder) -> Result<(Call, Vec<u8>)> {
        let request = request.build().map_err(|cause| {
            Failure::unexpected(format!("a call cannot be made: {}", root_cause(&cause)))
        })?;
        let mut call = Call::of(&request, self.base.path());
        let cookie = self.cookies.cookies(request.url());
        call.secrets.extend(sessions(cookie.as_ref()));
        LAST_CALL.set(call.name.clone());
        let mut shown = Shown::call(&request, cookie.as_ref(), &call.secrets);
        let failed = |shown: &Shown, failure: Failure| {
            shown.no_answer(&failure.to_string());
            failure
        };
        let response = self
            .http
            .execute(request)
            .map_err(|cause| failed(&shown, self.no_answer(&call, &cause)))?;
        shown.head(&response);
        call.status = response.status();
        call.request_id = header(&response, REQUEST_ID.as_str());
        let leads_to = leads_to(&response);
        call.content_type = header(&response, CONTENT_TYPE.as_str());
        let body = read(response).map_err(|cause| failed(&shown, self.cut_short(&call, &cause)))?;
        shown.answer(&body);
        if call.status.is_success() {
            return Ok((call, body));
        }
        let mut refused = call.refused(&body);
        refused.details = leads_to.or(refused.details);
        Err(refused.into())
    }

    fn no_answer(&self, call: &Call, cause: &reqwest::Error) -> Failure {
        let advice = if !cause.is_connect() {
            SENT
        } else if self.base.scheme() == "http" {
            "Start the sandbox in another terminal with `cargo run -p sandbox`, or set base_url in \
             cyber.platform.cfg.json to your data centre."
        } else {
            "Check base_url in cyber.platform.cfg.json, your network, the proxy where there is one, and whether this \
             machine trusts the certificate of the server."
        };
        Failure::new(
            format!(
                "{}: no answer from {}: {}",
                call.name,
                self.base,
                root_cause(cause)
            ),
            advice,
        )
    }

    fn cut_short(&self, call: &Call, cause: &io::Error) -> Failure {
        if cause.kind() == io::ErrorKind::FileTooLarge {
            return Failure::unexpected(format!(
                "{}: the answer from {} is larger than {} MiB",
                call.name,
                self.base,
                LARGEST / 1024 / 1024
            ));
        }
        let cause = cause
            .get_ref()
            .map_or_else(|| cause.to_string(), |inner| root_cause(inner));
        Failure::new(
            format!(
                "{}: the answer from {} did not come whole: {cause}",
                call.name, self.base
            ),
            SENT,
        )
    }
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
    /// What the answer says of itself, once it is there.
    status: StatusCode,
    content_type: Option<String>,
    request_id: Option<String>,
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
            status: StatusCode::default(),
            content_type: None,
            request_id: None,
        }
    }

    fn refused(self, body: &[u8]) -> Refused {
        let mut body = serde_json::from_slice(body).unwrap_or_default();
        blank::by_value(&mut body, &self.secrets);
        Refused {
            method: self.method,
            path: self.path,
            status: self.status,
            credential: self.credential,
            code: None,
            message: None,
            details: None,
            request_id: self.request_id.and_then(|id| one_line(&id.into())),
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

fn read(response: Response) -> io::Result<Vec<u8>> {
    let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
    if response
        .content_length()
        .is_some_and(|length| length > LARGEST)
    {
        return Err(too_large());
    }
    let mut body = Vec::new();
    response.take(LARGEST + 1).read_to_end(&mut body)?;
    if body.len() as u64 > LARGEST {
        return Err(too_large());
    }
    Ok(body)
}

/// The innermost cause: `Connection refused`, not four layers of "error sending request".
fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
