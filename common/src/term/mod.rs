//! The terminal: prompts, tables and progress.

mod highlight;
mod print;
mod progress;
mod prompt;
mod table;

pub(crate) use highlight::highlight;
pub(crate) use print::run_to_end;
pub use print::{print_json, print_line};
pub use progress::{Progress, progress};
pub(crate) use prompt::end_line;
pub use prompt::{ask, ask_secret, confirm, wait_for_enter};
pub use table::{bar, bytes, print_table};
