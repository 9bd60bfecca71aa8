//! The examples as a set: each has the header from which a reader knows all it needs, and a name of its own.

use std::{collections::BTreeMap, fs};

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

#[test]
fn every_header_has_its_parts_in_their_order() {
    for example in examples::all() {
        let Example { package, name, .. } = example;
        let header = header(example);
        let place = |begin: &str| {
            let lines = header.iter().enumerate();
            let mut found = lines.filter(|(_, line)| line.starts_with(begin));
            match (found.next(), found.next()) {
                (Some((number, _)), None) => number,
                (None, _) => panic!("{name}: no line begins with {begin:?}"),
                (Some(_), Some(_)) => panic!("{name}: two lines begin with {begin:?}"),
            }
        };

        let summary = header.first().expect("there is a header");
        assert!(summary.ends_with('.'), "{name}: {summary}");
        let run = format!("cargo run -p {package} --bin {name}");
        let places = ["- Asks for: ", "- Needs: ", "- Calls: ", "- Leaves: "].map(place);
        assert!(places.is_sorted() && place(&run) < places[0], "{name}");
        assert_eq!(header[place(&run)], run);
    }
}

#[test]
fn every_file_of_home_that_an_example_needs_is_left_by_one_of_them() {
    let part = |example: &Example, begin: &str| {
        let header = header(example).join(" ");
        let (_, rest) = header.split_once(begin).expect("the part is there");
        rest.split(" - ").next().unwrap_or_default().to_owned()
    };
    let left: String = examples::all()
        .iter()
        .map(|example| part(example, "- Leaves: "))
        .collect();
    for example in examples::all() {
        for file in part(example, "- Needs: ").split('`') {
            if file.ends_with(".json") {
                assert!(
                    left.contains(&format!("`{file}`")),
                    "{}: {file}",
                    example.name
                );
            }
        }
    }
}

#[test]
fn one_name_stands_for_two_examples_and_all_others_for_one() {
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
        assert_eq!(outcome.stdout, "{\n  \"items\": []\n}\n");
    }
}

/// Where home is in the checkout, none of its secrets is to be committed.
#[test]
fn what_the_examples_leave_is_ignored_by_git() {
    let ignored = fs::read_to_string(examples::checkout().join(".gitignore")).expect("the rules");
    let is_ignored = |file: &str| {
        ignored.lines().any(|rule| match rule.split_once('*') {
            Some((begin, end)) => file.starts_with(begin) && file.ends_with(end),
            None => rule == file,
        })
    };

    let mut count = 0;
    for example in examples::all() {
        let header = header(example).join(" ");
        let (_, leaves) = header.split_once("- Leaves: ").expect("the part is there");
        for file in leaves
            .split('`')
            .filter(|text| text.ends_with(".json") || text.ends_with(".csv"))
        {
            count += 1;
            assert!(is_ignored(file), "{file}");
        }
    }
    assert!(count > 8, "{count}");
    assert!(
        is_ignored(".cyber-platform-Ab12Cd"),
        "a file that a crash has left"
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

#[test]
fn every_example_has_its_tests_and_its_place_in_each_list() {
    let places = [
        ("tests/tests/suite/wire", "a test with a scripted server"),
        ("tests/tests/suite/end_to_end", "a test on the sandbox"),
        ("tests/tests/suite/faults/plan.rs", "an entry in PLANS"),
        ("tests/src/tutorial.rs", "an entry in STEPS"),
        (
            "sandbox/src/bin/tutorial/examples.rs",
            "an entry in EXAMPLES",
        ),
        ("guide/src", "a step with its command"),
    ]
    .map(|(place, part)| (place, part, text_of(place)));
    let mut missing = String::new();
    for Example { package, name, .. } in examples::all() {
        let mentions = [
            format!("\"{name}\""),
            format!("\"{package}/{name}\""),
            format!("cargo run -p {package} --bin {name}\n"),
        ];
        for (place, part, text) in &places {
            if !mentions.iter().any(|mention| text.contains(mention)) {
                missing += &format!("{package}/{name}: {place} needs {part}\n");
            }
        }
    }
    assert!(
        missing.is_empty(),
        "incomplete, see .github/CONTRIBUTING.md:\n{missing}"
    );
}
