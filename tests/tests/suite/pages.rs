//! The pages are correct: commands run, generated parts are up to date, links are not broken.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use common::config::KEYS;
use regex::Regex;
use sandbox::tutorial::EXAMPLES;
use tests::{
    TestHome,
    examples::{self, checkout},
    pages::{self, Tour},
};

/// The code blocks of a language in a page.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while lines.by_ref().any(|line| line == format!("```{language}")) {
        let block = lines.by_ref().take_while(|line| *line != "```");
        blocks.push(block.map(|line| format!("{line}\n")).collect());
    }
    blocks
}

/// The lines of all `sh` blocks in a page.
fn commands(text: &str) -> Vec<String> {
    let blocks = blocks(text, "sh").concat();
    blocks.lines().map(str::to_owned).collect()
}

/// All pages with their texts.
fn all() -> Vec<(PathBuf, String)> {
    let names = pages::names().into_iter();
    names
        .map(|name| {
            let text = pages::read(&name);
            (name, text)
        })
        .collect()
}

#[test]
#[cfg_attr(
    windows,
    ignore = "the pages show Unix paths and the permissions of files"
)]
fn tour_succeeds_and_pages_show_what_it_shows() {
    // The folder of a user who works with another platform. The tour must leave it alone.
    let own = TestHome::new("http://127.0.0.1:1/").for_customer();
    let before = own.contents();
    let tour = Tour::run(own.folder());
    assert!(
        own.contents() == before,
        "the tour changed the user's files"
    );
    let text = tour.text();
    assert_eq!(
        EXAMPLES.len(),
        examples::all().len(),
        "the entries in sandbox/src/tutorial.rs, and the examples"
    );

    for shown in [
        "Login at http://127.0.0.1:8080: admin",
        "Password: (typed, not shown)",
        "api_client.json  new",
        "mail   to grace@example.com: ",
        &format!("All {} steps succeeded: ", examples::all().len()),
    ] {
        assert!(text.contains(shown), "{shown}\n{text}");
    }
    // Its commands are those of the guide, in the order of the guide.
    let guide = pages::guide().into_iter();
    let mut in_guide: Vec<_> = guide
        .flat_map(|page| commands(&pages::read(&page)))
        .collect();
    in_guide.retain(|line| line.contains(" --bin ") || line.starts_with("rm "));
    let shown = text.lines().filter_map(|line| line.strip_prefix("  $ "));
    let mut shown: Vec<_> = shown.map(str::to_owned).collect();
    // The last commands say how to continue without the tour.
    shown.truncate(shown.len() - 2);
    in_guide.retain(|line| shown.contains(line));
    assert_eq!(shown, in_guide);

    let files = pages::generate(&tour).unwrap_or_else(|problem| panic!("{problem}"));
    for (name, generated) in files {
        let page = pages::read(&name);
        let difference = page
            .lines()
            .zip(generated.lines())
            .find(|(is, should)| is != should);
        assert!(
            page == generated,
            "{} is not current: run {}\n{difference:#?}",
            name.display(),
            pages::COMMAND
        );
    }
}

#[test]
fn every_example_is_a_step_of_the_guide() {
    let pages: String = all().into_iter().map(|(_, text)| text).collect();
    let commands = commands(&pages);
    for example in examples::all() {
        let command = format!("cargo run -p {} --bin {}", example.package, example.name);
        let with_arguments = format!("{command} -- ");
        let is_it = |line: &String| *line == command || line.starts_with(&with_arguments);
        assert!(
            commands.iter().any(is_it),
            "add a section with `{command}` to a chapter in guide/src, and the example to sandbox/src/tutorial.rs"
        );
    }
}

#[test]
fn every_command_is_known() {
    for (name, text) in all() {
        for command in commands(&text) {
            assert!(is_known(&command), "{}: {command}", name.display());
        }
    }
}

