//! The record of what the examples create on a platform, so that it can be deleted later: `created.jsonl`.
//!
//! Each line is a JSON object. Lines are only added: one before the call that creates an object, one with its id after
//! the call, and one after the object is deleted.

mod line;
mod list;

pub use list::{CreatedObject, CreatedObjects};

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::{
    line::{Event, Line},
    list::List,
};
use super::{
    API_CLIENT, Home, atomic,
    help::not_writable,
    trusted::{self, Rejected},
};
use crate::{error::UserError, json::Id};

/// The name of the file.
const CREATED_LOG: &str = "created.jsonl";

/// What an example creates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// An API client.
    ApiClient,
    /// A partner or a customer.
    Tenant,
    /// A user.
    User,
    /// A report order.
    Report,
    /// A token with which agents register.
    RegistrationToken,
    /// A group of machines.
    Group,
    /// A protection plan.
    Plan,
    /// A protection plan that is applied to a machine.
    PlanApplication,
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ApiClient => "API client",
            Self::Tenant => "tenant",
            Self::User => "user",
            Self::Report => "report",
            Self::RegistrationToken => "registration token",
            Self::Group => "group",
            Self::Plan => "plan",
            Self::PlanApplication => "applied plan",
        })
    }
}

/// An object that a call is about to create.
#[derive(Debug, Clone)]
pub(crate) struct NewObject {
    pub(crate) kind: ObjectKind,
    pub(crate) name: String,
    /// The tenant or the user to which it will belong.
    pub(crate) parent: Option<Id>,
}

/// The record of one home folder, for one platform.
#[derive(Debug)]
pub(crate) struct CreatedLog {
    folder: PathBuf,
    /// The address of the platform, `base_url`.
    platform: String,
}

/// The line of an object that is being created.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    log: &'a CreatedLog,
    id: String,
}

impl Home {
    /// The record for a platform. `None` if everything stays in memory.
    pub(crate) fn created_log(&self, platform: &str) -> Option<CreatedLog> {
        let has_folder = self.memory.is_none();
        has_folder.then(|| CreatedLog {
            folder: self.folder.clone(),
            platform: platform.to_owned(),
        })
    }
}

impl CreatedLog {
    /// Checks that an API client is not used on another platform than the one on which an example has created it. The other
    /// one would receive its id and secret.
    ///
    /// # Errors
    /// A [`UserError`] if it was created on another platform. A record that cannot be read is no obstacle.
    pub(crate) fn check_platform_of(&self, client_id: &str) -> Result<(), UserError> {
        let Ok(list) = self.read() else { return Ok(()) };
        match list.platform_of_client(client_id) {
            Some(other) if other != self.platform => Err(UserError::new(
                format!(
                    "the API client in {API_CLIENT} was created on {other}, but base_url is {}; nothing was sent",
                    self.platform
                ),
                "Correct base_url, or use a home folder for each platform, with --home or CYBER_PLATFORM_HOME.",
            )),
            _ => Ok(()),
        }
    }

    /// Records an object before the call that creates it.
    ///
    /// # Errors
    /// A [`UserError`] if the record cannot be written.
    pub(crate) fn creating(&self, object: &NewObject) -> Result<Entry<'_>, UserError> {
        let id = Uuid::new_v4().to_string();
        self.add(
            &id,
            Event::Creating {
                platform: self.platform.clone(),
                kind: object.kind,
                name: object.name.clone(),
                parent: object.parent.clone(),
            },
        )?;
        Ok(Entry { log: self, id })
    }

    /// Records that the object with this id is deleted, if the record contains it.
    pub(crate) fn deleted(&self, id: &Id) {
        let outcome = self.read().and_then(|list| {
            let entries = list.entries_of(&self.platform, id);
            entries
                .iter()
                .try_for_each(|entry| self.add(entry, Event::Deleted))
        });
        warn_if_failed(outcome);
    }

    /// What was created on this platform.
    ///
    /// # Errors
    /// A [`UserError`] if the record exists but cannot be read, or is not a regular file of the user.
    pub(crate) fn objects(&self) -> Result<CreatedObjects, UserError> {
        Ok(self.read()?.objects_on(&self.platform, self.path()))
    }

    fn path(&self) -> PathBuf {
        self.folder.join(CREATED_LOG)
    }

    fn read(&self) -> Result<List, UserError> {
        let mut content = Vec::new();
        match self.open(File::options().read(true)) {
            Ok(mut file) => file
                .read_to_end(&mut content)
                .map_err(|cause| self.failed(&cause.into()))?,
            Err(Rejected::Unreadable(cause)) if cause.kind() == ErrorKind::NotFound => 0,
            Err(error) => return Err(self.failed(&error)),
        };
        Ok(List::parse(&content))
    }

    fn add(&self, entry: &str, event: Event) -> Result<(), UserError> {
        self.append(&Line::new(entry, event))
            .map_err(|error| self.failed(&error))
    }

    /// Adds a line with one write, because other processes may add theirs at the same time. When it returns, the line is
    /// on disk.
    fn append(&self, line: &Line) -> Result<(), Rejected> {
        let mut options = File::options();
        options.create(true).read(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = self.open(&mut options)?;

        let is_new = file.metadata()?.len() == 0;
        let mut text = serde_json::to_string(line).map_err(io::Error::other)?;
        text.push('\n');
        if !is_new && !ends_with_line_break(&mut file)? {
            // A process was killed while it wrote. Its part of a line must not spoil this one.
            text.insert(0, '\n');
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        if is_new {
            atomic::sync(&self.folder);
        }
        Ok(())
    }

    fn open(&self, options: &mut OpenOptions) -> Result<File, Rejected> {
        trusted::open(&self.path(), options, false)
    }

    fn failed(&self, error: &Rejected) -> UserError {
        let path = self.path();
        match error {
            Rejected::Unreadable(cause) => not_writable(format!(
                "cannot record created objects in {}: {cause}",
                path.display()
            )),
            Rejected::Untrusted(reason) => reason.error(&path),
        }
    }
}

impl Entry<'_> {
    /// Records the id of the object, after the call. The object exists, so a failure is only a warning.
    pub(crate) fn created(&self, id: Id) {
        warn_if_failed(self.log.add(&self.id, Event::Created { id }));
    }

    /// Records that the object was not created.
    pub(crate) fn not_created(&self) {
        warn_if_failed(self.log.add(&self.id, Event::NotCreated));
    }
}

fn ends_with_line_break(file: &mut File) -> io::Result<bool> {
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

fn warn_if_failed(outcome: Result<(), UserError>) {
    if let Err(error) = outcome {
        log::warn!("{error}");
    }
}

#[cfg(test)]
mod tests;
