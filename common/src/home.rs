//! Home: the one folder in which the examples find their settings and keep the platform's answers.

use std::{
    env,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{error::Mistake, json::Answer, secret::Secret};

/// The settings file; the folder that holds it is home.
pub const SETTINGS: &str = "cyber.platform.cfg.json";
/// The settings that hold where [`SETTINGS`] says nothing.
pub const DEFAULTS: &str = "cyber.platform.cfg.defaults.json";
/// The API client, with its secret.
pub const API_CLIENT: &str = "api_client.json";
/// The token issued for the API client.
pub const API_TOKEN: &str = "api_token.json";
/// The token for one customer.
pub const CUSTOMER_TOKEN: &str = "api_customer_scoped_token.json";

/// The token with which an agent registers.
pub const INSTALLATION_TOKEN: &str = "agent_installation_token.json";

/// A file that an example leaves and another one needs.
struct Kept {
    name: &'static str,
    package: &'static str,
    binary: &'static str,
}

#[rustfmt::skip]
const KEPT: &[Kept] = &[
    Kept { name: API_CLIENT, package: "authorization", binary: "create_api_client" },
    Kept { name: API_TOKEN, package: "authorization", binary: "issue_access_token" },
    Kept { name: CUSTOMER_TOKEN, package: "authorization", binary: "issue_customer_scoped_token_for_bc" },
    Kept { name: "partner.json", package: "tenants", binary: "create_partner_tenant_and_assign_specific_edition" },
    Kept { name: "customer.json", package: "tenants", binary: "create_customer_tenant_and_assign_specific_edition" },
    Kept { name: "user.json", package: "users", binary: "create_user_for_customer_activate_assign_backup_user_role" },
];

/// Files that hold a secret: only their owner may read them.
const SECRET: &[&str] = &[API_CLIENT, API_TOKEN, CUSTOMER_TOKEN, INSTALLATION_TOKEN];

/// The folder with the settings and the kept answers.
#[derive(Debug, Clone)]
pub struct Home {
    folder: PathBuf,
}

impl Home {
    /// `CYBER_PLATFORM_HOME` if set, else the nearest folder from the current one upwards that holds [`SETTINGS`].
    ///
    /// # Errors
    /// A [`Mistake`] where there is no such folder.
    pub fn find() -> Result<Self, Mistake> {
        if let Some(folder) = env::var_os("CYBER_PLATFORM_HOME").filter(|value| !value.is_empty()) {
            let folder = PathBuf::from(folder);
            if folder.is_dir() {
                return Ok(Self { folder });
            }
            return Err(Mistake::new(
                format!(
                    "CYBER_PLATFORM_HOME is {}, which is not a folder",
                    folder.display()
                ),
                format!("Create the folder and put a {SETTINGS} into it, or unset the variable."),
            ));
        }
        let here = env::current_dir().map_err(|cause| {
            Mistake::new(
                format!("the current folder cannot be read: {cause}"),
                "Change to a folder of the checkout, or set CYBER_PLATFORM_HOME.",
            )
        })?;
        here.ancestors()
            .find(|folder| folder.join(SETTINGS).is_file())
            .map(|folder| Self {
                folder: folder.to_path_buf(),
            })
            .ok_or_else(|| {
                Mistake::new(
                    format!("no {SETTINGS} in {} or any folder above it", here.display()),
                    "Change to a folder of the checkout, or set CYBER_PLATFORM_HOME to the folder that holds it.",
                )
            })
    }

    /// The path of a file in home.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Whether a file is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Checks that answers can be kept, before any call is made whose answer cannot be had a second time.
    ///
    /// # Errors
    /// A [`Mistake`] where home cannot be written or its disk is full.
    pub fn check_writable(&self) -> Result<(), Mistake> {
        // More than any answer that cannot be asked for again; an empty file would fit on a full disk.
        const ROOM: [u8; 16 * 1024] = [0; 16 * 1024];
        tempfile::tempfile_in(&self.folder)
            .and_then(|mut file| file.write_all(&ROOM))
            .map_err(|cause| {
                not_writable(format!(
                    "{} cannot be written: {cause}",
                    self.folder.display()
                ))
            })
    }

    /// Reads a file that must be there.
    ///
    /// # Errors
    /// A [`Mistake`] that names the file and the binary that makes it, where it is missing or broken.
    pub fn load(&self, name: &str) -> Result<Value, Mistake> {
        let path = self.path(name);
        let content = fs::read(&path).map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => {
                Mistake::new(format!("{} is missing", path.display()), made_by(name))
            }
            _ => Mistake::new(
                format!("{} cannot be read: {cause}", path.display()),
                "Check that it is a file and that you may read it.",
            ),
        })?;
        serde_json::from_slice(&content)
            .map_err(|cause| broken(&path, name, &format!("is not JSON: {cause}")))
    }

    /// Reads a file with a secret, in the way of [`Home::load`].
    ///
    /// # Errors
    /// See [`Home::load`].
    pub fn load_secret(&self, name: &str) -> Result<Secret, Mistake> {
        self.load(name).map(Secret::from)
    }

    /// Reads a settings file, which holds one object; the defaults may be absent.
    pub(crate) fn settings(&self, name: &str) -> Result<Value, Mistake> {
        if name == DEFAULTS && !self.has(name) {
            return Ok(Value::Null);
        }
        let content = self.load(name)?;
        if content.is_object() {
            Ok(content)
        } else {
            Err(broken(&self.path(name), name, "is not a JSON object"))
        }
    }

    /// A text field of a file that must be there, such as the `id` in `partner.json`.
    ///
    /// # Errors
    /// A [`Mistake`] that names the file, the field and the binary that makes the file.
    pub fn kept(&self, name: &str, field: &str) -> Result<String, Mistake> {
        self.text(name, &self.load(name)?, field)
    }

    /// A text field of what was loaded from a file.
    pub(crate) fn text(&self, name: &str, content: &Value, field: &str) -> Result<String, Mistake> {
        match content.get(field).and_then(Value::as_str) {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => Err(broken(
                &self.path(name),
                name,
                &format!("has no text in `{field}`"),
            )),
        }
    }

    /// Keeps an answer as it came: no field is dropped, moved or rounded. The file takes the place of an older one in
    /// one step, when all of it is on the disk. One with a secret belongs to its owner alone from the moment it exists.
    ///
    /// # Errors
    /// A [`Mistake`] where the file cannot be written; the old one is whole then.
    pub fn save(&self, name: &str, answer: &impl Answer) -> Result<(), Mistake> {
        self.replace(name, |file| {
            serde_json::to_writer_pretty(&mut *file, answer.value())?;
            file.write_all(b"\n")
        })
    }

    /// Keeps a downloaded file, in the way of [`Home::save`].
    ///
    /// # Errors
    /// A [`Mistake`] where the file cannot be written; the old one is whole then.
    pub fn save_bytes(&self, name: &str, content: &[u8]) -> Result<(), Mistake> {
        self.replace(name, |file| file.write_all(content))
    }

    fn replace(
        &self,
        name: &str,
        write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
    ) -> Result<(), Mistake> {
        let replace = || -> io::Result<()> {
            let file = temporary(SECRET.contains(&name)).tempfile_in(&self.folder)?;
            let mut buffer = BufWriter::new(file.as_file());
            write(&mut buffer)?;
            buffer.flush()?;
            drop(buffer);
            file.as_file().sync_all()?;
            file.persist(self.path(name))?;
            Ok(())
        };
        replace().map_err(|cause| self.not_written(name, &cause))
    }

    /// Removes a file; one that is not there is as good as removed.
    ///
    /// # Errors
    /// A [`Mistake`] where it is there and stays.
    pub fn remove(&self, name: &str) -> Result<(), Mistake> {
        match fs::remove_file(self.path(name)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(self.not_written(name, &cause))
            }
            _ => Ok(()),
        }
    }

    fn not_written(&self, name: &str, cause: &io::Error) -> Mistake {
        not_writable(format!(
            "{name} cannot be written in {}: {cause}",
            self.folder.display()
        ))
    }
}

