//! What the headers of the examples say, as a table and as a diagram.

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use super::relative;
use crate::examples::{self, Example};

/// The header of an example: its `//!` comment.
#[derive(Debug)]
pub struct Header {
    text: String,
}

impl Header {
    /// Reads the header of an example.
    ///
    /// # Panics
    /// If the source cannot be read.
    pub fn read(example: &Example) -> Self {
        let source = fs::read_to_string(&example.source).expect("the source is readable");
        let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
        let text = lines.map(|line| format!("{}\n", line.trim())).collect();
        Self { text }
    }

    /// The first sentence, without its full stop.
    pub fn summary(&self) -> String {
        let paragraph = self.text.split("\n\n").next().unwrap_or_default();
        let paragraph = paragraph.replace('\n', " ");
        let sentence = paragraph.split(". ").next().unwrap_or_default();
        sentence.trim().trim_end_matches('.').to_owned()
    }

    /// The file names in an item, such as `Needs`.
    pub fn files(&self, item: &str) -> Vec<String> {
        let Some((_, rest)) = self.text.split_once(&format!("\n- {item}: ")) else {
            return Vec::new();
        };
        let item = rest.split("\n- ").next().unwrap_or_default();
        let item = item.split("\n\n").next().unwrap_or_default();
        item.split('`')
            .skip(1)
            .step_by(2)
            .filter(|name| name.ends_with(".json") || name.ends_with(".csv"))
            .map(str::to_owned)
            .collect()
    }
}

/// The packages in the order of the guide, with their examples in the order of the tour.
fn packages() -> Vec<(&'static str, Vec<&'static Example>)> {
    [
        "authorization",
        "tenants",
        "users",
        "usage",
        "reports",
        "agent",
        "resources",
        "plans",
        "monitoring",
    ]
    .into_iter()
    .map(|package| {
        let examples = examples::all().iter();
        let own = examples.filter(|example| example.package == package);
        (package, own.collect())
    })
    .collect()
}

/// A table of all examples: name with a link, and summary.
pub(super) fn table(page: &Path) -> String {
    let mut table = String::new();
    for (package, examples) in packages() {
        let _ = write!(table, "\n| {package} | |\n|---|---|\n");
        for example in examples {
            let name = &example.name;
            let link = relative(page, &format!("{package}/src/bin/{name}.rs"));
            let summary = Header::read(example).summary();
            let _ = writeln!(table, "| [`{name}`]({link}) | {summary} |");
        }
    }
    table + "\n"
}

/// A diagram of the files that one example writes and another one needs.
pub(super) fn diagram() -> String {
    let mut writers: BTreeMap<String, &str> = BTreeMap::new();
    let mut readers: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for example in examples::all() {
        let header = Header::read(example);
        for file in header.files("Writes") {
            writers.insert(file, &example.name);
        }
        for file in header.files("Needs") {
            readers.entry(file).or_default().push(&example.name);
        }
    }
    let mut diagram = "flowchart LR\n".to_owned();
    for (number, (file, readers)) in readers.iter().enumerate() {
        if let Some(writer) = writers.get(file) {
            let _ = writeln!(diagram, "    {writer} --> f{number}[/{file}/]");
        }
        for reader in readers {
            let _ = writeln!(diagram, "    f{number} --> {reader}");
        }
    }
    diagram
}
