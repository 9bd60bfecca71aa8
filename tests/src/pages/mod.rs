//! The generated parts of the Markdown pages: outputs, excerpts, tables, diagrams and the picture of the tour.
//!
//! A generated part is between a marker and `<!-- end -->`. Both are comments, which browsers hide:
//!
//! | marker | what is generated |
//! |---|---|
//! | `<!-- output: PACKAGE/EXAMPLE -->` | what the tour shows when it runs this example |
//! | `<!-- run: PACKAGE/EXAMPLE ARGUMENTS -->` | what an example prints in a home folder with an API client |
//! | `<!-- excerpt: FILE -->` | a source file |
//! | `<!-- excerpt: FILE from "START" -->` | the paragraph of a source file that begins with the line START |
//! | `<!-- excerpt: FILE from "START" to "END" -->` | the lines from START to END; `}` is the brace that closes START |
//! | `<!-- examples -->` | a table of all examples, from their headers |
//! | `<!-- example files -->` | a table: which files each example needs and writes |
//! | `<!-- files -->` | a diagram: which example writes a file, and which examples need it |
//!
//! The check accepts an output with other ids, times and counts, since they change from run to run; everything else has to
//! be equal. `START` and `END` are the beginnings of lines, without their indentation. `cargo run -p tests --bin regenerate_pages`
//! writes all parts; the test `pages` checks that they are up to date.

pub mod compare;
pub mod excerpt;
mod headers;
pub mod redact;
mod session;
mod tour;

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::examples::checkout;

pub use headers::Header;
pub use tour::Tour;

use session::Session;

/// Where outputs come from.
struct Sources<'a> {
    tour: &'a Tour,
    session: Session,
}

/// Ends a generated part.
const END: &str = "<!-- end -->";

/// The picture of the tour.
const PICTURE: &str = "guide/src/images/tour.svg";

/// The command that writes the generated parts.
pub const COMMAND: &str = "cargo run -p tests --bin regenerate_pages";

/// Names of all Markdown pages for users, relative to the checkout.
///
/// # Panics
/// If the guide cannot be read.
pub fn names() -> Vec<PathBuf> {
    let guide = checkout().join("guide/src");
    let mut names: Vec<PathBuf> = fs::read_dir(&guide)
        .expect("the guide is readable")
        .map(|entry| Path::new("guide/src").join(entry.expect("an entry").file_name()))
        .filter(|name| name.extension().is_some_and(|extension| extension == "md"))
        .chain(
            [
                "README.md",
                "ARCHITECTURE.md",
                "CHANGELOG.md",
                ".github/CONTRIBUTING.md",
                "sandbox/README.md",
            ]
            .map(PathBuf::from),
        )
        .filter(|name| checkout().join(name).is_file())
        .collect();
    names.sort();
    names
}

/// The pages of the guide in their order, from its table of contents.
///
/// # Panics
/// If the table of contents cannot be read.
pub fn guide() -> Vec<PathBuf> {
    let folder = Path::new("guide/src");
    read(&folder.join("SUMMARY.md"))
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(page, _)| folder.join(page))
        .collect()
}

/// The text of a page.
///
/// # Panics
/// If it cannot be read.
pub fn read(name: &Path) -> String {
    fs::read_to_string(checkout().join(name)).unwrap_or_else(|cause| panic!("{name:?}: {cause}"))
}

/// All files with generated parts, and what they should contain.
///
/// # Errors
/// If a marker cannot be filled; the message names the page and the marker.
pub fn generate(tour: &Tour) -> Result<Vec<(PathBuf, String)>, String> {
    let sources = Sources {
        tour,
        session: Session::start(),
    };
    let mut files = vec![(PathBuf::from(PICTURE), tour.picture()?)];
    for name in names() {
        let text = fill(&name, &read(&name), &sources)?;
        files.push((name, text));
    }
    Ok(files)
}

