//! A run of the guided tour, and what it shows for each example.

use std::process::Command;

use anstyle::{Color, RgbColor};
use anstyle_svg::Term;

use super::redact::redact;
use crate::examples;

/// Where the picture begins: the first step of this chapter.
const PICTURE_FROM: &str = "== Partners and customers ==";

/// The redacted output of a complete tour.
#[derive(Debug)]
pub struct Tour {
    /// With the colors of a terminal.
    colored: String,
    /// Without colors.
    plain: String,
}

impl Tour {
    /// Runs the tour.
    ///
    /// # Panics
    /// If a step fails.
    pub fn run() -> Self {
        let output = Command::new(examples::tour())
            .current_dir(examples::checkout())
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
        let (package, name) = example
            .split_once('/')
            .ok_or_else(|| "expected PACKAGE/EXAMPLE".to_owned())?;
        let command = format!("\n  $ cargo run -p {package} --bin {name}\n");
        let (_, after) = self
            .plain
            .split_once(&command)
            .ok_or_else(|| "the tour does not run this example".to_owned())?;
        // Everything that a step shows is indented.
        let shown = after
            .lines()
            .take_while(|line| line.is_empty() || line.starts_with("  "));
        let shown: Vec<&str> = shown
            .map(|line| line.strip_prefix("  ").unwrap_or(line))
            .collect();
        Ok(shown.join("\n").trim().to_owned())
    }

    /// A picture of a terminal with one step of the tour.
    ///
    /// # Panics
    /// If the tour has no such chapter.
    pub fn picture(&self) -> String {
        let first = self
            .plain
            .lines()
            .position(|line| line == PICTURE_FROM)
            .expect("the tour shows the chapter of the picture");
        // From the heading of the first step to the heading of the next one.
        let mut headings = self
            .plain
            .lines()
            .enumerate()
            .skip(first)
            .filter(|(_, line)| line.starts_with(|c: char| c.is_ascii_digit()))
            .map(|(number, _)| number);
        let start = headings.next().expect("the chapter has a step");
        let end = headings.next().expect("the chapter has a second step");
        let lines: Vec<&str> = self.colored.lines().skip(start).take(end - start).collect();
        let text = lines.join("\n");
        Term::new()
            .fg_color(Color::Rgb(RgbColor(0xd8, 0xde, 0xe9)))
            .bg_color(Color::Rgb(RgbColor(0x1e, 0x22, 0x2a)))
            .render_svg(text.trim_end())
    }
}
