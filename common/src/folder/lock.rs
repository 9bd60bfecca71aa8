//! One process at a time refreshes the tokens; the others wait for it.

use std::{
    fs::{File, TryLockError},
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// The file that is locked. It is empty and stays. The token files can be read at any time.
const LOCK: &str = ".cyber-platform.lock";
/// How long to wait for another process, which may be waiting for a slow platform.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(60);
/// The pause between two attempts to take the lock.
const PAUSE: Duration = Duration::from_millis(20);

/// The lock, held while this lives.
#[derive(Debug)]
pub(crate) struct TokenLock(Option<File>);

impl TokenLock {
    /// Waits for the lock; `None` if another process still holds it at the end. If the file system has no locks, the
    /// result is [`unlocked`](Self::unlocked).
    pub(super) fn wait(folder: &Path, max_wait: Duration) -> Option<Self> {
        let mut options = File::options();
        let options = options.create(true).write(true).truncate(false);
        let Ok(file) = options.open(folder.join(LOCK)) else {
            return Some(Self::unlocked());
        };
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Some(Self(Some(file))),
                Err(TryLockError::WouldBlock) if started.elapsed() < max_wait => {
                    thread::sleep(PAUSE);
                }
                Err(TryLockError::WouldBlock) => return None,
                Err(TryLockError::Error(_)) => return Some(Self::unlocked()),
            }
        }
    }

    /// No lock. Two processes may then issue a token each, which does no harm.
    pub(super) fn unlocked() -> Self {
        Self(None)
    }
}

impl Drop for TokenLock {
    fn drop(&mut self) {
        // Closing the file would release it too, but not at once on every system.
        let _ = self.0.take().map(|file| file.unlock());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_holds_the_lock_and_others_stop_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let first = TokenLock::wait(folder.path(), MAX_WAIT).unwrap();
        assert!(first.0.is_some());
        assert!(TokenLock::wait(folder.path(), Duration::ZERO).is_none());
        drop(first);
        assert!(TokenLock::wait(folder.path(), Duration::ZERO).is_some());
    }

    #[test]
    fn continues_without_a_lock_if_the_file_cannot_be_created() {
        let folder = tempfile::tempdir().unwrap();
        let lock = TokenLock::wait(&folder.path().join("missing"), MAX_WAIT).unwrap();
        assert!(lock.0.is_none());
    }
}
