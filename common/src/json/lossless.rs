//! A typed view of a JSON document that keeps the document unchanged.

use std::{fmt, ops::Deref};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

use super::{DecodeError, object_from_str};

/// A JSON object, decoded as `T` and kept as the received text.
///
/// Read it through `T` ([`Deref`]). Saved or sent back ([`Serialize`]), it is the original text: unknown fields, the order
/// of fields and numbers of any size are preserved. `Debug` shows `T` only, so a secret that `T` keeps in a
/// [`SecretString`](secrecy::SecretString) cannot be printed.
#[derive(Clone)]
pub struct Lossless<T> {
    value: T,
    text: Box<RawValue>,
}

impl<T> Lossless<T> {
    /// The whole object with one field added or replaced. It consumes the typed view, which would no longer match.
    ///
    /// ```
    /// # use common::Lossless;
    /// # #[derive(serde::Deserialize)] struct Pricing {}
    /// # let pricing: Lossless<Pricing> =
    /// #     common::json::object_from_str(r#"{"mode": "trial", "version": 7}"#).unwrap();
    /// let request = pricing.with("mode", "production");
    /// assert_eq!(request.to_string(), r#"{"mode":"production","version":7}"#);
    /// ```
    #[must_use]
    pub fn with(self, field: &str, value: impl Into<Value>) -> Value {
        let mut fields = self.fields();
        fields.insert(field.to_owned(), value.into());
        Value::Object(fields)
    }

    /// The typed view alone.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }

    fn fields(&self) -> Map<String, Value> {
        serde_json::from_str(self.text.get()).expect("the text was checked when it was decoded")
    }
}

impl<T: DeserializeOwned> Lossless<T> {
    /// Builds a document from a value, for a response that never arrived but whose content is known.
    ///
    /// # Errors
    /// If the value cannot be decoded as `T`.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        object_from_str(&value.to_string())
    }
}

impl<T> Deref for Lossless<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Lossless<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T> Serialize for Lossless<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Lossless<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        serde_json::from_str::<Checked>(text.get()).map_err(D::Error::custom)?;
        let value =
            object_from_str(text.get()).map_err(|error| D::Error::custom(error.nested()))?;
        Ok(Self { value, text })
    }
}

/// Any JSON that a `Value` can hold. Raw text can contain more: unlimited nesting, or half a surrogate pair.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    // Also called for numbers: serde_json passes them as a map, because they are kept with all their digits.
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self, A::Error> {
        while fields.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::{ExposeSecret, SecretString};
    use serde_json::json;

    use super::*;
    use crate::json::to_pretty_string;

    const TEXT: &str = r#"{"version":18446744073709551617,"b":1.50,"id":"t","new":{"z":null,"a":[]},"access_token":"hunter2"}"#;

    #[derive(Debug, Clone, Deserialize)]
    struct Token {
        id: String,
        access_token: SecretString,
    }

    fn token() -> Lossless<Token> {
        serde_json::from_str(TEXT).unwrap()
    }

    #[test]
    fn saving_and_sending_back_lose_nothing() {
        let token = token();
        assert_eq!(token.id, "t");
        assert_eq!(serde_json::to_string(&token).unwrap(), TEXT);
        assert_eq!(json!({ "items": [token] })["items"][0].to_string(), TEXT);
        assert_eq!(
            to_pretty_string(&token).unwrap(),
            format!("{:#}", serde_json::from_str::<Value>(TEXT).unwrap())
        );
    }

    #[test]
    fn with_changes_one_field_and_keeps_the_rest() {
        let expected = TEXT.replace(r#""id":"t""#, r#""id":"u""#);
        assert_eq!(token().with("id", "u").to_string(), expected);
        assert!(
            token()
                .with("added", 1)
                .to_string()
                .ends_with(r#","added":1}"#)
        );
    }

    #[test]
    fn text_that_cannot_be_sent_back_is_rejected() {
        let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        for unknown in [r#""\ud800""#, &deep] {
            let text = TEXT.replace("null", unknown);
            assert!(serde_json::from_str::<Lossless<Token>>(&text).is_err());
        }
    }

    #[test]
    fn debug_shows_no_secret_not_even_in_a_panic() {
        let token = token();
        assert_eq!(token.access_token.expose_secret(), "hunter2");
        let failed: Result<(), _> = serde_json::from_str(TEXT)
            .map(|token: Lossless<Token>| Err(token))
            .unwrap();
        let bug = std::panic::AssertUnwindSafe(|| failed.unwrap());
        let panic = std::panic::catch_unwind(bug).unwrap_err();
        for shown in [
            format!("{token:?} {token:#?}"),
            panic.downcast_ref::<String>().unwrap().clone(),
        ] {
            assert!(
                shown.contains("REDACTED") && !shown.contains("hunter2"),
                "{shown}"
            );
        }
    }
}
