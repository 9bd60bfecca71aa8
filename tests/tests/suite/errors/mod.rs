//! What is told when something is wrong, with which exit code, and that home stays as it was.

mod answers;
mod bodies;
mod every_example;
mod files;
mod help;
mod input;
mod malformed_responses;
#[cfg(unix)]
mod modes;
mod output;
mod quoted;
mod settings;
#[cfg(unix)]
mod storage;
#[cfg(unix)]
mod terminal;
