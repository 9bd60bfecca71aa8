//! The README keeps its word: its commands run, its code is in the sources, its table names the examples.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tests::{SandboxProcess, examples};

/// What a reader types at the questions of an example, in the order of the tutorial.
fn typed(example: &str, sandbox: &SandboxProcess) -> String {
    match example {
        "create_api_client" => format!("{}\n{}\n", sandbox.login, sandbox.password),
        "create_user_for_customer_activate_assign_backup_user_role" => {
            "grace.hopper\ngrace@example.com\n".to_owned()
        }
        "create_user_for_partner_activate_assign_admin_role" => {
            "ada.lovelace\nada@example.com\n".to_owned()
        }
        "search_for_tenant_or_user" => "Rust\n".to_owned(),
        "switch_edition_for_customer" | "switch_edition_for_customer_legacy" => "\n".to_owned(),
        "create_partner_tenant_and_lock" => "\n".repeat(4),
        "delete_all_tenant_underneath" => "yes\n".to_owned(),
        _ => String::new(),
    }
}

/// The documents for users.
fn documents() -> Vec<(&'static str, String)> {
    ["README.md", "sandbox/README.md"]
        .into_iter()
        .map(|name| {
            let text = fs::read_to_string(examples::checkout().join(name)).expect(name);
            (name, text)
        })
        .collect()
}

/// The code blocks of a language.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = document.lines();
    while lines.by_ref().any(|line| line == format!("```{language}")) {
        blocks.push(
            lines
                .by_ref()
                .take_while(|line| *line != "```")
                .map(|line| format!("{line}\n"))
                .collect(),
        );
    }
    blocks
}

fn commands() -> Vec<String> {
    documents()
        .iter()
        .flat_map(|(_, text)| blocks(text, "sh"))
        .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// Package and name in `cargo run -p PACKAGE --bin NAME`.
fn example_of(command: &str) -> Option<(&str, &str)> {
    let (package, rest) = command
        .strip_prefix("cargo run -p ")?
        .split_once(" --bin ")?;
    Some((package, rest.split(' ').next()?))
}

#[test]
fn the_steps_run_in_their_order_on_a_sandbox() {
    let sandbox = SandboxProcess::start();
    let home = sandbox.home();
    let readme = &documents()[0].1;
    let (_, steps) = readme.split_once("\n## Step by step\n").expect("the steps");
    let (steps, _) = steps.split_once("\n## ").expect("their end");

    let mut walked = Vec::new();
    for command in blocks(steps, "sh").concat().lines() {
        if command == "cargo run -p sandbox" {
            continue;
        }
        if let Some(file) = command.strip_prefix("rm ") {
            fs::remove_file(home.path(file)).expect("an earlier step has left it");
            continue;
        }
        let (package, name) = example_of(command).unwrap_or_else(|| panic!("{command}"));
        home.example(&format!("{package}/{name}"))
            .input(typed(name, &sandbox))
            .end()
            .success();
        walked.push(name.to_owned());
    }

    let mut examples: Vec<_> = examples::all()
        .iter()
        .map(|example| example.name.clone())
        .collect();
    examples.sort();
    walked.sort();
    assert_eq!(walked, examples, "the steps pass every example");
}

/// The headings of a level below another heading.
fn headings<'a>(document: &'a str, below: &str, level: &str) -> Vec<&'a str> {
    let (_, part) = document.split_once(below).expect("the part is there");
    let (part, _) = part.split_once("\n## ").unwrap_or((part, ""));
    part.lines()
        .filter_map(|line| line.strip_prefix(level)?.strip_prefix(' '))
        .collect()
}

#[test]
fn the_chapters_are_those_of_the_tour() {
    let output = std::process::Command::new(examples::tour())
        .arg("--list")
        .env("NO_COLOR", "1")
        .output()
        .expect("the tour runs");
    let list = String::from_utf8(output.stdout).expect("text");
    let chapters: Vec<_> = list
        .lines()
        .filter_map(|line| line.split_once("  --chapter "))
        .map(|(title, _)| title)
        .collect();

    let readme = &documents()[0].1;
    assert_eq!(headings(readme, "\n## Step by step\n", "###"), chapters);
}

