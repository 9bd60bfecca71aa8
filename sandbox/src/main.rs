//! The `sandbox` binary: parses the command line, prints the base URL, and serves until a signal arrives.

mod cli;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use sandbox::Prepared;
use serde::Serialize;

use crate::cli::Command;

fn main() -> ExitCode {
    let options = match cli::from_command_line() {
        Ok(Command::Run(options)) => options,
        Ok(Command::Print(text)) => {
            // A closed standard output is not an error.
            let _ = write!(std::io::stdout(), "{text}");
            return ExitCode::SUCCESS;
        }
        Err((error, help)) => return fail(&error, &help),
    };
    let prepared = match sandbox::prepare(options) {
        Ok(prepared) => prepared,
        Err(error) => return fail(&error.to_string(), error.help()),
    };
    match run(prepared) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(
            &format!("the sandbox has stopped: {error}"),
            "keep standard output open until you have read its first line",
        ),
    }
}

fn fail(error: &str, help: &str) -> ExitCode {
    eprint_line(&format!("error: {error}"));
    eprint_line(&format!("help: {help}"));
    ExitCode::from(2)
}

/// Prints a line to standard error, which may be closed. Control characters, for example in file names, become spaces.
fn eprint_line(line: &str) {
    let line = line.replace(char::is_control, " ");
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn run(prepared: Prepared) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Catch signals before the first line is printed: its reader may send one immediately.
        let shutdown = signal()?;
        announce(&prepared)?;
        let data = prepared.state.options.data.clone();
        sandbox::serve(prepared.listener, prepared.state, shutdown).await?;
        eprint_line(&match data {
            Some(data) => format!("Sandbox stopped. Its state is in {}.", absolute(&data)),
            None => "Sandbox stopped. Its state was in memory only.".to_owned(),
        });
        Ok(())
    })
}

/// The first line on standard output, for programs.
#[derive(Serialize)]
struct Started<'a> {
    url: &'a str,
    admin_login: &'a str,
    /// `None` if the password was set at an earlier start.
    admin_password: Option<&'a str>,
    /// The folder of the state, if it is on disk.
    data: Option<String>,
}

/// Prints one JSON line to standard output, for programs, and hints to standard error, for people.
fn announce(prepared: &Prepared) -> std::io::Result<()> {
    let url = &prepared.state.url;
    let line = serde_json::to_string(&Started {
        url,
        admin_login: &prepared.admin_login,
        admin_password: prepared.admin_password.as_deref(),
        data: prepared.state.options.data.as_deref().map(absolute),
    })?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    let password = if prepared.state.options.admin_password.is_some() {
        "the password that you gave"
    } else if prepared.admin_password.is_some() {
        "admin_password from the first line, which is shown only now"
    } else {
        "the password from its first start"
    };
    let login = &prepared.admin_login;
    eprint_line(&format!(
        "Sandbox at {url}: sign in as {login} with {password}."
    ));
    eprint_line(&format!(
        "Request log: {url}_sandbox/requests?order=desc. Press Ctrl-C to stop."
    ));
    let address = prepared.listener.local_addr()?;
    if !address.ip().is_loopback() {
        eprint_line(&format!(
            "warning: other machines can reach the sandbox at {address}. Its keys are public: keep no real data in it."
        ));
    }
    Ok(())
}

fn absolute(folder: &Path) -> String {
    std::path::absolute(folder)
        .unwrap_or_else(|_| folder.to_owned())
        .display()
        .to_string()
}

/// Completes when the process receives a signal to stop.
#[cfg(unix)]
fn signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Completes when the user presses Ctrl-C.
#[cfg(windows)]
fn signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