fn not_writable(what: String) -> Mistake {
    Mistake::new(
        what,
        "Make room or grant yourself the right to write there, or set CYBER_PLATFORM_HOME to another folder with \
         your settings.",
    )
}

/// Where temporary files come from: the owner's alone for secrets, else what the user's umask says.
fn temporary(secret: bool) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cyber-platform-");
    #[cfg(unix)]
    if !secret {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

/// The advice for a file that is missing or broken.
fn made_by(name: &str) -> String {
    if name == SETTINGS {
        return format!("Copy {SETTINGS} of the checkout there, or unset CYBER_PLATFORM_HOME.");
    }
    KEPT.iter().find(|kept| kept.name == name).map_or_else(
        || format!("Put {name} there."),
        |kept| {
            format!(
                "Run `cargo run -p {} --bin {}` first: it makes {name}.",
                kept.package, kept.binary
            )
        },
    )
}

fn broken(path: &Path, name: &str, how: &str) -> Mistake {
    let advice = match name {
        // It is not overwritten, so it has to go first.
        API_CLIENT => format!("Move it away. {}", made_by(name)),
        SETTINGS | DEFAULTS => "Correct the file: it holds one JSON object of texts.".to_owned(),
        name => made_by(name),
    };
    Mistake::new(format!("{} {how}", path.display()), advice)
}
