//! Waiting for work that takes the platform some time.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::error::Failure;

/// The pause after the first poll. Each further pause is 1.5 times as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause between two polls.
const MAX_PAUSE: Duration = Duration::from_secs(10);

/// Calls `poll` until it returns a value. The caller adds what it waits for as context to the error.
///
/// # Errors
/// The error of `poll`; a [`Failure`] after `timeout`.
pub fn poll_until<T>(timeout: Duration, mut poll: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let started = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        if let Some(value) = poll()? {
            return Ok(value);
        }
        let left = timeout.saturating_sub(started.elapsed());
        if left.is_zero() {
            return Err(Failure::new(
                format!("timed out after {} s", timeout.as_secs()),
                "Try again later, or increase wait_seconds in cyber.platform.cfg.json.",
            )
            .into());
        }
        thread::sleep(pause.min(left));
        pause = (pause * 3 / 2).min(MAX_PAUSE);
    }
}
