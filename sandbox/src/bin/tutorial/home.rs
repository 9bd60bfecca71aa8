//! The home of the tour: a folder of its own, with settings that lead to the tour's sandbox.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::Stop;

/// A file that a step has left or changed.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) name: String,
    pub(crate) bytes: usize,
    pub(crate) is_new: bool,
    /// Readable by its owner alone.
    pub(crate) is_private: bool,
}

/// The folder, and what was in it when someone looked last.
#[derive(Debug)]
pub(crate) struct Home {
    folder: PathBuf,
    temporary: Option<TempDir>,
    seen: BTreeMap<String, Vec<u8>>,
}

impl Home {
    /// Makes a folder that is gone at the end, or uses the named one, which must hold nothing.
    pub(crate) fn make(named: Option<&Path>) -> Result<Self, Stop> {
        let Some(folder) = named else {
            let temporary = TempDir::with_prefix("cyber-platform-tutorial-").map_err(|cause| {
                Stop::new(
                    format!("no temporary folder can be made: {cause}"),
                    "Name one yourself with --home DIR.",
                )
            })?;
            return Ok(Self {
                folder: temporary.path().to_path_buf(),
                temporary: Some(temporary),
                seen: BTreeMap::new(),
            });
        };
        let unusable = |how: String| {
            Stop::new(
                format!("{} {how}", folder.display()),
                "Name a folder that is empty, or one that does not exist yet.",
            )
        };
        fs::create_dir_all(folder).map_err(|cause| unusable(format!("cannot be made: {cause}")))?;
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

    /// Where it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it will still be there after the tour.
    pub(crate) fn is_kept(&self) -> bool {
        self.temporary.is_none()
    }

    /// Leaves it where it is, to be looked at.
    pub(crate) fn keep(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            self.folder = temporary.keep();
        }
    }

    /// Removes a file, as the reader would; whether it was there.
    pub(crate) fn remove(&mut self, name: &str) -> Result<bool, Stop> {
        self.seen.remove(name);
        match fs::remove_file(self.folder.join(name)) {
            Ok(()) => Ok(true),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(cause) => Err(Stop::new(
                format!("{name} cannot be removed: {cause}"),
                "Run the tour again.",
            )),
        }
    }

    /// The files that are new or other than at the last look.
    pub(crate) fn changes(&mut self) -> Result<Vec<Change>, Stop> {
        let now = self.read().map_err(|cause| {
            Stop::new(
                format!("{} cannot be read: {cause}", self.folder.display()),
                "Did something else remove it? Run the tour again.",
            )
        })?;
        let before = std::mem::replace(&mut self.seen, now);
        Ok(self
            .seen
            .iter()
            .filter(|(name, content)| before.get(*name) != Some(content))
            .map(|(name, content)| Change {
                name: name.clone(),
                bytes: content.len(),
                is_new: !before.contains_key(name),
                is_private: is_private(&self.folder.join(name)),
            })
            .collect())
    }

    fn read(&self) -> io::Result<BTreeMap<String, Vec<u8>>> {
        fs::read_dir(&self.folder)?
            .map(|entry| {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                Ok((name, fs::read(entry.path())?))
            })
            .collect()
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
