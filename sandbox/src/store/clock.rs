//! The clock setting, which is part of the state.

use super::{Store, meta, set_meta};
use crate::clock::ClockSetting;
use crate::domain::Result;

const KEY: &str = "clock";

impl Store {
    /// The saved clock setting; `None` if the clock was never set.
    pub(crate) fn clock_setting(&self) -> Result<Option<ClockSetting>> {
        let saved = self.read(|db| meta(db, KEY))?;
        let setting = saved.map(|text| serde_json::from_str(&text)).transpose()?;
        Ok(setting)
    }

    /// Saves the clock setting.
    pub(crate) fn save_clock_setting(&self, setting: ClockSetting) -> Result<()> {
        let text = serde_json::to_string(&setting)?;
        self.write(|tx| set_meta(tx, KEY, &text))
    }
}
