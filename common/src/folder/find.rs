//! Where the home folder is.

use std::{
    env,
    path::{Path, PathBuf},
};

use super::{Home, SETTINGS};
use crate::error::UserError;

impl Home {
    /// The folder of the option `--home`.
    ///
    /// # Errors
    /// A [`UserError`] if it is not a folder.
    pub fn given(folder: &Path) -> Result<Self, UserError> {
        let help = "or use another folder.";
        Self::named("--home", folder.to_path_buf(), help)
    }

    /// A folder that was named by an option or a variable.
    fn named(origin: &str, folder: PathBuf, help: &str) -> Result<Self, UserError> {
        if folder.is_dir() {
            return Ok(Self::new(folder));
        }
        Err(UserError::new(
            format!("{origin} is {}, which is not a folder", folder.display()),
            format!("Create the folder and put {SETTINGS} into it, {help}"),
        ))
    }

    /// `CYBER_PLATFORM_HOME` if set, otherwise the nearest folder that contains [`SETTINGS`], from the current one
    /// upward.
    ///
    /// # Errors
    /// A [`UserError`] if there is no such folder.
    pub fn find() -> Result<Self, UserError> {
        if let Some(folder) = env::var_os("CYBER_PLATFORM_HOME").filter(|value| !value.is_empty()) {
            let help = "or unset the variable.";
            return Self::named("CYBER_PLATFORM_HOME", folder.into(), help);
        }
        let current = env::current_dir().map_err(|cause| {
            UserError::new(
                format!("cannot read the current folder: {cause}"),
                "Change to a folder of the checkout, or name your home folder with --home or CYBER_PLATFORM_HOME.",
            )
        })?;
        current
            .ancestors()
            .find(|folder| folder.join(SETTINGS).is_file())
            .map(Self::new)
            .ok_or_else(|| {
                UserError::new(
                    format!("no {SETTINGS} in {} or any folder above it", current.display()),
                    "Change to a folder of the checkout, or name the folder that holds it with --home or CYBER_PLATFORM_HOME.",
                )
            })
    }
}
