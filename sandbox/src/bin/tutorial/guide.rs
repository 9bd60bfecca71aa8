//! The chapters and steps of the tour, read from the Markdown of the guide.
//!
//! A step is a section with a command `cargo run -p PACKAGE --bin EXAMPLE`. The tour shows the text above the command;
//! the text below it is for readers of the guide.

use std::collections::BTreeSet;

use sandbox::tutorial::{EXAMPLES, Example};

/// A page of the guide that is a chapter of the tour.
macro_rules! page {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../../../guide/src/", $name, ".md")),
        )
    };
}

/// The pages in the order of the tour, named after their files.
const PAGES: [(&str, &str); 10] = [
    page!("authorization"),
    page!("tenants"),
    page!("users"),
    page!("usage"),
    page!("reports"),
    page!("agent"),
    page!("resources"),
    page!("plans"),
    page!("monitoring"),
    page!("cleanup"),
];

/// A page of the guide.
#[derive(Debug, Default)]
pub(crate) struct Chapter {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// The heading of the page.
    pub(crate) title: &'static str,
    /// The introduction, as plain text.
    pub(crate) intro: Vec<String>,
    /// The files that the introduction says to remove.
    pub(crate) removes: Vec<&'static str>,
    /// The sections with a command.
    pub(crate) steps: Vec<Step>,
}

/// A section with a command.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// The heading of the section.
    pub(crate) title: &'static str,
    /// The paragraphs above the command, as plain text.
    pub(crate) text: Vec<String>,
    /// The example that the command runs.
    pub(crate) example: &'static Example,
    /// The lines of its source that matter.
    pub(crate) excerpt: Excerpt,
}

/// A part of a source file that the guide quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// The path of the file, relative to the checkout.
    pub(crate) file: &'static str,
    pub(crate) lines: Vec<&'static str>,
}

impl Step {
    /// The command, as the guide shows it.
    pub(crate) fn command(&self) -> String {
        self.example.command()
    }
}

/// All chapters.
pub(crate) fn chapters() -> Vec<Chapter> {
    PAGES.iter().map(|(name, page)| read(name, page)).collect()
}

/// The steps before a chapter whose results it needs, in the order of the tour.
pub(crate) fn needed_before(chapter: &Chapter) -> Vec<Step> {
    let needed: BTreeSet<&str> = chapter
        .steps
        .iter()
        .flat_map(|step| step.example.all_needs())
        .collect();
    let own = |step: &Step| {
        chapter
            .steps
            .iter()
            .any(|own| own.example.name == step.example.name)
    };
    chapters()
        .into_iter()
        .flat_map(|chapter| chapter.steps)
        .filter(|step| needed.contains(step.example.name) && !own(step))
        .collect()
}

/// Reads a page.
fn read(name: &'static str, page: &'static str) -> Chapter {
    let mut sections = page.split("\n## ");
    let introduction = Section::read(sections.next().unwrap_or_default());
    let removes = introduction.commands.iter();
    Chapter {
        name,
        title: introduction.heading.trim_start_matches("# "),
        intro: introduction.text,
        removes: removes
            .filter_map(|command| command.strip_prefix("rm "))
            .collect(),
        steps: sections.filter_map(step).collect(),
    }
}

/// Reads a section; `None` if it has no command that runs an example.
fn step(section: &'static str) -> Option<Step> {
    let section = Section::read(section);
    let example = EXAMPLES
        .iter()
        .find(|example| section.commands.contains(&example.command().as_str()))?;
    Some(Step {
        title: section.heading,
        text: section.text,
        example,
        excerpt: section.excerpt,
    })
}

/// The parts of a section that the tour shows.
#[derive(Debug, Default)]
struct Section {
    heading: &'static str,
    /// The paragraphs above the first command, as plain text.
    text: Vec<String>,
    /// The lines of all blocks marked `sh`.
    commands: Vec<&'static str>,
    /// The first excerpt.
    excerpt: Excerpt,
}

