//! Conditions of dynamic groups and searches: a pattern of the name, `test*`, or comparisons as in SQL.
//!
//! ```text
//! customerUuid = 'd5fd…' AND (name LIKE 'srv%' OR name IN ('a', 'b'))
//! ```

use super::{MACHINE, Machine, Resource};
use crate::domain::{ApiError, Result};

/// Nobody writes conditions that go deeper.
const DEEPEST: usize = 32;

/// What may be compared.
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
    /// The value that a machine has.
    pub(crate) fn of(self, machine: &Machine) -> String {
        match self {
            Field::Name => machine.name.clone(),
            Field::Type => MACHINE.to_owned(),
            Field::Tenant => machine.tenant_id.to_string(),
            Field::TenantNumber => machine.tenant_number.to_string(),
            Field::Agent => machine.agent_id.to_string(),
            Field::Id => machine.id.to_string(),
        }
    }

    fn parse(text: &str) -> Option<Field> {
        match text.to_ascii_lowercase().replace('_', "").as_str() {
            "name" | "userdefinedname" => Some(Field::Name),
            "type" | "resourcetype" => Some(Field::Type),
            "customeruuid" | "tenantuuid" => Some(Field::Tenant),
            "tenantid" => Some(Field::TenantNumber),
            "agentid" => Some(Field::Agent),
            "id" | "resourceid" => Some(Field::Id),
            _ => None,
        }
    }
}

/// A condition that a resource meets or not.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    /// With `*` for any characters and `?` for one.
    Like(Field, String),
    Is(Field, Comparison, String),
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
    /// Reads a condition; 400 if it is none.
    pub(crate) fn parse(text: &str) -> Result<Condition> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ApiError::bad("The condition is empty."));
        }
        if is_pattern(text) {
            return Ok(Condition::Like(Field::Name, unquoted(text).to_lowercase()));
        }
        let mut parser = Parser {
            tokens: tokens(text)?.into_iter().peekable(),
            depth: 0,
        };
        let condition = parser.any()?;
        match parser.tokens.next() {
            None => Ok(condition),
            Some(token) => Err(unexpected(&token)),
        }
    }

    /// Whether a group meets it, as far as a group has values.
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

    /// Whether what has these values meets it. Upper and lower case are the same.
    pub(crate) fn holds(&self, value: &dyn Fn(Field) -> String) -> bool {
        let of = |field: Field| value(field).to_lowercase();
        match self {
            Condition::All(parts) => parts.iter().all(|part| part.holds(value)),
            Condition::Any(parts) => parts.iter().any(|part| part.holds(value)),
            Condition::Not(part) => !part.holds(value),
            Condition::Like(field, pattern) => like(&of(*field), pattern),
            // `machine` is short for `resource.machine`.
            Condition::Is(Field::Type, Comparison::Equal, wanted) => {
                let kind = of(Field::Type);
                kind == *wanted || kind.strip_prefix("resource.") == Some(wanted)
            }
            Condition::Is(field, comparison, wanted) => {
                let found = of(*field);
                match comparison {
                    Comparison::Equal => found == *wanted,
                    Comparison::Less => found < *wanted,
                    Comparison::LessOrEqual => found <= *wanted,
                    Comparison::Greater => found > *wanted,
                    Comparison::GreaterOrEqual => found >= *wanted,
                }
            }
        }
    }
}

/// Words without anything of the language are a pattern of the name.
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

/// Whether a text matches a pattern, in which `*` is any characters and `?` is one.
fn like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // Where the pattern is by now, for each length of the text that may lead there.
    let mut reached = vec![false; text.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for sign in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        let mut any_before = false;
        for (at, here) in reached.iter().enumerate() {
            any_before |= here;
            if sign == '*' {
                if let Some(cell) = next.get_mut(at) {
                    *cell = any_before;
                }
            } else if *here
                && text.get(at).is_some_and(|c| sign == '?' || *c == sign)
                && let Some(cell) = next.get_mut(at + 1)
            {
                *cell = true;
            }
        }
        reached = next;
    }
    reached.last() == Some(&true)
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(&'static str),
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Token::Word(text) if text.eq_ignore_ascii_case(word))
    }
}

fn unexpected(token: &Token) -> ApiError {
    let text = match token {
        Token::Word(text) | Token::Text(text) => text,
        Token::Sign(sign) => *sign,
    };
    ApiError::bad(format!("The condition cannot be read at {text:?}."))
}

