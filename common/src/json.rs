//! Taking from an answer what the next call depends on: a missing field is an error, never a `null` in a URL.

use serde_json::{Map, Value};

use crate::error::Failure;

/// A text field of an answer, such as `id`.
///
/// # Errors
/// A [`Failure`] that names the field, where it is missing, empty or not a text.
pub fn text<'a>(answer: &'a Value, field: &str) -> Result<&'a str, Failure> {
    match answer.get(field) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        _ => Err(missing("text", field, answer)),
    }
}

/// A list in an answer, such as `items`. Absent or null, as some services write an empty list, it is empty.
///
/// # Errors
/// A [`Failure`] that names the field, where the answer is no object or the field holds something else.
pub fn list<'a>(answer: &'a Value, field: &str) -> Result<&'a [Value], Failure> {
    match (answer, answer.get(field)) {
        (Value::Object(_), None | Some(Value::Null)) => Ok(&[]),
        (_, Some(Value::Array(items))) => Ok(items),
        _ => Err(missing("list", field, answer)),
    }
}

/// The same value with the keys of every object in alphabetical order, for reading.
#[must_use]
pub fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| name.as_str());
            fields
                .into_iter()
                .map(|(name, value)| (name.clone(), sorted(value)))
                .collect::<Map<_, _>>()
                .into()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

fn missing(kind: &str, field: &str, answer: &Value) -> Failure {
    let what = match answer {
        Value::Object(_) => "the platform's answer",
        Value::Null => "the platform's empty answer",
        _ => "the platform's answer, which is no object,",
    };
    Failure::unexpected(format!("{what} has no {kind} in `{field}`"))
}
