//! The tutorial's binaries, built and found, for those who run the real ones: the guided tour and the tests.
//!
//! Cargo puts all binaries of a build into one folder, and `search_for_tenant_or_user` stands in two packages. So
//! packages that share a name are built one after the other, and each binary is linked into a folder of its package.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// The packages with the tutorial's examples, in groups without a name in common.
pub const EXAMPLES: &[&[&str]] = &[
    &[
        "authorization",
        "tenants",
        "usage",
        "reports",
        "agent",
        "resources",
        "plans",
        "monitoring",
    ],
    &["users"],
];

/// The package of the sandbox.
pub const SANDBOX: &[&str] = &["sandbox"];

/// Binaries that have been built.
#[derive(Debug, Clone)]
pub struct Binaries {
    folder: PathBuf,
}

impl Binaries {
    /// Builds the binaries of groups of packages in the checkout at `root`, as this program was built: for release
    /// or not. Cargo tells on standard error what it does, unless `quiet`.
    ///
    /// # Errors
    /// Where cargo is missing or does not succeed, or a binary cannot be linked.
    pub fn build(root: &Path, groups: &[&[&str]], quiet: bool) -> Result<Self> {
        let mut folder = None;
        for group in groups {
            for (package, binary) in build(root, group, quiet)? {
                let (Some(target), Some(name)) = (binary.parent(), binary.file_name()) else {
                    bail!(
                        "cargo names a binary without a folder: {}",
                        binary.display()
                    );
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

/// Builds the binaries of some packages; their names and paths.
fn build(root: &Path, packages: &[&str], quiet: bool) -> Result<Vec<(String, PathBuf)>> {
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
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    for package in packages {
        command.args(["--package", package]);
    }
    // Whoever was started by cargo has these about itself. Handed on, they look like changes: build scripts that read
    // them would run again, with all that depends on them.
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
