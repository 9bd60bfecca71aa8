//! Taking from an answer what the next call depends on: a missing field is an error, never a `null` in a URL.

use serde_json::{Map, Value};

use crate::{connection::last_call, error::Failure};

/// What the platform has answered: a [`Value`], or a [`Secret`](crate::Secret) where nobody may see it.
pub trait Answer {
    /// The answer itself.
    fn value(&self) -> &Value;

    /// By how many seconds the platform's clock was ahead of this machine's when it came, where that is known.
    fn clock_skew(&self) -> Option<i64> {
        None
    }
}

impl Answer for Value {
    fn value(&self) -> &Value {
        self
    }
}

/// A text field of an answer, such as `id`.
///
/// # Errors
/// A [`Failure`] that names the field, where it is missing, empty or not a text.
pub fn text<'a>(answer: &'a impl Answer, field: &str) -> Result<&'a str, Failure> {
    let answer = answer.value();
    match answer.get(field) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        _ => Err(missing("text", field, answer)),
    }
}

/// A whole number in an answer, such as `version`.
///
/// # Errors
/// A [`Failure`] that names the field, where it is missing or not a whole number.
pub fn integer(answer: &Value, field: &str) -> Result<i64, Failure> {
    answer
        .get(field)
        .and_then(Value::as_i64)
        .ok_or_else(|| missing("whole number", field, answer))
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

/// A list of texts in an answer, such as `items` where these are ids.
///
/// # Errors
/// A [`Failure`] that names the field, where it is no list or holds something else.
pub fn texts<'a>(answer: &'a Value, field: &str) -> Result<Vec<&'a str>, Failure> {
    list(answer, field)?
        .iter()
        .map(|item| item.as_str().filter(|text| !text.is_empty()))
        .collect::<Option<_>>()
        .ok_or_else(|| missing("list of texts", field, answer))
}

/// The fields of an answer that is to go back with some of them changed.
///
/// # Errors
/// A [`Failure`] where the answer is no object.
pub fn fields(answer: &mut Value) -> Result<&mut Map<String, Value>, Failure> {
    answer.as_object_mut().ok_or_else(|| {
        Failure::unexpected(format!(
            "{}: the platform's answer is no object",
            last_call()
        ))
    })
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

/// The error for a field that is not there, or not of its kind.
pub(crate) fn missing(kind: &str, field: &str, answer: &Value) -> Failure {
    let what = match answer {
        Value::Object(_) => "the platform's answer",
        Value::Null => "the platform's empty answer",
        _ => "the platform's answer, which is no object,",
    };
    let call = last_call();
    Failure::unexpected(format!("{call}: {what} has no {kind} in `{field}`")).of_call(&call)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_takes_a_text_with_something_in_it() {
        assert_eq!(text(&json!({"id": "a"}), "id").unwrap(), "a");
        for answer in [
            json!({}),
            json!({"id": ""}),
            json!({"id": 1}),
            json!(null),
            json!([]),
        ] {
            assert!(
                text(&answer, "id")
                    .unwrap_err()
                    .to_string()
                    .contains("`id`")
            );
        }
    }

    #[test]
    fn an_integer_is_a_number_without_fraction() {
        assert_eq!(integer(&json!({"version": 3}), "version").unwrap(), 3);
        for answer in [
            json!({}),
            json!({"version": "3"}),
            json!({"version": 3.5}),
            json!({"version": u64::MAX}),
            json!(null),
        ] {
            assert!(
                integer(&answer, "version")
                    .unwrap_err()
                    .to_string()
                    .contains("`version`")
            );
        }
    }

    #[test]
    fn a_list_may_be_absent_but_not_something_else() {
        assert_eq!(list(&json!({"items": [1]}), "items").unwrap(), [json!(1)]);
        for empty in [json!({}), json!({"items": null}), json!({"items": []})] {
            assert!(list(&empty, "items").unwrap().is_empty());
        }
        for wrong in [
            json!(null),
            json!([]),
            json!("x"),
            json!({"items": {}}),
            json!({"items": 1}),
        ] {
            assert!(list(&wrong, "items").is_err(), "{wrong}");
        }
    }

    #[test]
    fn texts_are_a_list_of_nothing_else() {
        assert_eq!(
            texts(&json!({"items": ["a", "b"]}), "items").unwrap(),
            ["a", "b"]
        );
        assert!(texts(&json!({"items": null}), "items").unwrap().is_empty());
        for wrong in [
            json!({"items": ["a", 1]}),
            json!({"items": [""]}),
            json!({"items": "a"}),
        ] {
            assert!(texts(&wrong, "items").is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_an_object_has_fields() {
        let mut answer = json!({"mode": "trial", "version": 1});
        fields(&mut answer)
            .unwrap()
            .insert("mode".into(), "production".into());
        assert_eq!(answer, json!({"mode": "production", "version": 1}));
        for mut wrong in [json!(null), json!([1]), json!("x")] {
            assert!(fields(&mut wrong).is_err());
        }
    }

    #[test]
    fn sorting_changes_the_order_of_keys_and_nothing_else() {
        let value: Value = serde_json::from_str(
            r#"{"b": [{"z": 1, "a": 123456789012345678901234567890}], "a": 1.50}"#,
        )
        .unwrap();
        assert_eq!(
            sorted(&value).to_string(),
            r#"{"a":1.50,"b":[{"a":123456789012345678901234567890,"z":1}]}"#
        );
    }
}