fn is_known(command: &str) -> bool {
    let example = |command: &str| {
        examples::all().iter().any(|example| {
            let own = format!("cargo run -p {} --bin {}", example.package, example.name);
            command == own || command.starts_with(&format!("{own} "))
        })
    };
    example(command)
        || [
            "cargo run -p sandbox",
            "cargo run -p sandbox --bin tutorial",
            "cargo run -p sandbox -- --help",
            "cargo run -p sandbox -- --ephemeral --admin-password secret",
            "cargo test --workspace",
            "cargo bench -p tests --bench get_tenant_usage",
            "rm api_customer_scoped_token.json",
            pages::COMMAND,
        ]
        .contains(&command)
}

#[test]
fn rust_code_is_an_excerpt() {
    for (name, text) in all() {
        let mut outside = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("<!-- excerpt: ") {
            outside.push_str(before);
            rest = after
                .split_once("<!-- end -->")
                .map_or("", |(_, rest)| rest);
        }
        outside.push_str(rest);
        assert_eq!(
            blocks(&outside, "rust"),
            Vec::<String>::new(),
            "{}: take the code from a source file, with <!-- excerpt: … -->",
            name.display()
        );
    }
}

#[test]
fn links_are_not_broken() {
    for (name, text) in all() {
        let folder = name.parent().expect("a folder");
        for link in text.split("](").skip(1) {
            let target = link.split(')').next().expect("a link ends");
            if target.contains("://") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() {
                name.clone()
            } else {
                folder.join(file)
            };
            assert!(
                checkout().join(&file).exists(),
                "{}: {target}",
                name.display()
            );
            assert!(
                anchor.is_empty() || anchors(&pages::read(&file)).contains(anchor),
                "{}: {target}",
                name.display()
            );
        }
    }
}

/// The anchors of a page's headings, as browsers of repositories and mdBook compute them.
fn anchors(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
                .collect::<String>()
                .to_lowercase()
                .replace(' ', "-")
        })
        .collect()
}

#[test]
fn guide_lists_all_its_pages() {
    let listed = pages::guide();
    for name in pages::names() {
        let is_page = name.starts_with("guide/src") && !name.ends_with("SUMMARY.md");
        assert!(!is_page || listed.contains(&name), "{}", name.display());
    }
}

#[test]
fn readme_is_short_and_counts_the_examples() {
    let readme = pages::read(Path::new("README.md"));
    let lines = readme.lines().count();
    assert!(lines <= 250, "{lines}");
    let count = examples::all().len();
    let counted = format!("\n{count} small programs ");
    assert!(
        readme.contains(&counted),
        "README.md must have the line:{counted}…"
    );
}

#[test]
fn sandbox_readme_lists_the_flags_of_its_help() {
    let help = Command::new(examples::sandbox())
        .arg("--help")
        .output()
        .expect("the sandbox runs");
    let help = String::from_utf8(help.stdout).expect("the help is text");
    let flags = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !(c.is_ascii_lowercase() || c == '-'))
            .filter(|word| word.starts_with("--") && word.len() > 2)
            .map(str::to_owned)
            .collect()
    };
    let readme = pages::read(Path::new("sandbox/README.md"));
    let rows: String = readme
        .lines()
        .filter(|line| line.starts_with("| `--"))
        .collect();
    let mut expected = flags(&help);
    expected.remove("--help");
    expected.remove("--version");
    assert_eq!(flags(&rows), expected);
}

#[test]
fn guide_lists_all_settings() {
    let source = ["mod", "sources"]
        .map(|name| {
            pages::read(
                &Path::new("common/src/config")
                    .join(name)
                    .with_extension("rs"),
            )
        })
        .concat();
    let read = Regex::new(r#"\.(?:text|find|seconds|choice)\(\s*"(\w+)""#).expect("a pattern");
    let mut keys: Vec<_> = read
        .captures_iter(&source)
        .map(|key| key[1].to_owned())
        .collect();
    let guide = pages::read(Path::new("guide/src/settings.md"));
    let rows = guide
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let mut listed: Vec<_> = rows.map(|(key, _)| key.to_owned()).collect();
    let mut known = KEYS.map(str::to_owned);
    keys.sort();
    known.sort();
    listed.sort();
    assert_eq!(keys, known);
    assert_eq!(listed, known);
}
