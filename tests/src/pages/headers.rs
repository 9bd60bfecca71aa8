//! What the headers of the examples say, as a table and as a diagram.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::Path,
};

use super::relative;
use crate::examples::{self, Example};

/// Nearly all examples need this file, so it is not listed.
const API_CLIENT: &str = "api_client.json";

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

/// The packages in the order of the guide, each with its examples in the order of the guide.
fn packages() -> Vec<(&'static str, Vec<&'static Example>)> {
    let guide: String = super::guide()
        .iter()
        .map(|name| super::read(name))
        .collect();
    let place = |example: &&Example| {
        let command = format!("cargo run -p {} --bin {}\n", example.package, example.name);
        guide.find(&command)
    };
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
        let mut own: Vec<_> = examples
            .filter(|example| example.package == package)
            .collect();
        own.sort_by_key(place);
        (package, own)
    })
    .collect()
}

/// A table of all examples: folder, name with a link, summary.
pub(super) fn table(page: &Path) -> String {
    let mut table = "| folder | example | what it does |\n|---|---|---|\n".to_owned();
    for (package, examples) in packages() {
        let mut folder = package;
        for example in examples {
            let name = &example.name;
            let link = relative(page, &format!("{package}/src/bin/{name}.rs"));
            let summary = Header::read(example).summary();
            let _ = writeln!(table, "| {folder} | [`{name}`]({link}) | {summary} |");
            // The folder is shown in the first row only.
            folder = "";
        }
    }
    format!("\n{table}\n")
}

/// A table of the files that the examples need and write, for those that do.
pub(super) fn files_table() -> String {
    let mut table = "| example | needs | writes |\n|---|---|---|\n".to_owned();
    for example in packages().into_iter().flat_map(|(_, examples)| examples) {
        let header = Header::read(example);
        let (mut needs, writes) = (header.files("Needs"), header.files("Writes"));
        needs.retain(|file| file != API_CLIENT);
        if needs.is_empty() && writes.is_empty() {
            continue;
        }
        let list = |files: Vec<String>| {
            let files: Vec<_> = files.iter().map(|file| format!("`{file}`")).collect();
            files.join(", ")
        };
        let _ = writeln!(
            table,
            "| `{}` | {} | {} |",
            example.name,
            list(needs),
            list(writes)
        );
    }
    format!("\n{table}\n")
}

/// A diagram of the files that one example writes and others need. Examples that write no such file and need the same ones
/// share a box.
pub(super) fn diagram() -> String {
    let mut writers: BTreeMap<String, &str> = BTreeMap::new();
    for example in examples::all() {
        for file in Header::read(example).files("Writes") {
            writers.insert(file, &example.name);
        }
    }
    let mut needed = BTreeSet::new();
    let mut boxes: BTreeMap<Vec<String>, Vec<&str>> = BTreeMap::new();
    for example in examples::all() {
        let mut files = Header::read(example).files("Needs");
        files.retain(|file| file != API_CLIENT && writers.contains_key(file));
        needed.extend(files.clone());
        if !files.is_empty() {
            boxes.entry(files).or_default().push(&example.name);
        }
    }
    let writes = |name: &str| needed.iter().any(|file| writers.get(file) == Some(&name));
    let mut diagram = "flowchart TB\n".to_owned();
    for file in &needed {
        let writer = writers.get(file).copied().unwrap_or_default();
        let _ = writeln!(diagram, "    {writer} --> {file}[/{file}/]");
    }
    for (number, (files, names)) in boxes.iter().enumerate() {
        let (writing, reading): (Vec<&str>, Vec<&str>) =
            names.iter().partition(|name| writes(name));
        for file in files {
            for name in &writing {
                let _ = writeln!(diagram, "    {file} --> {name}");
            }
            if !reading.is_empty() {
                let text = reading.join("<br/>");
                let _ = writeln!(diagram, "    {file} --> readers{number}[\"{text}\"]");
            }
        }
    }
    diagram
}
