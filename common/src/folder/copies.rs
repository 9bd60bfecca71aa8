//! Copies of files that are replaced.

use super::{Home, SECRET};
use crate::error::UserError;

impl Home {
    /// Copies a file under the next free number, such as `partner.1.json`, and returns the name of the copy.
    ///
    /// # Errors
    /// A [`UserError`] if the file cannot be read or the copy cannot be written.
    pub fn keep_copy(&self, name: &str) -> Result<String, UserError> {
        let content = self.read(name)?;
        let stem = name.strip_suffix(".json").unwrap_or(name);
        let mut number = 1;
        let copy = loop {
            let copy = format!("{stem}.{number}.json");
            if !self.has(&copy) {
                break copy;
            }
            number += 1;
        };
        self.save_bytes(&copy, &content)?;
        Ok(copy)
    }
}

/// The name of the file that a copy was made of: `partner.json` for `partner.1.json`.
pub(super) fn original_of(copy: &str) -> Option<String> {
    let (stem, number) = copy.strip_suffix(".json")?.rsplit_once('.')?;
    number.parse::<u32>().ok()?;
    Some(format!("{stem}.json"))
}

/// Whether a file holds a secret. A copy holds the same one.
pub(super) fn is_secret(name: &str) -> bool {
    SECRET.contains(&name) || original_of(name).is_some_and(|name| SECRET.contains(&&*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_numbered_and_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        for home in [Home::new(folder.path()), Home::in_memory()] {
            for (content, copy) in [("{", "partner.1.json"), ("[1]", "partner.2.json")] {
                home.save_bytes("partner.json", content.as_bytes()).unwrap();
                assert_eq!(home.keep_copy("partner.json").unwrap(), copy);
                assert_eq!(home.read(copy).unwrap(), content.as_bytes());
                assert!(home.has("partner.json"));
            }
        }
    }

    #[test]
    fn a_copy_of_a_secret_is_a_secret() {
        for (name, expected) in [
            ("api_client.json", true),
            ("api_client.1.json", true),
            ("api_client.12.json", true),
            ("api_client.old.json", false),
            ("partner.1.json", false),
            ("partner.json", false),
        ] {
            assert_eq!(is_secret(name), expected, "{name}");
        }
    }
}
