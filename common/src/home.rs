//! Home: the one folder in which the examples find their settings and keep the platform's answers.

mod advice;
mod atomic;
#[cfg_attr(not(feature = "keyring"), path = "home/no_keyring.rs")]
mod keyring;
mod turn;

use std::{
    cell::RefCell,
    collections::BTreeSet,
    env,
    fs::{self, File},
    io::{self, Read, Write},
    path::PathBuf,
    rc::{Rc, Weak},
};

use serde_json::Value;

use self::{
    advice::{broken, made_by, not_writable},
    atomic::Readers,
    keyring::Keyring,
    turn::Turn,
};
use crate::{
    clock,
    error::Mistake,
    json::Answer,
    run::{note, warn},
    secret::Secret,
};

/// The settings file; the folder that holds it is home.
pub const SETTINGS: &str = "cyber.platform.cfg.json";
/// The settings that hold where [`SETTINGS`] says nothing.
pub const DEFAULTS: &str = "cyber.platform.cfg.defaults.json";
/// The API client, with its secret.
pub const API_CLIENT: &str = "api_client.json";
/// The token issued for the API client.
pub const API_TOKEN: &str = "api_token.json";
/// The token for one customer.
pub const CUSTOMER_TOKEN: &str = "api_customer_scoped_token.json";

/// How far this machine's clock is from the platform's, while it is.
pub(crate) const CLOCK_SKEW: &str = "clock_skew.json";

/// The token with which an agent registers.
pub const INSTALLATION_TOKEN: &str = "agent_installation_token.json";

/// Files that hold a secret: only their owner may read them.
const SECRET: &[&str] = &[API_CLIENT, API_TOKEN, CUSTOMER_TOKEN, INSTALLATION_TOKEN];

/// Files that change while others use them: one process at a time does it.
const SHARED: &[&str] = &[API_TOKEN, CUSTOMER_TOKEN];

/// The folder with the settings and the kept answers.
#[derive(Debug, Clone)]
pub struct Home {
    folder: PathBuf,
    /// In the place of files with a secret, if the user wants that.
    keyring: Option<Keyring>,
    /// Files whose readers the user was warned of.
    warned: RefCell<BTreeSet<String>>,
    /// The turn to change the tokens, while this process has it.
    turn: RefCell<Weak<Turn>>,
}

impl Home {
    /// `CYBER_PLATFORM_HOME` if set, else the nearest folder from the current one upwards that holds [`SETTINGS`].
    ///
    /// # Errors
    /// A [`Mistake`] where there is no such folder.
    pub fn find() -> Result<Self, Mistake> {
        if let Some(folder) = env::var_os("CYBER_PLATFORM_HOME").filter(|value| !value.is_empty()) {
            let folder = PathBuf::from(folder);
            if folder.is_dir() {
                return Ok(Self::at(folder));
            }
            return Err(Mistake::new(
                format!(
                    "CYBER_PLATFORM_HOME is {}, which is not a folder",
                    folder.display()
                ),
                format!("Create the folder and put a {SETTINGS} into it, or unset the variable."),
            ));
        }
        let here = env::current_dir().map_err(|cause| {
            Mistake::new(
                format!("the current folder cannot be read: {cause}"),
                "Change to a folder of the checkout, or set CYBER_PLATFORM_HOME.",
            )
        })?;
        here.ancestors()
            .find(|folder| folder.join(SETTINGS).is_file())
            .map(|folder| Self::at(folder.to_path_buf()))
            .ok_or_else(|| {
                Mistake::new(
                    format!("no {SETTINGS} in {} or any folder above it", here.display()),
                    "Change to a folder of the checkout, or set CYBER_PLATFORM_HOME to the folder that holds it.",
                )
            })
    }

    fn at(folder: PathBuf) -> Self {
        Self {
            folder,
            keyring: None,
            warned: RefCell::default(),
            turn: RefCell::default(),
        }
    }

