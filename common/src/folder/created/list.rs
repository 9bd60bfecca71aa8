//! The content of the record: each object with what happened to it.

use std::{collections::BTreeSet, path::PathBuf};

use super::{
    CREATED_LOG, ObjectKind,
    line::{Event, Line},
};
use crate::json::Id;

/// An object that an example has created, or may have created.
#[derive(Debug, Clone)]
pub struct CreatedObject {
    /// What it is.
    pub kind: ObjectKind,
    /// Its name, or the login of a user.
    pub name: String,
    /// The tenant or the user to which it belongs.
    pub parent: Option<Id>,
    /// Its id. `None` if no response with an id arrived: the object may not exist.
    pub id: Option<Id>,
}

/// What the examples have created on one platform.
#[derive(Debug, Default)]
pub struct CreatedObjects {
    /// The objects that may still exist, in the order of their creation. Some of them may be deleted by others.
    pub remaining: Vec<CreatedObject>,
    /// The ids of the objects that an example has deleted, and of what belonged to them.
    pub deleted: BTreeSet<Id>,
    /// Other platforms with objects that may still exist.
    other_platforms: BTreeSet<String>,
    /// The path of the record.
    file: PathBuf,
    /// The numbers of lines that cannot be read, counted from 1.
    unreadable_lines: Vec<usize>,
}

impl CreatedObjects {
    /// Logs what the record contains besides these objects: lines that cannot be read, and other platforms.
    pub fn warn_about_the_rest(&self) {
        for number in &self.unreadable_lines {
            log::warn!(
                "{}: line {number} is not a valid record; ignoring it",
                self.file.display()
            );
        }
        for other in &self.other_platforms {
            log::info!("{CREATED_LOG} also lists objects on {other}, which are not looked up");
        }
    }
}

/// The content of the record.
#[derive(Debug, Default)]
pub(super) struct List {
    entries: Vec<Entry>,
    /// The numbers of lines that are not lines of this record, counted from 1.
    pub(super) unreadable: Vec<usize>,
}

#[derive(Debug)]
struct Entry {
    entry: String,
    platform: String,
    object: CreatedObject,
    is_deleted: bool,
}

impl List {
    pub(super) fn parse(content: &[u8]) -> Self {
        let mut list = Self::default();
        for (index, line) in content.split(|&byte| byte == b'\n').enumerate() {
            if !line.trim_ascii().is_empty() && list.add(line).is_none() {
                list.unreadable.push(index + 1);
            }
        }
        list
    }

    fn add(&mut self, line: &[u8]) -> Option<()> {
        let Line { entry, event, .. } = serde_json::from_slice(line).ok()?;
        match event {
            Event::Creating {
                platform,
                kind,
                name,
                parent,
            } => self.entries.push(Entry {
                entry,
                platform,
                object: CreatedObject {
                    kind,
                    name,
                    parent,
                    id: None,
                },
                is_deleted: false,
            }),
            Event::Created { id } => self.find(&entry)?.object.id = Some(id),
            Event::NotCreated | Event::Deleted => self.find(&entry)?.is_deleted = true,
        }
        Some(())
    }

    fn find(&mut self, entry: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|it| it.entry == entry)
    }

    /// The entries of the object with this id.
    pub(super) fn entries_of(&self, platform: &str, id: &Id) -> Vec<String> {
        let entries = self.entries.iter().filter(|it| {
            it.platform == platform && it.object.id.as_ref() == Some(id) && !it.is_deleted
        });
        entries.map(|it| it.entry.clone()).collect()
    }

    /// The platform on which the API client with this id was created.
    pub(super) fn platform_of_client(&self, client_id: &str) -> Option<&str> {
        let mut entries = self.entries.iter();
        let client = entries.find(|it| {
            it.object.kind == ObjectKind::ApiClient && it.object.id.as_deref() == Some(client_id)
        });
        client.map(|client| client.platform.as_str())
    }

    /// The objects of a platform. What belongs to a deleted object was deleted with it.
    pub(super) fn objects_on(self, platform: &str, file: PathBuf) -> CreatedObjects {
        let mut objects = CreatedObjects {
            file,
            unreadable_lines: self.unreadable,
            ..CreatedObjects::default()
        };
        for entry in self.entries {
            let object = entry.object;
            if entry.platform != platform {
                if !entry.is_deleted {
                    objects.other_platforms.insert(entry.platform);
                }
                continue;
            }
            let parent = object.parent.as_ref();
            if entry.is_deleted || parent.is_some_and(|parent| objects.deleted.contains(parent)) {
                objects.deleted.extend(object.id);
            } else {
                objects.remaining.push(object);
            }
        }
        objects
    }
}
