//! A stateful stand-in for the Acronis Cyber Platform on one's own machine.
//!
//! ```
//! let sandbox = sandbox::Sandbox::start(sandbox::Options::default())?;
//! assert!(sandbox.url().starts_with("http://127.0.0.1:"));
//! # Ok::<(), sandbox::StartError>(())
//! ```
//!
//! [`Sandbox::start`] runs one on a thread of its own, for tests. [`serve`] runs one where the
//! caller wants it; the binary does that, with its state in a folder.

mod api;
mod around;
mod auth;
pub mod binaries;
mod catalogue;
mod clock;
mod control;
mod error;
mod extract;
mod faults;
pub mod id;
mod journal;
mod keys;
mod lists;
mod outbox;
mod report;
mod secrets;
mod server;
mod services;
mod store;
mod world;

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tokio::sync::oneshot;

use crate::clock::{Change, Clock};
use crate::faults::Faults;
use crate::journal::Journal;
use crate::keys::Keys;
use crate::store::Store;

pub use crate::clock::Moment;
pub use crate::faults::{BadRule, Rule};
pub use crate::journal::{Entry, Filter};
pub use crate::outbox::Sent;
pub use crate::server::{app, serve};

/// The world a fresh state starts with.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Seed {
    /// Two partners, customers in trial and production, a catalogue of offering items.
    #[default]
    Demo,
    /// The size of one real partner account.
    Partner,
    /// A partner with its administrator and nothing else.
    Empty,
}

/// How a sandbox is to run. The default is what a test wants: a free port and nothing on disk.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address and port; port 0 picks a free one.
    pub listen: String,
    /// The folder of the state; `None` keeps it in memory.
    pub data: Option<PathBuf>,
    /// The world a fresh state starts with.
    pub seed: Seed,
    /// A demo world of so many tenants.
    pub tenants: Option<u32>,
    /// How many calls the request log keeps.
    pub log_size: usize,
    /// The administrator's login.
    pub admin_login: String,
    /// The administrator's password; a random one at first start if `None`.
    pub admin_password: Option<String>,
    /// How long each answer waits.
    pub latency: Duration,
    /// How many times as fast as on the platform simulated work goes.
    pub speed: f64,
    /// Which calls go wrong from the start.
    pub faults: Vec<Rule>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            listen: "127.0.0.1:0".to_owned(),
            data: None,
            seed: Seed::Demo,
            tenants: None,
            log_size: 10_000,
            admin_login: "admin".to_owned(),
            admin_password: None,
            latency: Duration::ZERO,
            speed: 1.0,
            faults: Vec::new(),
        }
    }
}

/// Why a sandbox does not start. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each says what it is")]
pub enum StartError {
    #[error("cannot listen on {listen}: {cause}")]
    Listen {
        listen: String,
        cause: std::io::Error,
    },
    #[error("the state folder {} cannot be used: {cause}", folder.display())]
    Folder {
        folder: PathBuf,
        cause: std::io::Error,
    },
    #[error("the state folder {} is in use by another sandbox", .0.display())]
    Locked(PathBuf),
    #[error("the state is of version {found}, this sandbox knows versions up to {known}")]
    NewerState { found: usize, known: usize },
    #[error("the state cannot be used: {0}")]
    Database(String),
    #[error("the world cannot be made: {0}")]
    Seed(String),
    #[error("the signing key cannot be used: {0}")]
    Key(String),
    #[error("the sandbox's thread cannot be started: {0}")]
    Thread(std::io::Error),
}

impl StartError {
    #[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
    pub(crate) fn database(error: rusqlite::Error) -> StartError {
        StartError::Database(error.to_string())
    }

    /// What one can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            StartError::Listen { .. } => {
                "choose another address with --listen; 127.0.0.1:0 picks a free port"
            }
            StartError::Folder { .. } => "choose another folder with --data, or use --ephemeral",
            StartError::Locked(_) => {
                "stop the other sandbox, choose another folder with --data, or use --ephemeral"
            }
            StartError::NewerState { .. } => {
                "use the newer sandbox that made it, or another folder with --data"
            }
            StartError::Database(_) | StartError::Seed(_) => {
                "choose another folder with --data, or delete this one to start afresh"
            }
            StartError::Key(_) | StartError::Thread(_) => {
                "this should not happen: please report it"
            }
        }
    }
}

/// All that a running sandbox shares, behind one cheap handle.
///
/// As an extractor it gives handlers itself: `async fn read(state: State, …)`.
#[derive(Clone)]
pub struct State(Arc<Shared>);

/// What is behind [`State`].
pub struct Shared {
    /// What it knows.
    pub(crate) store: Store,
    /// What time it is.
    pub(crate) clock: Clock,
    /// How it signs tokens.
    pub(crate) keys: Keys,
    /// What it was asked.
    pub(crate) journal: Journal,
    /// Which calls go wrong.
    pub(crate) faults: Faults,
    /// When it started, by the machine's time.
    pub(crate) started: Instant,
    /// Its address, with the last slash.
    pub url: String,
    /// How it was told to run.
    pub options: Options,
}

