//! How every example starts, helps, ends and reports: the only place that prints errors.

use std::{
    io::{self, Write},
    panic,
    process::ExitCode,
};

use anyhow::Result;
use clap::{Arg, ArgAction, Command, error::ErrorKind};
use serde_json::Value;

use crate::{
    Platform, Setup,
    error::{Failure, Mistake, advice, exit_code, may_be_done},
    pages::cursor,
    steps::{done, not_done},
};

/// The header of the calling binary's source, which `--help` prints: what it does, needs, calls and leaves.
#[macro_export]
macro_rules! about {
    () => {
        $crate::run::About {
            binary: env!("CARGO_BIN_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            source: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/src/bin/",
                env!("CARGO_BIN_NAME"),
                ".rs"
            )),
        }
    };
}

/// A binary's name, version and source; made by [`about!`](crate::about).
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Name of the binary.
    pub binary: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its source, whose header is the help text.
    pub source: &'static str,
}

impl About {
    /// What the header says, as plain text.
    fn header(&self) -> String {
        self.source
            .lines()
            .map_while(|line| line.strip_prefix("//!"))
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .filter(|line| !line.starts_with("```"))
            .map(|line| line.replace('`', ""))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// What one item of the header says: `- Changes: …`, which may go on for more than one line.
    fn item(&self, name: &str) -> Option<String> {
        let header = self.header();
        let (_, item) = header.split_once(&format!("\n- {name}: "))?;
        let item = item.split("\n- ").next()?.split("\n\n").next()?;
        Some(item.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// Runs an example signed in: the platform's token, or the customer-scoped one where a valid one is kept.
pub fn run(about: About, example: impl FnOnce(&Platform) -> Result<()>) -> ExitCode {
    start(about, |setup| example(&Platform::sign_in(setup)?))
}

/// Runs an example signed in with the API client's own token, even where a customer-scoped one is kept.
pub fn run_with_base_token(
    about: About,
    example: impl FnOnce(&Platform) -> Result<()>,
) -> ExitCode {
    start(about, |setup| {
        example(&Platform::sign_in_with_base_token(setup)?)
    })
}

/// Runs an example signed in with the customer-scoped token: what it does, it does within that customer.
pub fn run_with_customer_token(
    about: About,
    example: impl FnOnce(&Platform) -> Result<()>,
) -> ExitCode {
    start(about, |setup| {
        example(&Platform::sign_in_for_customer(setup)?)
    })
}

/// Runs an example that signs in by itself, as those do that make the API client and its token.
pub fn run_without_token(about: About, example: impl FnOnce(&Setup) -> Result<()>) -> ExitCode {
    start(about, |setup| example(&setup))
}

fn start(about: About, work: impl FnOnce(Setup) -> Result<()>) -> ExitCode {
    end_without_a_reader();
    let outcome = parse(about).and_then(|options| match options {
        Some(Options { verbose }) => work(Setup::prepare(verbose)?),
        None => Ok(()),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            tell_how_far(about, &error);
            ExitCode::from(exit_code(&error))
        }
    }
}

/// Prints a warning, which does not end the run.
pub fn warn(message: &str) {
    tell("warning", message);
}

/// Prints what is good to know and nothing to act upon.
pub(crate) fn note(message: &str) {
    tell("note", message);
}

/// Warns where an answer is only the first page of a list, which nobody should take for all of it.
pub fn warn_of_more(answer: &Value) {
    if cursor(answer, "after").is_some() {
        warn(
            "this is the first page only, and the platform has more: follow paging.cursors.after for the rest",
        );
    }
}

/// What can be chosen for any example.
struct Options {
    verbose: bool,
}

/// The examples take no arguments but options. `None`: it was `--help` or `--version`, and it is answered.
fn parse(about: About) -> Result<Option<Options>> {
    let header = about.header();
    let (summary, rest) = header.split_once("\n\n").unwrap_or((&header, ""));
    let command = Command::new(about.binary)
        .version(about.version)
        .about(summary.to_owned())
        .arg(
            Arg::new("verbose")
                .long("verbose")
                .action(ArgAction::SetTrue)
                .help("Show each call and its answer on standard error, without secrets"),
        )
        .after_help(rest.to_owned());
    let message = match command.try_get_matches() {
        Ok(given) => {
            let verbose = given.get_flag("verbose");
            return Ok(Some(Options { verbose }));
        }
        Err(message) => message,
    };
    match message.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            message
                .print()
                .map_err(|cause| not_printed(&cause.to_string()))?;
            Ok(None)
        }
        _ => {
            let text = message.to_string();
            let cause = text.lines().next().unwrap_or_default();
            Err(Mistake::new(
                cause.trim_start_matches("error: "),
                format!(
                    "{} takes no arguments but --verbose and asks for what it needs; --help tells more.",
                    about.binary
                ),
            )
            .into())
        }
    }
}

/// One line of cause, one of advice.
fn report(error: &anyhow::Error) {
    tell("error", &format!("{error:#}"));
    if let Some(advice) = advice(error) {
        tell("help", &advice);
    }
}

/// Where something was done before the error, or may have been: what was, what was not, and how to go on or undo.
fn tell_how_far(about: About, error: &anyhow::Error) {
    let done = done();
    if !done.is_empty() {
        tell("done", &done.join(", "));
        let planned = about.item("Changes").unwrap_or_default();
        let left = not_done(planned.trim_end_matches('.'), &done);
        if !left.is_empty() {
            tell("not done", &left.join(", "));
        }
    }
    if let Some(next) = about
        .item("Half way")
        .filter(|_| !done.is_empty() || may_be_done(error))
    {
        tell("next", &next);
    }
}

fn not_printed(cause: &str) -> Failure {
    Failure::new(
        format!("the result could not be printed: {cause}"),
        "Run it again, and let whatever reads its output read to the end.",
    )
}

fn tell(kind: &str, message: &str) {
    // Where standard error is gone too, the exit code is all that is left to tell.
    let _ = writeln!(io::stderr(), "{kind}: {message}");
}

/// `println!` panics when standard output is closed (`| head`) or full. That is no bug, so it ends like any error.
fn end_without_a_reader() {
    let others = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let message = info
            .payload()
            .downcast_ref::<String>()
            .map_or("", String::as_str);
        match message.strip_prefix("failed printing to stdout: ") {
            Some(cause) => {
                report(&not_printed(cause).into());
                #[expect(clippy::exit, reason = "the last act of a panic is to end the process")]
                std::process::exit(1);
            }
            None => others(info),
        }
    }));
}