    /// From now on, what would be a file with a secret is an entry of the system's keyring.
    ///
    /// # Errors
    /// A [`Mistake`] where there is no keyring, or where it takes nothing.
    pub fn keep_secrets_in_keyring(&mut self) -> Result<(), Mistake> {
        let keyring = Keyring::open(&self.folder)?;
        if keyring.read(API_CLIENT)?.is_none() {
            // It is yet to be made, and all others can be asked for again.
            keyring.check_writable()?;
        }
        self.keyring = Some(keyring);
        Ok(())
    }

    fn keyring_of(&self, name: &str) -> Option<&Keyring> {
        self.keyring.as_ref().filter(|_| SECRET.contains(&name))
    }

    /// The path of a file in home.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Whether a file is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        match self.keyring_of(name) {
            // What cannot be read may be there.
            Some(keyring) => !matches!(keyring.read(name), Ok(None)),
            None => self.path(name).exists(),
        }
    }

    /// Checks that answers can be kept, before any call is made whose answer cannot be had a second time. What killed
    /// runs have left there goes.
    ///
    /// # Errors
    /// A [`Mistake`] where home cannot be written or its disk is full.
    pub fn check_writable(&self) -> Result<(), Mistake> {
        // More than any answer that cannot be asked for again; an empty file would fit on a full disk.
        const ROOM: [u8; 16 * 1024] = [0; 16 * 1024];
        atomic::clean_up(&self.folder);
        tempfile::tempfile_in(&self.folder)
            .and_then(|mut file| file.write_all(&ROOM))
            .map_err(|cause| {
                not_writable(format!(
                    "{} cannot be written: {cause}",
                    self.folder.display()
                ))
            })
    }

    /// Reads a file that must be there.
    ///
    /// # Errors
    /// A [`Mistake`] that names the file and the binary that makes it, where it is missing or broken.
    pub fn load(&self, name: &str) -> Result<Value, Mistake> {
        let content = match self.keyring_of(name) {
            Some(keyring) => keyring
                .read(name)?
                .ok_or_else(|| self.not_in_keyring(name))?,
            None => self
                .read_file(name)
                .map_err(|cause| self.not_read(name, &cause))?,
        };
        serde_json::from_slice(&content)
            .map_err(|cause| broken(&self.path(name), name, &format!("is not JSON: {cause}")))
    }

    fn read_file(&self, name: &str) -> io::Result<Vec<u8>> {
        let mut file = File::open(self.path(name))?;
        if SECRET.contains(&name) && is_open_to_others(&file)? {
            self.warn_of_readers(name);
        }
        let mut content = Vec::new();
        file.read_to_end(&mut content)?;
        Ok(content)
    }

    /// Says once in a run that others can read a secret.
    fn warn_of_readers(&self, name: &str) {
        if self.warned.borrow_mut().insert(name.to_owned()) {
            warn(&format!(
                "{name} holds a secret, and others on this machine may read it; `chmod 600 {}` makes it yours alone",
                self.path(name).display()
            ));
        }
    }

    /// Reads a file with a secret, in the way of [`Home::load`].
    ///
    /// # Errors
    /// See [`Home::load`].
    pub fn load_secret(&self, name: &str) -> Result<Secret, Mistake> {
        self.load(name).map(Secret::from)
    }

    /// Reads a settings file, which holds one object; the defaults may be absent.
    pub(crate) fn settings(&self, name: &str) -> Result<Value, Mistake> {
        if name == DEFAULTS && !self.has(name) {
            return Ok(Value::Null);
        }
        let content = self.load(name)?;
        if content.is_object() {
            Ok(content)
        } else {
            Err(broken(&self.path(name), name, "is not a JSON object"))
        }
    }

    /// A text field of a file that must be there, such as the `id` in `partner.json`.
    ///
    /// # Errors
    /// A [`Mistake`] that names the file, the field and the binary that makes the file.
    pub fn kept(&self, name: &str, field: &str) -> Result<String, Mistake> {
        self.text(name, &self.load(name)?, field)
    }

    /// A text field of what was loaded from a file.
    pub(crate) fn text(&self, name: &str, content: &Value, field: &str) -> Result<String, Mistake> {
        match content.get(field).and_then(Value::as_str) {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => Err(broken(
                &self.path(name),
                name,
                &format!("has no text in `{field}`"),
            )),
        }
    }

    /// Keeps an answer as it came: no field is dropped, moved or rounded. The file takes the place of an older one in
    /// one step, when all of it is on the disk. One with a secret belongs to its owner alone from the moment it exists.
    ///
    /// # Errors
    /// A [`Mistake`] where the file cannot be written; the old one is whole then.
    pub fn save(&self, name: &str, answer: &impl Answer) -> Result<(), Mistake> {
        self.replace(name, format!("{:#}\n", answer.value()).as_bytes())?;
        if SHARED.contains(&name) {
            clock::note(self, answer)?;
        }
        Ok(())
    }

    /// Keeps a downloaded file, in the way of [`Home::save`].
    ///
    /// # Errors
    /// A [`Mistake`] where the file cannot be written; the old one is whole then.
    pub fn save_bytes(&self, name: &str, content: &[u8]) -> Result<(), Mistake> {
        self.replace(name, content)
    }

    /// Waits until no other process is changing the tokens, and holds the others off while the result lives. Who has
    /// the turn may ask for it again.
    pub(crate) fn turn(&self) -> Rc<Turn> {
        if let Some(turn) = self.turn.borrow().upgrade() {
            return turn;
        }
        let turn = Turn::wait(&self.folder, turn::LONGEST).unwrap_or_else(|| {
            warn("another process has been busy with the token for a minute; this one no longer waits for it");
            Turn::without_lock()
        });
        let turn = Rc::new(turn);
        *self.turn.borrow_mut() = Rc::downgrade(&turn);
        turn
    }

    fn replace(&self, name: &str, content: &[u8]) -> Result<(), Mistake> {
        let _turn = SHARED.contains(&name).then(|| self.turn());
        if let Some(keyring) = self.keyring_of(name) {
            keyring.write(name, content)?;
            note(&format!("{name} is in the system's keyring, not a file"));
            return Ok(());
        }
        let readers = if SECRET.contains(&name) {
            Readers::Owner
        } else {
            Readers::Umask
        };
        atomic::replace(&self.folder, name, content, readers)
            .map_err(|cause| self.not_written(name, &cause))
    }

    /// Removes a file; one that is not there is as good as removed.
    ///
    /// # Errors
    /// A [`Mistake`] where it is there and stays.
    pub fn remove(&self, name: &str) -> Result<(), Mistake> {
        if let Some(keyring) = self.keyring_of(name) {
            return keyring.remove(name);
        }
        match fs::remove_file(self.path(name)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(self.not_written(name, &cause))
            }
            _ => Ok(()),
        }
    }

    fn not_read(&self, name: &str, cause: &io::Error) -> Mistake {
        let path = self.path(name);
        match cause.kind() {
            io::ErrorKind::NotFound => {
                Mistake::new(format!("{} is missing", path.display()), made_by(name))
            }
            _ => Mistake::new(
                format!("{} cannot be read: {cause}", path.display()),
                "Check that it is a file and that you may read it.",
            ),
        }
    }

    fn not_in_keyring(&self, name: &str) -> Mistake {
        let advice = if self.path(name).exists() {
            format!(
                "The file {name} is not used while credential_store is keyring: set it to file to use that one."
            )
        } else {
            made_by(name)
        };
        Mistake::new(format!("{name} is missing in the system's keyring"), advice)
    }

    fn not_written(&self, name: &str, cause: &io::Error) -> Mistake {
        not_writable(format!(
            "{name} cannot be written in {}: {cause}",
            self.folder.display()
        ))
    }
}

/// Whether its mode lets others than the owner read a file or write to it.
#[cfg(unix)]
fn is_open_to_others(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata()?;
    Ok(metadata.is_file() && metadata.permissions().mode() & 0o077 != 0)
}

/// Elsewhere the rights of a file are those of its folder, which in a profile is the user's own.
#[cfg(not(unix))]
fn is_open_to_others(_: &File) -> io::Result<bool> {
    Ok(false)
}
