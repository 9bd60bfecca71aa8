//! Snapshot filters for values that differ between runs.

use insta::{Settings, internals::SettingsBindDropGuard};

const RANDOM: (&str, &str) = (
    "(Partner|Customer|Editions) [A-Z0-9]{6} v3.0",
    "$1 RANDOM v3.0",
);
const PORT: (&str, &str) = (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT");

const MILLISECONDS: (&str, &str) = (r", \d+ ms", ", N ms");
const VERSION: (&str, &str) = (r"ACP-Rust-Examples/[\d.]+", "ACP-Rust-Examples/VERSION");
// How much of a response arrives before it is cut short differs from run to run.
const CUT: (&str, &str) = (
    r"(no response from \S+ connection closed before message completed|the response from \S+ was cut short: unexpected EOF[a-z ]*[a-z])",
    "CUT SHORT",
);
const OS: (&str, &str) = (r"\(os error \d+\)", "(os error N)");

/// For a scripted server: random names, ports, durations, versions and error numbers of the system. They apply while
/// the guard lives.
pub fn scripted() -> SettingsBindDropGuard {
    with(&[RANDOM, PORT, MILLISECONDS, VERSION, OS, CUT])
}

/// For the sandbox: random names, ports, ids, times, sizes and counts. They apply while the guard lives.
pub fn sandbox() -> SettingsBindDropGuard {
    with(&[
        RANDOM,
        PORT,
        (
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "ID",
        ),
        (
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?",
            "TIME",
        ),
        (r"\d+ (bytes|rows|offering items|usages)", "N $1"),
    ])
}

fn with(filters: &[(&str, &str)]) -> SettingsBindDropGuard {
    let mut settings = Settings::clone_current();
    for (pattern, replacement) in filters {
        settings.add_filter(pattern, *replacement);
    }
    settings.bind_to_scope()
}
