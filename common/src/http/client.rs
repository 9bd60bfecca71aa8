//! The HTTP client: one connection per run, retries, and what may be printed about a call.

use std::{
    error::Error,
    io,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::{
    Method, StatusCode, Url,
    blocking::{Client, Request, RequestBuilder},
    cookie::{CookieStore, Jar},
    header::{AUTHORIZATION, DATE, HeaderValue, USER_AGENT},
    redirect,
};
use serde_json::Value;

use super::{
    call::Call,
    call_log::CallLog,
    redact,
    response::{Head, MAX_BODY, Response, header, read_body},
    retry::{Attempts, MAX_ATTEMPTS, RetryClass, retry_after},
    tls,
};
use crate::{
    config::{Config, RetryPolicy, Timeouts},
    error::{ApiError, Credential, Failure, TransportError, UnexpectedResponse},
    json::is_path_segment,
    term::sanitize::single_line,
};

/// A client for one platform. It sends each call with retries, keeps cookies, and knows which secrets to redact.
#[derive(Debug)]
pub struct HttpClient {
    base: Url,
    http: Client,
    user_agent: HeaderValue,
    /// A session of the platform is a cookie, which lives as long as the client.
    cookies: Arc<Jar>,
    timeouts: Timeouts,
    retry: RetryPolicy,
    /// `Date` of the last response.
    last_date: Mutex<Option<String>>,
    log: CallLog,
}

impl HttpClient {
    /// A client with these settings. The connection is opened by the first call.
    ///
    /// # Errors
    /// A [`UserError`](crate::UserError) if the CA file or the proxy in the environment is unusable; a [`Failure`] if the
    /// system's trusted certificates cannot be loaded.
    pub fn new(config: &Config) -> Result<Self> {
        let cookies = Arc::new(Jar::default());
        let mut client = Client::builder()
            .connect_timeout(config.timeouts.connect)
            .timeout(config.timeouts.read)
            // A redirect would carry credentials to another host, and turn a POST into a GET.
            .redirect(redirect::Policy::none())
            .cookie_provider(Arc::clone(&cookies))
            .http1_only();
        if config.is_local() {
            // Passwords for this machine must not pass a proxy.
            client = client.no_proxy();
        } else {
            tls::check_proxy()?;
        }
        // An error means that a provider is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        if config.base_url.scheme() == "http" {
            // Loading the system's certificates would take twice as long as the rest of a run.
            client = client.tls_certs_only([]);
        } else if let Some(file) = &config.ca_file {
            client = client.tls_certs_merge(tls::read_ca_file(file)?);
        }
        let http = client.build().map_err(|cause| {
            Failure::new(
                format!("cannot set up TLS: {}", root_cause(&cause)),
                "Install the system's trusted certificates, or set CYBER_PLATFORM_CA_FILE to a PEM file with the one \
                 that you need.",
            )
        })?;
        Ok(Self {
            base: config.base_url.clone(),
            http,
            user_agent: config.user_agent.clone(),
            cookies,
            timeouts: config.timeouts,
            retry: config.retry,
            last_date: Mutex::default(),
            log: CallLog::default(),
        })
    }

    /// GET `path`, not signed.
    pub fn get(&self, path: &str) -> Call<'_> {
        Call::new(self, Method::GET, path)
    }

    /// POST `path`, not signed.
    pub fn post(&self, path: &str) -> Call<'_> {
        Call::new(self, Method::POST, path)
    }

    /// The `Date` header of the last response: the time of the platform's clock.
    pub(crate) fn last_date(&self) -> Option<String> {
        let date = self.last_date.lock();
        date.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.http
            .request(method, url)
            .header(USER_AGENT, &self.user_agent)
    }

    pub(super) fn url(&self, path: &str) -> Result<Url> {
        // Ids in paths may come from responses: one such as `../users` must not lead elsewhere.
        if !path.split('/').skip(1).all(is_path_segment) {
            let reason = "a part of the path is not an id; the call was not sent";
            return Err(UnexpectedResponse::new(format!("{path:?}"), reason).into());
        }
        let mut url = self.base.clone();
        let path = path.trim_start_matches('/');
        url.set_path(&format!("{}{path}", self.base.path()));
        Ok(url)
    }

    /// Sends a call until a response arrives or another attempt makes no sense.
    pub(super) fn send_with_retries(&self, request: RequestBuilder) -> Result<Response> {
        let request = request.build().map_err(|cause| {
            Failure::new(
                format!("cannot build a request: {}", root_cause(&cause)),
                "Check base_url and the other settings in cyber.platform.cfg.json.",
            )
        })?;
        let cookie = self.cookies.cookies(request.url());
        let mut call = SentCall::new(&request, cookie.as_ref(), self.base.path());
        let mut attempts = Attempts::new(&self.retry);
        loop {
            let outcome = self.send_once(&call, &request, cookie.as_ref(), attempts.deadline());
            let failed = match outcome {
                Ok((head, body)) => return Ok(Response { call, head, body }),
                Err(failed) => failed,
            };
            if call.is_deleted(&failed.error) {
                log::warn!("{}: an earlier attempt has already succeeded", call.name);
                let (head, body) = Default::default();
                return Ok(Response { call, head, body });
            }
            call.may_have_taken_effect |= failed.class == RetryClass::Indeterminate;
            let attempt = attempts.number;
            let pause = failed
                .class
                .is_retryable(&call.method, &call.path)
                .then(|| attempts.next_pause(failed.retry_after))
                .flatten();
            match pause {
                Some(pause) => {
                    log::warn!(
                        "{}; retrying in {:.1} s (attempt {} of {MAX_ATTEMPTS})",
                        failed.error,
                        pause.as_secs_f64(),
                        attempts.number,
                    );
                    thread::sleep(pause);
                }
                None if attempt > 1 => {
                    return Err(failed.error.context(format!("after {attempt} attempts")));
                }
                None => return Err(failed.error),
            }
        }
    }

    fn send_once(
        &self,
        call: &SentCall,
        request: &Request,
        cookie: Option<&HeaderValue>,
        deadline: Instant,
    ) -> Result<(Head, Vec<u8>), FailedAttempt> {
        // Bodies are in memory, so a copy is always possible.
        let mut request = request.try_clone().ok_or_else(|| FailedAttempt {
            error: UnexpectedResponse::new(&call.name, "the request body cannot be sent twice")
                .into(),
            class: RetryClass::Permanent,
            retry_after: None,
        })?;
        let left = deadline.saturating_duration_since(Instant::now());
        if left < self.timeouts.read {
            *request.timeout_mut() = Some(left);
        }
        let logged = self.log.request(&request, cookie, &call.secrets);
        let response = self.http.execute(request).map_err(|cause| {
            let failed = self.no_response(call, &cause);
            self.log.no_response(&logged, &failed.error.to_string());
            failed
        })?;
        self.log.learn_cookies(&logged, response.headers());
        let headers = response.headers().clone();
        *self
            .last_date
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = header(&headers, &DATE);
        let head = Head::of(&response);
        let body = match read_body(response, deadline) {
            Ok(body) => body,
            Err(cause) => {
                self.log.no_response(&logged, &cause.to_string());
                if head.status.is_success() {
                    return Err(self.cut_short(call, &cause));
                }
                // An error status says enough without the body.
                Vec::new()
            }
        };
        self.log.response(&logged, head.status, &headers, &body);
        if head.status.is_success() {
            return Ok((head, body));
        }
        Err(FailedAttempt {
            class: RetryClass::of_status(head.status.as_u16()),
            retry_after: retry_after(&headers),
            error: call.rejected(&head, &body).into(),
        })
    }

    fn no_response(&self, call: &SentCall, cause: &reqwest::Error) -> FailedAttempt {
        if cause.is_connect()
            && let Some(problem) = tls::diagnose(cause, &self.base)
        {
            let message = format!("{}: {}", call.name, problem.message);
            return FailedAttempt {
                error: TransportError::not_sent(message, problem.help).into(),
                class: if problem.is_transient {
                    RetryClass::NotProcessed
                } else {
                    RetryClass::Permanent
                },
                retry_after: None,
            };
        }
        let root = root_cause(cause);
        let message = format!("{}: no response from {}: {root}", call.name, self.base);
        if !cause.is_connect() {
            return call.indeterminate(message);
        }
        let help = if self.base.scheme() == "http" {
            "Start the sandbox in another terminal with `cargo run -p sandbox`, or set base_url in \
             cyber.platform.cfg.json to your data center."
        } else {
            "Check base_url in cyber.platform.cfg.json and your network. A proxy is set with the variable HTTPS_PROXY."
        };
        FailedAttempt {
            error: TransportError::not_sent(message, help).into(),
            class: RetryClass::NotProcessed,
            retry_after: None,
        }
    }

    fn cut_short(&self, call: &SentCall, cause: &io::Error) -> FailedAttempt {
        if cause.kind() == io::ErrorKind::FileTooLarge {
            let reason = format!("larger than {} MiB", MAX_BODY / 1024 / 1024);
            return FailedAttempt {
                error: UnexpectedResponse::new(&call.name, reason).into(),
                class: RetryClass::Permanent,
                retry_after: None,
            };
        }
        let root = cause
            .get_ref()
            .map_or_else(|| cause.to_string(), |inner| root_cause(inner));
        call.indeterminate(format!(
            "{}: the response from {} was cut short: {root}",
            call.name, self.base
        ))
    }
}

