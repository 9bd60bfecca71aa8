//! The output of the tour. `anstream` removes the colors if the output is not a terminal or `NO_COLOR` is set.

use std::{io::Write, path::Path, time::Duration};

use anstream::{eprintln, print, println};
use anstyle::{AnsiColor, Style};

use crate::{
    Done,
    guide::{Chapter, Step},
    home::{Change, Home},
    tour::{Call, Mail, Run},
};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const TYPED: Style = AnsiColor::Cyan.on_default();

/// The width of the text, in columns.
const WIDTH: usize = 96;

/// Shown before cargo builds the examples and prints its progress, on standard error too.
pub(crate) fn building() {
    eprintln!("Building the examples …");
}

/// Shown before the first step.
pub(crate) fn start(url: &str, home: &Path) {
    println!("{BOLD}The tutorial, step by step, on its own sandbox{BOLD:#}");
    println!();
    text(
        "The sandbox stands in for the platform on this machine. Each step runs one example and shows the command, \
         the prompts and what is typed, the output, the calls that reached the sandbox, and the files that were \
         written.",
    );
    println!();
    println!("  sandbox  {url}");
    println!("  home     {}", home.display());
}

/// All chapters with their steps.
pub(crate) fn contents(chapters: &[Chapter]) {
    for chapter in chapters {
        println!(
            "{BOLD}{}{BOLD:#}  {DIM}--chapter {}{DIM:#}",
            chapter.title, chapter.name
        );
        for step in &chapter.steps {
            println!("  {:45}  {}", step.title, step.example.name);
        }
    }
}

/// Shown before the examples that a chapter needs.
pub(crate) fn needed() {
    println!();
    text("This chapter needs the results of:");
    println!();
}

/// A command that runs without showing its output.
pub(crate) fn command(command: &str) {
    println!("  {DIM}$ {command}{DIM:#}");
}

/// Shown before the steps of a chapter.
pub(crate) fn chapter(chapter: &Chapter) {
    println!();
    println!("{BOLD}== {} =={BOLD:#}", chapter.title);
    for paragraph in &chapter.intro {
        println!();
        text(paragraph);
    }
}

/// Shown when the tour has removed a file.
pub(crate) fn removed(file: &str) {
    println!();
    println!("  {BOLD}$ rm {file}{BOLD:#}");
}

/// Shown before a step runs.
pub(crate) fn step(number: usize, count: usize, step: &Step) {
    println!();
    println!("{BOLD}{number}/{count}  {}{BOLD:#}", step.title);
    for paragraph in &step.text {
        println!();
        text(paragraph);
    }
    println!();
    println!("  {BOLD}$ {}{BOLD:#}", step.command());
}

/// Shown while the tour waits: the lines of the source that matter.
pub(crate) fn pause(step: &Step) {
    println!();
    println!("  {DIM}{}{DIM:#}", step.excerpt.file);
    let lines = step.excerpt.lines.iter().map(|line| format!("  | {line}"));
    shortened(&lines.collect::<Vec<_>>(), 30);
    println!();
    print!("  {DIM}Press Enter to run it.{DIM:#}");
    // Without the prompt the tour still waits.
    let _ = std::io::stdout().flush();
}

/// What a step did: its output, its calls, its e-mails, its files.
pub(crate) fn run(run: &Run, step: &Step, changes: &[Change]) {
    dialogue(run);
    println!();
    calls(&run.calls);
    mails(&run.mails);
    if let Some(then) = step.example.then {
        println!("  {DIM}then {DIM:#}  {then}");
    }
    files(changes);
}

/// The output of an example, with what was typed.
pub(crate) fn dialogue(run: &Run) {
    let lines = run.dialogue.iter().map(|line| match &line.input {
        Some(input) => format!("  {} {TYPED}{input}{TYPED:#}", line.text),
        None => format!("  {}", line.text),
    });
    shortened(&lines.collect::<Vec<_>>(), 24);
}

