//! The terminal: prompts, tables and progress.

mod progress;
mod prompt;
mod table;

pub use progress::{Progress, progress};
pub use prompt::{ask, ask_secret, confirm, wait_for_enter};
pub use table::{bar, bytes, table};
