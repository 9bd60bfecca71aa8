//! The tour's home folder and the files in it.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::TourError;

/// A file that a step has created or changed.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) name: String,
    pub(crate) is_new: bool,
    /// Whether only its owner can read it.
    pub(crate) is_private: bool,
}

/// The folder, and the content of its files at the last check.
#[derive(Debug)]
pub(crate) struct Home {
    folder: PathBuf,
    temporary: Option<TempDir>,
    seen: BTreeMap<String, Vec<u8>>,
}

impl Home {
    /// Creates a folder that is removed at the end, or uses the given one, which must be empty.
    pub(crate) fn create(named: Option<&Path>) -> Result<Self, TourError> {
        let Some(folder) = named else {
            let temporary = TempDir::with_prefix("cyber-platform-tutorial-").map_err(|cause| {
                TourError::new(
                    format!("cannot create a temporary folder: {cause}"),
                    "Choose a folder with --home DIR.",
                )
            })?;
            return Ok(Self {
                folder: temporary.path().to_path_buf(),
                temporary: Some(temporary),
                seen: BTreeMap::new(),
            });
        };
        let unusable = |how: String| {
            TourError::new(
                format!("{} {how}", folder.display()),
                "Choose an empty folder, or one that does not exist yet.",
            )
        };
        fs::create_dir_all(folder)
            .map_err(|cause| unusable(format!("cannot be created: {cause}")))?;
        let folder = folder
            .canonicalize()
            .map_err(|cause| unusable(format!("cannot be used: {cause}")))?;
        let mut content =
            fs::read_dir(&folder).map_err(|cause| unusable(format!("cannot be read: {cause}")))?;
        if content.next().is_some() {
            return Err(unusable("is not empty".to_owned()));
        }
        Ok(Self {
            folder,
            temporary: None,
            seen: BTreeMap::new(),
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it stays after the tour.
    pub(crate) fn is_kept(&self) -> bool {
        self.temporary.is_none()
    }

    /// Keeps it after the tour, for inspection.
    pub(crate) fn keep(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            self.folder = temporary.keep();
        }
    }

    /// Removes a file. Returns whether it existed.
    pub(crate) fn remove(&mut self, name: &str) -> Result<bool, TourError> {
        self.seen.remove(name);
        match fs::remove_file(self.folder.join(name)) {
            Ok(()) => Ok(true),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(cause) => Err(TourError::new(
                format!("{name} cannot be removed: {cause}"),
                "Run the tour again.",
            )),
        }
    }

    /// The files that were created or changed since the last check.
    pub(crate) fn changes(&mut self) -> Result<Vec<Change>, TourError> {
        let now = self.read().map_err(|cause| {
            TourError::new(
                format!("{} cannot be read: {cause}", self.folder.display()),
                "If something else removed it, run the tour again.",
            )
        })?;
        let before = std::mem::replace(&mut self.seen, now);
        Ok(self
            .seen
            .iter()
            .filter(|(name, content)| before.get(*name) != Some(content))
            .map(|(name, _)| Change {
                name: name.clone(),
                is_new: !before.contains_key(name),
                is_private: is_private(&self.folder.join(name)),
            })
            .collect())
    }

    /// Names and contents of all files, except hidden ones such as the lock.
    fn read(&self) -> io::Result<BTreeMap<String, Vec<u8>>> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') {
                files.insert(name, fs::read(entry.path())?);
            }
        }
        Ok(files)
    }
}

#[cfg(unix)]
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_private(_: &Path) -> bool {
    false
}
