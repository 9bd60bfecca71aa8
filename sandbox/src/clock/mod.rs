//! One clock for all: whoever needs the time asks it. It can be set, and be made to run faster than the machine's.
//!
//! Nothing in the sandbox waits for a moment to come. What takes time is computed when somebody looks, so that it comes
//! in the right order however far the clock jumps.

mod setting;
mod timestamp;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::domain::Result;

pub(crate) use self::setting::{Change, ClockSetting};
pub use self::timestamp::Timestamp;

/// Tells the time, and how fast simulated work goes.
#[derive(Debug)]
pub(crate) struct Clock {
    /// How many times as fast as on the platform work goes, by this clock.
    work: f64,
    setting: Mutex<ClockSetting>,
    /// Held by who changes it, so that two changes do not lose one.
    changing: Mutex<()>,
}

impl Clock {
    /// A clock that was set like this, or never.
    pub(crate) fn new(work: f64, setting: Option<ClockSetting>) -> Clock {
        Clock {
            work,
            setting: Mutex::new(setting.unwrap_or(ClockSetting::MACHINE)),
            changing: Mutex::default(),
        }
    }

    /// Now.
    pub(crate) fn now(&self) -> Timestamp {
        self.setting().at(machine())
    }

    /// How it is set.
    pub(crate) fn setting(&self) -> ClockSetting {
        *held(&self.setting)
    }

    /// How many milliseconds a piece of work takes here that takes `millis` at speed 1.
    pub(crate) fn work(&self, millis: i64) -> i64 {
        // Whole milliseconds, and a speed that is checked at the start: nothing to lose.
        (millis as f64 / self.work).round() as i64
    }

    /// How long one waits until it has gone on by so many milliseconds.
    pub(crate) fn wait(&self, millis: i64) -> Duration {
        let millis = (millis.max(0) as f64 / self.setting().speed)
            .ceil()
            .max(1.0);
        Duration::from_millis(millis as u64)
    }

    /// Changes it once that is kept, so that what is answered outlives the process.
    pub(crate) fn change(
        &self,
        change: &Change,
        keep: impl FnOnce(ClockSetting) -> Result<()>,
    ) -> Result<()> {
        let _one_at_a_time = held(&self.changing);
        let setting = self.setting().changed(machine(), change)?;
        keep(setting)?;
        *held(&self.setting) = setting;
        Ok(())
    }

    /// Back to the machine's time, once all else is there too: that gets the moment to begin with.
    pub(crate) fn reset(&self, all_else: impl FnOnce(Timestamp) -> Result<()>) -> Result<()> {
        let _one_at_a_time = held(&self.changing);
        all_else(machine())?;
        *held(&self.setting) = ClockSetting::MACHINE;
        Ok(())
    }
}

// Nothing in there can be left half done.
fn held<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The machine's time.
fn machine() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}
