//! The build without the feature `keyring`.

use std::path::Path;

use crate::error::UserError;

/// A type without values: in this build, no keyring can be opened.
#[derive(Debug, Clone)]
pub(super) enum Keyring {}

impl Keyring {
    pub(super) fn open(_: &Path) -> Result<Self, UserError> {
        Err(UserError::new(
            "credential_store is keyring, but this build does not support it",
            "Add `--features keyring` to `cargo run`, or set credential_store to file.",
        ))
    }

    pub(super) fn check_writable(&self) -> Result<(), UserError> {
        match *self {}
    }

    pub(super) fn read(&self, _: &str) -> Result<Option<Vec<u8>>, UserError> {
        match *self {}
    }

    pub(super) fn write(&self, _: &str, _: &[u8]) -> Result<(), UserError> {
        match *self {}
    }

    pub(super) fn remove(&self, _: &str) -> Result<(), UserError> {
        match *self {}
    }
}
