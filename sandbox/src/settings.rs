//! The settings of a sandbox.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
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
    /// A demo world with this number of tenants, for load tests.
    Tenants(u32),
}

/// Precedes the number in the text of [`Seed::Tenants`].
const TENANTS: &str = "tenants ";

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Demo => f.write_str("demo"),
            Self::Partner => f.write_str("partner"),
            Self::Empty => f.write_str("empty"),
            Self::Tenants(number) => write!(f, "{TENANTS}{number}"),
        }
    }
}

impl FromStr for Seed {
    type Err = String;

    /// Parses what `Display` writes. The state keeps its seed in this form.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "demo" => Ok(Self::Demo),
            "partner" => Ok(Self::Partner),
            "empty" => Ok(Self::Empty),
            _ => text
                .strip_prefix(TENANTS)
                .and_then(|number| number.parse().ok())
                .map(Self::Tenants)
                .ok_or_else(|| format!("{text} is not a seed")),
        }
    }
}

/// How to run a sandbox. The default is meant for tests: a free port and no files.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address and port; port 0 picks a free one.
    pub listen: String,
    /// The folder of the state; `None` keeps the state in memory.
    pub data: Option<PathBuf>,
    /// The data of a new state; `None` is the demo world. An existing state must have this seed if one is given.
    pub seed: Option<Seed>,
    /// The maximum number of calls in the request log.
    pub log_size: usize,
    /// The administrator's login; `None` is `admin` in a new state. An existing state must have this login if one is given.
    pub admin_login: Option<String>,
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
            seed: None,
            log_size: 10_000,
            admin_login: None,
            admin_password: None,
            latency: Duration::ZERO,
            speed: 1.0,
            faults: Vec::new(),
        }
    }
}
