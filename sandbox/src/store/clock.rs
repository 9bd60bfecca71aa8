//! How the clock is set, which is a part of the state.

use super::{Store, meta, set_meta};
use crate::clock::Dial;
use crate::error::Result;

const KEY: &str = "clock";

impl Store {
    /// How the clock was set last; `None` if it never was.
    pub(crate) fn dial(&self) -> Result<Option<Dial>> {
        let kept = self.read(|db| meta(db, KEY))?;
        let dial = kept.map(|text| serde_json::from_str(&text)).transpose()?;
        Ok(dial)
    }

    /// Keeps how it is set.
    pub(crate) fn keep_dial(&self, dial: Dial) -> Result<()> {
        let text = serde_json::to_string(&dial)?;
        self.write(|tx| set_meta(tx, KEY, &text))
    }
}
