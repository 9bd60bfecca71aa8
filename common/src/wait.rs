//! Waiting for work that the platform does in its own time.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{error::Failure, show::progress};

/// The first look comes at once, the second after this; each pause is half as long again as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Looks again and again until `look` finds what is awaited. Shows on a terminal that it waits.
///
/// # Errors
/// What `look` meets; a [`Failure`] when it has found nothing for `longest`.
pub fn wait_until<T>(
    what: &str,
    longest: Duration,
    mut look: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let started = Instant::now();
    let _shown = progress(&format!("waiting for {what}"));
    let mut pause = FIRST_PAUSE;
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        let left = longest.saturating_sub(started.elapsed());
        if left.is_zero() {
            return Err(Failure::new(
                format!("waited {} s for {what}, in vain", longest.as_secs()),
                "Try again later, or wait longer: wait_seconds in cyber.platform.cfg.json.",
            )
            .into());
        }
        thread::sleep(pause.min(left));
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}
