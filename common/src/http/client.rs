//! The HTTP client: one connection per run, retries, and what may be printed about a call.

use std::{
    error::Error,
    fmt, io,
    panic::resume_unwind,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Instant,
};

use anyhow::Result;
use reqwest::{
    Method, Url,
    blocking::{Client, Request, RequestBuilder},
    cookie::{CookieStore, Jar},
    header::{HeaderValue, USER_AGENT},
    redirect,
};
use tokio::runtime::Handle;

use super::{
    call::Call,
    call_log::CallLog,
    local,
    response::{Head, MIB, Response, read_body},
    retry::{Attempts, MAX_ATTEMPTS, RetryClass, retry_after},
    sent_call::{FailedAttempt, SentCall},
    step::{Step, Steps},
    tls,
};
use crate::{
    config::{Config, RetryPolicy, Timeouts},
    error::{Failure, TransportError},
    folder::{CreatedLog, Home},
    json::is_path_segment,
};

/// A client for one platform. It sends each call with retries, keeps cookies, and knows which secrets to redact.
pub struct HttpClient {
    base: Url,
    /// The platform is on this machine.
    is_local: bool,
    /// Always there, until it is dropped.
    http: Option<Client>,
    user_agent: HeaderValue,
    /// The platform's session cookies, kept for the lifetime of the client.
    cookies: Arc<Jar>,
    timeouts: Timeouts,
    retry: RetryPolicy,
    log: CallLog,
    steps: Arc<Mutex<Steps>>,
    /// The file that records what the calls create.
    created_log: Option<CreatedLog>,
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
            // Passwords for this machine must not go through a proxy.
            client = client.no_proxy();
        } else {
            tls::check_proxy()?;
        }
        tls::install_provider();
        if config.base_url.scheme() == "http" {
            // Loading the system's certificates would take twice as long as the rest of a run.
            client = client.tls_certs_only([]);
        } else if let Some(file) = &config.ca_file {
            client = client.tls_certs_merge(tls::read_ca_file(file)?);
        }
        let http = outside_async(|| client.build()).map_err(|cause| {
            Failure::new(
                format!("cannot set up TLS: {}", root_cause(&cause)),
                "Install the system's trusted certificates, or set CYBER_PLATFORM_CA_FILE to a PEM file with the one \
                 that you need.",
            )
        })?;
        Ok(Self {
            base: config.base_url.clone(),
            is_local: config.is_local(),
            http: Some(http),
            user_agent: config.user_agent.clone(),
            cookies,
            timeouts: config.timeouts,
            retry: config.retry,
            log: CallLog::default(),
            steps: Arc::default(),
            created_log: None,
        })
    }

    /// Records in the home folder what the calls create.
    pub(crate) fn record_in(mut self, home: &Home) -> Self {
        self.created_log = home.created_log(self.base.as_str());
        self
    }

    pub(crate) fn created_log(&self) -> Option<&CreatedLog> {
        self.created_log.as_ref()
    }

    /// The address to which all calls are sent, for display: `base_url` without the last slash.
    #[must_use]
    pub fn address(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Checks that something listens at the address, if it is on this machine, so that nobody types a password for a
    /// sandbox that is not running.
    ///
    /// # Errors
    /// A [`TransportError`] if the connection is refused.
    pub fn check_listening(&self) -> Result<(), TransportError> {
        let connect = || local::refusal(&self.base, self.timeouts.connect);
        match self.is_local.then(connect).flatten() {
            None => Ok(()),
            Some(cause) => {
                let message = format!("no response from {}: {cause}", self.base);
                Err(TransportError::not_sent(message, local::HELP))
            }
        }
    }

    /// GET `path` without a token.
    pub fn get(&self, path: &str) -> Call<'_> {
        Call::new(self, Method::GET, path)
    }

    /// POST `path` without a token.
    pub fn post(&self, path: &str) -> Call<'_> {
        Call::new(self, Method::POST, path)
    }

    /// The steps that are done, in order: the successful calls that have a [`step`](Call::step).
    #[must_use]
    pub fn steps_done(&self) -> Vec<Step> {
        self.lock_steps().done.clone()
    }

    /// The steps of the run, for another thread.
    pub(crate) fn steps(&self) -> Arc<Mutex<Steps>> {
        Arc::clone(&self.steps)
    }

    pub(super) fn begin_step(&self, step: &Step) {
        self.lock_steps().running = Some(step.clone());
    }

    pub(super) fn end_step(&self, step: Step, is_done: bool) {
        let mut steps = self.lock_steps();
        steps.running = None;
        if is_done {
            steps.done.push(step);
        }
    }

    fn lock_steps(&self) -> MutexGuard<'_, Steps> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn http(&self) -> &Client {
        self.http.as_ref().expect("it is taken only by `drop`")
    }

    pub(super) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.http()
            .request(method, url)
            .header(USER_AGENT, &self.user_agent)
    }

    pub(super) fn url(&self, path: &str) -> Result<Url> {
        // An id in a path may be from a response: one such as `../users` must not change where the path leads.
        if !path.split('/').skip(1).all(is_path_segment) {
            return Err(Failure::new(
                format!("{path:?}: the path contains an invalid id; nothing was sent"),
                "Check that base_url is the address of the platform itself.",
            )
            .into());
        }
        let mut url = self.base.clone();
        let path = path.trim_start_matches('/');
        url.set_path(&format!("{}{path}", self.base.path()));
        Ok(url)
    }

    /// Sends a call until it succeeds or cannot be retried.
    pub(super) fn send_with_retries(
        &self,
        call: SentCall,
        request: RequestBuilder,
    ) -> Result<Response> {
        outside_async(|| self.send_attempts(call, request))
    }

    fn send_attempts(&self, mut call: SentCall, request: RequestBuilder) -> Result<Response> {
        let request = request
            .build()
            .map_err(|cause| cannot_build(&call.name, &root_cause(&cause)))?;
        let cookie = self.cookies.cookies(request.url());
        call.learn_cookies(cookie.as_ref());
        if let Some(body) = request.body().and_then(|body| body.as_bytes()) {
            call.learn_body(body);
        }
        let mut attempts = Attempts::new(&self.retry);
        loop {
            let outcome = self.send_once(&call, &request, cookie.as_ref(), attempts.deadline());
            let failed = match outcome {
                Ok((head, body)) => return Ok(Response { call, head, body }),
                Err(failed) => failed,
            };
            if call.is_deleted(&failed.error) {
                log::warn!("{}: an earlier attempt has already succeeded", call.name);
                return Ok(Response {
                    call,
                    head: Head::default(),
                    body: Vec::new(),
                });
            }
            call.may_have_taken_effect |= failed.class == RetryClass::Indeterminate;
            let attempt = attempts.number;
            let is_retryable = failed.class.is_retryable(&call.method, &call.path);
            let pause = is_retryable.then(|| attempts.next_pause(failed.retry_after));
            match pause.flatten() {
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
        let mut request = request.try_clone().ok_or_else(|| {
            let error = cannot_build(&call.name, "the body cannot be copied");
            FailedAttempt::new(error, RetryClass::Permanent)
        })?;
        let left = deadline.saturating_duration_since(Instant::now());
        if left < self.timeouts.read {
            *request.timeout_mut() = Some(left);
        }
        let logged = self.log.request(&request, cookie, &call.secrets);
        let response = self.http().execute(request).map_err(|cause| {
            let failed = self.no_response(call, &cause);
            self.log.no_response(&logged, &failed.error.to_string());
            failed
        })?;
        self.log.learn_cookies(&logged, response.headers());
        let headers = response.headers().clone();
        let head = Head::of(&response);
        let body = match read_body(response, call.max_size, deadline) {
            Ok(body) => {
                self.log.response(&logged, head.status, &headers, &body);
                body
            }
            Err(cause) => {
                self.log.incomplete_response(&logged, head.status, &cause);
                if head.status.is_success() {
                    return Err(self.cut_short(call, &cause));
                }
                // The status is enough to report the error.
                Vec::new()
            }
        };
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
            let class = if problem.is_transient {
                RetryClass::NotProcessed
            } else {
                RetryClass::Permanent
            };
            return FailedAttempt::new(TransportError::not_sent(message, problem.help), class);
        }
        let root = root_cause(cause);
        let message = format!("{}: no response from {}: {root}", call.name, self.base);
        if !cause.is_connect() {
            return call.indeterminate(&message);
        }
        let help = if self.is_local {
            local::HELP
        } else {
            "Check base_url in cyber.platform.cfg.json and your network. A proxy is set with the variable HTTPS_PROXY."
        };
        let error = TransportError::not_sent(message, help);
        // Another attempt would fail too: the user has to start the sandbox first.
        let class = match self.is_local && local::is_refused(cause) {
            true => RetryClass::Permanent,
            false => RetryClass::NotProcessed,
        };
        FailedAttempt::new(error, class)
    }

    fn cut_short(&self, call: &SentCall, cause: &io::Error) -> FailedAttempt {
        if cause.kind() == io::ErrorKind::FileTooLarge {
            let reason = format!("larger than {} MiB", call.max_size / MIB);
            return FailedAttempt::new(call.unexpected(&reason), RetryClass::Permanent);
        }
        let root = cause
            .get_ref()
            .map_or_else(|| cause.to_string(), |inner| root_cause(inner));
        call.indeterminate(&format!(
            "{}: the response from {} was cut short: {root}",
            call.name, self.base
        ))
    }
}

impl Drop for HttpClient {
    /// Closes the connection in the background. The HTTP library waits until its own thread has ended, and a platform that
    /// sends without a pause can keep that busy forever.
    fn drop(&mut self) {
        let http = self.http.take();
        thread::spawn(move || drop(http));
    }
}

impl fmt::Debug for HttpClient {
    /// Omits the cookies, because they are session credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("base", &self.base.as_str())
            .finish_non_exhaustive()
    }
}

/// Runs `work` on another thread if this one runs async code, where the blocking HTTP library would panic.
fn outside_async<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if Handle::try_current().is_err() {
        return work();
    }
    let outcome = thread::scope(|scope| scope.spawn(work).join());
    outcome.unwrap_or_else(|panic| resume_unwind(panic))
}

/// The error for a request that cannot be built.
pub(super) fn cannot_build(call: &str, reason: &str) -> Failure {
    Failure::new(
        format!("{call}: cannot build the request: {reason}"),
        "Nothing was sent. Check the settings in cyber.platform.cfg.json.",
    )
}

/// The innermost cause: `Connection refused`, not four layers of "error sending request".
fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