#[test]
fn every_command_is_known() {
    for command in commands() {
        let known = match command.as_str() {
            "cargo test --workspace"
            | "cargo run -p sandbox"
            | "cargo run -p sandbox --bin tutorial"
            | "rm api_customer_scoped_token.json"
            | "cargo run -p sandbox -- --help"
            | "cargo run -p sandbox -- --ephemeral --listen 127.0.0.1:0"
            | "cargo bench -p tests --bench get_tenant_usage" => true,
            other => example_of(other).is_some_and(|(package, name)| {
                examples::all()
                    .iter()
                    .any(|example| example.package == package && example.name == name)
            }),
        };
        assert!(known, "{command}");
    }
}

#[test]
fn the_code_is_in_the_sources() {
    let mut sources = Vec::new();
    for package in fs::read_dir(examples::checkout()).expect("the checkout") {
        let source = package.expect("an entry").path().join("src");
        if source.is_dir() {
            collect(&source, &mut sources);
        }
    }
    let sources: Vec<_> = sources
        .iter()
        .map(|source| unindented(&fs::read_to_string(source).expect("a source")))
        .collect();

    let mut count = 0;
    for (name, document) in documents() {
        for block in blocks(&document, "rust") {
            count += 1;
            let block = unindented(&block);
            assert!(
                sources.iter().any(|source| source.contains(&block)),
                "{name} shows what is in no source:\n{block}"
            );
        }
    }
    assert!(count > 3);
}

/// All Rust sources below a folder.
fn collect(folder: &Path, sources: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
}

/// The lines without what stands before them: indentation, and the marks of code in a doc comment.
fn unindented(text: &str) -> String {
    text.lines()
        .map(|line| {
            let line = line.trim();
            let line = line
                .strip_prefix("//! ")
                .or_else(|| line.strip_prefix("/// "))
                .unwrap_or(line);
            format!("{}\n", line.trim())
        })
        .collect()
}

#[test]
fn the_table_has_a_row_for_each_example_and_no_other() {
    let readme = &documents()[0].1;
    let (_, table) = readme.split_once("\n## The examples\n").expect("the table");
    let (table, _) = table.split_once("\n## ").expect("its end");
    let mut rows: Vec<_> = table
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| ")?.split(" | ");
            let (package, name) = (cells.next()?, cells.next()?);
            Some((
                package.to_owned(),
                name.strip_prefix('`')?.strip_suffix('`')?.to_owned(),
            ))
        })
        .collect();
    rows.sort();

    let examples: Vec<_> = examples::all()
        .iter()
        .map(|example| (example.package.clone(), example.name.clone()))
        .collect();
    assert_eq!(rows, examples);
}

#[test]
fn the_flags_of_the_sandbox_are_those_of_its_help() {
    let help = std::process::Command::new(examples::sandbox())
        .arg("--help")
        .output()
        .expect("the sandbox runs");
    let help = String::from_utf8(help.stdout).expect("text");
    let flags = |text: &str| {
        let mut flags: Vec<_> = text
            .split(|c: char| !(c.is_ascii_lowercase() || c == '-'))
            .filter(|word| word.starts_with("--") && word.len() > 2)
            .map(str::to_owned)
            .collect();
        flags.sort();
        flags.dedup();
        flags
    };
    let rows: String = documents()[1]
        .1
        .lines()
        .filter(|line| line.starts_with("| `--"))
        .collect();
    let mut expected = flags(&help);
    expected.retain(|flag| !matches!(flag.as_str(), "--help" | "--version"));

    assert_eq!(flags(&rows), expected);
}

#[test]
fn the_anchors_lead_somewhere() {
    for (name, document) in documents() {
        let headings: Vec<_> = document
            .lines()
            .filter(|line| line.starts_with('#'))
            .map(|line| {
                line.trim_start_matches('#')
                    .trim()
                    .to_lowercase()
                    .replace(' ', "-")
            })
            .collect();
        for link in document.split("](").skip(1) {
            let target = link.split(')').next().expect("an end");
            if let Some(anchor) = target.strip_prefix('#') {
                assert!(
                    headings.iter().any(|heading| heading == anchor),
                    "{name}: {target}"
                );
            } else if !target.contains("://") {
                let folder = Path::new(name).parent().expect("a folder");
                assert!(
                    examples::checkout().join(folder).join(target).exists(),
                    "{name}: {target}"
                );
            }
        }
    }
}
