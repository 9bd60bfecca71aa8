//! The folder `common`, copied into another project.

use std::{
    env, fs,
    path::Path,
    process::{self, Command},
};

use tests::examples;

/// Replaces `Cargo.toml` in a copy.
const STANDALONE: &str = "common/Cargo.standalone.toml";

fn read(path: &str) -> String {
    fs::read_to_string(examples::checkout().join(path))
        .unwrap_or_else(|cause| panic!("{path}: {cause}"))
}

/// The manifest of `common` without what it inherits from the workspace.
fn standalone() -> String {
    let workspace = read("Cargo.toml");
    let inherited = |key: &str| {
        let start = format!("{key} = ");
        let value = workspace.lines().find_map(|line| line.strip_prefix(&start));
        value.unwrap_or_else(|| panic!("{key} is not in Cargo.toml"))
    };
    let mut lines = vec!["# Replaces Cargo.toml in a copy of this folder.".to_owned()];
    for line in read("common/Cargo.toml")
        .replace("[lints]\nworkspace = true\n\n", "")
        .lines()
    {
        let optional = line.strip_suffix(" = { workspace = true, optional = true }");
        lines.push(match (line.strip_suffix(".workspace = true"), optional) {
            (Some(key), _) => format!("{key} = {}", inherited(key)),
            (None, Some(key)) => {
                format!(
                    "{key} = {{ version = {}, optional = true }}",
                    inherited(key)
                )
            }
            (None, None) => line.to_owned(),
        });
    }
    lines.join("\n") + "\n"
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be created");
    for entry in fs::read_dir(from).expect("the folder is readable") {
        let entry = entry.expect("the folder is readable");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the file can be copied");
        }
    }
}

#[test]
fn the_manifest_for_a_copy_has_the_versions_of_the_workspace() {
    let expected = standalone();
    assert!(!expected.contains("workspace = true"), "{expected}");
    assert!(
        read(STANDALONE) == expected,
        "{STANDALONE} must be:\n{expected}"
    );
}

#[test]
#[ignore = "compiles all dependencies again; `.ci/run all_tests` runs it"]
fn a_copied_folder_compiles_in_another_project() {
    let checkout = examples::checkout();
    let project = tempfile::tempdir().expect("a temporary folder can be created");
    let path = |name: &str| project.path().join(name);

    copy(&checkout.join("common"), &path("common"));
    fs::copy(checkout.join(STANDALONE), path("common/Cargo.toml")).expect("it can be copied");
    fs::copy(checkout.join("Cargo.lock"), path("Cargo.lock")).expect("it can be copied");
    let manifest = "[package]\nname = \"program\"\nedition = \"2024\"\n\n[dependencies]\nanyhow = \"1.0\"\n\
                    common = { path = \"common\" }\nserde = \"1.0\"\nserde_json = \"1.0\"\n";
    fs::write(path("Cargo.toml"), manifest).expect("it can be written");
    fs::create_dir(path("src")).expect("it can be created");
    let program = checkout.join("common/examples/provision_customer.rs");
    fs::copy(program, path("src/main.rs")).expect("it can be copied");

    let output: process::Output =
        Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .current_dir(project.path())
            .args(["check", "--quiet", "--offline", "--target-dir"])
            // Kept, so that a second run is fast.
            .arg(checkout.join("target/copied_folder"))
            .output()
            .expect("cargo starts");

    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
}
