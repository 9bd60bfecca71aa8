//! The settings of a sandbox.

use std::path::PathBuf;
use std::time::Duration;

use crate::faults::Rule;

/// The data of a new state.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Seed {
    /// Two partners, customers in trial and production, a catalogue of offering items.
    #[default]
    Demo,
    /// As much data as one real partner account.
    Partner,
    /// A partner with its administrator and nothing else.
    Empty,
}

/// How to run a sandbox. The default is meant for tests: a free port and no files.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address and port; port 0 picks a free one.
    pub listen: String,
    /// The folder of the state; `None` keeps the state in memory.
    pub data: Option<PathBuf>,
    /// The data of a new state.
    pub seed: Seed,
    /// Seeds this number of tenants instead of `seed`.
    pub tenants: Option<u32>,
    /// The maximum number of calls in the request log.
    pub log_size: usize,
    /// The administrator's login.
    pub admin_login: String,
    /// The administrator's password; `None` generates one at the first start.
    pub admin_password: Option<String>,
    /// The delay of each response.
    pub latency: Duration,
    /// The speed of simulated work; 1 is real time.
    pub speed: f64,
    /// The initial fault rules.
    pub faults: Vec<Rule>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
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
