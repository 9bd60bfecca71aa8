//! One HTTP connection to the platform, kept for a whole run, and what an answer may be.

mod answer;
mod call;

use std::{
    cell::{Cell, RefCell},
    error::Error,
    io,
    sync::Arc,
    thread,
    time::Instant,
};

use anyhow::Result;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{
    Method,
    blocking::{Client, Request, RequestBuilder},
    cookie::{CookieStore, Jar},
    header::{DATE, HeaderValue, USER_AGENT},
    redirect,
};
use serde_json::Value;
use url::Url;

use self::{
    answer::{Answer, LARGEST, header, is_error, leads_to, read},
    call::{Call, Failed, sessions},
};
use crate::{
    Config, clock,
    error::Failure,
    log::Shown,
    retry::{Fate, Patience, TRIES, Tries, asked_pause},
    run::warn,
    secret::Secret,
    tls,
};

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

    /// Sends a call, more than once where [`retry`](mod@crate::retry) allows it, and takes the JSON of its answer, `null`
    /// where the answer has no body.
    ///
    /// # Errors
    /// [`Refused`](crate::Refused) where the status is no 2xx; [`Failure`] where nothing comes back, or no JSON.
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
            Failure::unexpected(cause).of_call(&call.name)
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

    /// Sends a call, as [`Connection::send`] does, and takes the bytes of its answer, which is a file.
    ///
    /// # Errors
    /// [`Refused`](crate::Refused) where the status is no 2xx; [`Failure`] where nothing or too much comes back, or a
    /// page for a browser.
    pub fn download(&self, request: RequestBuilder) -> Result<Vec<u8>> {
        let (call, answer) = self.exchange(request)?;
        if answer.is("json")
            && serde_json::from_slice(&answer.body).is_ok_and(|value| is_error(&value))
        {
            return Err(call.refused(&answer).into());
        }
        if answer.is("html") {
            let cause = format!(
                "{}: the platform answered text/html instead of a file",
                call.name
            );
            return Err(Failure::unexpected(cause).into());
        }
        Ok(answer.body)
    }

    /// Sends a call, as [`Connection::send`] does, whose answer is a page for a browser, of no use here.
    ///
    /// # Errors
    /// [`Refused`](crate::Refused) where the status is no 2xx; [`Failure`] where nothing or too much comes back.
    pub fn visit(&self, request: RequestBuilder) -> Result<()> {
        self.exchange(request)?;
        Ok(())
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
        let date = header(&response, &DATE);
        self.clock_skew.set(clock::skew(date.as_deref()));
        let leads_to = leads_to(&response);
        let asked = asked_pause(response.headers());
        let mut answer = Answer::of(&response);
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
                error: Failure::unexpected(what).of_call(&call.name).into(),
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

/// The innermost cause: `Connection refused`, not four layers of "error sending request".
fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
