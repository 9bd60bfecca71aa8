//! How every example starts, reports errors and exits.

mod dates;
mod environment;
mod help;
mod hints;
mod interrupt;
mod logger;
mod names;
mod options;

pub use dates::{last_month, utc, week_ago};
pub use environment::Environment;
pub use help::About;
pub use names::random_suffix;
pub use options::Options;

use std::process::ExitCode;

use anyhow::Result;

use self::{hints::explain, logger::print_line, options::parse};
use crate::{
    auth::TokenChoice,
    config::Config,
    error::{OutputError, UserError, exit_code, help, may_have_taken_effect},
    http::Step,
    platform::Platform,
    term::run_to_end,
};

/// Runs an example signed in: with a valid customer-scoped token if there is one, otherwise with the API client's token.
pub fn run(about: About, example: impl FnOnce(&Platform) -> Result<()>) -> ExitCode {
    run_with_options(about, |platform, _| example(platform))
}

/// As [`run`], for an example that has options of its own.
pub fn run_with_options(
    about: About,
    example: impl FnOnce(&Platform, &Options) -> Result<()>,
) -> ExitCode {
    run_signed_in(about, TokenChoice::Active, example)
}

/// Runs an example signed in with the API client's own token, even if there is a customer-scoped one.
pub fn run_with_base_token(
    about: About,
    example: impl FnOnce(&Platform, &Options) -> Result<()>,
) -> ExitCode {
    run_signed_in(about, TokenChoice::Base, example)
}

/// Runs an example signed in with the customer-scoped token: it changes something inside that customer.
pub fn run_with_customer_token(
    about: About,
    example: impl FnOnce(&Platform) -> Result<()>,
) -> ExitCode {
    run_signed_in(about, TokenChoice::Customer, |platform, _| {
        example(platform)
    })
}

/// Runs an example that signs in by itself, because it creates the API client or its token.
pub fn run_without_token(
    about: About,
    example: impl FnOnce(&Environment) -> Result<()>,
) -> ExitCode {
    start(about, false, |options, done| {
        let mut environment = Environment::prepare(options.home.as_deref())?;
        environment.replace = options.replace;
        let outcome = run_to_end(|| example(&environment));
        *done = environment.http.steps_done();
        let Environment { home, http, .. } = &environment;
        outcome.map_err(|error| explain(error, http.address(), Some(home)))
    })
}

fn run_signed_in(
    about: About,
    token: TokenChoice,
    example: impl FnOnce(&Platform, &Options) -> Result<()>,
) -> ExitCode {
    start(about, true, |options, done| {
        let (home, config) = environment::prepare(options.home.as_deref())?;
        require_confirmation(about, &config, options)?;
        let address = config.base_url.as_str().trim_end_matches('/').to_owned();
        let sign_in = Platform::from_home(home, config).token(token).sign_in();
        let platform = sign_in.map_err(|error| explain(error, &address, None))?;
        interrupt::report_when_interrupted(about, platform.http().steps());
        let outcome = run_to_end(|| example(&platform, options));
        *done = platform.http().steps_done();
        outcome.map_err(|error| explain(error, &address, Some(platform.home())))
    })
}

/// Parses the command line, does the work and reports how it ended. `work` fills in the steps that it completed.
fn start(
    about: About,
    needs_api_client: bool,
    work: impl FnOnce(&Options, &mut Vec<Step>) -> Result<()>,
) -> ExitCode {
    let mut done = Vec::new();
    let outcome = parse(about, needs_api_client).and_then(|options| match options {
        Some(options) => {
            logger::install(options.verbose);
            work(&options, &mut done)
        }
        None => Ok(()),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let not_done = not_done(about.steps, &done);
            // The reader has closed the pipe because it has read enough. That is only worth a message if something is
            // half done.
            let output = error.downcast_ref::<OutputError>();
            if !output.is_some_and(OutputError::is_closed_pipe) {
                report(&error);
            } else if done.is_empty() || not_done.is_empty() {
                return ExitCode::from(exit_code(&error));
            }
            report_progress(about, &done, &not_done, &error);
            ExitCode::from(exit_code(&error))
        }
    }
}

/// Asks for confirmation if the example declares a consequence and the platform is not on this machine.
fn require_confirmation(about: About, config: &Config, options: &Options) -> Result<(), UserError> {
    let Some(consequence) = about.consequence else {
        return Ok(());
    };
    if config.is_local() {
        return Ok(());
    }
    let platform = &config.base_url;
    let question = format!("{consequence} The platform is {platform}.");
    options.require_yes(&question, "nothing was sent")
}

/// Prints an error and what to do about it, one line each.
fn report(error: &anyhow::Error) {
    print_line("error", &format!("{error:#}"));
    if let Some(help) = help(error) {
        print_line("help", &help);
    }
}

/// Prints the completed and remaining steps and how to continue, if the run changed something or may have.
fn report_progress(about: About, done: &[Step], not_done: &[&str], error: &anyhow::Error) {
    print_steps(done, not_done);
    if !done.is_empty() || may_have_taken_effect(error) {
        print_next(about);
    }
}

fn print_steps(done: &[Step], not_done: &[&str]) {
    if done.is_empty() {
        return;
    }
    let done: Vec<_> = done.iter().map(Step::to_string).collect();
    print_line("done", &done.join(", "));
    if !not_done.is_empty() {
        print_line("not done", &not_done.join(", "));
    }
}

fn print_next(about: About) {
    if let Some(next) = about.item("If it fails midway") {
        print_line("next", &next);
    }
}

/// The declared steps that are not done.
fn not_done<'a>(steps: &[&'a str], done: &[Step]) -> Vec<&'a str> {
    let is_done = |step: &&&str| done.iter().any(|done| done.name == **step);
    steps
        .iter()
        .filter(|step| !is_done(step))
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_are_not_done_are_listed_in_order() {
        let steps = [
            "create",
            "create the partner",
            "enable the offering items",
            "lock the partner",
        ];
        let done = [Step {
            name: "create the partner".to_owned(),
            object: Some("Rust Partner A1B2C3 v3.0".to_owned()),
        }];
        assert_eq!(
            not_done(&steps, &done),
            ["create", "enable the offering items", "lock the partner"]
        );
        assert!(not_done(&[], &done).is_empty());
    }
}
