//! What a filter says: a bare value, or an operator with its values.

use rusqlite::types::Value;

use super::sql::Condition;
use crate::domain::{ApiError, Id, Result};

/// How a filter compares.
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
    /// Begins with.
    Hlike,
    /// Ends with.
    Tlike,
}

impl Op {
    /// For numbers and times.
    pub(crate) const ORDERED: &'static [Op] = &[Op::Eq, Op::Gt, Op::Ge, Op::Lt, Op::Le];

    const ALL: [(&'static str, Op); 10] = [
        ("eq", Op::Eq),
        ("gt", Op::Gt),
        ("ge", Op::Ge),
        ("lt", Op::Lt),
        ("le", Op::Le),
        ("or", Op::Or),
        ("not", Op::Not),
        ("like", Op::Like),
        ("hlike", Op::Hlike),
        ("tlike", Op::Tlike),
    ];
}

/// A filter as it came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Test {
    /// The operator; none for a bare value.
    pub op: Option<Op>,
    /// One value, or those of `or` and `not`.
    pub values: Vec<String>,
}

impl Test {
    /// Reads a filter; 400 for an operator that is not one of `allowed`.
    pub(crate) fn parse(name: &str, filter: &str, allowed: &[Op]) -> Result<Test> {
        let operator = filter
            .strip_suffix(')')
            .and_then(|rest| rest.split_once('('))
            .and_then(|(word, inner)| {
                let known = Op::ALL.into_iter().find(|(known, _)| *known == word)?;
                Some((known, inner))
            });
        let Some(((word, op), inner)) = operator else {
            return Ok(Test {
                op: None,
                values: vec![filter.to_owned()],
            });
        };
        if !allowed.contains(&op) {
            return Err(ApiError::bad(format!(
                "{name}: {word}(…) is not an operator of this filter."
            )));
        }
        let values: Vec<String> = match op {
            Op::Or | Op::Not => inner.split(',').map(|one| one.trim().to_owned()).collect(),
            _ => vec![inner.trim().to_owned()],
        };
        if values.iter().any(String::is_empty) {
            return Err(ApiError::bad(format!("{name}: {word}() without a value.")));
        }
        Ok(Test {
            op: Some(op),
            values,
        })
    }

    /// This filter, a bare value standing for this operator.
    pub(crate) fn bare_is(mut self, op: Op) -> Test {
        self.op.get_or_insert(op);
        self
    }

    /// The filter in SQL, over a column whose values are read by `value`.
    pub(crate) fn on(
        &self,
        column: &str,
        value: impl Fn(&str) -> Result<Value>,
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
            .map(|one| value(one))
            .collect::<Result<Vec<_>>>()?;
        let places = match self.op {
            Some(Op::Or | Op::Not) => format!("({})", vec!["?"; values.len()].join(", ")),
            _ => "?".to_owned(),
        };
        Ok(Condition {
            sql: format!("{column} {comparison} {places}"),
            values,
        })
    }
}

/// Any text.
pub(crate) fn text(value: &str) -> Result<Value> {
    Ok(Value::Text(value.to_owned()))
}

/// An integer.
pub(crate) fn integer(value: &str) -> Result<Value> {
    value
        .parse()
        .map(Value::Integer)
        .map_err(|_| ApiError::bad(format!("{value:?} is not an integer.")))
}

/// A UUID, in capitals or not.
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

    fn read(text: &str) -> (Option<Op>, Vec<String>) {
        let ops = Op::ALL.map(|(_, op)| op);
        let test = Test::parse("name", text, &ops).unwrap();
        (test.op, test.values)
    }

    #[test]
    fn operators_are_told_from_values() {
        let one = |text: &str| vec![text.to_owned()];
        assert_eq!(read("server1"), (None, one("server1")));
        assert_eq!(read("gt(3)"), (Some(Op::Gt), one("3")));
        assert_eq!(
            read("or(a, b)"),
            (Some(Op::Or), vec!["a".to_owned(), "b".to_owned()])
        );
        assert_eq!(read("Server (old)"), (None, one("Server (old)")));
        assert_eq!(read("gt(3"), (None, one("gt(3")));
        assert_eq!(read("like(a(b))"), (Some(Op::Like), one("a(b)")));
        assert_eq!(
            read("gt(Wed, 22 Apr 2020 11:00:00 GMT)"),
            (Some(Op::Gt), one("Wed, 22 Apr 2020 11:00:00 GMT"))
        );
    }

    #[test]
    fn what_a_filter_does_not_take_is_refused() {
        assert!(Test::parse("name", "or(a,b)", Op::ORDERED).is_err());
        assert!(Test::parse("name", "gt()", Op::ORDERED).is_err());
        assert!(Test::parse("name", "or(a,)", &[Op::Or]).is_err());
    }

    #[test]
    fn patterns_mean_what_they_say() {
        let test = Test::parse("name", "like(50%_a)", &[Op::Like]).unwrap();
        let condition = test.on("name", text).unwrap();
        assert_eq!(condition.values, [Value::Text("%50\\%\\_a%".to_owned())]);
    }
}
