//! What exists before sign-in: the home folder, the settings and the HTTP client.

use std::path::Path;

use anyhow::Result;

use super::logger;
use crate::{
    config::{Config, check_variables},
    folder::Home,
    http::HttpClient,
};

/// The home folder, the settings and the HTTP client, for the examples that sign in by themselves.
#[derive(Debug)]
pub struct Environment {
    /// The folder with the settings and the saved responses.
    pub home: Home,
    /// The client for `base_url`, not signed in.
    pub http: HttpClient,
    /// Whether `--replace` was given; see [`About::replace`](super::About::replace).
    pub replace: bool,
}

impl Environment {
    /// Finds the home folder, reads the settings and sets up the HTTP client. Nothing is sent. `home` is the folder of
    /// `--home`, if it was given.
    ///
    /// # Errors
    /// A [`UserError`](crate::UserError) if there is no home folder, if it cannot be written, or if a setting is unknown
    /// or wrong.
    pub fn prepare(home: Option<&Path>) -> Result<Self> {
        let (home, config) = prepare(home)?;
        let http = HttpClient::new(&config)?.record_in(&home);
        Ok(Self {
            home,
            http,
            replace: false,
        })
    }
}

/// Finds the home folder and reads the settings.
pub(super) fn prepare(home: Option<&Path>) -> Result<(Home, Config)> {
    // Before the home folder is looked for, because its variable may be the misspelled one.
    check_variables()?;
    let mut home = match home {
        Some(folder) => Home::given(folder)?,
        None => Home::find()?,
    };
    let config = Config::read(&home)?;
    if config.log {
        logger::show_call_log();
    }
    home.check_writable()?;
    if config.keyring {
        home.use_keyring()?;
    }
    Ok((home, config))
}
