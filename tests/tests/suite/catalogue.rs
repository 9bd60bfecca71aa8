//! The examples as a set: their headers, their names, and the lists that name them all.

use std::{collections::BTreeMap, fs};

use sandbox::tutorial::EXAMPLES;
use tests::{
    Response, ScriptedServer, TestHome,
    examples::{self, Example},
};

/// The one name that the tutorial has in two folders.
const TWICE: &str = "search_for_tenant_or_user";

fn header(example: &Example) -> Vec<String> {
    fs::read_to_string(&example.source)
        .expect("the source is text")
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.trim().to_owned())
        .collect()
}

/// The text of an item of the header, `- Writes: …`, or nothing.
fn item(example: &Example, name: &str) -> String {
    let header = header(example).join(" ");
    let item = header.split_once(&format!("- {name}: "));
    let item = item.and_then(|(_, rest)| rest.split(" - ").next());
    item.unwrap_or_default().to_owned()
}

/// The names of files in a text.
fn files(text: &str) -> impl Iterator<Item = &str> {
    let names = text.split('`');
    names.filter(|name| name.ends_with(".json") || name.ends_with(".csv"))
}

#[test]
fn every_header_has_a_summary_and_a_command_before_its_items() {
    for example in examples::all() {
        let Example { package, name, .. } = example;
        let header = header(example);
        let summary = header.first().expect("there is a header");
        assert!(summary.ends_with('.'), "{name}: {summary}");

        let command = format!("cargo run -p {package} --bin {name}");
        let command = header.iter().position(|line| *line == command);
        let items = header.iter().position(|line| line.starts_with("- "));
        assert!(command.is_some() && command < items, "{name}");
    }
}

#[test]
fn examples_print_only_through_common() {
    for example in examples::all() {
        let source = fs::read_to_string(&example.source).expect("the source is text");
        let (imports, code) = source.split_once("fn main()").expect("it is a program");
        let name = &example.name;
        assert!(
            !code.contains(" println!") || imports.contains("println"),
            "{name}: `println!` sanitizes its values only if it is imported from `common`"
        );
        for other in [" print!", "eprint", "std::print", "io::std", "dbg!"] {
            assert!(!source.contains(other), "{name} prints with {other}");
        }
    }
}

#[test]
fn examples_are_short() {
    let mut lengths: Vec<_> = examples::all()
        .iter()
        .map(|example| {
            let source = fs::read_to_string(&example.source).expect("the source is text");
            (source.lines().count(), example.name.as_str())
        })
        .collect();
    lengths.sort_unstable();
    let (longest, name) = lengths.last().expect("there are examples");
    assert!(*longest <= 80, "{name} has {longest} lines");
    let (median, _) = lengths[lengths.len() / 2];
    assert!(median <= 55, "the median of all examples is {median} lines");
}

#[test]
fn every_needed_file_is_written_by_an_example() {
    let written: String = examples::all()
        .iter()
        .map(|example| item(example, "Writes"))
        .collect();
    for example in examples::all() {
        let needs = item(example, "Needs");
        for file in files(&needs).filter(|file| *file != "api_client.json") {
            assert!(
                written.contains(&format!("`{file}`")),
                "{}: {file}",
                example.name
            );
        }
    }
    assert!(written.contains("`api_client.json`"));
}

#[test]
fn only_one_name_is_shared_by_two_examples() {
    let mut packages: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for Example { package, name, .. } in examples::all() {
        packages.entry(name).or_default().push(package);
    }
    packages.retain(|_, packages| packages.len() > 1);

    assert_eq!(
        packages,
        BTreeMap::from([(TWICE, vec!["tenants", "users"])])
    );
}

