//! Builds and finds the example binaries, which the guided tour and the tests run.
//!
//! Cargo puts all binaries of a build into one folder, but two packages have a `search_for_tenant_or_user`. So this
//! module runs two builds, each without one of these packages, and links each binary into a folder for its package.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The packages that contain the examples.
pub const PACKAGES: [&str; 9] = [
    "authorization",
    "tenants",
    "users",
    "usage",
    "monitoring",
    "reports",
    "agent",
    "resources",
    "plans",
];

/// The packages that have a binary of the same name. Each build excludes one of them.
const SAME_NAME: [&str; 2] = ["users", "tenants"];

/// The packages to build. Cargo unifies the features of the selected packages, so another selection may compile the
/// dependencies again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection<'a> {
    /// These packages.
    Packages(&'a [&'a str]),
    /// All packages of the workspace and their examples, which reuses the build of `cargo test --workspace`.
    Workspace,
}

/// The built binaries.
#[derive(Debug, Clone)]
pub struct Binaries {
    folder: PathBuf,
}

impl Binaries {
    /// Builds the binaries of the checkout at `root`, in the profile of this program. Cargo prints its progress to
    /// standard error, unless `quiet` is set.
    ///
    /// # Errors
    /// If cargo is missing or fails, or if a binary cannot be linked.
    pub fn build(root: &Path, selection: Selection<'_>, quiet: bool) -> Result<Self> {
        let mut folder = None;
        for excluded in SAME_NAME {
            for (package, binary) in build(root, selection, excluded, quiet)? {
                let (Some(mut target), Some(name)) = (binary.parent(), binary.file_name()) else {
                    continue;
                };
                if target.ends_with("examples") {
                    target = target.parent().unwrap_or(target);
                }
                let links = target.join("by-package");
                link(&binary, &links.join(package), Path::new(name))
                    .with_context(|| format!("link {}", binary.display()))?;
                folder = Some(links);
            }
        }
        let folder = folder.context("cargo built no binaries")?;
        Ok(Self { folder })
    }

    /// Uses binaries that were built before, in a folder with one subfolder for each package.
    #[must_use]
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The folder with one subfolder for each package.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The path of a binary.
    #[must_use]
    pub fn path(&self, package: &str, binary: &str) -> PathBuf {
        self.folder
            .join(package)
            .join(binary)
            .with_extension(env::consts::EXE_EXTENSION)
    }
}

/// Finds the root of the checkout, starting from the package that cargo runs or else from the current folder.
///
/// # Errors
/// If the folder is not in a checkout of this project.
pub fn checkout() -> Result<PathBuf> {
    let start = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(env::current_dir, |folder| Ok(folder.into()))?;
    start
        .ancestors()
        .find(|folder| {
            folder.join("Cargo.lock").is_file()
                && folder.join("cyber.platform.cfg.defaults.json").is_file()
        })
        .map(Path::to_path_buf)
        .with_context(|| format!("{} is not in a checkout of this project", start.display()))
}

/// Builds the binaries of all selected packages except one. Returns the package and the path of each binary.
fn build(
    root: &Path,
    selection: Selection<'_>,
    excluded: &str,
    quiet: bool,
) -> Result<Vec<(String, PathBuf)>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(root)
        .args([
            "build",
            "--bins",
            "--message-format=json-render-diagnostics",
        ])
        .stderr(if quiet {
            Stdio::piped()
        } else {
            Stdio::inherit()
        });
    match selection {
        Selection::Workspace => {
            command.args(["--examples", "--workspace", "--exclude", excluded]);
        }
        Selection::Packages(packages) => {
            for package in packages.iter().filter(|package| **package != excluded) {
                command.args(["--package", package]);
            }
        }
    }
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    // Cargo sets these variables for the program that it runs. Build scripts that read them would run again.
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if [
            "CARGO_BIN_",
            "CARGO_MANIFEST_",
            "CARGO_PKG_",
            "CARGO_CRATE_NAME",
            "CARGO_PRIMARY_PACKAGE",
        ]
        .iter()
        .any(|prefix| name.starts_with(prefix))
        {
            command.env_remove(name.as_ref());
        }
    }
    let output = command.output().context("start cargo")?;
    ensure!(
        output.status.success(),
        "cargo could not build the binaries: {}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| executable(&serde_json::from_str(line).ok()?))
        .collect())
}

/// The package and path of the binary in one of cargo's messages, if it has one.
fn executable(message: &Value) -> Option<(String, PathBuf)> {
    let path = message.get("executable")?.as_str()?;
    let manifest = Path::new(message.get("manifest_path")?.as_str()?);
    let package = manifest.parent()?.file_name()?.to_str()?;
    Some((package.to_owned(), path.into()))
}

/// Puts a binary into a folder and replaces an existing one atomically: another process may be starting it.
fn link(binary: &Path, folder: &Path, name: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    // A temporary folder, because `rename` leaves the staged link behind if the target is a link to the same file.
    let staging = tempfile::tempdir_in(folder)?;
    let staged = staging.path().join(name);
    fs::hard_link(binary, &staged).or_else(|_| fs::copy(binary, &staged).map(drop))?;
    fs::rename(&staged, folder.join(name))
}