fn tokens(text: &str) -> Result<Vec<Token>> {
    const SIGNS: [&str; 9] = ["!=", "<>", "<=", ">=", "=", "<", ">", "(", ")"];
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            found.push(Token::Sign(sign));
            rest = rest.get(sign.len()..).unwrap_or_default();
        } else if first == ',' {
            found.push(Token::Sign(","));
            rest = rest.get(1..).unwrap_or_default();
        } else if first == '\'' || first == '"' {
            let (inside, after) = rest
                .get(1..)
                .and_then(|rest| rest.split_once(first))
                .ok_or_else(|| ApiError::bad("A text of the condition does not end."))?;
            found.push(Token::Text(inside.to_owned()));
            rest = after;
        } else {
            let ends = |c: char| c.is_whitespace() || "=<>!(),'\"".contains(c);
            // A lone `!` is a word of its own, so that this comes to an end.
            let end = rest
                .char_indices()
                .skip(1)
                .find(|(_, c)| ends(*c))
                .map_or(rest.len(), |(at, _)| at);
            let (word, after) = rest.split_at(end);
            found.push(Token::Word(word.to_owned()));
            rest = after;
        }
        rest = rest.trim_start();
    }
    Ok(found)
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    depth: usize,
}

impl Parser {
    fn next(&mut self) -> Result<Token> {
        self.tokens
            .next()
            .ok_or_else(|| ApiError::bad("The condition ends too early."))
    }

    fn word(&mut self, word: &str) -> bool {
        self.tokens.next_if(|token| token.is(word)).is_some()
    }

    fn sign(&mut self, sign: &'static str) -> Result<()> {
        match self.next()? {
            Token::Sign(found) if found == sign => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    fn any(&mut self) -> Result<Condition> {
        let mut parts = vec![self.all()?];
        while self.word("OR") {
            parts.push(self.all()?);
        }
        Ok(Condition::Any(parts))
    }

    fn all(&mut self) -> Result<Condition> {
        let mut parts = vec![self.one()?];
        while self.word("AND") {
            parts.push(self.one()?);
        }
        Ok(Condition::All(parts))
    }

    fn one(&mut self) -> Result<Condition> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(ApiError::bad("The condition goes too deep."));
        }
        let condition = if self.word("NOT") {
            Condition::Not(Box::new(self.one()?))
        } else if self.tokens.next_if_eq(&Token::Sign("(")).is_some() {
            let inside = self.any()?;
            self.sign(")")?;
            inside
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn comparison(&mut self) -> Result<Condition> {
        let token = self.next()?;
        let Token::Word(name) = &token else {
            return Err(unexpected(&token));
        };
        let field = Field::parse(name).ok_or_else(|| {
            ApiError::bad(format!(
                "The condition asks for {name:?}, which is not known."
            ))
        })?;
        if self.word("NOT") {
            let inside = self.list_or_pattern(field)?;
            return Ok(Condition::Not(Box::new(inside)));
        }
        let Some(Token::Sign(sign)) = self.tokens.next_if(|token| matches!(token, Token::Sign(_)))
        else {
            return self.list_or_pattern(field);
        };
        let comparison = match sign {
            "=" | "!=" | "<>" => Comparison::Equal,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            other => return Err(unexpected(&Token::Sign(other))),
        };
        let value = self.value()?;
        // A star is one in comparisons, too.
        let is = if comparison == Comparison::Equal && value.contains(['*', '?']) {
            Condition::Like(field, value)
        } else {
            Condition::Is(field, comparison, value)
        };
        Ok(match sign {
            "!=" | "<>" => Condition::Not(Box::new(is)),
            _ => is,
        })
    }

    /// `LIKE 'a%'`, `IN ('a', 'b')` or `RANGE ('a', 'b')`.
    fn list_or_pattern(&mut self, field: Field) -> Result<Condition> {
        if self.word("LIKE") {
            let pattern = self.value()?.replace('%', "*").replace('_', "?");
            return Ok(Condition::Like(field, pattern));
        }
        let range = self.word("RANGE");
        if !range && !self.word("IN") {
            let token = self.next()?;
            return Err(unexpected(&token));
        }
        self.sign("(")?;
        let mut values = vec![self.value()?];
        while self.tokens.next_if_eq(&Token::Sign(",")).is_some() {
            values.push(self.value()?);
        }
        self.sign(")")?;
        if !range {
            let is = |value| Condition::Is(field, Comparison::Equal, value);
            return Ok(Condition::Any(values.into_iter().map(is).collect()));
        }
        let Ok([from, to]) = <[String; 2]>::try_from(values) else {
            return Err(ApiError::bad("RANGE takes two values."));
        };
        Ok(Condition::All(vec![
            Condition::Is(field, Comparison::GreaterOrEqual, from),
            Condition::Is(field, Comparison::LessOrEqual, to),
        ]))
    }

    fn value(&mut self) -> Result<String> {
        match self.next()? {
            Token::Word(text) | Token::Text(text) => Ok(text.to_lowercase()),
            other @ Token::Sign(_) => Err(unexpected(&other)),
        }
    }
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
    fn a_machine_meets_these() {
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
    fn and_not_these() {
        for condition in ["est*", "test", "name = 'x'", "name NOT LIKE 'test%'"] {
            assert!(!holds(condition), "{condition}");
        }
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        let deep = "(".repeat(10_000);
        for condition in [
            "",
            "name =",
            "name = 'x",
            "colour = 'red'",
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