#[test]
fn both_examples_of_one_name_are_built_and_run() {
    for package in ["tenants", "users"] {
        let server = ScriptedServer::new([Response::text(200, r#"{"items":[]}"#)]);
        let home = TestHome::new(&server.url()).signed_in();
        let name = format!("{package}/{TWICE}");

        let help = home.example(&name).arg("--help").end().success();
        assert!(
            help.stdout.contains(&format!("cargo run -p {package} ")),
            "{help}"
        );

        let outcome = home.example(&name).input("text\n").end().success();
        assert_eq!(outcome.stdout, "0 results\n");
    }
}

/// If home is the checkout, its secrets must not be committed.
#[test]
fn files_that_the_examples_write_are_ignored_by_git() {
    let ignored = fs::read_to_string(examples::checkout().join(".gitignore")).expect("the rules");
    let is_ignored = |file: &str| {
        ignored.lines().any(|rule| match rule.split_once('*') {
            Some((start, end)) => file.starts_with(start) && file.ends_with(end),
            None => rule == file,
        })
    };

    let mut count = 0;
    for example in examples::all() {
        for file in files(&item(example, "Writes")) {
            count += 1;
            assert!(is_ignored(file), "{file}");
        }
    }
    assert!(count > 8, "{count}");
    for name in [
        "partner",
        "partner_all_editions",
        "partner_user",
        "customer",
        "user",
    ] {
        let copy = format!("{name}.1.json");
        assert!(is_ignored(&copy), "{copy}");
    }
    assert!(is_ignored("created.jsonl"));
    assert!(
        is_ignored(".cyber-platform-Ab12Cd"),
        "the temporary file of a killed run"
    );
}

/// The text of a file, or of all files in a folder.
fn text_of(place: &str) -> String {
    let place = examples::checkout().join(place);
    if place.is_file() {
        return fs::read_to_string(place).expect("the file is text");
    }
    fs::read_dir(&place)
        .unwrap_or_else(|cause| panic!("{}: {cause}", place.display()))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| fs::read_to_string(path).expect("the file is text"))
        .collect()
}

/// The patterns in the first column of the table of effects, such as `get_…`.
fn patterns(account: &str) -> Vec<&str> {
    let rows = account.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split_once("` |"))
        .flat_map(|(patterns, _)| patterns.split("`, `"))
        .collect()
}

/// Whether a pattern fits a name: `…` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('…') {
        Some((start, end)) => name.starts_with(start) && name.ends_with(end),
        None => pattern == name,
    }
}

#[test]
fn every_example_has_its_tests_and_its_place_in_each_list() {
    let places = [
        ("tests/tests/suite/wire", "a test with a scripted server"),
        ("tests/tests/suite/end_to_end", "a test on the sandbox"),
        ("tests/tests/suite/faults/plan.rs", "an entry in PLANS"),
        ("tests/src/tutorial.rs", "an entry in ORDER"),
        ("guide/src", "a step with its command"),
    ]
    .map(|(place, part)| (place, part, text_of(place)));
    let account = text_of("guide/src/account.md");
    let effects = patterns(&account);
    let mut missing = String::new();
    for Example { package, name, .. } in examples::all() {
        let command = format!("cargo run -p {package} --bin {name}\n");
        let quoted = if name == TWICE {
            format!("\"{package}/{name}\"")
        } else {
            format!("\"{name}\"")
        };
        for (place, part, text) in &places {
            if !text.contains(&quoted) && !text.contains(&command) {
                missing += &format!("{package}/{name}: {place} needs {part}\n");
            }
        }
        let manifest = format!("{package}/Cargo.toml");
        let entry = format!(r#"{{ name = "{name}", test = false"#);
        if !text_of(&manifest).contains(&entry) {
            missing += &format!("{package}/{name}: {manifest} needs {entry} }}\n");
        }
        if !effects.iter().any(|pattern| matches(pattern, name)) {
            missing += &format!(
                "{package}/{name}: the table in guide/src/account.md needs a row for it\n"
            );
        }
        let mut entries = EXAMPLES.iter();
        if !entries.any(|entry| entry.package == package && entry.name == name) {
            missing += &format!("{package}/{name}: sandbox/src/tutorial.rs needs an entry\n");
        }
    }
    assert!(
        missing.is_empty(),
        "incomplete, see .github/CONTRIBUTING.md:\n{missing}"
    );
}
