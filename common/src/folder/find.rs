//! Where the home folder is.

use std::{env, path::PathBuf};

use super::{Home, SETTINGS};
use crate::error::UserError;

impl Home {
    /// `CYBER_PLATFORM_HOME` if set, otherwise the nearest folder that contains [`SETTINGS`], from the current one
    /// upward.
    ///
    /// # Errors
    /// A [`UserError`] if there is no such folder.
    pub fn find() -> Result<Self, UserError> {
        if let Some(folder) = env::var_os("CYBER_PLATFORM_HOME").filter(|value| !value.is_empty()) {
            let folder = PathBuf::from(folder);
            if folder.is_dir() {
                return Ok(Self::new(folder));
            }
            return Err(UserError::new(
                format!(
                    "CYBER_PLATFORM_HOME is {}, which is not a folder",
                    folder.display()
                ),
                format!("Create the folder and put {SETTINGS} into it, or unset the variable."),
            ));
        }
        let current = env::current_dir().map_err(|cause| {
            UserError::new(
                format!("cannot read the current folder: {cause}"),
                "Change to a folder of the checkout, or set CYBER_PLATFORM_HOME.",
            )
        })?;
        current
            .ancestors()
            .find(|folder| folder.join(SETTINGS).is_file())
            .map(Self::new)
            .ok_or_else(|| {
                UserError::new(
                    format!("no {SETTINGS} in {} or any folder above it", current.display()),
                    "Change to a folder of the checkout, or set CYBER_PLATFORM_HOME to the folder that holds it.",
                )
            })
    }
}
