//! The order of a list.

use super::params::Params;
use crate::domain::{ApiError, Result};

/// A field that a list can be ordered by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// The name in `order`.
    pub name: &'static str,
    /// The SQL expression. It must not be NULL, which cannot be compared; use `coalesce(x, '')`.
    pub sql: &'static str,
}

/// The total order of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Order {
    /// The SQL expressions, and whether each is descending.
    pub(super) keys: Vec<(&'static str, bool)>,
}

impl Order {
    /// Parses the `order` parameters, or `default` if there are none. `tie`, a unique field, breaks ties.
    pub(crate) fn parse(params: &Params, keys: &[Key], default: &str, tie: &str) -> Result<Self> {
        let mut fields = params.all("order");
        if fields.is_empty() {
            fields.push(default);
        }
        fields.push(tie);
        let mut order = Self { keys: Vec::new() };
        for part in fields.iter().flat_map(|text| text.split(',')) {
            let (name, descending) = direction(part.trim());
            let Some(key) = keys.iter().find(|key| key.name == name) else {
                let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
                return Err(ApiError::bad(format!(
                    "order: {name:?} is not one of {}.",
                    names.join(", ")
                )));
            };
            // A repeated field has no further effect.
            if !order.keys.iter().any(|(sql, _)| *sql == key.sql) {
                order.keys.push((key.sql, descending));
            }
        }
        Ok(order)
    }
}

/// A field, and whether it is descending.
fn direction(text: &str) -> (&str, bool) {
    let inner = |word: &str| {
        text.strip_prefix(word)?
            .strip_prefix('(')?
            .strip_suffix(')')
    };
    match (inner("asc"), inner("desc")) {
        (Some(field), _) => (field.trim(), false),
        (_, Some(field)) => (field.trim(), true),
        (None, None) => (text, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &[Key] = &[
        Key {
            name: "name",
            sql: "t.name",
        },
        Key {
            name: "id",
            sql: "t.id",
        },
    ];

    fn order(query: &[(&str, &str)]) -> Result<Vec<(&'static str, bool)>> {
        let params = Params::of(query);
        Order::parse(&params, KEYS, "desc(name)", "asc(id)").map(|order| order.keys)
    }

    #[test]
    fn parses_ascending_and_descending_fields() {
        let (up, down, tie) = (("t.name", false), ("t.name", true), ("t.id", false));
        assert_eq!(order(&[]).unwrap(), [down, tie]);
        assert_eq!(order(&[("order", "name")]).unwrap(), [up, tie]);
        assert_eq!(order(&[("order", "asc(name)")]).unwrap(), [up, tie]);
        let both = [("t.id", true), up];
        assert_eq!(order(&[("order", "desc(id),name")]).unwrap(), both);
        let twice = [("order", "desc(id)"), ("order", "asc(name)")];
        assert_eq!(order(&twice).unwrap(), both);
        assert_eq!(order(&[("order", "name,desc(name)")]).unwrap(), [up, tie]);
    }

    #[test]
    fn rejects_unknown_fields() {
        for text in ["", "size", "asc()", "desc(name", "up(name)", "name,"] {
            assert!(order(&[("order", text)]).is_err(), "{text}");
        }
    }
}
