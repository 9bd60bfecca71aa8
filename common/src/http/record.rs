//! Recording what a call creates or deletes, in the home folder.

use anyhow::Result;
use serde::Deserialize;

use super::response::Response;
use crate::{
    error::{UserError, may_have_taken_effect},
    folder::{CreatedLog, Entry, NewObject},
    json::Id,
};

/// The effect of a call that is recorded.
#[derive(Debug, Clone)]
pub(super) enum Effect {
    Creates(NewObject),
    Deletes(Id),
}

/// The record of a call that is about to be sent.
pub(super) enum Record<'a> {
    Creation(Entry<'a>),
    Deletion(&'a CreatedLog, &'a Id),
}

impl<'a> Record<'a> {
    /// Records what a call is about to create.
    pub(super) fn start(log: &'a CreatedLog, effect: &'a Effect) -> Result<Self, UserError> {
        Ok(match effect {
            Effect::Creates(object) => Self::Creation(log.creating(object)?),
            Effect::Deletes(id) => Self::Deletion(log, id),
        })
    }

    /// Records the outcome of the call. If it is unknown, the object remains in the record without an id.
    pub(super) fn finish(&self, outcome: &Result<Response>) {
        match (self, outcome) {
            (Self::Creation(entry), Ok(response)) => {
                if let Some(id) = id_of_new_object(&response.body) {
                    entry.created(id);
                }
            }
            (Self::Creation(entry), Err(error)) if !may_have_taken_effect(error) => {
                entry.not_created();
            }
            (Self::Deletion(log, id), Ok(_)) => log.deleted(id),
            (Self::Creation(_) | Self::Deletion(..), Err(_)) => {}
        }
    }
}

/// The id in the response to a call that has created an object.
fn id_of_new_object(body: &[u8]) -> Option<Id> {
    /// An object, an API client, or a plan, of which the first policy counts: `{id}@{type}`.
    #[derive(Deserialize)]
    struct ObjectIds {
        id: Option<TextOrNumber>,
        client_id: Option<String>,
        result: Option<Vec<String>>,
    }

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum TextOrNumber {
        Text(String),
        Number(i64),
    }

    // Serde would also fill the struct from a list.
    if !body.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let created: ObjectIds = serde_json::from_slice(body).ok()?;
    let id = match created.id {
        Some(TextOrNumber::Text(id)) => Some(id),
        Some(TextOrNumber::Number(id)) => Some(id.to_string()),
        None => None,
    };
    let policy = created.result.and_then(|names| {
        let (id, _) = names.first()?.split_once('@')?;
        Some(id.to_owned())
    });
    id.or(created.client_id).or(policy)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_new_object_is_in_the_response() {
        for (body, expected) in [
            (r#"{"id": "a", "name": "n"}"#, Some("a")),
            (r#"{"id": 12, "token": "t"}"#, Some("12")),
            (r#"{"client_id": "c", "client_secret": "s"}"#, Some("c")),
            (
                r#"{"result": ["p@policy.protection.total", "b@policy.backup.machine"]}"#,
                Some("p"),
            ),
            (r#"{"result": [], "issues": []}"#, None),
            (r#"{"id": "../x"}"#, None),
            (r#"{"id": {}}"#, None),
            (r#"{"error": {"code": 1}}"#, None),
            (r#"["a"]"#, None),
            ("", None),
        ] {
            let id = id_of_new_object(body.as_bytes());
            assert_eq!(id.as_deref(), expected, "{body}");
        }
    }
}
