//! The home folder: settings and saved responses.

mod atomic;
mod copies;
mod created;
mod find;
mod help;
#[cfg_attr(not(feature = "keyring"), path = "no_keyring.rs")]
mod keyring;
mod lock;
mod memory;
mod previous;
mod saved;
mod stale;
mod text;
mod trusted;

pub(crate) use self::created::{CreatedLog, Entry, NewObject};
pub use self::{
    created::{CreatedObject, CreatedObjects, ObjectKind},
    saved::SavedTenant,
};

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read, Write},
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use serde::{Serialize, de::DeserializeOwned};

use self::{
    atomic::Visibility,
    copies::is_secret,
    help::{broken, created_by, not_writable},
    keyring::Keyring,
    lock::TokenLock,
    memory::Memory,
    trusted::Rejected,
};
use crate::{
    error::UserError,
    json::{object_from_str, to_pretty_string},
};

/// The settings file. The folder that contains it is the home folder.
pub const SETTINGS: &str = "cyber.platform.cfg.json";
/// The defaults for what [`SETTINGS`] does not set.
pub const DEFAULTS: &str = "cyber.platform.cfg.defaults.json";
/// The API client, with its secret.
pub const API_CLIENT: &str = "api_client.json";
/// The access token of the API client.
pub const API_TOKEN: &str = "api_token.json";
/// The access token for one customer.
pub const CUSTOMER_TOKEN: &str = "api_customer_scoped_token.json";
/// The registration token for agents.
pub const INSTALLATION_TOKEN: &str = "agent_installation_token.json";

/// Files that hold a secret: only their owner may read them.
const SECRET: &[&str] = &[API_CLIENT, API_TOKEN, CUSTOMER_TOKEN, INSTALLATION_TOKEN];

/// The folder with the settings and the saved responses.
#[derive(Debug)]
pub struct Home {
    folder: PathBuf,
    /// Holds all files, if there is no folder.
    memory: Option<Memory>,
    /// Holds the secrets instead of files, if the settings say so.
    keyring: Option<Keyring>,
    /// Files for which the user was warned that others can read them.
    warned: Mutex<BTreeSet<String>>,
    /// Files that were loaded.
    loaded: Mutex<BTreeSet<String>>,
    /// One thread at a time changes the tokens.
    token_mutex: Mutex<()>,
}