impl Deref for State {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRequestParts<State> for State {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(_: &mut Parts, state: &State) -> Result<Self, Self::Rejection> {
        Ok(state.clone())
    }
}

/// A sandbox that is about to serve: its port is taken and its state is ready.
pub struct Prepared {
    /// Where it listens.
    pub listener: std::net::TcpListener,
    /// Its state.
    pub state: State,
    /// The administrator's login.
    pub admin_login: String,
    /// The administrator's password, if this start has set it.
    pub admin_password: Option<String>,
}

/// Takes the port, opens the state, seeds it if it is fresh.
///
/// # Errors
/// If the port or the folder cannot be had, or the state is of a newer version.
pub fn prepare(options: Options) -> Result<Prepared, StartError> {
    // The port first: without it nothing on disk is touched.
    let (listener, address) = bind(&options.listen)?;
    let store = match &options.data {
        Some(folder) => Store::open(folder)?,
        None => Store::in_memory()?,
    };
    let dial = store
        .dial()
        .map_err(|refusal| StartError::Database(refusal.info().to_owned()))?;
    let clock = Clock::new(options.speed, dial);
    let (admin_login, admin_password) = store.first_start(&options, clock.now())?;
    let state = State(Arc::new(Shared {
        store,
        clock,
        keys: Keys::load()?,
        journal: Journal::new(options.log_size),
        faults: Faults::new(options.faults.clone()),
        started: Instant::now(),
        url: url(address),
        options,
    }));
    Ok(Prepared {
        listener,
        state,
        admin_login,
        admin_password,
    })
}

fn bind(listen: &str) -> Result<(std::net::TcpListener, SocketAddr), StartError> {
    let failed = |cause| StartError::Listen {
        listen: listen.to_owned(),
        cause,
    };
    let listener = std::net::TcpListener::bind(listen).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Where callers on this machine find it: "all addresses" is none that one can connect to everywhere.
fn url(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("http://{address}/")
}

/// Tells people what went wrong. They may have closed standard error, which is no reason to end.
pub(crate) fn complain(what: &str) {
    let _ = writeln!(std::io::stderr(), "sandbox: {what}");
}

/// A sandbox on a thread of its own; dropping it ends it.
pub struct Sandbox {
    state: State,
    admin_login: String,
    admin_password: Option<String>,
    shutdown: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts one; it accepts connections when this returns.
    ///
    /// # Errors
    /// If the port or the folder cannot be had, or the state is of a newer version.
    pub fn start(options: Options) -> Result<Sandbox, StartError> {
        let prepared = prepare(options)?;
        let (shutdown, ended) = oneshot::channel::<()>();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(StartError::Thread)?;
        let Prepared {
            listener, state, ..
        } = prepared;
        let kept = state.clone();
        let thread = std::thread::Builder::new()
            .name("sandbox".to_owned())
            .spawn(move || {
                let end = async {
                    // A dropped sender ends it as well as a message does.
                    let _ = ended.await;
                };
                if let Err(error) = runtime.block_on(serve(listener, state, end)) {
                    complain(&error.to_string());
                }
            })
            .map_err(StartError::Thread)?;
        Ok(Sandbox {
            state: kept,
            admin_login: prepared.admin_login,
            admin_password: prepared.admin_password,
            shutdown: Some(shutdown),
            thread: Some(thread),
        })
    }

    /// Its address, with the last slash.
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// What it was asked, oldest first.
    pub fn requests(&self, filter: &Filter) -> Vec<Entry> {
        self.state.journal.list(filter).0
    }

    /// Adds a rule by which calls go wrong, as `POST /_sandbox/faults` does; answers its number.
    ///
    /// ```
    /// # let sandbox = sandbox::Sandbox::start(sandbox::Options::default())?;
    /// let busy = sandbox.fault(r#"{"times":1,"then":{"status":503,"retry_after":1}}"#.parse()?);
    /// // … what is tested …
    /// assert_eq!(sandbox.fault_met(busy), Some(0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fault(&self, rule: Rule) -> u64 {
        self.state.faults.add_one(rule)
    }

    /// How often the rule of this number has acted; `None` if there is no such rule.
    pub fn fault_met(&self, id: u64) -> Option<u64> {
        self.state.faults.met(id)
    }

    /// The mails it would have sent, oldest first.
    ///
    /// # Errors
    /// If its state cannot be read.
    pub fn outbox(&self) -> Result<Vec<Sent>, impl std::error::Error + use<>> {
        self.state.store.mails()
    }

    /// What time it is there.
    pub fn now(&self) -> Moment {
        self.state.clock.now()
    }

    /// Lets so much time pass at once, as `PUT /_sandbox/clock` does: tokens expire, work is done, trials end. By a
    /// whole number of milliseconds.
    ///
    /// # Errors
    /// If that leads beyond the year 2100, or its state cannot be written.
    pub fn advance(&self, by: Duration) -> Result<(), impl std::error::Error + use<>> {
        let change = Change {
            advance: Some(format!("{}ms", by.as_millis())),
            ..Change::default()
        };
        let state = &self.state;
        state
            .clock
            .change(&change, |dial| state.store.keep_dial(dial))
    }

    /// Waits until nothing is under way any more in simulated time, however fast that goes: reports are ready, machines
    /// have registered.
    ///
    /// # Errors
    /// If its state cannot be read.
    pub fn settle(&self) -> Result<(), impl std::error::Error + use<>> {
        // Meanwhile somebody may set the clock, or have more work done.
        const LONGEST_NAP: Duration = Duration::from_millis(100);
        loop {
            let now = self.state.clock.now();
            let Some(due) = self.state.store.due(now)? else {
                return Ok::<_, error::Refusal>(());
            };
            let left = self.state.clock.wait(due.millis() - now.millis());
            std::thread::sleep(left.min(LONGEST_NAP));
        }
    }

    /// The administrator's login.
    pub fn admin_login(&self) -> &str {
        &self.admin_login
    }

    /// The administrator's password, "" if it was set at an earlier start of the same state.
    pub fn admin_password(&self) -> &str {
        self.admin_password.as_deref().unwrap_or("")
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.shutdown.take());
        if let Some(thread) = self.thread.take() {
            // If it panicked, it said so already.
            let _ = thread.join();
        }
    }
}
