//! The command line of an example.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Arg, ArgAction, ArgMatches, Command, error::ErrorKind, value_parser};
use serde::Serialize;

use super::About;
use crate::{
    error::{OutputError, UserError},
    folder::SavedTenant,
    json::{Id, InvalidId},
    platform::Platform,
    term::{Progress, confirm, print_json, print_line, print_table, progress},
};

/// Added to the header of every example that signs in through [`run`](super::run).
const NEEDS_API_CLIENT: &str = "\n- Needs: api_client.json, which create_api_client writes.";

/// The parsed command line.
#[derive(Debug)]
pub struct Options {
    /// `--json`: the result is printed as one JSON document with the field names of the API, and nothing else. Only
    /// examples that declare it with [`About::json`] have this option.
    pub json: bool,
    /// `--tenant`: the tenant to read. Only examples that declare it with [`About::tenant`] have this option.
    tenant: Option<Id>,
    /// `--replace`: an existing file is replaced. Only examples that declare it with [`About::replace`] have this option.
    pub(super) replace: bool,
    /// `--home`: the home folder.
    pub(super) home: Option<PathBuf>,
    /// `--verbose`: the call log is shown.
    pub(super) verbose: bool,
    /// `--yes`: the confirmation is given in advance. `None` if the example does not have this option.
    yes: Option<bool>,
}

impl Options {
    fn of(given: &mut ArgMatches) -> Self {
        // An example without an option does not define it.
        let flag = |name| matches!(given.try_get_one(name), Ok(Some(true)));
        Self {
            json: flag("json"),
            verbose: flag("verbose"),
            yes: given.try_get_one("yes").ok().flatten().copied(),
            replace: flag("replace"),
            tenant: given.try_remove_one("tenant").unwrap_or_default(),
            home: given.remove_one("home"),
        }
    }

    /// The tenant of `--tenant`, or this one.
    #[must_use]
    pub fn tenant_or<'a>(&'a self, default: &'a Id) -> &'a Id {
        self.tenant.as_ref().unwrap_or(default)
    }

    /// The tenant of `--tenant`, or the one that an earlier example has saved in this file.
    ///
    /// # Errors
    /// Those of [`Platform::load`].
    pub fn tenant_or_saved(&self, platform: &Platform, file: &str) -> Result<Id, UserError> {
        if let Some(tenant) = &self.tenant {
            return Ok(tenant.clone());
        }
        let is_missing = !platform.home().has(file);
        let saved: Result<SavedTenant, _> = platform.load(file);
        saved
            .map(|saved| saved.id)
            .map_err(|error| match is_missing {
                true => error.with_alternative("Or name a tenant with --tenant."),
                false => error,
            })
    }

    /// Asks for confirmation: only the exact word confirms. With `--yes`, nothing is asked.
    ///
    /// # Errors
    /// Those of [`confirm`].
    pub fn confirm(&self, question: &str, word: &str) -> Result<bool, UserError> {
        Ok(self.yes == Some(true) || confirm(question, word)?)
    }

    /// Asks for confirmation with the word yes. `otherwise` says what has not happened if the answer is another one:
    /// `nothing was deleted`.
    ///
    /// # Errors
    /// A [`UserError`] without that word; otherwise those of [`confirm`](Self::confirm).
    pub fn require_yes(&self, question: &str, otherwise: &str) -> Result<(), UserError> {
        if self.confirm(question, "yes")? {
            return Ok(());
        }
        let help = match self.yes {
            Some(_) => "Run the example again and type yes, pipe it in, or pass --yes.",
            None => "Run the example again and type yes, or pipe it in.",
        };
        Err(UserError::new(format!("not confirmed; {otherwise}"), help))
    }

    /// Prints a list: as a table, if there are rows, with a line below it; with `--json` as the document that the platform
    /// sent.
    ///
    /// # Errors
    /// Those of [`print_json`].
    pub fn print_list<const N: usize, Cell: AsRef<str>>(
        &self,
        document: &impl Serialize,
        header: [&str; N],
        rows: impl IntoIterator<Item = [Cell; N]>,
        summary: &str,
    ) -> Result<()> {
        if self.json {
            return print_json(document);
        }
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_some() {
            print_table(header, rows);
            print_line("");
        }
        print_line(summary);
        Ok(())
    }

    /// Prints a line for people. With `--json` it is left out.
    pub fn print_line(&self, line: &str) {
        if !self.json {
            print_line(line);
        }
    }

    /// Shows a [spinner](progress). With `--json` it prints no lines above itself.
    pub fn progress(&self, message: &str) -> Progress {
        progress(message).with_lines(!self.json)
    }
}

/// Parses the command line. `None` if it was `--help` or `--version`, which is answered here.
pub(super) fn parse(about: About, needs_api_client: bool) -> Result<Option<Options>> {
    let mut command = command(about, needs_api_client);
    let message = match command.try_get_matches_from_mut(std::env::args_os()) {
        Ok(mut given) => return Ok(Some(Options::of(&mut given))),
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
            let help = format!(
                "{} takes no arguments except {}; it prompts for what it needs. See --help.",
                about.binary,
                names(&command)
            );
            Err(UserError::new(reason.trim_start_matches("error: "), help).into())
        }
    }
}

fn command(about: About, needs_api_client: bool) -> Command {
    let mut header = about.header();
    if needs_api_client {
        let items = ["\n- Needs: ", "\n- Calls: "];
        let place = items.iter().find_map(|item| header.find(item));
        header.insert_str(place.unwrap_or(header.len()), NEEDS_API_CLIENT);
    }
    // The summary and, in some headers, what cannot be undone or costs money are above the command.
    let start = header.find("\n\ncargo run ").unwrap_or(header.len());
    let (summary, details) = header.split_at(start);
    let mut command = Command::new(about.binary)
        .version(about.version)
        .about(summary.to_owned())
        .after_help(format!("Details:\n{}", details.trim()))
        .arg(
            flag("verbose")
                .short('v')
                .help("Show each call and its response on standard error, without secrets"),
        )
        .arg(
            Arg::new("home")
                .long("home")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Use this home folder, with your settings and saved files"),
        );
    if let Some(default) = about.tenant {
        command = command.arg(
            Arg::new("tenant")
                .long("tenant")
                .value_name("ID")
                .value_parser(|text: &str| -> Result<Id, InvalidId> { text.to_owned().try_into() })
                .help(format!("Read this tenant instead of {default}")),
        );
    }
    if about.json {
        command = command
            .arg(flag("json").help("Print the result as JSON, with the field names of the API"));
    }
    if let Some(effect) = about.replaces {
        command = command.arg(flag("replace").help(effect));
    }
    let confirmation = match about.consequence {
        _ if about.asks_before_deleting => {
            Some("Answer both questions with yes: the API client is deleted, too")
        }
        Some(_) => Some(
            "Do not ask for confirmation (it is asked for if the platform is not on this machine)",
        ),
        None => None,
    };
    if let Some(help) = confirmation {
        command = command.arg(flag("yes").help(help));
    }
    command
}

fn flag(name: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue)
}

/// The names of the options, `--verbose, --home and --yes`.
fn names(command: &Command) -> String {
    let mut names: Vec<_> = command
        .get_arguments()
        .filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()))
        .filter_map(|arg| Some(format!("--{}", arg.get_long()?)))
        .collect();
    let last = names.pop().unwrap_or_default();
    format!("{} and {last}", names.join(", "))
}
