//! An example as a process: the real binary, with nothing around it but what the test gives.

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

/// No example takes so long: one that does hangs.
const LONGEST: Duration = Duration::from_secs(60);

/// An example that is about to run.
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
            // Tries are counted in tests, and not waited for.
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

    /// With its standard output there. The outcome has none then.
    #[must_use]
    pub fn stdout(mut self, to: impl Into<Stdio>) -> Self {
        self.stdout = Some(to.into());
        self
    }

    /// Started by a script of the shell, in which `"$0"` is the example.
    #[cfg(unix)]
    #[must_use]
    pub fn shell(self, script: &str) -> Self {
        let example = self.command.get_program().to_owned();
        self.instead("/bin/sh".as_ref())
            .arg("-c")
            .arg(script)
            .arg(example)
    }

    /// Started from another place, to which the binary was copied.
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

    /// With this on its standard input, which ends behind it.
    #[must_use]
    pub fn input(mut self, input: impl AsRef<[u8]>) -> Self {
        self.input = input.as_ref().to_vec();
        self
    }

    /// With an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// With a variable in its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Without `CYBER_PLATFORM_HOME`, in this folder.
    #[must_use]
    pub fn standing_in(mut self, folder: &Path) -> Self {
        self.command
            .env_remove("CYBER_PLATFORM_HOME")
            .current_dir(folder);
        self
    }

    /// With a change to the command that nothing here offers.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Command)) -> Self {
        change(&mut self.command);
        self
    }

    /// Runs it to its end. Whatever the end is: nothing has panicked, and no secret was shown.
    ///
    /// # Panics
    /// Where it has, where there was one, and where there is no end.
    pub fn end(self) -> Outcome {
        self.carried_out(|_| {})
    }

    /// Runs it until the moment that is waited for here, and kills it then, so that it has no time to tidy up. It may
    /// have come to its end before, or come to it while the moment is waited for.
    ///
    /// # Panics
    /// In the way of [`Run::end`].
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
        // The parent's copies of what it was given, which would keep a pipe open.
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

    /// Runs it to an end with this exit code, one line of cause and one of advice. Home is as it was, byte by byte.
    ///
    /// # Panics
    /// Where the end is another one.
    pub fn refused(self, code: i32) -> Outcome {
        let home = self.home;
        let before = home.contents();
        let outcome = self.end().failed(code);
        assert_eq!(home.contents(), before, "home has changed:\n{outcome}");
        outcome
    }
}

/// The forms in which a secret could be shown: as it is, as JSON, forms and addresses write it, and as Base64.
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

/// How an example has ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Exit code; `None` where a signal has ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Outcome {
    /// It has done all that was asked for.
    ///
    /// # Panics
    /// Where it has not.
    pub fn success(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        assert!(!self.stderr.contains("error:"), "{self}");
        self
    }

    /// It has failed with this code, and said so in one line of cause and one of advice.
    ///
    /// # Panics
    /// Where it has not.
    pub fn failed(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        for kind in ["error: ", "help: "] {
            let lines = self.stderr.lines().filter(|line| line.starts_with(kind));
            assert_eq!(lines.count(), 1, "lines with {kind:?}:\n{self}");
        }
        self
    }
}

/// For snapshots: standard output as it is, standard error with a mark, the code where it is none of success.
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
    // Who does not read its input closes it, which is no concern of a test.
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
        // It may have been killed within a character.
        None => String::from_utf8_lossy(&content).into_owned(),
    };
    Outcome {
        code,
        stdout: text(stdout).replace(home, "HOME"),
        stderr: text(stderr).replace(home, "HOME"),
    }
}

/// All that comes, once no more will.
fn read(mut from: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut content = Vec::new();
        from.read_to_end(&mut content).expect("a pipe can be read");
        // Nobody waits any more where the time was over.
        drop(sender.send(content));
    });
    receiver
}