/// What is known of a call once it is on its way.
pub(super) struct SentCall {
    /// Method and path, for messages.
    pub(super) name: String,
    method: Method,
    path: String,
    credential: Credential,
    /// Never printed, even if a response quotes them.
    secrets: Vec<String>,
    /// Whether an earlier attempt may have taken effect.
    may_have_taken_effect: bool,
}

/// An attempt without a successful response.
struct FailedAttempt {
    error: anyhow::Error,
    class: RetryClass,
    retry_after: Option<Duration>,
}

impl SentCall {
    fn new(request: &Request, cookie: Option<&HeaderValue>, base_path: &str) -> Self {
        let method = request.method().clone();
        let path = request.url().path();
        let path = format!("/{}", path.strip_prefix(base_path).unwrap_or(path));
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
        secrets.extend(sessions(cookie));
        Self {
            name: format!("{method} {path}"),
            method,
            path,
            credential,
            secrets,
            may_have_taken_effect: false,
        }
    }

    /// A text without the secrets of this call.
    pub(super) fn redact(&self, text: &str) -> String {
        redact::redact_text(text, &self.secrets)
    }

    /// The error for a call that the platform rejected.
    pub(super) fn rejected(&self, head: &Head, body: &[u8]) -> ApiError {
        let mut body = serde_json::from_slice(body).unwrap_or_default();
        redact::redact_values(&mut body, &self.secrets);
        let mut error = ApiError {
            method: self.method.clone(),
            path: self.path.clone(),
            status: head.status,
            credential: self.credential,
            code: None,
            message: None,
            details: None,
            request_id: head.request_id.as_deref().map(single_line),
            earlier_attempt_may_have_taken_effect: self.may_have_taken_effect,
        }
        .with_body(&body);
        if let Some(host) = &head.redirects_to {
            error.details = Some(format!("redirects to {host}"));
        }
        error
    }

    /// Whether a DELETE found nothing because an earlier attempt has deleted the object.
    fn is_deleted(&self, error: &anyhow::Error) -> bool {
        let is_gone =
            |error: &ApiError| matches!(error.status, StatusCode::NOT_FOUND | StatusCode::GONE);
        self.may_have_taken_effect
            && self.method == Method::DELETE
            && error.downcast_ref().is_some_and(is_gone)
    }

    fn indeterminate(&self, message: String) -> FailedAttempt {
        FailedAttempt {
            error: TransportError::sent(message, &self.method).into(),
            class: RetryClass::Indeterminate,
            retry_after: None,
        }
    }
}

/// The one-time token in a body, which is as good as a password.
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

/// The innermost cause: `Connection refused`, not four layers of "error sending request".
fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
