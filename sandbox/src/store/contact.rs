//! The contact of a tenant or a user: always there, with "" where nothing is set.

use serde_json::{Map, Value, json};

use crate::clock::Timestamp;
use crate::domain::{ApiError, Id, Result};

const TEXTS: [&str; 17] = [
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
const TYPES: [&str; 6] = [
    "legal",
    "primary",
    "billing",
    "technical",
    "management",
    "company_billing",
];

/// A contact as it is stored and answered.
pub(crate) type Contact = Map<String, Value>;

/// An empty contact with the given fields in it.
pub(crate) fn new(id: Id, given: &Map<String, Value>, now: Timestamp) -> Result<Contact> {
    let mut contact = Map::new();
    contact.insert("id".to_owned(), json!(id));
    contact.insert("created_at".to_owned(), json!(now));
    contact.insert("updated_at".to_owned(), json!(now));
    contact.insert("types".to_owned(), json!([]));
    for field in TEXTS {
        contact.insert(field.to_owned(), json!(""));
    }
    contact.insert("email_confirmed".to_owned(), json!(false));
    merge(&mut contact, given, now)?;
    Ok(contact)
}

/// Puts the given fields in and leaves the others. Unknown ones are ignored, `null` empties.
pub(crate) fn merge(
    contact: &mut Contact,
    given: &Map<String, Value>,
    now: Timestamp,
) -> Result<()> {
    for (field, value) in given {
        let wrong = |wanted: &str| Err(ApiError::bad(format!("contact.{field}: not {wanted}.")));
        let kept = match (field.as_str(), value) {
            ("types", Value::Null) => json!([]),
            ("types", Value::Array(types)) => {
                let known = |kind: &Value| kind.as_str().is_some_and(|kind| TYPES.contains(&kind));
                if !types.iter().all(known) {
                    return wrong("a list of contact types");
                }
                value.clone()
            }
            ("types", _) => return wrong("a list of contact types"),
            ("email_confirmed", Value::Null) => json!(false),
            ("email_confirmed", Value::Bool(_)) => value.clone(),
            ("email_confirmed", _) => return wrong("true or false"),
            (text, Value::Null) if TEXTS.contains(&text) => json!(""),
            ("email", Value::String(email)) if !is_email(email) => {
                return wrong("an e-mail address");
            }
            (text, Value::String(_)) if TEXTS.contains(&text) => value.clone(),
            (text, _) if TEXTS.contains(&text) => return wrong("a string"),
            _ => continue,
        };
        contact.insert(field.clone(), kept);
    }
    contact.insert("updated_at".to_owned(), json!(now));
    Ok(())
}

/// One text field, "" if it is not set.
pub(crate) fn text<'a>(contact: &'a Contact, field: &str) -> &'a str {
    contact.get(field).and_then(Value::as_str).unwrap_or("")
}

/// As loose as the platform's own pattern: something, `@`, something; or nothing.
fn is_email(text: &str) -> bool {
    text.is_empty()
        || (!text.contains(char::is_whitespace)
            && text
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()))
}
