//! A build without the feature `keyring`: there is none.

use std::path::Path;

use crate::error::Mistake;

/// Nobody ever has one.
#[derive(Debug, Clone)]
pub(super) enum Keyring {}

impl Keyring {
    pub(super) fn open(_: &Path) -> Result<Self, Mistake> {
        Err(Mistake::new(
            "credential_store is keyring, and this was built without it",
            "Write `--features keyring` behind `cargo run`, or set credential_store to file.",
        ))
    }

    pub(super) fn check_writable(&self) -> Result<(), Mistake> {
        match *self {}
    }

    pub(super) fn read(&self, _: &str) -> Result<Option<Vec<u8>>, Mistake> {
        match *self {}
    }

    pub(super) fn write(&self, _: &str, _: &[u8]) -> Result<(), Mistake> {
        match *self {}
    }

    pub(super) fn remove(&self, _: &str) -> Result<(), Mistake> {
        match *self {}
    }
}
