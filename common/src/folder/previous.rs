//! Keeping a file about an object when a new object takes its place.

use std::fs;

use serde::Serialize;

use super::{Home, SavedTenant, copies::original_of};
use crate::{error::UserError, json::object_from_slice};

impl Home {
    /// The names of the files about the objects of this kind that exist: `partner.json`, `partner.1.json`, ….
    #[must_use]
    pub fn with_previous(&self, name: &str) -> Vec<String> {
        let names: Vec<String> = match &self.memory {
            Some(memory) => memory.files().keys().cloned().collect(),
            None => fs::read_dir(&self.folder)
                .into_iter()
                .flatten()
                .flatten()
                .filter_map(|entry| entry.file_name().into_string().ok())
                .collect(),
        };
        let mut found: Vec<_> = names
            .into_iter()
            .filter(|other| other == name || original_of(other).as_deref() == Some(name))
            .collect();
        found.sort();
        found
    }

    /// If a file is about another object than this one, copies it under the next free number and returns the copy's name.
    pub(super) fn keep_previous(
        &self,
        name: &str,
        value: &impl Serialize,
    ) -> Result<Option<String>, UserError> {
        if !self.has(name) {
            return Ok(None);
        }
        let content = match self.read(name) {
            Ok(content) => content,
            Err(error) => {
                // The new object exists already, so its file must be written.
                log::warn!("{error}; replacing it");
                return Ok(None);
            }
        };
        let id = |json: &[u8]| object_from_slice(json).map(|SavedTenant { id }| id).ok();
        let new = serde_json::to_vec(value).unwrap_or_default();
        if id(&content).is_some_and(|old| id(&new) == Some(old)) {
            return Ok(None);
        }
        self.keep_copy(name).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn save(home: &Home, id: &str) {
        home.save_new("partner.json", &json!({ "id": id })).unwrap();
    }

    fn id(home: &Home, name: &str) -> Option<Value> {
        let value: Option<Value> = home.has(name).then(|| home.load(name).unwrap());
        value.map(|value| value["id"].clone())
    }

    #[test]
    fn files_of_earlier_objects_are_numbered() {
        let folder = tempfile::tempdir().unwrap();
        for home in [Home::new(folder.path()), Home::in_memory()] {
            save(&home, "a");
            save(&home, "a");
            assert_eq!(id(&home, "partner.1.json"), None);
            save(&home, "b");
            save(&home, "c");
            assert_eq!(id(&home, "partner.json").unwrap(), "c");
            assert_eq!(id(&home, "partner.1.json").unwrap(), "a");
            assert_eq!(id(&home, "partner.2.json").unwrap(), "b");
            assert_eq!(id(&home, "partner.3.json"), None);

            home.remove("partner.1.json").unwrap();
            save(&home, "d");
            assert_eq!(id(&home, "partner.1.json").unwrap(), "c");
        }
    }

    #[test]
    fn lists_a_file_with_its_copies() {
        let folder = tempfile::tempdir().unwrap();
        for home in [Home::new(folder.path()), Home::in_memory()] {
            for id in ["a", "b", "c"] {
                save(&home, id);
            }
            for other in ["partner_user.json", "partner.x.json", "partner.1.json.old"] {
                home.save_bytes(other, b"{}").unwrap();
            }
            let expected = ["partner.1.json", "partner.2.json", "partner.json"];
            assert_eq!(home.with_previous("partner.json"), expected);
        }
    }

    #[test]
    fn a_file_that_is_not_about_an_object_is_kept_too() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        for (number, content) in ["", "{", "[]", r#"{"id": 1}"#].iter().enumerate() {
            home.save_bytes("partner.json", content.as_bytes()).unwrap();
            save(&home, "a");
            let copy = home.path(&format!("partner.{}.json", number + 1));
            assert_eq!(std::fs::read_to_string(copy).unwrap(), *content);
        }
    }
}
