//! Where the tour happens: the built examples, a sandbox, and what is known of a run.

use std::{
    env, fs,
    io::{self, Read, Write},
    path::Path,
    process::{Command, ExitStatus, Stdio},
};

use sandbox::{
    Entry, Filter, Options, Sandbox,
    binaries::{self, Binaries, Selection},
};
use serde_json::json;

use crate::{
    Stop,
    chapters::{Answer, Step},
    home::Home,
};

/// Simulated work is quick here: a backup takes three seconds instead of a minute.
const SPEED: f64 = 20.0;

/// The examples and the sandbox they talk to.
pub(crate) struct Stage {
    binaries: Binaries,
    sandbox: Sandbox,
    /// The number of the last call that was shown.
    calls_seen: u64,
    mails_seen: usize,
}

/// What a run of an example said and did.
#[derive(Debug)]
pub(crate) struct Run {
    /// All it said, as on a terminal: results, questions with their answers, warnings.
    pub(crate) dialogue: Vec<Line>,
    /// The calls it made.
    pub(crate) calls: Vec<Call>,
    /// The mails it caused.
    pub(crate) mails: Vec<Mail>,
    /// Whether it ended with 0.
    pub(crate) success: bool,
    /// How it ended.
    pub(crate) ending: String,
}

/// A line of the dialogue; a question comes with its answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) answer: Option<String>,
}

/// A call, from the sandbox's log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) status: u16,
}

/// A mail, from the sandbox's outbox.
#[derive(Debug)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) subject: String,
}

impl Stage {
    /// Builds the examples, unless they were built before, starts a sandbox and writes the settings that lead to it.
    pub(crate) fn build(home: &Home, built: Option<&Path>) -> Result<Self, Stop> {
        let checkout = binaries::checkout().map_err(|cause| {
            Stop::new(
                format!("{cause:#}"),
                "Run it in the checkout: cargo run -p sandbox --bin tutorial",
            )
        })?;
        let binaries = match built {
            Some(folder) => Binaries::at(folder.to_owned()),
            None => build_examples(&checkout)?,
        };
        let sandbox = Sandbox::start(Options {
            speed: SPEED,
            ..Options::default()
        })
        .map_err(|cause| Stop::new(format!("no sandbox: {cause}"), cause.help()))?;
        write_settings(&checkout, home.folder(), sandbox.url()).map_err(|cause| {
            Stop::new(
                format!(
                    "the settings cannot be written into {}: {cause}",
                    home.folder().display()
                ),
                "Name another folder with --home DIR.",
            )
        })?;
        Ok(Self {
            binaries,
            sandbox,
            calls_seen: 0,
            mails_seen: 0,
        })
    }

    /// The address of the sandbox.
    pub(crate) fn url(&self) -> &str {
        self.sandbox.url()
    }

    /// Runs the example of a step, as a user would: in its home, with answers typed at its prompts.
    pub(crate) fn run(&mut self, step: &Step, home: &Path) -> Result<Run, Stop> {
        let typed: Vec<String> = step
            .answers
            .iter()
            .map(|answer| self.typed(*answer))
            .collect();

        let binary = self.binaries.path(step.package, step.binary);
        let (said, status) = start(&binary, home, &typed).map_err(|cause| {
            Stop::new(
                format!("{} cannot be run: {cause}", binary.display()),
                "Run the tour again; cargo builds what is missing.",
            )
        })?;
        if !step.then.is_empty() {
            self.sandbox
                .settle()
                .map_err(|cause| unreadable("state", &cause))?;
        }
        Ok(Run {
            dialogue: dialogue(&String::from_utf8_lossy(&said), step.answers, &typed),
            calls: self.new_calls(),
            mails: self.new_mails()?,
            success: status.success(),
            ending: status.to_string(),
        })
    }

    fn new_calls(&mut self) -> Vec<Call> {
        let calls = self.sandbox.requests(&Filter {
            after: self.calls_seen,
            limit: usize::MAX,
            ..Filter::default()
        });
        self.calls_seen = calls.last().map_or(self.calls_seen, |call| call.number);
        calls.into_iter().map(Call::from).collect()
    }

