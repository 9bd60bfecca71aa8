//! Startup: binds the port, opens the store, and seeds it if it is new.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use crate::clock::Clock;
use crate::faults::Faults;
use crate::keys::Keys;
use crate::request_log::RequestLog;
use crate::seed;
use crate::settings::Options;
use crate::state::State;
use crate::store::{self, OpenError, Store};
use crate::world::World;

/// The reason why a sandbox cannot start. Nothing was changed on disk.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each says what it is")]
pub enum StartError {
    #[error("cannot listen on {listen}: {cause}")]
    Listen {
        listen: String,
        cause: std::io::Error,
    },
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the state in {} has the {what} {existing}, not {given}", folder.display())]
    Existing {
        folder: PathBuf,
        what: &'static str,
        existing: String,
        given: String,
    },
    #[error("cannot seed the world: {0}")]
    Seed(String),
    #[error("the signing key is invalid: {0}")]
    Key(String),
    #[error("cannot start the sandbox's thread: {0}")]
    Thread(std::io::Error),
}

impl StartError {
    /// What the user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Listen { .. } => {
                "choose another address with --listen (127.0.0.1:0 picks a free port), and set base_url to it"
            }
            Self::Open(error) => error.help(),
            Self::Existing { .. } => {
                "choose another folder with --data, delete this one to start over, or leave the option out"
            }
            Self::Seed(_) => "choose another folder with --data, or delete this one to start over",
            Self::Key(_) | Self::Thread(_) => "this is a bug: please report it",
        }
    }
}

/// A sandbox that is ready to serve: the port is bound and the store is open.
pub struct Prepared {
    /// The socket it listens on.
    pub listener: TcpListener,
    /// Its state.
    pub state: State,
    /// The administrator's login.
    pub admin_login: String,
    /// The administrator's password, if it was set at this start.
    pub admin_password: Option<String>,
}

/// Binds the port, opens the store, and seeds it if it is new.
///
/// # Errors
/// If the port or the folder cannot be used, or if a newer version of the sandbox wrote the folder.
pub fn prepare(options: Options) -> Result<Prepared, StartError> {
    // Bind the port first, so that nothing on disk changes if the port is in use.
    let (listener, address) = bind(&options.listen)?;
    let store = match &options.data {
        Some(folder) => {
            let store = Store::open(folder)?;
            check_existing(&store, folder, &options)?;
            store
        }
        None => Store::in_memory()?,
    };
    let setting = store
        .clock_setting()
        .map_err(|error| OpenError::Database(error.info().to_owned()))?;
    let clock = Clock::new(options.speed, setting);
    let administrator = seed::first_start(&store, &options, clock.now())
        .map_err(|error| StartError::Seed(format!("{error} {}", error.info())))?;
    store.sync_to_disk()?;
    Ok(Prepared {
        listener,
        state: state(store, clock, url(address), options)?,
        admin_login: administrator.login,
        admin_password: administrator.new_password,
    })
}

/// Binds a free port and copies the data and the clock of a sandbox.
///
/// # Errors
/// If no port is free, or if the data cannot be read.
pub(crate) fn fork(
    original: &State,
    admin_login: String,
    admin_password: Option<String>,
) -> Result<Prepared, StartError> {
    let options = Options {
        faults: Vec::new(),
        data: None,
        listen: Options::default().listen,
        ..original.options.clone()
    };
    let (listener, address) = bind(&options.listen)?;
    let store = original.world.store.copy_in_memory()?;
    let clock = Clock::new(options.speed, Some(original.world.clock.setting()));
    Ok(Prepared {
        listener,
        state: state(store, clock, url(address), options)?,
        admin_login,
        admin_password,
    })
}

/// The state around a store and its clock, with the fault rules of the options and an empty request log.
fn state(store: Store, clock: Clock, url: String, options: Options) -> Result<State, StartError> {
    let keys = Keys::load().map_err(StartError::Key)?;
    let faults = Faults::new(options.faults.clone());
    let request_log = RequestLog::new(options.log_size);
    let world = World::new(store, clock, faults, request_log);
    Ok(State::new(world, keys, url, options))
}

/// An existing state keeps its seed and its administrator's login. Others are rejected rather than ignored.
fn check_existing(store: &Store, folder: &Path, options: &Options) -> Result<(), StartError> {
    let seed = options.seed.map(|seed| seed.to_string());
    for (key, what, given) in [
        ("seed", "seed", &seed),
        ("admin_login", "administrator", &options.admin_login),
    ] {
        let existing = store
            .read(|db| store::meta(db, key))
            .map_err(|error| OpenError::Database(error.info().to_owned()))?;
        if let (Some(existing), Some(given)) = (existing, given)
            && existing != *given
        {
            return Err(StartError::Existing {
                folder: folder.to_owned(),
                what,
                existing,
                given: given.clone(),
            });
        }
    }
    Ok(())
}

fn bind(listen: &str) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |cause| StartError::Listen {
        listen: listen.to_owned(),
        cause,
    };
    let listener = TcpListener::bind(listen).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// The base URL for clients on this machine. Not every system can connect to the unspecified address (`0.0.0.0`).
fn url(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("http://{address}/")
}
