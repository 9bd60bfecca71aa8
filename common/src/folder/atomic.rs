//! Files that are replaced in one step: the old one or the complete new one, whenever the process or the machine stops.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    time::{Duration, SystemTime},
};

use tempfile::Builder;

/// The names of temporary files start with this.
const PREFIX: &str = ".cyber-platform-";
/// A temporary file that is older was left by a process that was killed.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visibility {
    /// Its owner only, from the moment it exists.
    OwnerOnly,
    /// Everyone whom the user's umask allows. Whatever it allows, only the user and their group may write the file.
    Default,
}

/// Writes a file, or replaces the old one.
pub(super) fn replace(
    folder: &Path,
    name: &str,
    content: &[u8],
    visibility: Visibility,
) -> io::Result<()> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = match visibility {
            Visibility::OwnerOnly => 0o600,
            // The umask is applied to it.
            Visibility::Default => 0o664,
        };
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    #[cfg(not(unix))]
    let _ = visibility;
    let file = builder.tempfile_in(folder)?;
    // `write_all` of the temporary file itself would name that file in its error.
    file.as_file().write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name))?;
    sync(folder);
    Ok(())
}

/// Removes the temporary files of killed processes. One that cannot be removed does no harm.
pub(super) fn remove_leftovers(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified.map(|modified| SystemTime::now().duration_since(modified));
        if matches!(age, Ok(Ok(age)) if age > MAX_AGE) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Writes the new name to disk, if the system supports it. The content is already on disk.
pub(super) fn sync(folder: &Path) {
    #[cfg(unix)]
    let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
    #[cfg(not(unix))]
    let _ = folder;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn replaces_a_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for content in ["old", "the new one"] {
            let content = content.as_bytes();
            replace(folder.path(), "a.json", content, Visibility::Default).unwrap();
            assert_eq!(fs::read(folder.path().join("a.json")).unwrap(), content);
        }
        assert_eq!(names(folder.path()), ["a.json"]);
    }

    #[test]
    fn a_failed_replacement_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a.json/b")).unwrap();
        assert!(replace(folder.path(), "a.json", b"new", Visibility::Default).is_err());
        assert_eq!(names(folder.path()), ["a.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_with_a_secret_belongs_to_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        replace(folder.path(), "a.json", b"new", Visibility::OwnerOnly).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
    }

    #[test]
    fn removes_only_old_temporary_files() {
        let folder = tempfile::tempdir().unwrap();
        let hour = Duration::from_secs(3600);
        for (name, age) in [
            (".cyber-platform-old", hour * 2),
            (".cyber-platform-live", hour / 2),
            ("customer.json", hour * 48),
        ] {
            let file = fs::File::create(folder.path().join(name)).unwrap();
            file.set_modified(SystemTime::now() - age).unwrap();
        }
        remove_leftovers(folder.path());
        assert_eq!(
            names(folder.path()),
            [".cyber-platform-live", "customer.json"]
        );
    }
}
