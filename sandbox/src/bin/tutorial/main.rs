//! A guided tour: runs every example of the tutorial against its own sandbox and shows what happens.
//!
//! ```text
//! cargo run -p sandbox --bin tutorial
//! ```
//!
//! All files are in a temporary folder, which is removed at the end unless `--home` names a folder.

mod guide;
mod home;
mod show;
mod tour;

use std::{io, path::PathBuf, process::ExitCode, time::Instant};

use clap::{
    Arg, ArgAction, ArgMatches, Command,
    builder::{PossibleValue, PossibleValuesParser},
    value_parser,
};

use crate::{
    guide::{Chapter, Step},
    home::Home,
    tour::{Run, Tour},
};

/// Why the tour ends early, and what to do about it.
#[derive(Debug)]
pub(crate) struct TourError {
    cause: String,
    help: String,
}

impl TourError {
    pub(crate) fn new(cause: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            help: help.into(),
        }
    }
}

fn main() -> ExitCode {
    let arguments = arguments().get_matches();
    if arguments.get_flag("list") {
        show::contents(&guide::chapters());
        return ExitCode::SUCCESS;
    }
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            show::error(&error.cause, &error.help);
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Command {
    Command::new("tutorial")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A guided tour: runs every example of the tutorial against its own sandbox and shows what happens.")
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
                .value_parser(PossibleValuesParser::new(chapter_names()))
                .ignore_case(true)
                .help("Show this chapter only, after running what it needs"),
        )
        .arg(
            Arg::new("pause")
                .long("pause")
                .action(ArgAction::SetTrue)
                .help("Show the source of each step, and wait for Enter before it runs"),
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
}

/// The names of the chapters. Their headings are accepted too.
fn chapter_names() -> Vec<PossibleValue> {
    guide::chapters()
        .iter()
        .map(|chapter| PossibleValue::new(chapter.name).alias(chapter.title))
        .collect()
}

fn run(arguments: &ArgMatches) -> Result<(), TourError> {
    let mut chapters = guide::chapters();
    let chosen = arguments.get_one::<String>("chapter");
    if let Some(chosen) = chosen {
        let is_chosen = |name: &str| name.eq_ignore_ascii_case(chosen);
        chapters.retain(|chapter| is_chosen(chapter.name) || is_chosen(chapter.title));
    }
    let mut home = Home::create(arguments.get_one::<PathBuf>("home").map(PathBuf::as_path))?;
    let built = arguments.get_one::<PathBuf>("binaries");
    let mut tour = Tour::start(&home, built.map(PathBuf::as_path))?;

    // The settings were there before the first step, so no step created them.
    home.changes()?;

    let started = Instant::now();
    show::start(tour.url(), home.folder());
    if let ([chapter], Some(_)) = (chapters.as_slice(), chosen) {
        run_needed(&mut tour, &mut home, chapter)?;
    }
    let count = chapters.iter().map(|chapter| chapter.steps.len()).sum();
    let mut done = Vec::new();
    for chapter in &chapters {
        show::chapter(chapter);
        for file in &chapter.removes {
            if home.remove(file)? {
                show::removed(file);
            }
        }
        for step in &chapter.steps {
            show::step(done.len() + 1, count, step);
            if arguments.get_flag("pause") {
                wait_for_enter(step)?;
            }
            done.push(run_step(&mut tour, &mut home, chapter, step)?);
        }
    }
    show::end(&done, started.elapsed(), &home);
    Ok(())
}

/// Runs what a chapter needs and shows a line for each.
fn run_needed(tour: &mut Tour, home: &mut Home, chapter: &Chapter) -> Result<(), TourError> {
    let steps = guide::needed_before(chapter);
    if !steps.is_empty() {
        show::needed();
    }
    for step in &steps {
        let run = tour.run(step.example, home.folder())?;
        show::command(&step.command());
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
    /// The names of the new and changed files.
    pub(crate) files: Vec<String>,
}

/// Runs one step and shows it.
fn run_step(
    tour: &mut Tour,
    home: &mut Home,
    chapter: &Chapter,
    step: &Step,
) -> Result<Done, TourError> {
    let run = tour.run(step.example, home.folder())?;
    let changes = home.changes()?;
    show::run(&run, step, &changes);
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

fn failed(home: &mut Home, step: &Step, run: &Run) -> TourError {
    home.keep();
    TourError::new(
        format!("{} failed ({})", step.example.name, run.status),
        format!(
            "Read its output above. Its files are in {}. If you have not changed the checkout, please report this.",
            home.folder().display()
        ),
    )
}

/// Waits for Enter. The end of the input counts, too.
fn wait_for_enter(step: &Step) -> Result<(), TourError> {
    show::pause(step);
    io::stdin()
        .read_line(&mut String::new())
        .map(drop)
        .map_err(|cause| {
            TourError::new(
                format!("cannot read from the terminal: {cause}"),
                "Run the tour without --pause.",
            )
        })
}
