//! The command line of an example. The header of its source is its help text.

use anyhow::Result;
use clap::{Arg, ArgAction, Command, error::ErrorKind};

use crate::error::{OutputError, UserError};

/// The name, version and source of the calling binary; see [`About`].
///
/// Without an argument, the calling file is `src/bin/NAME.rs`. Anywhere else, pass the name of the calling file, such as
/// `about!("main.rs")`.
#[macro_export]
macro_rules! about {
    () => {
        $crate::example::About {
            binary: env!("CARGO_BIN_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            source: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/src/bin/",
                env!("CARGO_BIN_NAME"),
                ".rs"
            )),
            steps: &[],
            consequence: None,
        }
    };
    ($file:literal) => {
        $crate::example::About {
            // Not set for the examples of a package.
            binary: match option_env!("CARGO_BIN_NAME") {
                Some(name) => name,
                None => env!("CARGO_CRATE_NAME"),
            },
            version: env!("CARGO_PKG_VERSION"),
            source: include_str!($file),
            steps: &[],
            consequence: None,
        }
    };
}

/// An example: its name, its header and the changes that it makes. Built by [`about!`](crate::about).
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Name of the binary.
    pub binary: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its source. The header is the help text.
    pub source: &'static str,
    /// The changes it makes on the platform, in order.
    pub steps: &'static [&'static str],
    /// What the user must confirm before the first call, a sentence.
    pub consequence: Option<&'static str>,
}

/// Added to the header of every example that signs in through [`run`](super::run).
const NEEDS_API_CLIENT: &str = "\n- Needs: api_client.json, which create_api_client writes.";

impl About {
    /// Declares the changes that the example makes on the platform, in order: the names that it passes to
    /// [`Call::step`](crate::Call::step). If a run fails midway, its report lists those that are done and those that are
    /// not.
    #[must_use]
    pub fn steps(self, steps: &'static [&'static str]) -> Self {
        Self { steps, ..self }
    }

    /// Declares what the user must confirm before the first call: that the example starts production, deletes, disables,
    /// or changes what partners are billed for. A sentence. There is no prompt if the platform is on this machine, or with
    /// `--yes`. [`run_without_token`](super::run_without_token) does not ask.
    #[must_use]
    pub fn ask_first(self, consequence: &'static str) -> Self {
        Self {
            consequence: Some(consequence),
            ..self
        }
    }

    /// The header as plain text.
    fn header(&self) -> String {
        self.source
            .lines()
            .map_while(|line| line.strip_prefix("//!"))
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .filter(|line| !line.starts_with("```"))
            .map(|line| line.replace(['`'], "").replace("**", ""))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The text of an item of the header, `- If it fails midway: …`, which may span several lines.
    pub(super) fn item(&self, name: &str) -> Option<String> {
        let header = self.header();
        let (_, item) = header.split_once(&format!("\n- {name}: "))?;
        let item = item.split("\n- ").next()?.split("\n\n").next()?;
        Some(item.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// The options of every example.
pub(super) struct Options {
    pub(super) verbose: bool,
    /// The confirmation is given in advance.
    pub(super) yes: bool,
}

/// Parses the command line. `None` if it was `--help` or `--version`, which is answered here.
pub(super) fn parse(about: About, needs_api_client: bool) -> Result<Option<Options>> {
    let mut header = about.header();
    if needs_api_client {
        let items = ["\n- Needs: ", "\n- Calls: "];
        let place = items.iter().find_map(|item| header.find(item));
        header.insert_str(place.unwrap_or(header.len()), NEEDS_API_CLIENT);
    }
    // The summary and, in some headers, what cannot be undone or costs money are above the command.
    let command = header.find("\n\ncargo run ").unwrap_or(header.len());
    let (summary, details) = header.split_at(command);
    let asks_first = about.consequence.is_some();
    let mut command = Command::new(about.binary)
        .version(about.version)
        .about(summary.to_owned())
        .arg(
            Arg::new("verbose")
                .short('v')
                .long("verbose")
                .action(ArgAction::SetTrue)
                .help("Show each call and its response on standard error, without secrets"),
        )
        .after_help(details.trim().to_owned());
    if asks_first {
        command = command.arg(Arg::new("yes").long("yes").action(ArgAction::SetTrue).help(
            "Do not ask for confirmation (it is asked for if the platform is not on this machine)",
        ));
    }
    let message = match command.try_get_matches() {
        Ok(given) => {
            let verbose = given.get_flag("verbose");
            let yes = asks_first && given.get_flag("yes");
            return Ok(Some(Options { verbose, yes }));
        }
        Err(message) => message,
    };
    match message.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            message.print().map_err(OutputError::new)?;
            Ok(None)
        }
        _ => {
            let text = message.to_string();
            let reason = text.lines().next().unwrap_or_default();
            let options = match asks_first {
                true => "--verbose and --yes",
                false => "--verbose",
            };
            Err(UserError::new(
                reason.trim_start_matches("error: "),
                format!(
                    "{} takes no arguments except {options}; it prompts for what it needs. See --help.",
                    about.binary
                ),
            )
            .into())
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn about_works_in_a_file_of_any_name() {
        let about = crate::about!("help.rs");
        assert_eq!(about.binary, "common");
        let header = about.header();
        assert!(
            header.starts_with("The command line of an example."),
            "{header}"
        );
    }
}
