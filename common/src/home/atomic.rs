//! Files that come to be in one step: under its name, a file is the old one or the whole new one, whenever the process
//! or the machine stops.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
    time::{Duration, SystemTime},
};

use tempfile::{Builder, TempPath};

/// How the files begin that are on their way to their names.
const PREFIX: &str = ".cyber-platform-";
/// No file is on its way for so long: one that is older was left by a run that was killed.
const LEFT_BEHIND: Duration = Duration::from_secs(60 * 60);

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    /// Its owner alone, from the moment it exists.
    Owner,
    /// Whom the user's umask allows to.
    Umask,
}

impl Readers {
    /// Before the umask takes its part.
    #[cfg(unix)]
    fn mode(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Umask => 0o666,
        }
    }
}

/// Puts a file in the place of an older one, or of none.
pub(super) fn replace(
    folder: &Path,
    name: &str,
    content: &[u8],
    readers: Readers,
) -> io::Result<()> {
    let whole = match unnamed(folder, content, readers)? {
        Some(whole) => whole,
        None => named(folder, content, readers)?,
    };
    whole.persist(folder.join(name))?;
    sync(folder);
    Ok(())
}

/// Removes what killed runs have left. What cannot be removed is in nobody's way.
pub(super) fn clean_up(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified.map(|modified| SystemTime::now().duration_since(modified));
        if matches!(age, Ok(Ok(age)) if age > LEFT_BEHIND) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Writes a file without a name, which vanishes if the process is killed, and names it when all of it is on the disk.
/// `None` where the file system has no such files.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path, content: &[u8], readers: Readers) -> io::Result<Option<TempPath>> {
    use std::os::fd::AsRawFd;

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};

    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let Ok(file) = open(folder, flags, Mode::from_raw_mode(readers.mode())) else {
        return Ok(None);
    };
    let file = File::from(file);
    write(&file, content)?;
    let itself = format!("/proc/self/fd/{}", file.as_raw_fd());
    let linked = Builder::new().prefix(PREFIX).make_in(folder, |path| {
        Ok(linkat(CWD, &itself, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
    });
    // A machine may have no /proc, and a network folder no links.
    Ok(linked.ok().map(tempfile::NamedTempFile::into_temp_path))
}

#[cfg(not(target_os = "linux"))]
fn unnamed(_: &Path, _: &[u8], _: Readers) -> io::Result<Option<TempPath>> {
    Ok(None)
}

/// Writes a file with a name of its own, which only a kill leaves behind.
fn named(folder: &Path, content: &[u8], readers: Readers) -> io::Result<TempPath> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(readers.mode()));
    }
    #[cfg(not(unix))]
    let _ = readers;
    let file = builder.tempfile_in(folder)?;
    write(file.as_file(), content)?;
    Ok(file.into_temp_path())
}

fn write(mut file: &File, content: &[u8]) -> io::Result<()> {
    file.write_all(content)?;
    file.sync_all()
}

/// Makes a name outlast a power cut. The file is there already, so that a folder that cannot be synced is no error.
fn sync(folder: &Path) {
    #[cfg(unix)]
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
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
    fn a_file_takes_the_place_of_another_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for content in ["old", "the new one"] {
            replace(folder.path(), "a.json", content.as_bytes(), Readers::Umask).unwrap();
            assert_eq!(
                fs::read_to_string(folder.path().join("a.json")).unwrap(),
                content
            );
        }
        assert_eq!(names(folder.path()), ["a.json"]);
    }

    #[test]
    fn a_file_that_cannot_take_its_place_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a.json/b")).unwrap();
        assert!(replace(folder.path(), "a.json", b"new", Readers::Umask).is_err());
        assert_eq!(names(folder.path()), ["a.json"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn both_ways_to_write_a_file_give_the_same_file() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        for readers in [Readers::Owner, Readers::Umask] {
            let unnamed = unnamed(folder.path(), b"content", readers)
                .unwrap()
                .expect("a temporary folder is on a file system that can do it");
            let named = named(folder.path(), b"content", readers).unwrap();
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode(&unnamed), mode(&named), "{readers:?}");
            assert_eq!(fs::read(&unnamed).unwrap(), b"content");
            assert_eq!(fs::read(&named).unwrap(), b"content");
            if readers == Readers::Owner {
                assert_eq!(mode(&unnamed) & 0o7777, 0o600);
            }
        }
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn only_what_was_left_long_ago_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let hour = Duration::from_secs(3600);
        for (name, age) in [
            (".cyber-platform-old", hour * 2),
            (".cyber-platform-live", hour / 2),
            ("customer.json", hour * 48),
        ] {
            let file = File::create(folder.path().join(name)).unwrap();
            file.set_modified(SystemTime::now() - age).unwrap();
        }
        clean_up(folder.path());
        assert_eq!(
            names(folder.path()),
            [".cyber-platform-live", "customer.json"]
        );
    }
}
