//! The clock of a world. It can be set and sped up.
//!
//! Nothing in the sandbox waits for a point in time. The state of long-running work is computed when it is read, so that events
//! are in the right order however far the clock jumps.

mod setting;
mod timestamp;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::domain::Result;

pub(crate) use self::setting::{Change, ClockSetting};
pub use self::timestamp::Timestamp;

/// The current time, and the speed of simulated work.
#[derive(Debug)]
pub(crate) struct Clock {
    /// The speed of simulated work relative to the real platform, measured with this clock.
    work_speed: f64,
    setting: Mutex<ClockSetting>,
    /// Serializes changes, so that none is lost.
    changing: Mutex<()>,
}

impl Clock {
    /// A clock with this setting; without one it follows the system clock.
    pub(crate) fn new(work_speed: f64, setting: Option<ClockSetting>) -> Self {
        Self {
            work_speed,
            setting: Mutex::new(setting.unwrap_or(ClockSetting::SYSTEM)),
            changing: Mutex::default(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.setting().at(system_time())
    }

    pub(crate) fn setting(&self) -> ClockSetting {
        *lock(&self.setting)
    }

    /// Milliseconds that work takes here if it takes `millis` at speed 1.
    pub(crate) fn work(&self, millis: i64) -> i64 {
        // The speed is validated at startup, so the conversion to whole milliseconds loses nothing.
        (millis as f64 / self.work_speed).round() as i64
    }

    /// The real time until this clock has advanced by `millis` milliseconds.
    pub(crate) fn wait(&self, millis: i64) -> Duration {
        let millis = (millis.max(0) as f64 / self.setting().speed)
            .ceil()
            .max(1.0);
        Duration::from_millis(millis as u64)
    }

    /// Changes the setting after `save` has persisted it, so that an acknowledged change outlives the process.
    pub(crate) fn change(
        &self,
        change: &Change,
        save: impl FnOnce(ClockSetting) -> Result<()>,
    ) -> Result<()> {
        let _one_at_a_time = lock(&self.changing);
        let setting = self.setting().changed(system_time(), change)?;
        save(setting)?;
        *lock(&self.setting) = setting;
        Ok(())
    }

    /// Returns to the system time after `reset_world` has reset everything else to this time.
    pub(crate) fn reset(&self, reset_world: impl FnOnce(Timestamp) -> Result<()>) -> Result<()> {
        let _one_at_a_time = lock(&self.changing);
        reset_world(system_time())?;
        *lock(&self.setting) = ClockSetting::SYSTEM;
        Ok(())
    }
}

// A panic cannot leave the value half-changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn system_time() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}
