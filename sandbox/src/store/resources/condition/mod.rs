//! Conditions of dynamic groups and searches: a name pattern such as `test*`, or an SQL-like expression.
//!
//! ```text
//! customerUuid = 'd5fd…' AND (name LIKE 'srv%' OR name IN ('a', 'b'))
//! ```

mod parser;

use super::{MACHINE, Machine, Resource};
use crate::domain::{ApiError, Result};

/// A field of a resource in a condition.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Field {
    Name,
    Type,
    Tenant,
    TenantNumber,
    Agent,
    Id,
}

impl Field {
    /// The value of the field of a machine.
    pub(crate) fn of(self, machine: &Machine) -> String {
        match self {
            Self::Name => machine.name.clone(),
            Self::Type => MACHINE.to_owned(),
            Self::Tenant => machine.tenant_id.to_string(),
            Self::TenantNumber => machine.tenant_number.to_string(),
            Self::Agent => machine.agent_id.to_string(),
            Self::Id => machine.id.to_string(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().replace('_', "").as_str() {
            "name" | "userdefinedname" => Some(Self::Name),
            "type" | "resourcetype" => Some(Self::Type),
            "customeruuid" | "tenantuuid" => Some(Self::Tenant),
            "tenantid" => Some(Self::TenantNumber),
            "agentid" => Some(Self::Agent),
            "id" | "resourceid" => Some(Self::Id),
            _ => None,
        }
    }
}

/// A condition on a resource.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    /// A pattern in lower case; `*` matches any characters, `?` one character.
    Like(Field, String),
    /// A comparison with a value in lower case.
    Compare(Field, Comparison, String),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    /// Parses a condition; 400 if it is invalid.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ApiError::bad("The condition is empty."));
        }
        if is_pattern(text) {
            return Ok(Self::Like(Field::Name, unquoted(text).to_lowercase()));
        }
        parser::parse(text)
    }

    /// Whether the condition holds for a group. A group has no agent.
    pub(crate) fn holds_for_group(&self, group: &Resource) -> bool {
        self.holds(&|field| match field {
            Field::Name => group.name.clone(),
            Field::Type => group.kind.clone(),
            Field::Tenant => group.tenant_id.to_string(),
            Field::TenantNumber => group.tenant_number.to_string(),
            Field::Agent => String::new(),
            Field::Id => group.id.to_string(),
        })
    }

    /// Whether the condition holds for a machine.
    pub(crate) fn holds_for_machine(&self, machine: &Machine) -> bool {
        self.holds(&|field| field.of(machine))
    }

    /// Whether the condition holds for these values, ignoring case.
    fn holds(&self, value: &dyn Fn(Field) -> String) -> bool {
        let lowercase = |field: Field| value(field).to_lowercase();
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(value)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(value)),
            Self::Not(part) => !part.holds(value),
            Self::Like(field, pattern) => like(&lowercase(*field), pattern),
            // `machine` is short for `resource.machine`.
            Self::Compare(Field::Type, Comparison::Equal, expected) => {
                let kind = lowercase(Field::Type);
                kind == *expected || kind.strip_prefix("resource.") == Some(expected)
            }
            Self::Compare(field, comparison, expected) => {
                let found = lowercase(*field);
                match comparison {
                    Comparison::Equal => found == *expected,
                    Comparison::Less => found < *expected,
                    Comparison::LessOrEqual => found <= *expected,
                    Comparison::Greater => found > *expected,
                    Comparison::GreaterOrEqual => found >= *expected,
                }
            }
        }
    }
}

/// A text without operators is a name pattern.
fn is_pattern(text: &str) -> bool {
    let operator = |word: &str| {
        ["and", "or", "in", "not", "like", "range"].contains(&word.to_ascii_lowercase().as_str())
    };
    !text.contains(['=', '<', '>', '(', ')']) && !text.split_whitespace().any(operator)
}

fn unquoted(text: &str) -> &str {
    ['\'', '"']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(text)
}

/// Whether a text matches a pattern. Linear in the product of the lengths, unlike backtracking.
fn like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // reached[n]: the pattern so far matches the first n characters.
    let mut reached = vec![false; text.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for symbol in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        let mut reached_before = false;
        for (at, here) in reached.iter().enumerate() {
            reached_before |= here;
            if symbol == '*' {
                if let Some(cell) = next.get_mut(at) {
                    *cell = reached_before;
                }
            } else if *here
                && text.get(at).is_some_and(|c| symbol == '?' || *c == symbol)
                && let Some(cell) = next.get_mut(at + 1)
            {
                *cell = true;
            }
        }
        reached = next;
    }
    reached.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(condition: &str) -> bool {
        let value = |field| match field {
            Field::Name => "Test-PC 01".to_owned(),
            Field::Type => "resource.machine".to_owned(),
            Field::Tenant => "d5fd".to_owned(),
            _ => String::new(),
        };
        Condition::parse(condition)
            .unwrap_or_else(|error| panic!("{condition}: {}", error.info()))
            .holds(&value)
    }

    #[test]
    fn matching_conditions_hold() {
        for condition in [
            "test*",
            "Test-PC 01",
            "*pc*",
            "test-pc ??",
            "name LIKE 'test%'",
            "name = 'test-pc 01'",
            "name = test*",
            "customerUuid = 'D5FD' AND resourceType = 'machine'",
            "name != 'x' and (type = 'resource.machine' or name = 'y')",
            "NOT name = 'x'",
            "name NOT IN ('a', 'b')",
            "name in ('a', 'test-pc 01')",
            "name RANGE ('s', 'u')",
            "name >= 't' AND name < 'u'",
        ] {
            assert!(holds(condition), "{condition}");
        }
    }

    #[test]
    fn other_conditions_do_not_hold() {
        for condition in ["est*", "test", "name = 'x'", "name NOT LIKE 'test%'"] {
            assert!(!holds(condition), "{condition}");
        }
    }

    #[test]
    fn rejects_invalid_conditions() {
        let deep = "(".repeat(10_000);
        for condition in [
            "",
            "name =",
            "name = 'x",
            "color = 'red'",
            "(name = 'x'",
            "name = 'x' y",
            "= 'x'",
            "name RANGE ('a')",
            "name IN ()",
            "NOT",
            deep.as_str(),
        ] {
            assert!(Condition::parse(condition).is_err(), "{condition}");
        }
    }
}
