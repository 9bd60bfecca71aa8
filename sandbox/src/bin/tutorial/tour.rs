//! Runs the examples against the tour's own sandbox and records what they do.

use std::{
    env,
    io::{self, Read, Write},
    path::Path,
    process::{Command, ExitStatus, Stdio},
};

use sandbox::{
    Entry, Filter, Options, Sandbox,
    binaries::{self, Binaries, Selection},
    tutorial::{Example, Input},
};
use serde_json::json;
use tempfile::NamedTempFile;

use crate::{TourError, home::Home, show};

/// Simulated work is fast here: a backup takes a second instead of a minute.
const SPEED: f64 = 60.0;

/// The examples and their sandbox.
pub(crate) struct Tour {
    binaries: Binaries,
    sandbox: Sandbox,
    /// The number of the last call that was recorded.
    calls_seen: u64,
    mails_seen: usize,
}

/// What an example printed and did.
#[derive(Debug)]
pub(crate) struct Run {
    /// Its output as on a terminal: results, warnings, and prompts with their input.
    pub(crate) dialogue: Vec<Line>,
    /// The calls that reached the sandbox.
    pub(crate) calls: Vec<Call>,
    /// The e-mails that the sandbox would have sent.
    pub(crate) mails: Vec<Mail>,
    /// Whether it exited with 0.
    pub(crate) success: bool,
    /// Its exit status, as text.
    pub(crate) status: String,
}

/// A line of output; a prompt includes its input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) input: Option<String>,
}

/// A call, from the sandbox's request log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) status: u16,
}

/// An e-mail, from the sandbox's outbox.
#[derive(Debug)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) subject: String,
}

impl Tour {
    /// Builds the examples, unless they were built before, starts a sandbox and writes settings with its address.
    pub(crate) fn start(home: &Home, built: Option<&Path>) -> Result<Self, TourError> {
        let checkout = binaries::checkout().map_err(|cause| {
            TourError::new(
                format!("{cause:#}"),
                "Run it in the checkout: cargo run -p sandbox --bin tutorial",
            )
        })?;
        let binaries = match built {
            Some(folder) => Binaries::at(folder.to_owned()),
            None => {
                show::building();
                build_examples(&checkout)?
            }
        };
        let sandbox = Sandbox::start(Options {
            speed: SPEED,
            ..Options::default()
        })
        .map_err(|cause| {
            TourError::new(format!("cannot start a sandbox: {cause}"), cause.help())
        })?;
        write_settings(home.folder(), sandbox.url()).map_err(|cause| {
            TourError::new(
                format!(
                    "cannot write the settings to {}: {cause}",
                    home.folder().display()
                ),
                "Choose another folder with --home DIR.",
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

    /// Runs an example as a user would: in the home folder, with input typed at its prompts.
    pub(crate) fn run(&mut self, example: &Example, home: &Path) -> Result<Run, TourError> {
        let typed: Vec<String> = example
            .input
            .iter()
            .map(|input| self.typed(*input))
            .collect();

        let binary = self.binaries.path(example.package, example.name);
        let (output, status) = run(&binary, example.arguments, home, &typed).map_err(|cause| {
            TourError::new(
                format!("cannot run {}: {cause}", binary.display()),
                "Run the tour again; cargo builds what is missing.",
            )
        })?;
        if example.then.is_some() {
            self.sandbox
                .settle()
                .map_err(|cause| unreadable("state", &cause))?;
        }
        Ok(Run {
            dialogue: dialogue(&String::from_utf8_lossy(&output), example.input, &typed),
            calls: self.new_calls(),
            mails: self.new_mails()?,
            success: status.success(),
            status: status.to_string(),
        })
    }

    fn new_calls(&mut self) -> Vec<Call> {
        let calls = self.sandbox.requests(&Filter {
            after: self.calls_seen,
            ..Filter::default()
        });
        self.calls_seen = calls.last().map_or(self.calls_seen, |call| call.number);
        calls.into_iter().map(Call::from).collect()
    }

    fn new_mails(&mut self) -> Result<Vec<Mail>, TourError> {
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

    fn typed(&self, input: Input) -> String {
        match input {
            Input::AdminLogin => self.sandbox.admin_login().to_owned(),
            Input::AdminPassword => self.sandbox.admin_password().to_owned(),
            Input::NewLogin(text) | Input::Text(text) => text.to_owned(),
            Input::Enter => String::new(),
        }
    }
}

fn unreadable(what: &str, cause: &dyn std::error::Error) -> TourError {
    TourError::new(
        format!("cannot read the sandbox's {what}: {cause}"),
        "This is a bug: please report it.",
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

/// Writes the settings: the address of the sandbox. All others have a default.
fn write_settings(home: &Path, url: &str) -> io::Result<()> {
    let settings = json!({ "base_url": url });
    // The examples reject settings that every user can change. A temporary file is its owner's only, under any umask.
    let mut file = NamedTempFile::new_in(home)?;
    file.write_all(format!("{settings:#}\n").as_bytes())?;
    file.persist(home.join("cyber.platform.cfg.json"))?;
    Ok(())
}

fn build_examples(checkout: &Path) -> Result<Binaries, TourError> {
    Binaries::build(checkout, Selection::Packages(&binaries::PACKAGES), false).map_err(|cause| {
        TourError::new(
            format!("{cause:#}"),
            "Read cargo's messages above. The build needs a current stable Rust and a C compiler.",
        )
    })
}

/// Runs a binary and waits for its end. Returns standard output and standard error as one stream, in the order in which
/// they were written.
fn run(
    binary: &Path,
    arguments: &[&str],
    home: &Path,
    typed: &[String],
) -> io::Result<(Vec<u8>, ExitStatus)> {
    let (mut reader, writer) = io::pipe()?;
    let mut command = Command::new(binary);
    // The user's own settings must not point the tour to another platform.
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("CYBER_PLATFORM_") {
            command.env_remove(name);
        }
    }
    let mut child = command
        .args(arguments)
        .env("CYBER_PLATFORM_HOME", home)
        .current_dir(home)
        .stdin(Stdio::piped())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()?;
    // `command` holds the write ends of the pipe, and the output ends only when all of them are closed.
    drop(command);
    if let Some(mut input) = child.stdin.take() {
        let lines: String = typed.iter().map(|line| format!("{line}\n")).collect();
        // An example that ends early does not read all of it. Its output then says why.
        let _ = input.write_all(lines.as_bytes());
    }
    let mut output = Vec::new();
    reader.read_to_end(&mut output)?;
    Ok((output, child.wait()?))
}

/// Puts each input behind its prompt. A prompt is a line that ends with a colon and a space, since input is not echoed.
fn dialogue(output: &str, inputs: &[Input], typed: &[String]) -> Vec<Line> {
    let mut inputs = inputs.iter().zip(typed);
    output
        .lines()
        .map(|line| {
            let Some(prompt) = line.strip_suffix(": ") else {
                return Line {
                    text: line.to_owned(),
                    input: None,
                };
            };
            Line {
                text: format!("{prompt}:"),
                input: inputs.next().map(|(input, typed)| match input {
                    Input::AdminPassword => "(typed, not shown)".to_owned(),
                    Input::Enter => "(Enter)".to_owned(),
                    Input::AdminLogin | Input::NewLogin(_) | Input::Text(_) => typed.clone(),
                }),
            }
        })
        .collect()
}
