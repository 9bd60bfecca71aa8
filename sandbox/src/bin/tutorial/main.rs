//! A guided tour: runs the tutorial's own binaries against a sandbox of its own and shows what happens.
//!
//! ```text
//! cargo run -p sandbox --bin tutorial
//! ```
//!
//! Everything it makes is in a folder of its own, gone at the end unless `--home` names one.

mod chapters;
mod home;
mod show;
mod stage;

use std::{path::PathBuf, process::ExitCode, time::Instant};

use clap::{Arg, ArgAction, ArgMatches, Command, builder::PossibleValuesParser, value_parser};

use crate::{
    chapters::{CHAPTERS, Chapter, Step},
    home::Home,
    stage::Stage,
};

/// While this file is in home, all examples work with the token in it.
const CUSTOMER_TOKEN: &str = "api_customer_scoped_token.json";

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
        .arg(
            Arg::new("chapter")
                .long("chapter")
                .value_name("NAME")
                .value_parser(PossibleValuesParser::new(
                    CHAPTERS.iter().map(|chapter| chapter.name),
                ))
                .help("Go through this chapter alone, after what it needs"),
        )
        .arg(
            Arg::new("binaries")
                .long("binaries")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Run the examples in this folder, which has a subfolder for each package, instead of building them"),
        )
        .arg(
            Arg::new("list")
                .long("list")
                .action(ArgAction::SetTrue)
                .help("List the chapters and their steps, and run nothing"),
        )
        .get_matches();
    if arguments.get_flag("list") {
        show::contents(CHAPTERS);
        return ExitCode::SUCCESS;
    }

    match tour(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            show::stop(&stop.cause, &stop.advice);
            ExitCode::FAILURE
        }
    }
}

fn tour(arguments: &ArgMatches) -> Result<(), Stop> {
    let chosen = arguments.get_one::<String>("chapter");
    let chapters: Vec<&Chapter> = CHAPTERS
        .iter()
        .filter(|chapter| chosen.is_none_or(|name| chapter.name == name))
        .collect();
    let mut home = Home::make(arguments.get_one::<PathBuf>("home").map(PathBuf::as_path))?;
    let built = arguments.get_one::<PathBuf>("binaries");
    let mut stage = Stage::build(&home, built.map(PathBuf::as_path))?;

    // The settings are there from the beginning: no step has made them.
    home.changes()?;

    let started = Instant::now();
    show::beginning(stage.url(), home.folder());
    if let [chapter] = chapters.as_slice() {
        prepare(&mut stage, &mut home, chapter)?;
    }
    let count = chapters.iter().map(|chapter| chapter.steps.len()).sum();
    let mut done = Vec::new();
    for chapter in chapters {
        show::chapter(chapter);
        if !chapter.customer_token && home.remove(CUSTOMER_TOKEN)? {
            show::removed(CUSTOMER_TOKEN);
        }
        for step in chapter.steps {
            show::heading(done.len() + 1, count, step);
            done.push(walk(&mut stage, &mut home, chapter, step)?);
        }
    }
    show::end(&done, started.elapsed(), &home);
    Ok(())
}

/// Runs what a chapter needs, in a line each.
fn prepare(stage: &mut Stage, home: &mut Home, chapter: &Chapter) -> Result<(), Stop> {
    let steps = chapter.before();
    if !steps.is_empty() {
        show::before();
    }
    for step in steps {
        let run = stage.run(step, home.folder())?;
        show::prepared(step);
        if !run.success {
            show::dialogue(&run);
            return Err(failed(home, step, &run));
        }
    }
    home.changes()?;
    Ok(())
}

/// A step that succeeded, for the summary.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) chapter: &'static str,
    pub(crate) title: &'static str,
    pub(crate) calls: usize,
    /// The files that were left.
    pub(crate) files: Vec<String>,
}

/// Runs one step and shows it.
fn walk(stage: &mut Stage, home: &mut Home, chapter: &Chapter, step: &Step) -> Result<Done, Stop> {
    let run = stage.run(step, home.folder())?;
    show::dialogue(&run);
    show::calls(&run.calls);
    show::mails(&run.mails);
    show::then(step);
    let changes = home.changes()?;
    show::files(&changes);
    if !run.success {
        return Err(failed(home, step, &run));
    }
    Ok(Done {
        chapter: chapter.title,
        title: step.title,
        calls: run.calls.len(),
        files: changes.into_iter().map(|change| change.name).collect(),
    })
}

fn failed(home: &mut Home, step: &Step, run: &stage::Run) -> Stop {
    home.keep();
    Stop::new(
        format!("{} did not succeed ({})", step.binary, run.ending),
        format!(
            "Read what it printed above. Its files are kept in {}; if this is a fresh checkout, please report it.",
            home.folder().display()
        ),
    )
}
