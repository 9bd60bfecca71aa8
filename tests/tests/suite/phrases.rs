//! The texts of the project do without the phrases in `phrases.txt`.

use std::{fs, path::Path};

use regex::{Regex, RegexBuilder};
use tests::examples;

const PHRASES: &str = include_str!("phrases.txt");

fn phrases() -> Regex {
    let phrases: Vec<_> = PHRASES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    // A line break may stand for each space, also within a comment.
    let pattern = format!(r"\b({})\b", phrases.join("|")).replace(' ', r"(?:\s|//[/!]?|^\s*>)+");
    RegexBuilder::new(&pattern)
        .case_insensitive(true)
        .build()
        .expect("the phrases are regular expressions")
}

/// The places in a text where a phrase stands: line and phrase.
fn find(phrases: &Regex, text: &str) -> Vec<(usize, String)> {
    let found = phrases.find_iter(text);
    found
        .map(|found| {
            let line = text[..found.start()].matches('\n').count() + 1;
            (line, found.as_str().to_owned())
        })
        .collect()
}

/// Calls `look` for all texts of the project: their path in the checkout and what is in them.
fn for_each_text(folder: &Path, look: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).expect("the checkout is readable") {
        let entry = entry.expect("the checkout is readable");
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            if name != "target" && name != ".git" {
                for_each_text(&path, look);
            }
        } else if ["rs", "md", "toml", "snap"]
            .iter()
            .any(|it| path.extension().is_some_and(|extension| extension == *it))
        {
            let text = fs::read_to_string(&path).expect("a text of the project is UTF-8");
            look(
                path.strip_prefix(examples::checkout())
                    .expect("it is in the checkout"),
                &text,
            );
        }
    }
}

#[test]
fn no_text_has_a_forbidden_phrase() {
    let phrases = phrases();
    let mut found = String::new();
    for_each_text(examples::checkout(), &mut |path, text| {
        if path.file_name().is_some_and(|name| name == "phrases.rs") {
            return;
        }
        for (line, phrase) in find(&phrases, text) {
            found += &format!("{}:{line}: {phrase:?}\n", path.display());
        }
    });
    assert_eq!(found, "", "reword these");
}

#[test]
fn a_phrase_is_found_over_the_end_of_a_line() {
    let text = "/// It was done in\n/// vain.\nfn likewise_named() {}\n// Whoever reads.\n";
    let found = find(&phrases(), text);
    let lines: Vec<_> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 4], "{found:?}");
}
