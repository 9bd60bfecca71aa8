//! The example binaries: building and finding them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use sandbox::binaries::{self, Binaries, Selection};

/// An example: its source file and its binary.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Example {
    /// The package, which is also its folder.
    pub package: String,
    /// The name of the binary.
    pub name: String,
    /// The path of its source file.
    pub source: PathBuf,
}

/// All examples, sorted by package and name.
pub fn all() -> &'static [Example] {
    static ALL: OnceLock<Vec<Example>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut examples: Vec<_> = binaries::PACKAGES.into_iter().flat_map(of).collect();
        examples.sort();
        examples
    })
}

fn of(package: &str) -> Vec<Example> {
    let folder = checkout().join(package).join("src/bin");
    fs::read_dir(&folder)
        .unwrap_or_else(|cause| panic!("{}: {cause}", folder.display()))
        .map(|entry| entry.expect("the sources are readable").path())
        .filter_map(|source| {
            let name = source.file_name()?.to_str()?.strip_suffix(".rs")?;
            Some(Example {
                package: package.to_owned(),
                name: name.to_owned(),
                source: source.clone(),
            })
        })
        .collect()
}

/// The example with this name, or with this `package/name` if two packages have one of this name.
///
/// # Panics
/// If there is none, or more than one.
pub fn named(name: &str) -> &'static Example {
    let (package, name) = match name.split_once('/') {
        Some((package, name)) => (Some(package), name),
        None => (None, name),
    };
    let mut found = all()
        .iter()
        .filter(|example| example.name == name && package.is_none_or(|it| example.package == it));
    match (found.next(), found.next()) {
        (Some(example), None) => example,
        (None, _) => panic!("there is no example {name}"),
        (Some(_), Some(_)) => panic!("more than one package has {name}: say package/name"),
    }
}

impl Example {
    /// The path of its compiled binary.
    pub fn binary(&self) -> PathBuf {
        binaries().path(&self.package, &self.name)
    }
}

/// The sandbox's binary.
pub fn sandbox() -> PathBuf {
    binaries().path("sandbox", "sandbox")
}

/// The guided tour's binary.
pub fn tour() -> PathBuf {
    binaries().path("sandbox", "tutorial")
}

/// A program to copy, from the folder `examples` of a package.
pub fn program(package: &str, name: &str) -> PathBuf {
    binaries().path(package, name)
}

/// All binaries of the workspace. The first use in a process builds them.
///
/// `cargo test` does not build the binaries of other packages. All libraries below them are compiled by then, because
/// [`Selection::Workspace`] has the features of `cargo test --workspace`.
pub fn binaries() -> &'static Binaries {
    static BUILT: OnceLock<Binaries> = OnceLock::new();
    BUILT.get_or_init(|| {
        Binaries::build(checkout(), Selection::Workspace, true)
            .unwrap_or_else(|error| panic!("{error:#}"))
    })
}

/// The root folder of the workspace.
pub fn checkout() -> &'static Path {
    static CHECKOUT: OnceLock<PathBuf> = OnceLock::new();
    CHECKOUT.get_or_init(|| binaries::checkout().expect("the tests run in the checkout"))
}
