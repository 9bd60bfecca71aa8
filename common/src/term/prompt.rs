//! Prompts on standard error, answered on standard input: at a terminal or through a pipe.

use std::io::{self, IsTerminal, Write};

use secrecy::SecretString;

use crate::{error::UserError, text::sanitize};

/// Prompts for a line of text, which is trimmed.
///
/// # Errors
/// A [`UserError`] if the line is empty or the input has ended.
pub fn ask(what: &str) -> Result<String, UserError> {
    show_prompt(what);
    match read_line() {
        Ok(line) => require_answer(what, line.as_deref()),
        Err(cause) => Err(unreadable(what, &cause)),
    }
}

/// Waits for Enter, so that the user can look at the result of a step before the next one.
///
/// # Errors
/// A [`UserError`] if the input has ended.
pub fn wait_for_enter(next: &str) -> Result<(), UserError> {
    let mut what = format!("Press Enter to {next}");
    loop {
        show_prompt(&what);
        match read_line() {
            Ok(Some(line)) if line.trim().is_empty() => return Ok(()),
            // A word such as "no" must not continue.
            Ok(Some(_)) => {
                what = format!(
                    "Only an empty line continues. Press Enter to {next}, or Ctrl-C to stop"
                );
            }
            Ok(None) => {
                return Err(UserError::new(
                    format!(
                        "the input ended before Enter was pressed to {next}; completed steps are not undone"
                    ),
                    "Run the example again and press Enter, or pipe in one empty line per step.",
                ));
            }
            Err(cause) => return Err(unreadable(&what, &cause)),
        }
    }
}

/// Asks for confirmation: only the exact word confirms.
///
/// # Errors
/// A [`UserError`] if the input cannot be read. Any other answer, or the end of the input, means no.
pub fn confirm(question: &str, word: &str) -> Result<bool, UserError> {
    let what = format!("{question} Type {word} to continue");
    show_prompt(&what);
    match read_line() {
        Ok(line) => Ok(line.is_some_and(|line| line.trim() == word)),
        Err(cause) => Err(unreadable(&what, &cause)),
    }
}

/// Prompts for a secret, which is not echoed on a terminal.
///
/// # Errors
/// A [`UserError`] if the line is empty or the input has ended.
pub fn ask_secret(what: &str) -> Result<SecretString, UserError> {
    if !io::stdin().is_terminal() {
        return ask(what).map(SecretString::from);
    }
    show_prompt(what);
    terminal::restore_when_interrupted();
    match rpassword::read_password() {
        Ok(line) => require_answer(what, Some(&line)).map(SecretString::from),
        Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
            end_line();
            require_answer(what, None).map(SecretString::from)
        }
        Err(cause) => {
            if cause.kind() == io::ErrorKind::Interrupted {
                terminal::end_as_interrupted();
            }
            Err(unreadable(what, &cause))
        }
    }
}

/// Ends the line of a prompt after which no Enter was echoed. `eprintln!` would panic if standard error is closed.
pub(crate) fn end_line() {
    let _ = writeln!(io::stderr());
}

fn show_prompt(what: &str) {
    let mut stderr = io::stderr();
    // If standard error is closed, the answer can still be read.
    let _ = write!(stderr, "{}: ", sanitize(what)).and_then(|()| stderr.flush());
}

/// `None` at the end of input.
fn read_line() -> io::Result<Option<String>> {
    let mut line = String::new();
    let length = io::stdin().read_line(&mut line);
    if !io::stdin().is_terminal() || line.is_empty() {
        // No Enter was echoed: end the line of the prompt.
        end_line();
    }
    Ok((length? > 0).then_some(line))
}

fn require_answer(what: &str, line: Option<&str>) -> Result<String, UserError> {
    match line.map(str::trim) {
        Some(answer) if !answer.is_empty() => Ok(answer.to_owned()),
        Some(_) => Err(UserError::new(
            format!("no {} was given", lowercase_first(what)),
            "Run the example again and type an answer.",
        )),
        None => Err(UserError::new(
            format!("no {} was given: the input ended", lowercase_first(what)),
            "Run the example again and type an answer, or pipe in one line per prompt.",
        )),
    }
}

fn lowercase_first(text: &str) -> String {
    let mut rest = text.chars();
    match rest.next() {
        // An abbreviation stays as it is.
        Some(first) if !rest.clone().next().is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(rest).collect()
        }
        _ => text.to_owned(),
    }
}

fn unreadable(what: &str, cause: &io::Error) -> UserError {
    UserError::new(
        format!("{what} cannot be read: {cause}"),
        "Type it at a terminal, or pipe it in as a line of UTF-8.",
    )
}

#[cfg(unix)]
mod terminal {
    //! `rpassword` turns the terminal's echo off while it reads. Ctrl-C at that moment would leave it off for the shell,
    //! so a signal restores the terminal first.

    use std::{fs::File, thread};

    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
    use signal_hook::{
        consts::{SIGINT, TERM_SIGNALS},
        iterator::Signals,
        low_level::emulate_default_handler,
    };

    /// `rpassword` reads Ctrl-C as a key, sends the signal itself and returns an error. In both cases the process must
    /// end as Ctrl-C ends it.
    pub(super) fn end_as_interrupted() {
        // If the process cannot be ended this way, the error is reported.
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
                // Nothing can be done about a failure here.
                let _ = tcsetattr(&terminal, OptionalActions::Now, &before);
                super::end_line();
                let _ = emulate_default_handler(signal);
            }
        });
    }
}

#[cfg(not(unix))]
mod terminal {
    //! On Windows the shell restores the console.

    pub(super) fn restore_when_interrupted() {}

    pub(super) fn end_as_interrupted() {}
}
