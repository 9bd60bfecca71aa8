//! What every example shares, so that an example itself holds nothing but its story.
//!
//! | module | what it knows |
//! |---|---|
//! | [`mod@run`] | how a binary starts, helps, ends and reports |
//! | [`home`] | where the files are, and how they are read and written |
//! | [`config`] | the settings: file over defaults, environment over both |
//! | [`connection`] | one HTTP connection, and what an answer may be |
//! | [`mod@log`] | each call, shown with secrets blanked where that is asked for |
//! | [`mod@retry`] | when a call is tried again, and when not |
//! | [`steps`] | what was done when a run ends half way |
//! | [`token`] | when a token is used, renewed, replaced by a customer-scoped one |
//! | [`platform`] | calls with a token: what most examples use |
//! | [`secret`] | what cannot be printed: passwords, tokens, answers with one |
//! | [`pages`] | following a list from page to page |
//! | [`error`] | what can go wrong, whose turn it is, and the advice |
//! | [`mod@show`] | tables, bars and progress, for a person to look at |
//! | [`json`], [`prompt`], [`wait`], [`names`], [`dates`] | small things that the examples need |

mod blank;
mod clock;
pub mod config;
pub mod connection;
pub mod dates;
pub mod error;
pub mod home;
pub mod json;
pub mod log;
pub mod names;
pub mod pages;
pub mod platform;
pub mod prompt;
pub mod retry;
pub mod run;
pub mod secret;
pub mod show;
pub mod steps;
mod tls;
pub mod token;
pub mod wait;

pub use config::Config;
pub use connection::Connection;
pub use error::{Failure, Mistake, Refused};
pub use home::Home;
pub use json::{fields, integer, list, sorted, text, texts};
pub use names::random;
pub use pages::{Trail, cursor};
pub use platform::Platform;
pub use prompt::{ask, ask_secret, confirm, pause};
pub use run::{
    run, run_with_base_token, run_with_customer_token, run_without_token, warn, warn_of_more,
};
pub use secret::{ExposeSecret, Secret, SecretString};
pub use show::{bar, counted, plain, progress, table};
pub use steps::Step;
pub use wait::wait_until;

/// Home, settings and connection: all that is there before anybody has signed in.
#[derive(Debug)]
pub struct Setup {
    /// The folder with the settings and the kept answers.
    pub home: Home,
    /// The settings.
    pub config: Config,
    /// The connection to the platform.
    pub connection: Connection,
}

impl Setup {
    /// Finds home, reads the settings and prepares the connection. Nothing is sent yet. `verbose` switches the
    /// [call log](mod@log) on, whatever the settings say.
    ///
    /// # Errors
    /// A [`Mistake`] where there is no home, where it cannot be written, or where a setting is wrong.
    pub fn prepare(verbose: bool) -> anyhow::Result<Self> {
        let mut home = Home::find()?;
        let config = Config::read(&home)?;
        if verbose || config.log {
            log::switch_on();
        }
        home.check_writable()?;
        if config.keyring {
            home.keep_secrets_in_keyring()?;
        }
        let connection = Connection::open(&config)?;
        Ok(Self {
            home,
            config,
            connection,
        })
    }
}
