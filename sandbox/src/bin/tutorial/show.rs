//! What the tour prints. Colour only where somebody sees it: `anstream` drops it for files, pipes and `NO_COLOR`.

use std::{path::Path, time::Duration};

use anstream::{eprintln, println};
use anstyle::{AnsiColor, Style};

use crate::{
    Done,
    chapters::{Chapter, Step},
    home::{Change, Home},
    stage::{Call, Mail, Run},
};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const TYPED: Style = AnsiColor::Cyan.on_default();

/// Where the text ends on the right.
const WIDTH: usize = 96;

/// Before the first step.
pub(crate) fn beginning(url: &str, home: &Path) {
    println!("{BOLD}The tutorial, step by step, on a sandbox of its own{BOLD:#}");
    println!();
    text(
        "A sandbox stands in for the platform on this machine. Each step below runs one example of the tutorial: the \
         command as you would type it, what it asks and is answered, what it prints, the calls that reached the \
         sandbox, and the files it left.",
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
        for step in chapter.steps {
            println!("  {:45}  {}", step.title, step.binary);
        }
    }
}

/// Before what a chapter needs.
pub(crate) fn before() {
    println!();
    text("What this chapter needs is done first:");
    println!();
}

/// After a step that was needed.
pub(crate) fn prepared(step: &Step) {
    println!(
        "  {DIM}$ cargo run -p {} --bin {}{DIM:#}",
        step.package, step.binary
    );
}

/// Before each chapter.
pub(crate) fn chapter(chapter: &Chapter) {
    println!();
    println!("{BOLD}== {} =={BOLD:#}", chapter.title);
    println!();
    text(chapter.story);
}

/// After a file was removed, as the reader would.
pub(crate) fn removed(file: &str) {
    println!();
    text("These examples work as the API client again, so the token for one customer goes:");
    println!();
    println!("  {BOLD}$ rm {file}{BOLD:#}");
}

/// Before each step.
pub(crate) fn heading(number: usize, of: usize, step: &Step) {
    println!();
    println!("{BOLD}{number}/{of}  {}{BOLD:#}", step.title);
    println!();
    text(step.story);
    println!();
    println!(
        "  {BOLD}$ cargo run -p {} --bin {}{BOLD:#}",
        step.package, step.binary
    );
}

/// What an example asked, was answered and printed.
pub(crate) fn dialogue(run: &Run) {
    let lines = run.dialogue.iter().map(|line| match &line.answer {
        Some(answer) => format!("  {} {TYPED}{answer}{TYPED:#}", line.text),
        None => format!("  {}", line.text),
    });
    abridged(&lines.collect::<Vec<_>>());
    println!();
}

/// The calls that reached the sandbox. Of calls that look the same, one after the other, only their number is shown.
pub(crate) fn calls(calls: &[Call]) {
    let mut label = "calls";
    let same = |one: &Call, other: &Call| {
        (&one.method, short(&one.target), one.status)
            == (&other.method, short(&other.target), other.status)
    };
    let lines = calls.chunk_by(same).filter_map(|alike| {
        let call = alike.first()?;
        let colour = if call.status < 400 { GOOD } else { BAD };
        let times = match alike.len() {
            1 => String::new(),
            times => format!("  {DIM}{times} times{DIM:#}"),
        };
        let line = format!(
            "  {DIM}{label:5}{DIM:#}  {:6} {}  {colour}{}{colour:#}{times}",
            call.method,
            short(&call.target),
            call.status
        );
        label = "";
        Some(line)
    });
    abridged(&lines.collect::<Vec<_>>());
}

/// Lines, of which those in the middle are left out where there are too many to be read.
fn abridged(lines: &[String]) {
    const HEAD: usize = 24;
    const TAIL: usize = 4;

    // What is left out is to be more than the line that says so.
    if lines.len() <= HEAD + TAIL + 2 {
        lines.iter().for_each(|line| println!("{line}"));
        return;
    }
    let (head, rest) = lines.split_at(HEAD);
    let (left_out, tail) = rest.split_at(rest.len() - TAIL);
    head.iter().for_each(|line| println!("{line}"));
    println!("  {DIM}… {} lines more …{DIM:#}", left_out.len());
    tail.iter().for_each(|line| println!("{line}"));
}

/// The mails that the sandbox would have sent.
pub(crate) fn mails(mails: &[Mail]) {
    for mail in mails {
        println!("  {DIM}mail {DIM:#}  to {}: {}", mail.to, mail.subject);
    }
}

/// What the sandbox went on with by itself.
pub(crate) fn then(step: &Step) {
    if !step.then.is_empty() {
        println!("  {DIM}then {DIM:#}  {}", step.then);
    }
}

/// The files that were left.
pub(crate) fn files(changes: &[Change]) {
    let mut label = "files";
    for change in changes {
        let how = if change.is_new { "new" } else { "changed" };
        let private = if change.is_private {
            ", readable by you alone"
        } else {
            ""
        };
        println!(
            "  {DIM}{label:5}{DIM:#}  {}  {DIM}{how}, {} bytes{private}{DIM:#}",
            change.name, change.bytes
        );
        label = "";
    }
}

/// After the last step: what was done, and how to go on.
pub(crate) fn end(done: &[Done], took: Duration, home: &Home) {
    let calls: usize = done.iter().map(|step| step.calls).sum();
    println!();
    println!(
        "{GOOD}All {} steps are done{GOOD:#}: {calls} calls in {:.1} s.",
        done.len(),
        took.as_secs_f64()
    );
    println!();
    let mut number = 0;
    for chapter in done.chunk_by(|one, other| one.chapter == other.chapter) {
        let title = chapter.first().map_or("", |step| step.chapter);
        println!("  {DIM}{title:49} calls  files{DIM:#}");
        for step in chapter {
            number += 1;
            println!(
                "  {number:2}  {:45} {:>5}  {}",
                step.title,
                step.calls,
                step.files.join(", ")
            );
        }
    }
    println!();
    if home.is_kept() {
        text(&format!(
            "The files are in {}. The sandbox that knew them is gone with the tour.",
            home.folder().display()
        ));
    } else {
        text("The files and the sandbox are gone with the tour; --home DIR keeps the files.");
    }
    println!();
    text("Now by hand, in two terminals:");
    println!();
    println!("  {BOLD}$ cargo run -p sandbox{BOLD:#}");
    println!("  {BOLD}$ cargo run -p authorization --bin create_api_client{BOLD:#}");
    println!();
    text("README.md goes on from there, and tells what to change for the real platform.");
}

/// When the tour cannot go on.
pub(crate) fn stop(cause: &str, advice: &str) {
    eprintln!();
    eprintln!("{BAD}error{BAD:#}: {cause}");
    eprintln!("help: {advice}");
}

fn text(text: &str) {
    println!("{}", textwrap::fill(text, WIDTH));
}

/// A path with its UUIDs cut to their first part, and cursors likewise: enough to see which is which.
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
