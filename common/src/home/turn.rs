//! One process at a time: who is about to renew the token waits for who is doing so already.

use std::{
    fs::{File, TryLockError},
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// The file that is locked. It holds nothing and stays; the tokens' own files can be read at any time.
const LOCK: &str = ".cyber-platform.lock";
/// How long to wait for another process, which may have met a platform that takes its time.
pub(super) const LONGEST: Duration = Duration::from_secs(60);
/// How often to look whether it has ended.
const PAUSE: Duration = Duration::from_millis(20);

/// The turn of this process, which lasts while this lives.
#[derive(Debug)]
pub(crate) struct Turn(Option<File>);

impl Turn {
    /// Waits for it, but not for ever: `None` where another process does not end. Where there are no locks, it goes
    /// without.
    pub(super) fn wait(folder: &Path, longest: Duration) -> Option<Self> {
        let mut options = File::options();
        let options = options.create(true).write(true).truncate(false);
        let Ok(file) = options.open(folder.join(LOCK)) else {
            return Some(Self::without_lock());
        };
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Some(Self(Some(file))),
                Err(TryLockError::WouldBlock) if started.elapsed() < longest => {
                    thread::sleep(PAUSE);
                }
                Err(TryLockError::WouldBlock) => return None,
                Err(TryLockError::Error(_)) => return Some(Self::without_lock()),
            }
        }
    }

    /// A turn that holds nobody off. Two tokens are no harm, and each file is written in one step all the same.
    pub(super) fn without_lock() -> Self {
        Self(None)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Closing the file would do, but some systems take their time with that.
        let _ = self.0.take().map(|file| file.unlock());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_nobody_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let first = Turn::wait(folder.path(), LONGEST).unwrap();
        assert!(first.0.is_some());
        assert!(Turn::wait(folder.path(), Duration::ZERO).is_none());
        drop(first);
        assert!(Turn::wait(folder.path(), Duration::ZERO).is_some());
    }

    #[test]
    fn a_folder_that_takes_no_lock_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        let turn = Turn::wait(&folder.path().join("missing"), LONGEST).unwrap();
        assert!(turn.0.is_none());
    }
}
