//! The command line.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use sandbox::{Options, Rule, Seed};

/// What to do.
pub(crate) enum Command {
    /// Run a sandbox.
    Run(Options),
    /// Print the help or the version.
    Print(String),
}

/// Parses the command line. An error consists of a message and a hint, each on one line.
pub(crate) fn from_command_line() -> Result<Command, (String, String)> {
    match parser().try_get_matches() {
        Ok(matches) => Ok(Command::Run(from_matches(&matches))),
        Err(error) if !error.use_stderr() => Ok(Command::Print(error.render().to_string())),
        Err(error) => Err(in_two_lines(&error.render().to_string())),
    }
}

/// Splits clap's error into message and hint. clap prints several lines: the message, hints and the usage.
fn in_two_lines(text: &str) -> (String, String) {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let (error, hints) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = error.lines().map(str::trim);
    let mut error = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        error = format!("{error} {line}");
    }
    let tip = hints
        .lines()
        .find_map(|line| line.trim().strip_prefix("tip: "));
    let help = tip.unwrap_or("see sandbox --help");
    (error, help.to_owned())
}

fn parser() -> clap::Command {
    clap::Command::new("sandbox")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A stateful stand-in for the Acronis Cyber Platform that runs on your own machine")
        .arg(
            option(
                "listen",
                "ADDR",
                "Address and port; port 0 picks a free one",
            )
            .default_value("127.0.0.1:8080"),
        )
        .arg(
            option(
                "data",
                "DIR",
                "Folder of the state, created if missing [default: .sandbox next to the nearest \
                 cyber.platform.cfg.json upward, or in the current folder]",
            )
            .value_parser(value_parser!(PathBuf)),
        )
        .arg(
            Arg::new("ephemeral")
                .long("ephemeral")
                .help("No state on disk")
                .action(ArgAction::SetTrue)
                .conflicts_with("data"),
        )
        .arg(
            option("seed", "WORLD", "Data of a new state [default: demo]")
                .conflicts_with("tenants")
                .value_parser(PossibleValuesParser::new(["demo", "partner", "empty"])),
        )
        .arg(
            option(
                "tenants",
                "N",
                "Seed a demo world with N tenants, for load tests",
            )
            .value_parser(value_parser!(u32).range(1..=1_000_000)),
        )
        .arg(
            option(
                "log-size",
                "N",
                "Maximum number of calls in the request log",
            )
            .default_value("10000")
            .value_parser(value_parser!(u32)),
        )
        .arg(
            option(
                "admin-login",
                "LOGIN",
                "The administrator's login in a new state [default: admin]",
            )
            .value_parser(login),
        )
        .arg(
            option(
                "admin-password",
                "PASSWORD",
                "The administrator's password; random if missing at the first start",
            )
            .value_parser(NonEmptyStringValueParser::new()),
        )
        .arg(
            option("latency", "MS", "Delay of each response, in milliseconds")
                .default_value("0")
                .value_parser(value_parser!(u64).range(..=600_000)),
        )
        .arg(
            option("speed", "F", "Speed of simulated work")
                .default_value("1")
                .value_parser(speed),
        )
        .arg(
            option("fault", "RULE", "Fault rule in JSON; can be repeated")
                .action(ArgAction::Append)
                .value_parser(|text: &str| text.parse::<Rule>()),
        )
}

fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

/// Rejects logins that HTTP Basic cannot transmit: it ends the login at the first colon.
fn login(text: &str) -> Result<String, String> {
    if text.is_empty() || text.contains(|c: char| c == ':' || c.is_control()) {
        return Err("a login cannot be empty or contain a colon".to_owned());
    }
    Ok(text.to_owned())
}

fn speed(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|speed| (0.001..=1_000_000.0).contains(speed))
        .ok_or_else(|| "not a number from 0.001 to 1000000".to_owned())
}

/// The folder of the state if none is given. All folders of a checkout share one.
fn default_data() -> PathBuf {
    let home = env::current_dir().ok().and_then(|folder| {
        let home = folder
            .ancestors()
            .find(|folder| folder.join("cyber.platform.cfg.json").is_file())?;
        Some(home.to_owned())
    });
    home.unwrap_or_default().join(".sandbox")
}

fn from_matches(matches: &ArgMatches) -> Options {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let defaults = Options::default();
    Options {
        listen: text("listen").unwrap_or(defaults.listen),
        data: (!matches.get_flag("ephemeral")).then(|| {
            matches
                .get_one("data")
                .cloned()
                .unwrap_or_else(default_data)
        }),
        seed: matches
            .get_one("tenants")
            .map(|number| Seed::Tenants(*number))
            .or_else(|| text("seed")?.parse().ok()),
        log_size: matches
            .get_one::<u32>("log-size")
            .and_then(|size| usize::try_from(*size).ok())
            .unwrap_or(defaults.log_size),
        admin_login: text("admin-login"),
        admin_password: text("admin-password"),
        latency: matches
            .get_one("latency")
            .map_or(defaults.latency, |millis| Duration::from_millis(*millis)),
        speed: matches.get_one("speed").copied().unwrap_or(defaults.speed),
        faults: matches
            .get_many::<Rule>("fault")
            .map_or(defaults.faults, |rules| rules.cloned().collect()),
    }
}
