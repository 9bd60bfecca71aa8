//! One run of an example: the real binary as a process, with a clean environment.

use std::{
    ffi::OsStr,
    fmt,
    io::{self, Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded::byte_serialize;

use crate::{
    examples,
    test_home::{CLIENT_ID, CLIENT_SECRET, LOGIN, PASSWORD, TestHome},
};

/// A run that takes longer is considered hung. Reading 10,000 pages takes a minute if all processors are busy.
const LONGEST: Duration = Duration::from_secs(180);

/// A prepared run of an example.
#[derive(Debug)]
pub struct Run<'a> {
    home: &'a TestHome,
    command: Command,
    input: Vec<u8>,
    stdout: Option<Stdio>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(home: &'a TestHome, name: &str) -> Self {
        let mut command = Command::new(examples::named(name).binary());
        command
            .env_clear()
            .env("CYBER_PLATFORM_HOME", home.folder())
            .env("RUST_BACKTRACE", "0")
            // Tests count the attempts and do not wait between them.
            .env("CYBER_PLATFORM_RETRY_PAUSE_SECONDS", "0.001")
            .current_dir(home.folder());
        #[cfg(windows)]
        if let Some(root) = std::env::var_os("SystemRoot") {
            // Without it Windows has no network.
            command.env("SystemRoot", root);
        }
        Self {
            home,
            command,
            input: Vec::new(),
            stdout: None,
        }
    }

    /// Redirects standard output. [`Outcome::stdout`] is empty then.
    #[must_use]
    pub fn stdout(mut self, to: impl Into<Stdio>) -> Self {
        self.stdout = Some(to.into());
        self
    }

    /// Starts the example from a shell script, as `"$0"`.
    #[cfg(unix)]
    #[must_use]
    pub fn shell(self, script: &str) -> Self {
        let example = self.command.get_program().to_owned();
        self.instead("/bin/sh".as_ref())
            .arg("-c")
            .arg(script)
            .arg(example)
    }

    /// Starts a copy of the binary.
    #[must_use]
    pub fn instead(mut self, program: &Path) -> Self {
        let mut command = Command::new(program);
        command.env_clear().args(self.command.get_args());
        for (name, value) in self.command.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        if let Some(folder) = self.command.get_current_dir() {
            command.current_dir(folder);
        }
        self.command = command;
        self
    }

    /// Sets the standard input.
    #[must_use]
    pub fn input(mut self, input: impl AsRef<[u8]>) -> Self {
        self.input = input.as_ref().to_vec();
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs in this folder, without `CYBER_PLATFORM_HOME`.
    #[must_use]
    pub fn standing_in(mut self, folder: &Path) -> Self {
        self.command
            .env_remove("CYBER_PLATFORM_HOME")
            .current_dir(folder);
        self
    }

    /// Changes the command in a way that no other method covers.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Command)) -> Self {
        change(&mut self.command);
        self
    }

    /// Runs it until it exits.
    ///
    /// # Panics
    /// If it panics, shows a secret or does not exit.
    pub fn end(self) -> Outcome {
        self.carried_out(|_| {})
    }

    /// Kills it when `moment` returns, without a chance to clean up. It may have exited before.
    ///
    /// # Panics
    /// As [`Run::end`].
    pub fn killed(self, moment: impl FnOnce(&mut Child)) -> Outcome {
        self.carried_out(|child| {
            moment(child);
            child.kill().expect("it is our own");
        })
    }

    fn carried_out(mut self, meanwhile: impl FnOnce(&mut Child)) -> Outcome {
        let child = self
            .command
            .stdin(Stdio::piped())
            .stdout(self.stdout.unwrap_or_else(Stdio::piped))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|cause| panic!("{:?}: {cause}", self.command.get_program()));
        let home = self.home.folder().display().to_string();
        // The copies of its handles in this process would keep a pipe open.
        drop(self.command);
        let outcome = finish(child, self.input, &home, meanwhile);
        for secret in forms(self.home.secrets()) {
            assert!(
                !outcome.stdout.contains(&secret) && !outcome.stderr.contains(&secret),
                "the secret {secret} was shown:\n{outcome}"
            );
        }
        assert!(!outcome.stderr.contains("panicked"), "{outcome}");
        outcome
    }

    /// Runs it. It fails with this exit code and leaves all files as they are.
    ///
    /// # Panics
    /// If it does not.
    pub fn refused(self, code: i32) -> Outcome {
        let home = self.home;
        let before = home.contents();
        let outcome = self.end().failed(code);
        assert_eq!(home.contents(), before, "home has changed:\n{outcome}");
        outcome
    }
}

