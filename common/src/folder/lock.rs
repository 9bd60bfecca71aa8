//! One thread of one process at a time changes the tokens; the others wait for it.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
    sync::MutexGuard,
    thread,
    time::{Duration, Instant},
};

use super::trusted::{self, Rejected};
use crate::error::UserError;

/// The file that is locked. It is empty and stays. The token files can be read at any time.
const LOCK: &str = ".cyber-platform.lock";
/// How long to wait for another process, which may be waiting for a slow platform.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(60);
/// The pause between two attempts to take the lock.
const PAUSE: Duration = Duration::from_millis(20);

/// The lock, held while this lives.
#[derive(Debug)]
pub(crate) struct TokenLock<'a> {
    file: Option<File>,
    _thread: MutexGuard<'a, ()>,
}

impl<'a> TokenLock<'a> {
    /// The lock of tokens that no other process has.
    pub(super) fn of_thread(thread: MutexGuard<'a, ()>) -> Self {
        Self {
            file: None,
            _thread: thread,
        }
    }

    /// Waits for the other processes; `thread` already keeps the other threads waiting. If the file system has no
    /// locks, or another process does not release its lock within `max_wait`, the run continues without the lock. Each
    /// process may then issue its own token, which does no harm.
    ///
    /// # Errors
    /// A [`UserError`] if the lock file is not one that may be used.
    pub(super) fn wait(
        folder: &Path,
        thread: MutexGuard<'a, ()>,
        max_wait: Duration,
    ) -> Result<Self, UserError> {
        Ok(Self {
            file: lock_file(folder, max_wait)?,
            _thread: thread,
        })
    }
}

fn lock_file(folder: &Path, max_wait: Duration) -> Result<Option<File>, UserError> {
    let path = folder.join(LOCK);
    let file = match trusted::open(&path, &mut options(), false) {
        Ok(file) => file,
        Err(Rejected::Untrusted(reason)) => return Err(reason.error(&path)),
        Err(Rejected::Unreadable(_)) => return Ok(None),
    };
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) if started.elapsed() < max_wait => thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                log::warn!(
                    "another process has held the token lock for a minute; continuing without it"
                );
                return Ok(None);
            }
            Err(TryLockError::Error(_)) => return Ok(None),
        }
    }
}

fn options() -> OpenOptions {
    let mut options = File::options();
    options.create(true).write(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

impl Drop for TokenLock<'_> {
    fn drop(&mut self) {
        // Closing the file would release it too, but on some systems only later.
        let _ = self.file.take().map(|file| file.unlock());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_holds_the_lock_and_others_stop_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let lock = |max_wait| lock_file(folder.path(), max_wait).unwrap();
        let first = lock(MAX_WAIT);
        assert!(first.is_some());
        assert!(lock(Duration::ZERO).is_none());
        drop(first);
        assert!(lock(Duration::ZERO).is_some());
    }

    #[test]
    fn continues_without_a_lock_if_the_file_cannot_be_created() {
        let folder = tempfile::tempdir().unwrap();
        let file = lock_file(&folder.path().join("missing"), MAX_WAIT).unwrap();
        assert!(file.is_none());
    }
}
