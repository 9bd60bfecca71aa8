//! A run of the guided tour, and what it shows for each example.

use std::{path::Path, process::Command};

use anstyle::{Color, RgbColor};
use anstyle_svg::Term;

use super::redact::redact;
use crate::examples;

/// The steps in the picture.
const PICTURE: [&str; 2] = [
    "authorization/create_api_client",
    "tenants/create_partner_tenant_and_assign_specific_edition",
];

/// The redacted output of a complete tour.
#[derive(Debug)]
pub struct Tour {
    /// With the colors of a terminal.
    colored: String,
    /// Without colors.
    plain: String,
}

impl Tour {
    /// Runs the tour in a folder, which may contain a user's settings and files.
    ///
    /// # Panics
    /// If a step fails.
    pub fn run(folder: &Path) -> Self {
        let output = Command::new(examples::tour())
            .arg("--binaries")
            .arg(examples::binaries().folder())
            .current_dir(folder)
            .env("CLICOLOR_FORCE", "1")
            .env_remove("NO_COLOR")
            // The tour must ignore the user's own settings.
            .env("CYBER_PLATFORM_BASE_URL", "http://127.0.0.1:1/")
            .output()
            .expect("the tour starts");
        let colored = String::from_utf8(output.stdout).expect("the tour prints text");
        assert!(
            output.status.success(),
            "{colored}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let colored = redact(&colored);
        let plain = anstream::adapter::strip_str(&colored).to_string();
        Self { colored, plain }
    }

    /// All it prints, without colors, redacted.
    pub fn text(&self) -> &str {
        &self.plain
    }

    /// What it shows below the command of an example, `package/name`.
    ///
    /// # Errors
    /// If it does not run this example.
    pub fn step(&self, example: &str) -> Result<String, String> {
        let (_, command, end) = self.lines_of(example)?;
        let lines = self.plain.lines().skip(command + 1).take(end - command - 1);
        let lines: Vec<&str> = lines
            .map(|line| line.strip_prefix("  ").unwrap_or(line).trim_end())
            .collect();
        Ok(lines.join("\n").trim().to_owned())
    }

    /// A picture of a terminal with a part of the tour.
    ///
    /// # Errors
    /// If the tour has no such step.
    pub fn picture(&self) -> Result<String, String> {
        let mut text = String::new();
        for example in PICTURE {
            let (start, _, end) = self.lines_of(example)?;
            for line in self.colored.lines().skip(start).take(end - start) {
                text.push_str(line);
                text.push('\n');
            }
        }
        Ok(Term::new()
            .fg_color(Color::Rgb(RgbColor(0xd8, 0xde, 0xe9)))
            .bg_color(Color::Rgb(RgbColor(0x1e, 0x22, 0x2a)))
            .render_svg(text.trim_end()))
    }

    /// Where a step is: the numbers of its heading, of its command, and of the first line after it.
    fn lines_of(&self, example: &str) -> Result<(usize, usize, usize), String> {
        let (package, name) = example
            .split_once('/')
            .ok_or_else(|| "expected PACKAGE/EXAMPLE".to_owned())?;
        let command = format!("  $ cargo run -p {package} --bin {name}");
        let lines: Vec<&str> = self.plain.lines().collect();
        let command = lines
            .iter()
            .position(|line| {
                let arguments = line.strip_prefix(&command);
                arguments.is_some_and(|rest| rest.is_empty() || rest.starts_with(" -- "))
            })
            .ok_or_else(|| "the tour does not run this example".to_owned())?;
        let is_heading = |line: &&str| line.starts_with(|c: char| c.is_ascii_digit());
        let mut before = lines.iter().take(command);
        let heading = before.rposition(is_heading);
        // Everything that a step shows is indented.
        let shown = lines
            .iter()
            .skip(command)
            .position(|line| !line.is_empty() && !line.starts_with("  "));
        Ok((
            heading.unwrap_or(command),
            command,
            shown.map_or(lines.len(), |count| command + count),
        ))
    }
}
