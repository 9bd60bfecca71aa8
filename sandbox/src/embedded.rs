//! A sandbox inside a test: it runs on its own thread until it is dropped.

use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Map;
use tokio::sync::oneshot;

use crate::clock::{Change, Timestamp};
use crate::domain::{ApiError, log_error};
use crate::faults::Rule;
use crate::request_log::{Entry, Filter};
use crate::server::serve;
use crate::settings::Options;
use crate::start::{Prepared, StartError, fork, prepare};
use crate::state::State;
use crate::store::clients::NewClient;
use crate::store::outbox::Sent;
use crate::store::users;

/// The credentials of an API client, for HTTP Basic at `POST /api/2/idp/token`.
#[derive(Clone)]
pub struct ApiClient {
    /// The tenant of the client.
    pub tenant_id: String,
    /// The login.
    pub client_id: String,
    /// The password. It cannot be read again.
    pub client_secret: String,
}

/// A sandbox on its own thread. Dropping it stops it.
pub struct Sandbox {
    state: State,
    admin_login: String,
    admin_password: Option<String>,
    shutdown: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox. It accepts connections when this function returns.
    ///
    /// # Errors
    /// If the port or the folder cannot be used, or if a newer version of the sandbox wrote the folder.
    pub fn start(options: Options) -> Result<Self, StartError> {
        let prepared = prepare(options)?;
        Self::serve(prepared)
    }

    /// Starts another sandbox, on a free port and in memory, with a copy of this one's data and clock. Tests can share a
    /// world that is prepared once, and each of them changes its own copy. The copy has no fault rules, and its request
    /// log is empty.
    ///
    /// ```
    /// # use sandbox::{Options, Sandbox};
    /// let world = Sandbox::start(Options::default())?;
    /// // … create what all tests need …
    /// let copy = world.fork()?;
    /// assert_ne!(copy.url(), world.url());
    /// assert_eq!(copy.admin_password(), world.admin_password());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If no port is free.
    pub fn fork(&self) -> Result<Self, StartError> {
        let login = self.admin_login.clone();
        Self::serve(fork(&self.state, login, self.admin_password.clone())?)
    }

    fn serve(prepared: Prepared) -> Result<Self, StartError> {
        let (shutdown, shutdown_signal) = oneshot::channel::<()>();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(StartError::Thread)?;
        let Prepared {
            listener, state, ..
        } = prepared;
        let served = state.clone();
        let thread = std::thread::Builder::new()
            .name("sandbox".to_owned())
            .spawn(move || {
                let shutdown = async {
                    // Dropping the sender also ends the wait.
                    let _ = shutdown_signal.await;
                };
                if let Err(error) = runtime.block_on(serve(listener, served, shutdown)) {
                    log_error(&error.to_string());
                }
            })
            .map_err(StartError::Thread)?;
        Ok(Self {
            state,
            admin_login: prepared.admin_login,
            admin_password: prepared.admin_password,
            shutdown: Some(shutdown),
            thread: Some(thread),
        })
    }

    /// The base URL, with a trailing slash.
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// The calls in the request log, oldest first.
    pub fn requests(&self, filter: &Filter) -> Vec<Entry> {
        self.state.world.request_log.list(filter).0
    }

    /// Adds a fault rule, as `POST /_sandbox/faults` does. Returns the rule's number.
    ///
    /// ```
    /// # let sandbox = sandbox::Sandbox::start(sandbox::Options::default())?;
    /// let busy = sandbox.fault(r#"{"times":1,"then":{"status":503,"retry_after":1}}"#.parse()?);
    /// // … test the client …
    /// assert_eq!(sandbox.fault_hits(busy), Some(0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fault(&self, rule: Rule) -> u64 {
        self.state.world.faults.add_one(rule)
    }

    /// How many times a fault rule has taken effect; `None` if no rule has this number.
    pub fn fault_hits(&self, id: u64) -> Option<u64> {
        self.state.world.faults.hits(id)
    }

    /// The e-mails in the outbox, oldest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn outbox(&self) -> Result<Vec<Sent>, impl std::error::Error + use<>> {
        self.state.world.store.mails()
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        self.state.world.clock.now()
    }

    /// Advances the clock, as `PUT /_sandbox/clock` does: tokens expire, simulated work completes, trials end. The
    /// duration is truncated to milliseconds.
    ///
    /// # Errors
    /// If the new time is after the year 2100, or if the store cannot be written.
    pub fn advance(&self, by: Duration) -> Result<(), impl std::error::Error + use<>> {
        let change = Change {
            advance: Some(format!("{}ms", by.as_millis())),
            ..Change::default()
        };
        self.state.world.change_clock(&change)
    }

    /// Waits until all simulated work is complete: reports are ready, machines are registered.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn settle(&self) -> Result<(), impl std::error::Error + use<>> {
        // The clock may be set and more work may be added during the wait.
        const MAX_SLEEP: Duration = Duration::from_millis(100);
        loop {
            let now = self.state.world.clock.now();
            let Some(due) = self.state.world.store.due(now)? else {
                return Ok::<_, ApiError>(());
            };
            let left = self.state.world.clock.wait(due.millis() - now.millis());
            std::thread::sleep(left.min(MAX_SLEEP));
        }
    }

    /// Creates an API client for the administrator's tenant, with the administrator's rights. It gets tokens with
    /// `POST /api/2/idp/token`.
    ///
    /// ```
    /// let sandbox = sandbox::Sandbox::start(sandbox::Options::default())?;
    /// let client = sandbox.api_client()?;
    /// assert!(!client.client_secret.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If a test has disabled or deleted the administrator or their tenant, or if the store cannot be written.
    pub fn api_client(&self) -> Result<ApiClient, impl std::error::Error + use<>> {
        let world = &self.state.world;
        let now = world.clock.now();
        let caller = world.store.read(|db| {
            let administrator = users::find_any(db, users::admin_id())?.ok_or_else(|| {
                ApiError::Unauthorized("The administrator is deleted.".to_owned())
            })?;
            users::caller(db, &administrator, false, now)
        })?;
        let new = NewClient {
            tenant_id: caller.tenant_id,
            kind: "api_client".to_owned(),
            data: Map::new().into(),
            auth_method: "client_secret_basic".to_owned(),
            redirect_uris: Vec::new(),
            origin_id: None,
        };
        let (client, client_secret) = world.store.create_client(&caller, &new, now)?;
        Ok::<_, ApiError>(ApiClient {
            tenant_id: client.tenant_id.to_string(),
            client_id: client.id.to_string(),
            client_secret,
        })
    }

    /// The administrator's login.
    pub fn admin_login(&self) -> &str {
        &self.admin_login
    }

    /// The administrator's password; empty if it was set at an earlier start with the same data folder.
    pub fn admin_password(&self) -> &str {
        self.admin_password.as_deref().unwrap_or("")
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.shutdown.take());
        if let Some(thread) = self.thread.take() {
            // A panic was already reported on standard error.
            let _ = thread.join();
        }
    }
}
