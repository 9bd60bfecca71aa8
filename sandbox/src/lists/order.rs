//! The order of a list.

use super::params::Params;
use crate::domain::{ApiError, Result};

/// What a list can be ordered by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// As `order` names it.
    pub name: &'static str,
    /// In SQL; never NULL, which nothing can be compared with: `coalesce(x, '')`.
    pub sql: &'static str,
}

/// The order of a list: never the same place for two rows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Order {
    /// SQL, and whether it descends.
    pub(super) keys: Vec<(&'static str, bool)>,
}

impl Order {
    /// The `order` that was asked for, else `default`; rows that tie go by `tie`, a field that no two share.
    pub(crate) fn parse(params: &Params, keys: &[Key], default: &str, tie: &str) -> Result<Order> {
        let mut asked = params.all("order");
        if asked.is_empty() {
            asked.push(default);
        }
        asked.push(tie);
        let mut order = Order { keys: Vec::new() };
        for part in asked.iter().flat_map(|text| text.split(',')) {
            let (name, descends) = direction(part.trim());
            let Some(key) = keys.iter().find(|key| key.name == name) else {
                let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
                return Err(ApiError::bad(format!(
                    "order: {name:?} is not one of {}.",
                    names.join(", ")
                )));
            };
            // Named again, a field decides nothing any more.
            if !order.keys.iter().any(|(sql, _)| *sql == key.sql) {
                order.keys.push((key.sql, descends));
            }
        }
        Ok(order)
    }
}

/// A field, and whether it is to descend.
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
    fn fields_go_up_or_down() {
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
    fn other_fields_are_refused() {
        for text in ["", "size", "asc()", "desc(name", "up(name)", "name,"] {
            assert!(order(&[("order", text)]).is_err(), "{text}");
        }
    }
}