impl Section {
    fn read(markdown: &'static str) -> Self {
        let mut section = Self::default();
        let mut paragraph: Vec<&str> = Vec::new();
        // The language of the code block that the line is in.
        let mut code = None;
        let mut is_in_excerpt = false;
        let mut lines = markdown.lines();
        section.heading = lines.next().unwrap_or_default();
        for line in lines.chain([""]) {
            match (line.strip_prefix("```"), code) {
                (Some(language), None) => code = Some(language),
                (Some(_), Some(_)) => code = None,
                (None, Some("sh")) => section.commands.push(line),
                (None, Some(_)) if is_in_excerpt => section.excerpt.lines.push(line),
                (None, Some(_)) => {}
                (None, None) if line.trim().is_empty() => {
                    if !paragraph.is_empty() && section.commands.is_empty() {
                        section.text.push(plain(&paragraph.join(" ")));
                    }
                    paragraph.clear();
                }
                (None, None) if line.starts_with("<!--") => {
                    let file = line.strip_prefix("<!-- excerpt: ");
                    let file = file.and_then(|rest| rest.split_whitespace().next());
                    is_in_excerpt = file.is_some() && section.excerpt.lines.is_empty();
                    if let Some(file) = file.filter(|_| is_in_excerpt) {
                        section.excerpt.file = file;
                    }
                }
                (None, None) => paragraph.push(line.trim_start_matches("> ")),
            }
        }
        section
    }
}

/// A paragraph of Markdown without its marks.
fn plain(paragraph: &str) -> String {
    let mut text = String::new();
    let mut rest = paragraph;
    // `[text](address)` becomes `text`.
    while let Some((before, after)) = rest.split_once('[') {
        let Some((label, after)) = after.split_once("](") else {
            break;
        };
        let Some((_, after)) = after.split_once(')') else {
            break;
        };
        text.push_str(before);
        text.push_str(label);
        rest = after;
    }
    text.push_str(rest);
    text.replace("**", "").replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guide_has_one_step_for_each_example() {
        let chapters = chapters();
        let steps = chapters.iter().flat_map(|chapter| &chapter.steps);
        let mut in_guide: Vec<_> = steps.map(Step::command).collect();
        let mut all: Vec<_> = EXAMPLES.iter().map(Example::command).collect();
        in_guide.sort();
        all.sort();
        assert_eq!(in_guide, all);
    }

    #[test]
    fn every_step_quotes_its_source() {
        for step in chapters().iter().flat_map(|chapter| &chapter.steps) {
            let Excerpt { file, lines } = &step.excerpt;
            assert!(!lines.is_empty(), "{}", step.title);
            assert!(file.contains("/src/") || file.ends_with(".json"), "{file}");
        }
    }

    #[test]
    fn needed_examples_come_earlier() {
        let mut done = Vec::new();
        for step in chapters().iter().flat_map(|chapter| &chapter.steps) {
            for needed in step.example.needs {
                assert!(
                    done.contains(needed),
                    "{} needs {needed}",
                    step.example.name
                );
            }
            done.push(step.example.name);
        }
    }

    #[test]
    fn shows_what_stands_above_the_command() {
        let chapter = read(
            "agent",
            "# Agents\n\nSee [the list](x.md)\nof **all** `agents`.\n\n```sh\nrm a.json\n```\n\n\
             ## List all agents\n\n> **Danger.** It is\n> loud.\n\n```mermaid\nflowchart\n```\n\nTwo.\n\n\
             ```sh\ncargo run -p agent --bin get_all_agents_info\n```\n\nNot shown.\n\n\
             <!-- output: x -->\n```text\nNo.\n```\n<!-- end -->\n\n\
             <!-- excerpt: agent/a.rs from \"x\" -->\n[`a.rs`](a.rs):\n\n```rust\nlet x;\n\nx;\n```\n<!-- end -->\n\n\
             <!-- excerpt: agent/b.rs -->\n```rust\nlet y;\n```\n<!-- end -->\n\n## Not a step\n\nText.\n",
        );

        assert_eq!(chapter.title, "Agents");
        assert_eq!(chapter.intro, ["See the list of all agents."]);
        assert_eq!(chapter.removes, ["a.json"]);
        let [step] = chapter.steps.as_slice() else {
            panic!("{:?}", chapter.steps);
        };
        assert_eq!(step.title, "List all agents");
        assert_eq!(step.text, ["Danger. It is loud.", "Two."]);
        assert_eq!(step.example.name, "get_all_agents_info");
        assert_eq!(step.excerpt.file, "agent/a.rs");
        assert_eq!(step.excerpt.lines, ["let x;", "", "x;"]);
    }
}
