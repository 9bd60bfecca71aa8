//! The system's keyring in the place of files: Secret Service, Keychain or Credential Manager.

use std::{fmt::Display, fs, path::Path, process, sync::Arc};

use keyring::Entry as System;
use keyring_core::{CredentialStore, Entry, Error};

use crate::error::Mistake;

/// Under this name a person finds the entries in the keyring.
const SERVICE: &str = "cyber-platform-examples";
/// How many bytes an entry may have. Credential Manager refuses more, and an answer with a token may have more.
const PART: usize = if cfg!(windows) { 2560 } else { usize::MAX };

const ADVICE: &str = "Unlock the system's keyring or start one (on Linux a Secret Service, such as GNOME Keyring or \
                      KWallet), or set credential_store to file.";

/// The keyring of the user who is signed in to this machine. Entries have the names that the files would have.
#[derive(Debug, Clone)]
pub(super) struct Keyring {
    store: Arc<CredentialStore>,
    folder: String,
    part: usize,
}

impl Keyring {
    /// The keyring of the system, for the files of a folder.
    pub(super) fn open(folder: &Path) -> Result<Self, Mistake> {
        let none = |cause: &Error| {
            Mistake::new(
                format!(
                    "credential_store is keyring, and there is none: {}",
                    one_line(cause)
                ),
                ADVICE,
            )
        };
        System::store_status().as_ref().map_err(none)?;
        let store =
            keyring_core::get_default_store().ok_or_else(|| none(&Error::NoDefaultStore))?;
        Ok(Self::within(store, folder, PART))
    }

    /// Checks that entries can be written: one that is locked is there and takes none.
    pub(super) fn check_writable(&self) -> Result<(), Mistake> {
        // Of this process alone, as another one may be checking too.
        let name = format!(".check-{}", process::id());
        let check = || -> Result<(), Error> {
            self.split(&name, b"{}")?;
            self.remove_from(&name, 0)
        };
        check().map_err(|cause| {
            let cause = one_line(&cause);
            Mistake::new(
                format!("the system's keyring takes nothing: {cause}"),
                ADVICE,
            )
        })
    }

    fn within(store: Arc<CredentialStore>, folder: &Path, part: usize) -> Self {
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
        Self {
            store,
            folder: folder.display().to_string(),
            part,
        }
    }

    /// The content of an entry, if there is one.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Mistake> {
        self.join(name)
            .map_err(|cause| failed("read from", name, &cause))
    }

    /// Puts an entry in the place of an older one, or of none.
    pub(super) fn write(&self, name: &str, content: &[u8]) -> Result<(), Mistake> {
        self.split(name, content)
            .map_err(|cause| failed("written to", name, &cause))
    }

    /// Removes an entry; one that is not there is as good as removed.
    pub(super) fn remove(&self, name: &str) -> Result<(), Mistake> {
        self.remove_from(name, 0)
            .map_err(|cause| failed("removed from", name, &cause))
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
            // Only behind a full one there can be another.
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

fn failed(how: &str, name: &str, cause: &Error) -> Mistake {
    Mistake::new(
        format!(
            "{name} cannot be {how} the system's keyring: {}",
            one_line(cause)
        ),
        ADVICE,
    )
}

/// What systems tell may have several lines.
fn one_line(cause: &impl Display) -> String {
    let cause = cause.to_string();
    cause.split_whitespace().collect::<Vec<_>>().join(" ")
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
    fn an_entry_is_kept_replaced_and_removed() {
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
    fn what_is_too_large_for_an_entry_is_kept_in_several() {
        let keyring = keyring(4);
        // A shorter one leaves nothing of a longer one behind it, not even where it fills its entries.
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
    fn what_the_keyring_refuses_is_told_with_what_to_do() {
        let keyring = keyring(PART);
        let entry = keyring.entry("a.json", 0).unwrap();
        let cred: &mock::Cred = entry.as_any().downcast_ref().unwrap();
        cred.set_error(Error::NoStorageAccess("it is\nlocked".into()));

        let told = keyring.read("a.json").unwrap_err().to_string();

        assert_eq!(
            told,
            "a.json cannot be read from the system's keyring: Couldn't access platform storage: it is locked"
        );
    }
}