/// Replaces the generated parts of a page. A part that differs only in what changes from run to run is kept.
fn fill(page: &Path, text: &str, sources: &Sources<'_>) -> Result<String, String> {
    let mut filled = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        filled.push_str(line);
        filled.push('\n');
        let Some(marker) = marker(line) else {
            continue;
        };
        let problem = |problem| format!("{}: {line}: {problem}", page.display());
        let generated = marker
            .and_then(|marker| marker.generate(page, sources))
            .map_err(problem)?;
        let mut old = String::new();
        loop {
            match lines.next() {
                Some(END) => break,
                Some(line) if !line.starts_with("<!-- ") => {
                    old.push_str(line);
                    old.push('\n');
                }
                _ => return Err(problem(format!("there is no {END}"))),
            }
        }
        let is_current = compare::is_equivalent(&old, &generated);
        filled.push_str(if is_current { &old } else { &generated });
        filled.push_str(END);
        filled.push('\n');
    }
    Ok(filled)
}

/// What a marker generates.
#[derive(Debug, PartialEq, Eq)]
enum Marker<'a> {
    Output(&'a str),
    Run(&'a str),
    Excerpt {
        file: &'a str,
        start: Option<&'a str>,
        end: Option<&'a str>,
    },
    Examples,
    ExampleFiles,
    Files,
}

/// The marker in a line; `None` if the line has none.
fn marker(line: &str) -> Option<Result<Marker<'_>, String>> {
    let text = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    let (kind, rest) = text.split_once(": ").unwrap_or((text, ""));
    match kind {
        "output" => Some(Ok(Marker::Output(rest))),
        "run" => Some(Ok(Marker::Run(rest))),
        "excerpt" => Some(excerpt_marker(rest).ok_or_else(|| {
            r#"expected FILE, FILE from "START", or FILE from "START" to "END""#.to_owned()
        })),
        "examples" => Some(Ok(Marker::Examples)),
        "example files" => Some(Ok(Marker::ExampleFiles)),
        "files" => Some(Ok(Marker::Files)),
        "end" => Some(Err("there is no marker before it".to_owned())),
        _ => None,
    }
}

fn excerpt_marker(text: &str) -> Option<Marker<'_>> {
    let Some((file, rest)) = text.split_once(" from \"") else {
        return Some(Marker::Excerpt {
            file: text,
            start: None,
            end: None,
        });
    };
    let (start, end) = match rest.split_once("\" to \"") {
        Some((start, end)) => (start, Some(end.strip_suffix('"')?)),
        None => (rest.strip_suffix('"')?, None),
    };
    Some(Marker::Excerpt {
        file,
        start: Some(start),
        end,
    })
}

impl Marker<'_> {
    fn generate(&self, page: &Path, sources: &Sources<'_>) -> Result<String, String> {
        match self {
            Self::Output(example) => {
                let output = sources.tour.step(example)?;
                Ok(block("text", &output))
            }
            Self::Run(command) => Ok(block("text", &sources.session.run(command))),
            Self::Excerpt { file, start, end } => {
                let source = fs::read_to_string(checkout().join(file))
                    .map_err(|cause| format!("cannot read the file: {cause}"))?;
                let code = match start {
                    Some(start) => excerpt::find(&source, start, *end)?,
                    None => source,
                };
                let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
                let language = match extension {
                    "rs" => "rust",
                    "py" => "python",
                    "sh" => "bash",
                    "txt" => "text",
                    other => other,
                };
                let link = format!("[`{file}`]({}):\n\n", relative(page, file));
                Ok(link + &block(language, &code))
            }
            Self::Examples => Ok(headers::table(page)),
            Self::ExampleFiles => Ok(headers::files_table()),
            Self::Files => Ok(block("mermaid", &headers::diagram())),
        }
    }
}

/// A fenced code block.
fn block(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```\n", text.trim_end())
}

/// The relative path from a page to a file of the checkout.
fn relative(page: &Path, file: &str) -> String {
    let depth = page.components().count() - 1;
    "../".repeat(depth) + file
}
