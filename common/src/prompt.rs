//! Questions to the person at the terminal, or to whoever pipes the answers in.

use std::io::{self, IsTerminal, Write};

use secrecy::SecretString;

use crate::error::Mistake;

/// Asks on standard error and reads a line from standard input, trimmed.
///
/// # Errors
/// A [`Mistake`] where the line is empty or the input has ended.
pub fn ask(what: &str) -> Result<String, Mistake> {
    show(what);
    match read_line() {
        Ok(line) => given(what, line.as_deref()),
        Err(cause) => Err(unreadable(what, &cause)),
    }
}

/// Waits for Enter, so that one can look at what was done before the next step. Whatever is typed before it is ignored.
///
/// # Errors
/// A [`Mistake`] where the input has ended: nobody is there to say that it may go on.
pub fn pause(next: &str) -> Result<(), Mistake> {
    let what = format!("Press Enter to {next}");
    show(&what);
    match read_line() {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(Mistake::new(
            format!(
                "the input ended before Enter was pressed to {next}; what was done before stays done"
            ),
            "Run it again and press Enter, or pipe an empty line for each step into it.",
        )),
        Err(cause) => Err(unreadable(&what, &cause)),
    }
}

/// Asks before what cannot be undone: only this very word says yes.
///
/// # Errors
/// A [`Mistake`] where the answer cannot be read; the end of input, or any other answer, is a no.
pub fn confirm(question: &str, word: &str) -> Result<bool, Mistake> {
    let what = format!("{question} Type {word} to go on");
    show(&what);
    match read_line() {
        Ok(line) => Ok(line.is_some_and(|line| line.trim() == word)),
        Err(cause) => Err(unreadable(&what, &cause)),
    }
}

/// Asks for a secret: as [`ask`], but what is typed on a terminal does not appear there.
///
/// # Errors
/// A [`Mistake`] where the line is empty or the input has ended.
pub fn ask_secret(what: &str) -> Result<SecretString, Mistake> {
    if !io::stdin().is_terminal() {
        return ask(what).map(SecretString::from);
    }
    show(what);
    terminal::restore_when_interrupted();
    match rpassword::read_password() {
        Ok(line) => given(what, Some(&line)).map(SecretString::from),
        Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
            eprintln!();
            given(what, None).map(SecretString::from)
        }
        Err(cause) => {
            if cause.kind() == io::ErrorKind::Interrupted {
                terminal::end_as_interrupted();
            }
            Err(unreadable(what, &cause))
        }
    }
}

fn show(what: &str) {
    let mut stderr = io::stderr();
    // Without standard error there is nobody to see the question, but the answer may still come.
    let _ = write!(stderr, "{what}: ").and_then(|()| stderr.flush());
}

/// `None` at the end of input.
fn read_line() -> io::Result<Option<String>> {
    let mut line = String::new();
    let length = io::stdin().read_line(&mut line);
    if !io::stdin().is_terminal() || line.is_empty() {
        // Nobody pressed Enter: end the line of the question.
        eprintln!();
    }
    Ok((length? > 0).then_some(line))
}

fn given(what: &str, line: Option<&str>) -> Result<String, Mistake> {
    match line.map(str::trim) {
        Some(answer) if !answer.is_empty() => Ok(answer.to_owned()),
        Some(_) => Err(Mistake::new(
            format!("{what} is empty; nothing was sent"),
            "Run it again and type an answer.",
        )),
        None => Err(Mistake::new(
            format!("the input ended before {what} was given; nothing was sent"),
            "Run it again and answer, or pipe one line for each question into it.",
        )),
    }
}

fn unreadable(what: &str, cause: &io::Error) -> Mistake {
    Mistake::new(
        format!("{what} cannot be read: {cause}"),
        "Type it at a terminal, or pipe it in as a line of UTF-8.",
    )
}

#[cfg(unix)]
mod terminal {
    //! `rpassword` switches the terminal's echo off while it reads. Ctrl-C in that moment would leave it off for the
    //! shell, so whoever interrupts gets the terminal back as it was.

    use std::{fs::File, thread};

    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
    use signal_hook::{
        consts::{SIGINT, TERM_SIGNALS},
        iterator::Signals,
        low_level::emulate_default_handler,
    };

    /// `rpassword` reads Ctrl-C as a key, sends the signal itself and goes on with an error. Whichever of the two
    /// comes first, the process ends as Ctrl-C ends it.
    pub(super) fn end_as_interrupted() {
        // It fails only where the process cannot be ended; then the error is told.
        let _ = emulate_default_handler(SIGINT);
    }

    pub(super) fn restore_when_interrupted() {
        let Ok(terminal) = File::open("/dev/tty") else {
            return;
        };
        let (Ok(before), Ok(mut signals)) = (tcgetattr(&terminal), Signals::new(TERM_SIGNALS))
        else {
            return;
        };
        thread::spawn(move || {
            for signal in signals.forever() {
                // Both fail only where there is nothing left to restore or to end.
                let _ = tcsetattr(&terminal, OptionalActions::Now, &before);
                eprintln!();
                let _ = emulate_default_handler(signal);
            }
        });
    }
}

#[cfg(not(unix))]
mod terminal {
    //! The console of Windows belongs to the shell, which restores it by itself.

    pub(super) fn restore_when_interrupted() {}

    pub(super) fn end_as_interrupted() {}
}
