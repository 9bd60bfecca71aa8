//! The contact of a tenant or user. Every contact has all fields; unset ones are "".

use serde_json::{Map, Value, json};

use crate::clock::Timestamp;
use crate::domain::{ApiError, Id, Result};

/// The text fields.
const TEXT_FIELDS: [&str; 17] = [
    "email",
    "address1",
    "address2",
    "country",
    "state",
    "city",
    "zipcode",
    "phone",
    "firstname",
    "lastname",
    "title",
    "website",
    "industry",
    "organization_size",
    "aan",
    "fax",
    "language",
];
/// The contact types.
const TYPES: [&str; 6] = [
    "legal",
    "primary",
    "billing",
    "technical",
    "management",
    "company_billing",
];

/// A contact, as a JSON object in the order of the platform's responses.
pub(crate) type Contact = Map<String, Value>;

/// Creates a contact with the given fields.
pub(crate) fn new(id: Id, given: &Map<String, Value>, now: Timestamp) -> Result<Contact> {
    let mut contact = Map::new();
    contact.insert("id".to_owned(), json!(id));
    contact.insert("created_at".to_owned(), json!(now));
    contact.insert("updated_at".to_owned(), json!(now));
    contact.insert("types".to_owned(), json!([]));
    for field in TEXT_FIELDS {
        contact.insert(field.to_owned(), json!(""));
    }
    contact.insert("email_confirmed".to_owned(), json!(false));
    merge(&mut contact, given, now)?;
    Ok(contact)
}

/// Sets the given fields. Unknown fields are ignored; `null` resets a field.
///
/// # Errors
/// 400 if a value has the wrong type.
pub(crate) fn merge(
    contact: &mut Contact,
    given: &Map<String, Value>,
    now: Timestamp,
) -> Result<()> {
    for (field, value) in given {
        let invalid =
            |expected: &str| Err(ApiError::bad(format!("contact.{field}: not {expected}.")));
        let new = match (field.as_str(), value) {
            ("types", Value::Null) => json!([]),
            ("types", Value::Array(types)) => {
                let known = |kind: &Value| kind.as_str().is_some_and(|kind| TYPES.contains(&kind));
                if !types.iter().all(known) {
                    return invalid("a list of contact types");
                }
                value.clone()
            }
            ("types", _) => return invalid("a list of contact types"),
            ("email_confirmed", Value::Null) => json!(false),
            ("email_confirmed", Value::Bool(_)) => value.clone(),
            ("email_confirmed", _) => return invalid("true or false"),
            (text, Value::Null) if TEXT_FIELDS.contains(&text) => json!(""),
            ("email", Value::String(email)) if !is_email(email) => {
                return invalid("an e-mail address");
            }
            (text, Value::String(_)) if TEXT_FIELDS.contains(&text) => value.clone(),
            (text, _) if TEXT_FIELDS.contains(&text) => return invalid("a string"),
            _ => continue,
        };
        contact.insert(field.clone(), new);
    }
    contact.insert("updated_at".to_owned(), json!(now));
    Ok(())
}

/// A text field; "" if it is not set.
pub(crate) fn text<'a>(contact: &'a Contact, field: &str) -> &'a str {
    contact.get(field).and_then(Value::as_str).unwrap_or("")
}

/// Accepts the same addresses as the platform: nothing, or text on both sides of an `@`.
fn is_email(text: &str) -> bool {
    text.is_empty()
        || (!text.contains(char::is_whitespace)
            && text
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()))
}
