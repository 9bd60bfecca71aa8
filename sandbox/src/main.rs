//! The sandbox as a program: flags, one line that says where it is, and an end on a signal.

mod cli;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use sandbox::Prepared;
use serde_json::json;

use crate::cli::Asked;

fn main() -> ExitCode {
    let options = match cli::from_command_line() {
        Ok(Asked::Run(options)) => options,
        Ok(Asked::Text(text)) => {
            // Who closes it early has read enough.
            let _ = write!(std::io::stdout(), "{text}");
            return ExitCode::SUCCESS;
        }
        Err((error, help)) => return refuse(&error, &help),
    };
    let prepared = match sandbox::prepare(options) {
        Ok(prepared) => prepared,
        Err(error) => return refuse(&error.to_string(), error.help()),
    };
    match run(prepared) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(
            &format!("cannot go on: {error}"),
            "keep standard output open until its first line is read",
        ),
    }
}

fn refuse(error: &str, help: &str) -> ExitCode {
    tell(&format!("error: {error}"));
    tell(&format!("help: {help}"));
    ExitCode::from(2)
}

/// A line for people, on standard error, which they may have closed. A name in it can have any character.
fn tell(line: &str) {
    let plain = line.replace(char::is_control, " ");
    let _ = writeln!(std::io::stderr(), "{plain}");
}

fn run(prepared: Prepared) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Caught from here on: who reads the first line may send a signal at once.
        let shutdown = signal()?;
        announce(&prepared)?;
        sandbox::serve(prepared.listener, prepared.state, shutdown).await
    })
}

/// The first line on standard output, for programs; the hints go to standard error, for people.
fn announce(prepared: &Prepared) -> std::io::Result<()> {
    let url = &prepared.state.url;
    let data = prepared.state.options.data.as_deref().map(absolute);
    let line = json!({
        "url": url,
        "admin_login": prepared.admin_login,
        "admin_password": prepared.admin_password,
        "data": data,
    });
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    match &prepared.admin_password {
        Some(password) => tell(&format!(
            "Sandbox at {url} - sign in as {} with the password {password} (shown this once).",
            prepared.admin_login
        )),
        None => tell(&format!(
            "Sandbox at {url} - the state is kept, and so is the password of {}.",
            prepared.admin_login
        )),
    }
    tell(&format!(
        "What it was asked: {url}_sandbox/requests. Ctrl-C ends it."
    ));
    Ok(())
}

fn absolute(folder: &Path) -> String {
    std::path::absolute(folder)
        .unwrap_or_else(|_| folder.to_owned())
        .display()
        .to_string()
}

/// Ready when the process is told to end.
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

/// Ready when the user presses Ctrl-C.
#[cfg(windows)]
fn signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
