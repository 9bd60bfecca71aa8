//! A guided tour: runs the tutorial's own binaries against a sandbox of its own and shows what happens.
//!
//! ```text
//! cargo run -p sandbox --bin tutorial
//! ```
//!
//! Everything it makes is in a folder of its own, gone at the end unless `--home` names one.

mod home;
mod show;
mod stage;
mod steps;

use std::{path::PathBuf, process::ExitCode, time::Instant};

use clap::{Arg, ArgMatches, Command, value_parser};

use crate::{
    home::Home,
    stage::Stage,
    steps::{STEPS, Step},
};

/// Why the tour ends early, and what to do about it.
#[derive(Debug)]
pub(crate) struct Stop {
    cause: String,
    advice: String,
}

impl Stop {
    pub(crate) fn new(cause: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            advice: advice.into(),
        }
    }
}

fn main() -> ExitCode {
    let arguments = Command::new("tutorial")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A guided tour: runs the tutorial's own binaries against a sandbox of its own and shows what happens.")
        .arg(
            Arg::new("home")
                .long("home")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Keep the files in this folder, which must be new or empty"),
        )
        .get_matches();

    match tour(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            show::stop(&stop.cause, &stop.advice);
            ExitCode::FAILURE
        }
    }
}

fn tour(arguments: &ArgMatches) -> Result<(), Stop> {
    let mut home = Home::make(arguments.get_one::<PathBuf>("home").map(PathBuf::as_path))?;
    let mut stage = Stage::build(&home)?;

    // The settings are there from the beginning: no step has made them.
    home.changes()?;

    let started = Instant::now();
    show::beginning(stage.url(), home.folder());
    let mut done = Vec::new();
    for (index, step) in STEPS.iter().enumerate() {
        show::heading(index + 1, STEPS.len(), step);
        done.push(walk(&mut stage, &mut home, step)?);
    }
    show::end(&done, started.elapsed(), &home);
    Ok(())
}

/// A step that succeeded, for the summary.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) title: &'static str,
    pub(crate) calls: usize,
    /// The files that were left.
    pub(crate) files: Vec<String>,
}

/// Runs one step and shows it.
fn walk(stage: &mut Stage, home: &mut Home, step: &Step) -> Result<Done, Stop> {
    let run = stage.run(step, home.folder())?;
    show::dialogue(&run);
    show::calls(&run.calls);
    show::mails(&run.mails);
    let changes = home.changes()?;
    show::files(&changes);
    if run.success {
        return Ok(Done {
            title: step.title,
            calls: run.calls.len(),
            files: changes.into_iter().map(|change| change.name).collect(),
        });
    }
    home.keep();
    Err(Stop::new(
        format!("{} did not succeed ({})", step.binary, run.ending),
        format!(
            "Read what it printed above. Its files are kept in {}; if this is a fresh checkout, please report it.",
            home.folder().display()
        ),
    ))
}
