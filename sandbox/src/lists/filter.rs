//! Parses a filter: a bare value, or an operator with its values.

use rusqlite::types::Value;

use super::sql::Condition;
use crate::domain::{ApiError, Id, Result};

/// The operator of a filter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Op {
    /// Equal.
    Eq,
    /// Greater, or later.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less, or earlier.
    Lt,
    /// Less or equal.
    Le,
    /// One of these.
    Or,
    /// None of these.
    Not,
    /// Contains.
    Like,
    /// Starts with.
    Hlike,
    /// Ends with.
    Tlike,
}

impl Op {
    /// The operators of numbers and times.
    pub(crate) const ORDERED: &'static [Self] = &[Self::Eq, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    const ALL: [(&'static str, Self); 10] = [
        ("eq", Self::Eq),
        ("gt", Self::Gt),
        ("ge", Self::Ge),
        ("lt", Self::Lt),
        ("le", Self::Le),
        ("or", Self::Or),
        ("not", Self::Not),
        ("like", Self::Like),
        ("hlike", Self::Hlike),
        ("tlike", Self::Tlike),
    ];
}

/// A filter of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Filter {
    /// The operator; `None` for a bare value.
    pub op: Option<Op>,
    /// The values of `or` and `not`; a single value otherwise.
    pub values: Vec<String>,
}

impl Filter {
    /// Parses a filter; 400 for an operator that is not one of `allowed`.
    pub(crate) fn parse(name: &str, text: &str, allowed: &[Op]) -> Result<Self> {
        let operator = text
            .strip_suffix(')')
            .and_then(|rest| rest.split_once('('))
            .and_then(|(word, inner)| {
                let known = Op::ALL.into_iter().find(|(known, _)| *known == word)?;
                Some((known, inner))
            });
        let Some(((word, op), inner)) = operator else {
            return Ok(Self {
                op: None,
                values: vec![text.to_owned()],
            });
        };
        if !allowed.contains(&op) {
            return Err(ApiError::bad(format!(
                "{name}: the operator {word}(…) is not supported here."
            )));
        }
        let values: Vec<String> = match op {
            Op::Or | Op::Not => inner.split(',').map(|one| one.trim().to_owned()).collect(),
            _ => vec![inner.trim().to_owned()],
        };
        if values.iter().any(String::is_empty) {
            return Err(ApiError::bad(format!(
                "{name}: {word}() has an empty value."
            )));
        }
        Ok(Self {
            op: Some(op),
            values,
        })
    }

    /// Applies this operator if the filter is a bare value.
    pub(crate) fn with_default_op(mut self, op: Op) -> Self {
        self.op.get_or_insert(op);
        self
    }

    /// The filter as SQL over a column; `parse` converts the values to those of the column.
    pub(crate) fn condition(
        &self,
        column: &str,
        parse: impl Fn(&str) -> Result<Value>,
    ) -> Result<Condition> {
        let pattern = |before: &str, after: &str| {
            let text = self.values.first().map_or("", String::as_str);
            let text = text
                .replace('\\', "\\\\")
                .replace('%', "\\%")
                .replace('_', "\\_");
            Condition {
                sql: format!("{column} LIKE ? ESCAPE '\\'"),
                values: vec![Value::Text(format!("{before}{text}{after}"))],
            }
        };
        let comparison = match self.op {
            Some(Op::Like) => return Ok(pattern("%", "%")),
            Some(Op::Hlike) => return Ok(pattern("", "%")),
            Some(Op::Tlike) => return Ok(pattern("%", "")),
            None | Some(Op::Eq) => "=",
            Some(Op::Gt) => ">",
            Some(Op::Ge) => ">=",
            Some(Op::Lt) => "<",
            Some(Op::Le) => "<=",
            Some(Op::Or) => "IN",
            Some(Op::Not) => "NOT IN",
        };
        let values = self
            .values
            .iter()
            .map(|value| parse(value))
            .collect::<Result<Vec<_>>>()?;
        let placeholders = match self.op {
            Some(Op::Or | Op::Not) => format!("({})", vec!["?"; values.len()].join(", ")),
            _ => "?".to_owned(),
        };
        Ok(Condition {
            sql: format!("{column} {comparison} {placeholders}"),
            values,
        })
    }
}

/// Any string.
pub(crate) fn text(value: &str) -> Result<Value> {
    Ok(Value::Text(value.to_owned()))
}
pub(crate) fn integer(value: &str) -> Result<Value> {
    value
        .parse()
        .map(Value::Integer)
        .map_err(|_| ApiError::bad(format!("{value:?} is not an integer.")))
}

/// A UUID in upper or lower case.
pub(crate) fn id(value: &str) -> Result<Value> {
    value
        .parse::<Id>()
        .map(|id| Value::Text(id.to_string()))
        .map_err(|_| ApiError::bad(format!("{value:?} is not a UUID.")))
}

/// True or false.
pub(crate) fn boolean(value: &str) -> Result<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(ApiError::bad(format!("{value:?} is not true or false."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Option<Op>, Vec<String>) {
        let ops = Op::ALL.map(|(_, op)| op);
        let filter = Filter::parse("name", text, &ops).unwrap();
        (filter.op, filter.values)
    }

    #[test]
    fn distinguishes_operators_from_bare_values() {
        let one = |text: &str| vec![text.to_owned()];
        assert_eq!(parse("server1"), (None, one("server1")));
        assert_eq!(parse("gt(3)"), (Some(Op::Gt), one("3")));
        assert_eq!(
            parse("or(a, b)"),
            (Some(Op::Or), vec!["a".to_owned(), "b".to_owned()])
        );
        assert_eq!(parse("Server (old)"), (None, one("Server (old)")));
        assert_eq!(parse("gt(3"), (None, one("gt(3")));
        assert_eq!(parse("like(a(b))"), (Some(Op::Like), one("a(b)")));
        assert_eq!(
            parse("gt(Wed, 22 Apr 2020 11:00:00 GMT)"),
            (Some(Op::Gt), one("Wed, 22 Apr 2020 11:00:00 GMT"))
        );
    }

    #[test]
    fn rejects_unsupported_operators_and_empty_values() {
        assert!(Filter::parse("name", "or(a,b)", Op::ORDERED).is_err());
        assert!(Filter::parse("name", "gt()", Op::ORDERED).is_err());
        assert!(Filter::parse("name", "or(a,)", &[Op::Or]).is_err());
    }

    #[test]
    fn escapes_sql_wildcards_in_patterns() {
        let filter = Filter::parse("name", "like(50%_a)", &[Op::Like]).unwrap();
        let condition = filter.condition("name", text).unwrap();
        assert_eq!(condition.values, [Value::Text("%50\\%\\_a%".to_owned())]);
    }
}
