//! Builds and finds the example binaries, for the guided tour and the tests, which run the real ones.
//!
//! Cargo puts all binaries of a build into one folder, and two packages have a `search_for_tenant_or_user`. So there are
//! two builds, each without one of these packages, and each binary is linked into a folder of its package.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The packages with the examples.
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

/// The packages with a binary of the same name: a build has only one of them.
const SAME_NAME: [&str; 2] = ["users", "tenants"];

/// Which packages are built. It decides which features the packages below them have: cargo compiles these again for
/// other features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection<'a> {
    /// These packages.
    Packages(&'a [&'a str]),
    /// All packages of the workspace, as `cargo test --workspace` has compiled them.
    Workspace,
}

/// Binaries that have been built.
#[derive(Debug, Clone)]
pub struct Binaries {
    folder: PathBuf,
}

impl Binaries {
    /// Builds the binaries of the checkout at `root` in the profile of this program. Cargo reports its progress on
    /// standard error, unless `quiet`.
    ///
    /// # Errors
    /// If cargo is missing or fails, or if a binary cannot be linked.
    pub fn build(root: &Path, selection: Selection<'_>, quiet: bool) -> Result<Self> {
        let mut folder = None;
        for without in SAME_NAME {
            for (package, binary) in build(root, selection, without, quiet)? {
                let (Some(target), Some(name)) = (binary.parent(), binary.file_name()) else {
                    continue;
                };
                let links = target.join("by-package");
                link(&binary, &links.join(package), Path::new(name))
                    .with_context(|| format!("linking {}", binary.display()))?;
                folder = Some(links);
            }
        }
        let folder = folder.context("cargo built no binary")?;
        Ok(Self { folder })
    }

    /// Binaries that were built before: a folder with one subfolder for each package.
    #[must_use]
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The folder with one subfolder for each package.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a binary is.
    #[must_use]
    pub fn path(&self, package: &str, binary: &str) -> PathBuf {
        self.folder
            .join(package)
            .join(binary)
            .with_extension(env::consts::EXE_EXTENSION)
    }
}

/// The checkout: the folder of the workspace's `Cargo.toml`, as cargo tells whatever it runs, else above the current
/// folder.
///
/// # Errors
/// Where this is no checkout.
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
        .with_context(|| format!("{} is in no checkout of this project", start.display()))
}

/// Builds the binaries of all selected packages but one. Returns the package and the path of each.
fn build(
    root: &Path,
    selection: Selection<'_>,
    without: &str,
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
            command.args(["--workspace", "--exclude", without]);
        }
        Selection::Packages(packages) => {
            for package in packages.iter().filter(|package| **package != without) {
                command.args(["--package", package]);
            }
        }
    }
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    // Cargo sets these for the program that it runs. Build scripts that read them would see a change and run again.
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
        .any(|about_itself| name.starts_with(about_itself))
        {
            command.env_remove(name.as_ref());
        }
    }
    let output = command.output().context("starting cargo")?;
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

/// Package and path of a binary, where one of cargo's messages is about one.
fn executable(message: &Value) -> Option<(String, PathBuf)> {
    let path = message.get("executable")?.as_str()?;
    let manifest = Path::new(message.get("manifest_path")?.as_str()?);
    let package = manifest.parent()?.file_name()?.to_str()?;
    Some((package.to_owned(), path.into()))
}

/// Links under another name first: others may be starting the binary that stood there.
fn link(binary: &Path, folder: &Path, name: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut beside = folder.join(name).into_os_string();
    beside.push(format!(".{}", process::id()));
    fs::hard_link(binary, &beside).or_else(|_| fs::copy(binary, &beside).map(drop))?;
    fs::rename(&beside, folder.join(name))
}