/// The calls that reached the sandbox. Consecutive equal calls are one line with a count.
fn calls(calls: &[Call]) {
    let mut label = "calls";
    let same = |one: &Call, other: &Call| {
        (&one.method, short(&one.target), one.status)
            == (&other.method, short(&other.target), other.status)
    };
    let lines = calls.chunk_by(same).filter_map(|equal| {
        let call = equal.first()?;
        let color = if call.status < 400 { GOOD } else { BAD };
        let times = match equal.len() {
            1 => String::new(),
            times => format!("  {DIM}{times} times{DIM:#}"),
        };
        let line = format!(
            "  {DIM}{label:5}{DIM:#}  {:6} {}  {color}{}{color:#}{times}",
            call.method,
            short(&call.target),
            call.status
        );
        label = "";
        Some(line)
    });
    shortened(&lines.collect::<Vec<_>>(), 12);
}

/// Prints the first lines and the last ones, without those in the middle if there are too many.
fn shortened(lines: &[String], first: usize) {
    const LAST: usize = 4;

    // Leaving out one or two lines would save nothing.
    if lines.len() <= first + LAST + 2 {
        lines.iter().for_each(|line| println!("{line}"));
        return;
    }
    let (head, rest) = lines.split_at(first);
    let (left_out, tail) = rest.split_at(rest.len() - LAST);
    head.iter().for_each(|line| println!("{line}"));
    println!("  {DIM}… {} more lines …{DIM:#}", left_out.len());
    tail.iter().for_each(|line| println!("{line}"));
}

fn mails(mails: &[Mail]) {
    for mail in mails {
        println!("  {DIM}mail {DIM:#}  to {}: {}", mail.to, mail.subject);
    }
}

fn files(changes: &[Change]) {
    let mut label = "files";
    for change in changes {
        let how = if change.is_new { "new" } else { "changed" };
        let private = if change.is_private {
            ", readable only by you"
        } else {
            ""
        };
        println!(
            "  {DIM}{label:5}{DIM:#}  {}  {DIM}{how}{private}{DIM:#}",
            change.name
        );
        label = "";
    }
}

/// Shown after the last step: a summary, and how to continue.
pub(crate) fn end(done: &[Done], took: Duration, home: &Home) {
    let calls: usize = done.iter().map(|step| step.calls).sum();
    println!();
    let steps = match done.len() {
        1 => "The step".to_owned(),
        number => format!("All {number} steps"),
    };
    let calls = match calls {
        1 => "1 call".to_owned(),
        number => format!("{number} calls"),
    };
    let seconds = took.as_secs_f64();
    println!("{GOOD}{steps} succeeded{GOOD:#}: {calls} in {seconds:.1} s.");
    println!();
    let mut number = 0;
    for chapter in done.chunk_by(|one, other| one.chapter == other.chapter) {
        let title = chapter.first().map_or("", |step| step.chapter);
        println!("  {DIM}{title:49} calls  files{DIM:#}");
        for step in chapter {
            number += 1;
            let mut files = step.files.iter().map(String::as_str);
            let first = files.next().unwrap_or_default();
            println!("  {number:2}  {:45} {:>5}  {first}", step.title, step.calls);
            for file in files {
                println!("{:59}{file}", "");
            }
        }
    }
    println!();
    if home.is_kept() {
        text(&format!(
            "The files are in {}. The sandbox they belong to has stopped.",
            home.folder().display()
        ));
    } else {
        text(
            "The sandbox has stopped and the files have been removed. To keep them, use --home DIR.",
        );
    }
    println!();
    text("To continue by hand, use two terminals:");
    println!();
    println!("  {BOLD}$ cargo run -p sandbox{BOLD:#}");
    println!("  {BOLD}$ cargo run -p authorization --bin create_api_client{BOLD:#}");
    println!();
    text(
        "The guide describes each step: guide/src/README.md. To use your own account, see guide/src/account.md.",
    );
}

/// Shown when the tour ends early.
pub(crate) fn error(cause: &str, help: &str) {
    eprintln!();
    eprintln!("{BAD}error{BAD:#}: {cause}");
    eprintln!("help: {help}");
}

fn text(text: &str) {
    println!("{}", textwrap::fill(text, WIDTH));
}

/// A path with shortened UUIDs and cursors: enough to tell them apart.
fn short(target: &str) -> String {
    const LONGEST: usize = 60;

    target
        .split_inclusive(['/', '?', '=', '&'])
        .map(|part| {
            let name = part.trim_end_matches(['/', '?', '=', '&']);
            if uuid::Uuid::try_parse(name).is_ok() || name.len() > LONGEST {
                let first: String = name.chars().take(8).collect();
                part.replacen(name, &format!("{first}…"), 1)
            } else {
                part.to_owned()
            }
        })
        .collect()
}