/// The forms in which a secret could be shown: as it is, escaped as in JSON, forms and URLs, and in Base64.
pub fn forms(known: Vec<String>) -> Vec<String> {
    let mut secrets = Vec::new();
    for secret in known {
        let json = serde_json::Value::from(secret.as_str()).to_string();
        secrets.push(json.trim_matches('"').to_owned());
        secrets.push(utf8_percent_encode(&secret, NON_ALPHANUMERIC).to_string());
        secrets.push(byte_serialize(secret.as_bytes()).collect());
        secrets.push(BASE64_STANDARD.encode(&secret));
        secrets.push(secret);
    }
    for pair in [
        format!("{CLIENT_ID}:{CLIENT_SECRET}"),
        format!("{LOGIN}:{PASSWORD}"),
    ] {
        secrets.push(BASE64_STANDARD.encode(pair));
    }
    secrets
}

/// The result of a run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Outcome {
    /// Checks that it succeeded.
    ///
    /// # Panics
    /// If it did not.
    pub fn success(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        assert!(!self.stderr.contains("error:"), "{self}");
        self
    }

    /// The text of its `error: ` line.
    ///
    /// # Panics
    /// If there is none.
    pub fn error(&self) -> &str {
        self.line("error: ")
    }

    /// The text of its `help: ` line.
    ///
    /// # Panics
    /// If there is none.
    pub fn help(&self) -> &str {
        self.line("help: ")
    }

    fn line(&self, kind: &str) -> &str {
        let mut lines = self.stderr.lines();
        lines
            .find_map(|line| line.strip_prefix(kind))
            .unwrap_or_else(|| panic!("no {kind:?}: {self}"))
    }

    /// Checks that it failed with this code and printed one `error:` line and one `help:` line.
    ///
    /// # Panics
    /// If it did not.
    pub fn failed(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        for kind in ["error: ", "help: "] {
            let lines = self.stderr.lines().filter(|line| line.starts_with(kind));
            assert_eq!(lines.count(), 1, "lines with {kind:?}:\n{self}");
        }
        self
    }
}

/// For snapshots: standard output as it is, standard error marked with `!`, and the exit code unless it is 0.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.stdout.lines() {
            writeln!(f, "{line}")?;
        }
        for line in self.stderr.lines() {
            writeln!(f, "! {}", line.trim_end())?;
        }
        match self.code {
            Some(0) => Ok(()),
            Some(code) => writeln!(f, "exit {code}"),
            None => writeln!(f, "ended by a signal"),
        }
    }
}

fn finish(
    mut child: Child,
    input: Vec<u8>,
    home: &str,
    meanwhile: impl FnOnce(&mut Child),
) -> Outcome {
    let mut stdin = child.stdin.take().expect("its input is piped");
    // Writing fails if the example does not read its input.
    thread::spawn(move || drop(stdin.write_all(&input)));
    let stdout = match child.stdout.take() {
        Some(stdout) => read(stdout),
        None => read(io::empty()),
    };
    let stderr = read(child.stderr.take().expect("its errors are piped"));
    meanwhile(&mut child);
    let (Ok(stdout), Ok(stderr)) = (stdout.recv_timeout(LONGEST), stderr.recv_timeout(LONGEST))
    else {
        child.kill().expect("it is still running");
        panic!("it has not ended in {} s", LONGEST.as_secs());
    };
    let code = child.wait().expect("it has ended").code();
    let text = |content: Vec<u8>| match code {
        Some(_) => String::from_utf8(content).expect("an example prints UTF-8"),
        // It may have been killed in the middle of a character.
        None => String::from_utf8_lossy(&content).into_owned(),
    };
    Outcome {
        code,
        stdout: text(stdout).replace(home, "HOME"),
        stderr: text(stderr).replace(home, "HOME"),
    }
}

/// Sends all output when the pipe is closed.
fn read(mut from: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut content = Vec::new();
        from.read_to_end(&mut content).expect("a pipe can be read");
        // The receiver is gone if the test has timed out.
        drop(sender.send(content));
    });
    receiver
}
