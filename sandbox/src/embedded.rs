//! A sandbox inside a test: it runs on its own thread until it is dropped.

use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::clock::{Change, Timestamp};
use crate::domain::{ApiError, log_error};
use crate::faults::Rule;
use crate::request_log::{Entry, Filter};
use crate::server::serve;
use crate::settings::Options;
use crate::start::{Prepared, StartError, prepare};
use crate::state::State;
use crate::store::outbox::Sent;

/// A sandbox on its own thread. Dropping it stops it.
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
    pub fn start(options: Options) -> Result<Self, StartError> {
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
                    log_error(&error.to_string());
                }
            })
            .map_err(StartError::Thread)?;
        Ok(Self {
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
        self.state.world.request_log.list(filter).0
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
        self.state.world.faults.add_one(rule)
    }

    /// How often the rule of this number has acted; `None` if there is no such rule.
    pub fn fault_met(&self, id: u64) -> Option<u64> {
        self.state.world.faults.met(id)
    }

    /// The mails it would have sent, oldest first.
    ///
    /// # Errors
    /// If its state cannot be read.
    pub fn outbox(&self) -> Result<Vec<Sent>, impl std::error::Error + use<>> {
        self.state.world.store.mails()
    }

    /// What time it is there.
    pub fn now(&self) -> Timestamp {
        self.state.world.clock.now()
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
        self.state.world.change_clock(&change)
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
            let now = self.state.world.clock.now();
            let Some(due) = self.state.world.store.due(now)? else {
                return Ok::<_, ApiError>(());
            };
            let left = self.state.world.clock.wait(due.millis() - now.millis());
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
