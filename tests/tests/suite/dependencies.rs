//! The features of the dependencies.

use std::{collections::BTreeSet, env, process::Command};

use sandbox::binaries::PACKAGES;
use tests::examples;

/// Cargo compiles a dependency for each set of its features. With equal sets, a package alone needs no build after that
/// of the guided tour, which builds all of them.
#[test]
fn examples_enable_the_same_features_of_their_dependencies() {
    let all = dependencies(&PACKAGES);
    for package in PACKAGES {
        let own = dependencies(&[package]);
        let other: Vec<_> = own.difference(&all).collect();
        assert!(!own.is_empty() && other.is_empty(), "{package}: {other:?}");
    }
}

/// The dependencies of these packages, each with its version and features.
fn dependencies(packages: &[&str]) -> BTreeSet<String> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(examples::checkout()).args([
        "tree",
        "--locked",
        "--offline",
        "--edges=normal,build",
        "--prefix=none",
        "--format={p} [{f}]",
    ]);
    for package in packages {
        command.args(["--package", package]);
    }
    let output = command.output().expect("cargo starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout)
        .expect("cargo prints text")
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .collect()
}
