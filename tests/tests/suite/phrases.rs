//! The texts of the project do not contain the phrases in `phrases.txt`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use regex::{Regex, RegexBuilder};
use tests::examples;

const PHRASES: &str = include_str!("phrases.txt");

fn phrases() -> Regex {
    let phrases: Vec<_> = PHRASES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    // Each space also matches a line break, even within a comment.
    let pattern = format!(r"\b({})\b", phrases.join("|")).replace(' ', r"(?:\s|//[/!]?|^\s*>)+");
    RegexBuilder::new(&pattern)
        .case_insensitive(true)
        .build()
        .expect("the phrases are regular expressions")
}

/// The phrases in a text, each with its line.
fn find(phrases: &Regex, text: &str) -> Vec<(usize, String)> {
    let found = phrases.find_iter(text);
    found
        .map(|found| {
            let line = text[..found.start()].matches('\n').count() + 1;
            (line, found.as_str().to_owned())
        })
        .collect()
}

/// Whether a file is a text of the project, by its path in the checkout.
fn is_text(path: &Path) -> bool {
    const KINDS: [&str; 10] = [
        "rs", "md", "toml", "snap", "yml", "txt", "sh", "py", "sql", "css",
    ];
    // The list of phrases, and the test that needs some.
    if path.file_stem().is_some_and(|name| name == "phrases") {
        return false;
    }
    match path.extension() {
        Some(extension) => KINDS.iter().any(|kind| extension == *kind),
        None => path.starts_with(".ci") || path.ends_with(".gitignore"),
    }
}

/// Adds all files below a folder, by their paths in the checkout.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the checkout is readable") {
        let path = entry.expect("the checkout is readable").path();
        if !path.is_dir() {
            let path = path.strip_prefix(examples::checkout());
            files.push(path.expect("it is in the checkout").to_owned());
        } else if !path.ends_with("target") && !path.ends_with(".git") {
            collect(&path, files);
        }
    }
}

#[test]
fn no_text_has_a_forbidden_phrase() {
    let phrases = phrases();
    let mut files = Vec::new();
    collect(examples::checkout(), &mut files);
    let mut found = String::new();
    for path in files.iter().filter(|path| is_text(path)) {
        let text = fs::read_to_string(examples::checkout().join(path));
        let text = text.expect("a text of the project is UTF-8");
        for (line, phrase) in find(&phrases, &text) {
            found += &format!("{}:{line}: {phrase:?}\n", path.display());
        }
    }
    assert_eq!(found, "", "reword these");
}

#[test]
fn every_kind_of_text_is_searched() {
    for path in [
        "common/src/lib.rs",
        "README.md",
        ".github/workflows/ci.yml",
        ".ci/run",
        ".ci/msrv.sh",
        ".ci/requirements.txt",
        ".gitignore",
    ] {
        assert!(is_text(Path::new(path)), "{path}");
    }
    for path in ["LICENSE", "Cargo.lock", "tests/tests/suite/phrases.txt"] {
        assert!(!is_text(Path::new(path)), "{path}");
    }
}

#[test]
fn a_phrase_is_found_across_lines() {
    let text = "/// It was done in\n/// vain.\nfn likewise_named() {}\n// Whoever reads.\n";
    let found = find(&phrases(), text);
    let lines: Vec<_> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 4], "{found:?}");
}
