//! What an example reports if something is wrong, its exit code, and that its home stays unchanged.

mod error_bodies;
mod every_example;
#[cfg(unix)]
mod file_modes;
mod files;
mod help;
mod hostile_text;
mod input;
mod malformed_responses;
mod quoted_secrets;
mod responses;
mod settings;
mod standard_output;
#[cfg(unix)]
mod storage;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod untrusted_files;