    fn new_mails(&mut self) -> Result<Vec<Mail>, Stop> {
        let outbox = self.sandbox.outbox();
        let mails = outbox.map_err(|cause| unreadable("outbox", &cause))?;
        let new = mails.get(self.mails_seen..).unwrap_or_default();
        let new = new
            .iter()
            .map(|mail| Mail {
                to: mail.to.clone(),
                subject: mail.subject.clone(),
            })
            .collect();
        self.mails_seen = mails.len();
        Ok(new)
    }

    fn typed(&self, answer: Answer) -> String {
        match answer {
            Answer::AdminLogin => self.sandbox.admin_login().to_owned(),
            Answer::AdminPassword => self.sandbox.admin_password().to_owned(),
            Answer::Text(text) => text.to_owned(),
        }
    }
}

fn unreadable(what: &str, cause: &dyn std::error::Error) -> Stop {
    Stop::new(
        format!("the sandbox's {what} cannot be read: {cause}"),
        "This should not happen: please report it.",
    )
}

impl From<Entry> for Call {
    fn from(entry: Entry) -> Self {
        let query = entry.query.map(|query| format!("?{query}"));
        Self {
            method: entry.method,
            target: entry.path + &query.unwrap_or_default(),
            status: entry.status,
        }
    }
}

/// The tutorial's own settings, but for the address.
fn write_settings(checkout: &Path, home: &Path, url: &str) -> io::Result<()> {
    const DEFAULTS: &str = "cyber.platform.cfg.defaults.json";
    fs::copy(checkout.join(DEFAULTS), home.join(DEFAULTS))?;
    let settings = json!({ "base_url": url });
    fs::write(
        home.join("cyber.platform.cfg.json"),
        format!("{settings:#}\n"),
    )
}

fn build_examples(checkout: &Path) -> Result<Binaries, Stop> {
    Binaries::build(checkout, Selection::Packages(&binaries::PACKAGES), false).map_err(|cause| {
        Stop::new(
            format!("{cause:#}"),
            "Read what cargo says above. It needs a current stable Rust and a C compiler.",
        )
    })
}

/// Runs an example to its end. Both its outputs are one, in the order in which it has written them.
fn start(binary: &Path, home: &Path, typed: &[String]) -> io::Result<(Vec<u8>, ExitStatus)> {
    let (mut reader, writer) = io::pipe()?;
    let mut command = Command::new(binary);
    // Settings of the user's own must not lead the tour to another platform.
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("CYBER_PLATFORM_") {
            command.env_remove(name);
        }
    }
    let mut child = command
        .env("CYBER_PLATFORM_HOME", home)
        .current_dir(home)
        .stdin(Stdio::piped())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()?;
    // It holds the writing ends too, and the output ends when the last of them is closed.
    drop(command);
    if let Some(mut input) = child.stdin.take() {
        let lines: String = typed.iter().map(|line| format!("{line}\n")).collect();
        // An example that ends early does not read it all; what it said is shown then.
        let _ = input.write_all(lines.as_bytes());
    }
    let mut said = Vec::new();
    reader.read_to_end(&mut said)?;
    Ok((said, child.wait()?))
}

/// Puts each answer behind its question. A question is a line that ends with a colon, as nothing was echoed.
fn dialogue(said: &str, answers: &[Answer], typed: &[String]) -> Vec<Line> {
    let mut answers = answers.iter().zip(typed);
    said.lines()
        .map(|line| {
            let question = line
                .strip_suffix(": ")
                .map(|question| format!("{question}:"));
            let answer = question.as_ref().and_then(|_| answers.next());
            Line {
                text: question.unwrap_or_else(|| line.to_owned()),
                answer: answer.map(|(answer, typed)| match answer {
                    Answer::AdminPassword => "(typed, not shown)".to_owned(),
                    _ if typed.is_empty() => "(Enter)".to_owned(),
                    _ => typed.clone(),
                }),
            }
        })
        .collect()
}