impl Home {
    /// Uses this folder as the home folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            memory: None,
            keyring: None,
            warned: Mutex::default(),
            loaded: Mutex::default(),
            token_mutex: Mutex::default(),
        }
    }

    /// No folder: what is saved stays in memory and is gone when this is dropped.
    #[must_use]
    pub fn in_memory() -> Self {
        Self {
            memory: Some(Memory::default()),
            ..Self::new("")
        }
    }

    /// Keeps secrets in the system keyring instead of files from now on.
    ///
    /// # Errors
    /// A [`UserError`] if there is no keyring, or if it cannot be written.
    pub fn use_keyring(&mut self) -> Result<(), UserError> {
        let keyring = Keyring::open(&self.folder)?;
        if keyring.read(API_CLIENT)?.is_none() {
            // The secret of a new API client is shown once. All other secrets can be issued again.
            keyring.check_writable()?;
        }
        self.keyring = Some(keyring);
        Ok(())
    }

    fn keyring_for(&self, name: &str) -> Option<&Keyring> {
        self.keyring.as_ref().filter(|_| is_secret(name))
    }

    /// The path of a file in the home folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Whether a file exists.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        if let Some(memory) = &self.memory {
            return memory.files().contains_key(name);
        }
        match self.keyring_for(name) {
            // An entry that cannot be read may exist.
            Some(keyring) => !matches!(keyring.read(name), Ok(None)),
            // A link without a target exists too, and it must not be taken for a missing file.
            None => !matches!(
                self.path(name).symlink_metadata(),
                Err(cause) if cause.kind() == io::ErrorKind::NotFound
            ),
        }
    }

    /// Checks that files can be written, before a call is made whose response cannot be retrieved again. Removes what
    /// killed processes have left behind.
    ///
    /// # Errors
    /// A [`UserError`] if the home folder cannot be written or the disk is full.
    pub fn check_writable(&self) -> Result<(), UserError> {
        // Larger than any response that cannot be retrieved again; an empty file would fit on a full disk.
        const SAMPLE: [u8; 16 * 1024] = [0; 16 * 1024];
        if self.memory.is_some() {
            return Ok(());
        }
        atomic::remove_leftovers(&self.folder);
        tempfile::tempfile_in(&self.folder)
            .and_then(|mut file| file.write_all(&SAMPLE))
            .map_err(|cause| {
                not_writable(format!(
                    "cannot write to {}: {cause}",
                    self.folder.display()
                ))
            })
    }

    /// Reads a file as a `T`.
    ///
    /// # Errors
    /// A [`UserError`] that names the file, the field that is wrong, and the example that creates the file.
    pub fn load<T: DeserializeOwned>(&self, name: &str) -> Result<T, UserError> {
        let content = self.read(name)?;
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.insert(name.to_owned());
        drop(loaded);
        let content =
            text::decode(&content).map_err(|reason| broken(&self.path(name), name, reason))?;
        object_from_str(&content).map_err(|error| {
            let reason = if error.is_syntax_error {
                format!("is not JSON: {error}")
            } else {
                format!("cannot be used: {error}")
            };
            broken(&self.path(name), name, &reason)
        })
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, UserError> {
        if let Some(memory) = &self.memory {
            let content = memory.files().get(name).cloned();
            return content.ok_or_else(|| {
                UserError::new(
                    format!("{name} is missing in memory"),
                    "Save it first. Without a home folder, nothing is kept from earlier runs.",
                )
            });
        }
        match self.keyring_for(name) {
            Some(keyring) => keyring.read(name)?.ok_or_else(|| self.not_in_keyring(name)),
            None => self
                .read_file(name)
                .map_err(|error| self.not_read(name, error)),
        }
    }

    fn read_file(&self, name: &str) -> Result<Vec<u8>, Rejected> {
        let mut file = self.open(name)?;
        if is_secret(name) && is_readable_by_others(&file)? {
            self.warn_once_of_readers(name);
        }
        let mut content = Vec::new();
        file.read_to_end(&mut content)?;
        Ok(content)
    }

    fn warn_once_of_readers(&self, name: &str) {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.insert(name.to_owned()) {
            log::warn!(
                "{name} contains a secret, and others on this machine may read it; run `chmod 600 {}`",
                self.path(name).display()
            );
        }
    }

    /// Checks that a file, if it exists, is one that may be used.
    pub(crate) fn check(&self, name: &str) -> Result<(), UserError> {
        if self.memory.is_some() {
            return Ok(());
        }
        match self.keyring_for(name).is_none().then(|| self.open(name)) {
            // Without permission, the file cannot be read either, and this is not about its content.
            None | Some(Ok(_) | Err(Rejected::Unreadable(_))) => Ok(()),
            Some(Err(error)) => Err(self.not_read(name, error)),
        }
    }

    fn open(&self, name: &str) -> Result<File, Rejected> {
        // The settings may be a link to where a user keeps them.
        let may_be_link = [SETTINGS, DEFAULTS].contains(&name);
        trusted::open(&self.path(name), File::options().read(true), may_be_link)
    }

    /// Saves a value as indented JSON. A [`Lossless`](crate::Lossless) value is saved unchanged: no field is dropped,
    /// moved or rounded. The new file replaces the old one in one step, once it is complete on disk. A file with a
    /// secret is readable by its owner only, from the moment it exists.
    ///
    /// # Errors
    /// A [`UserError`] if the file cannot be written; the old one stays intact.
    pub fn save(&self, name: &str, value: &impl Serialize) -> Result<(), UserError> {
        let mut text = to_pretty_string(value)
            .map_err(|cause| self.not_written(name, &io::Error::other(cause)))?;
        text.push('\n');
        self.save_bytes(name, text.as_bytes())
    }

    /// Saves a new object, in the same way as [`save`](Self::save). If the file is about another one, that file is kept
    /// under the next free number, such as `partner.1.json`.
    ///
    /// # Errors
    /// See [`save`](Self::save).
    pub fn save_new(&self, name: &str, value: &impl Serialize) -> Result<(), UserError> {
        let previous = self.keep_previous(name, value)?;
        self.save(name, value)?;
        if let Some(previous) = previous {
            log::info!("{name} now refers to the new object; the previous one is in {previous}");
        }
        Ok(())
    }

    /// Saves a downloaded file, in the same way as [`save`](Self::save).
    ///
    /// # Errors
    /// See [`save`](Self::save).
    pub fn save_bytes(&self, name: &str, content: &[u8]) -> Result<(), UserError> {
        if let Some(memory) = &self.memory {
            memory.files().insert(name.to_owned(), content.to_owned());
            return Ok(());
        }
        if let Some(keyring) = self.keyring_for(name) {
            keyring.write(name, content)?;
            log::info!("{name} is in the system keyring, not in a file");
            return Ok(());
        }
        let visibility = if is_secret(name) {
            Visibility::OwnerOnly
        } else {
            Visibility::Default
        };
        atomic::replace(&self.folder, name, content, visibility)
            .map_err(|cause| self.not_written(name, &cause))
    }

    /// Removes a file, if it exists.
    ///
    /// # Errors
    /// A [`UserError`] if the file cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), UserError> {
        if let Some(memory) = &self.memory {
            memory.files().remove(name);
            return Ok(());
        }
        if let Some(keyring) = self.keyring_for(name) {
            return keyring.remove(name);
        }
        match fs::remove_file(self.path(name)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(self.not_written(name, &cause))
            }
            _ => Ok(()),
        }
    }

    /// Waits until no other thread or process changes the tokens, and keeps them waiting while the result lives.
    ///
    /// # Errors
    /// A [`UserError`] if the lock file is a link, a pipe, or belongs to another user.
    pub(crate) fn lock_tokens(&self) -> Result<TokenLock<'_>, UserError> {
        let thread = self.token_mutex.lock();
        let thread = thread.unwrap_or_else(PoisonError::into_inner);
        match self.memory {
            Some(_) => Ok(TokenLock::of_thread(thread)),
            None => TokenLock::wait(&self.folder, thread, lock::MAX_WAIT),
        }
    }

    fn not_read(&self, name: &str, error: Rejected) -> UserError {
        let path = self.path(name);
        match error {
            Rejected::Unreadable(cause) if cause.kind() == io::ErrorKind::NotFound => {
                UserError::new(format!("{} is missing", path.display()), created_by(name))
            }
            Rejected::Unreadable(cause) => UserError::new(
                format!("cannot read {}: {cause}", path.display()),
                "Check that it is a file and that you are allowed to read it.",
            ),
            Rejected::Untrusted(reason) => reason.error(&path),
        }
    }

    fn not_in_keyring(&self, name: &str) -> UserError {
        let help = if self.path(name).exists() {
            format!(
                "The file {name} is not used while credential_store is keyring. Set it to file to use the file."
            )
        } else {
            created_by(name)
        };
        UserError::new(format!("{name} is missing in the system keyring"), help)
    }

    fn not_written(&self, name: &str, cause: &io::Error) -> UserError {
        not_writable(format!(
            "cannot write {name} in {}: {cause}",
            self.folder.display()
        ))
    }
}

/// Whether the mode of a file lets anyone but its owner read or write it.
#[cfg(unix)]
fn is_readable_by_others(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata()?;
    Ok(metadata.is_file() && metadata.permissions().mode() & 0o077 != 0)
}

/// On Windows a file has the permissions of its folder, which in a profile is the user's own.
#[cfg(not(unix))]
fn is_readable_by_others(_: &File) -> io::Result<bool> {
    Ok(false)
}
