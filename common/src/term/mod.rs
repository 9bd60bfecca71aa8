//! The terminal: prompts, tables, progress and log lines.

pub(crate) mod logger;
mod progress;
mod prompt;
pub(crate) mod sanitize;
mod table;

pub use progress::{Progress, progress};
pub use prompt::{ask, ask_secret, confirm, wait_for_enter};
pub use sanitize::sanitize;
pub use table::{bar, bytes, count, table};
