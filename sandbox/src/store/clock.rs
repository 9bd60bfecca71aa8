//! How the clock is set, which is a part of the state.

use super::{Store, meta, set_meta};
use crate::clock::ClockSetting;
use crate::domain::Result;

const KEY: &str = "clock";

impl Store {
    /// How the clock was set last; `None` if it never was.
    pub(crate) fn clock_setting(&self) -> Result<Option<ClockSetting>> {
        let kept = self.read(|db| meta(db, KEY))?;
        let setting = kept.map(|text| serde_json::from_str(&text)).transpose()?;
        Ok(setting)
    }

    /// Keeps how it is set.
    pub(crate) fn save_clock_setting(&self, setting: ClockSetting) -> Result<()> {
        let text = serde_json::to_string(&setting)?;
        self.write(|tx| set_meta(tx, KEY, &text))
    }
}
