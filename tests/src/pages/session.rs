//! Runs of single examples, for pages that show more than the tour: the call log, an error.

use super::redact::redact;
use crate::{SandboxProcess, TestHome};

/// A sandbox, and a home folder with an API client.
#[derive(Debug)]
pub(super) struct Session {
    home: TestHome,
    /// Ends with the session.
    _sandbox: SandboxProcess,
}

impl Session {
    pub(super) fn start() -> Self {
        let sandbox = SandboxProcess::start();
        let home = sandbox.home();
        home.example("create_api_client")
            .input(format!("{}\n{}\n", sandbox.login, sandbox.password))
            .end()
            .success();
        Self {
            home,
            _sandbox: sandbox,
        }
    }

    /// What `package/example` prints with these arguments: standard error, then standard output.
    pub(super) fn run(&self, command: &str) -> String {
        let mut words = command.split(' ');
        let mut run = self.home.example(words.next().unwrap_or_default());
        for argument in words {
            run = run.arg(argument);
        }
        let outcome = run.end();
        redact(&format!("{}{}", outcome.stderr, outcome.stdout))
    }
}
