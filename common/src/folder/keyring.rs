//! The system keyring as a store for secrets: Secret Service, Keychain or Credential Manager.

use std::{fs, path::Path, process, sync::Arc};

use keyring::Entry as System;
use keyring_core::{CredentialStore, Entry, Error};

use crate::{error::UserError, text::single_line};

/// The name under which the entries appear in the keyring.
const SERVICE: &str = "cyber-platform-examples";
/// The largest size of an entry in bytes. Credential Manager has a limit, and a response with a token may exceed it.
const PART: usize = if cfg!(windows) { 2560 } else { usize::MAX };

const HELP: &str = "Unlock or start the system keyring (on Linux a Secret Service, such as GNOME Keyring or KWallet), \
                    or set credential_store to file.";

/// The keyring of the user. Each entry is named after the path of the file that it replaces.
#[derive(Debug, Clone)]
pub(super) struct Keyring {
    store: Arc<CredentialStore>,
    folder: String,
    part: usize,
}

impl Keyring {
    /// The system keyring, for the files of a folder.
    pub(super) fn open(folder: &Path) -> Result<Self, UserError> {
        let none = |cause: &Error| {
            failed(
                "credential_store is keyring, but there is no keyring",
                cause,
            )
        };
        System::store_status().as_ref().map_err(none)?;
        let store =
            keyring_core::get_default_store().ok_or_else(|| none(&Error::NoDefaultStore))?;
        Ok(Self::within(store, folder, PART))
    }

    /// Checks that entries can be written: a locked keyring exists but cannot be written.
    pub(super) fn check_writable(&self) -> Result<(), UserError> {
        // The name is unique, as another process may be checking too.
        let name = format!(".check-{}", process::id());
        let check = || -> Result<(), Error> {
            self.split(&name, b"{}")?;
            self.remove_from(&name, 0)
        };
        check().map_err(|cause| failed("cannot write to the system keyring", &cause))
    }

    fn within(store: Arc<CredentialStore>, folder: &Path, part: usize) -> Self {
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
        Self {
            store,
            folder: folder.display().to_string(),
            part,
        }
    }

    /// The content of an entry, if it exists.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, UserError> {
        self.join(name).map_err(|cause| {
            failed(
                &format!("{name} cannot be read from the system keyring"),
                &cause,
            )
        })
    }

    /// Writes an entry, or replaces the old one.
    pub(super) fn write(&self, name: &str, content: &[u8]) -> Result<(), UserError> {
        self.split(name, content).map_err(|cause| {
            failed(
                &format!("{name} cannot be written to the system keyring"),
                &cause,
            )
        })
    }

    /// Removes an entry, if it exists.
    pub(super) fn remove(&self, name: &str) -> Result<(), UserError> {
        self.remove_from(name, 0).map_err(|cause| {
            failed(
                &format!("{name} cannot be removed from the system keyring"),
                &cause,
            )
        })
    }

    fn join(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let mut whole = Vec::new();
        for number in 0.. {
            match self.entry(name, number)?.get_secret() {
                Ok(part) => whole.extend(&part),
                Err(Error::NoEntry) if number == 0 => return Ok(None),
                Err(Error::NoEntry) => break,
                Err(cause) => return Err(cause),
            }
            // Only a full part can be followed by another.
            if whole.len() < self.part.saturating_mul(number + 1) {
                break;
            }
        }
        Ok(Some(whole))
    }

    fn split(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        let mut count = 0;
        for part in content.chunks(self.part) {
            self.entry(name, count)?.set_secret(part)?;
            count += 1;
        }
        self.remove_from(name, count)
    }

    fn remove_from(&self, name: &str, first: usize) -> Result<(), Error> {
        for number in first.. {
            match self.entry(name, number)?.delete_credential() {
                Ok(()) => {}
                Err(Error::NoEntry) => break,
                Err(cause) => return Err(cause),
            }
        }
        Ok(())
    }

    fn entry(&self, name: &str, number: usize) -> Result<Entry, Error> {
        let path = Path::new(&self.folder).join(name);
        let name = match number {
            0 => path.display().to_string(),
            number => format!("{} ({})", path.display(), number + 1),
        };
        Entry::new_in_store(&self.store, SERVICE, &name)
    }
}

/// An error of the keyring. The cause may have several lines.
fn failed(what: &str, cause: &Error) -> UserError {
    let cause = single_line(&cause.to_string()).unwrap_or_default();
    UserError::new(format!("{what}: {cause}"), HELP)
}

#[cfg(test)]
mod tests {
    use keyring_core::mock;

    use super::*;

    fn keyring(part: usize) -> Keyring {
        let store: Arc<CredentialStore> = mock::Store::new().unwrap();
        Keyring::within(store, Path::new("/home/of/a/test"), part)
    }

    #[test]
    fn writes_replaces_and_removes_an_entry() {
        let keyring = keyring(PART);
        keyring.check_writable().unwrap();
        assert_eq!(keyring.read("a.json").unwrap(), None);
        for content in ["{}", "{\"a\": 1}"] {
            keyring.write("a.json", content.as_bytes()).unwrap();
            assert_eq!(
                keyring.read("a.json").unwrap().as_deref(),
                Some(content.as_bytes())
            );
        }
        assert_eq!(keyring.read("b.json").unwrap(), None);
        keyring.remove("a.json").unwrap();
        keyring.remove("a.json").unwrap();
        assert_eq!(keyring.read("a.json").unwrap(), None);
    }

    #[test]
    fn splits_a_large_value_into_several_entries() {
        let keyring = keyring(4);
        // A shorter value must leave no part of a longer one, even if it fills its entries.
        for content in ["0123456789", "", "01234567", "0123", "01", "01234567"] {
            keyring.write("a.json", content.as_bytes()).unwrap();
            let kept = keyring.read("a.json").unwrap().unwrap_or_default();
            assert_eq!(String::from_utf8(kept).unwrap(), content);
        }
        keyring.remove("a.json").unwrap();
        for number in 0..3 {
            let entry = keyring.entry("a.json", number).unwrap();
            assert!(matches!(entry.get_secret(), Err(Error::NoEntry)));
        }
    }

    #[test]
    fn reports_an_error_of_the_keyring() {
        let keyring = keyring(PART);
        let entry = keyring.entry("a.json", 0).unwrap();
        let cred: &mock::Cred = entry.as_any().downcast_ref().unwrap();
        cred.set_error(Error::NoStorageAccess("it is\nlocked".into()));

        let message = keyring.read("a.json").unwrap_err().to_string();

        assert_eq!(
            message,
            "a.json cannot be read from the system keyring: Couldn't access platform storage: it is locked"
        );
    }
}
