//! JSON on standard output.

use anyhow::Result;
use serde::Serialize;

use crate::{json::to_pretty_string, text::sanitize};

/// Prints a value as indented JSON, each line [sanitized](sanitize).
///
/// # Errors
/// If the value cannot be serialized.
pub fn print_json(value: &impl Serialize) -> Result<()> {
    for line in to_pretty_string(value)?.lines() {
        println!("{}", sanitize(line));
    }
    Ok(())
}
