//! Parses the SQL-like conditions.

use super::{Comparison, Condition, Field};
use crate::domain::{ApiError, Result};

/// The maximum nesting depth, which limits the recursion.
const MAX_DEPTH: usize = 32;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Symbol(&'static str),
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(text) if text.eq_ignore_ascii_case(word))
    }
}

fn unexpected(token: &Token) -> ApiError {
    let text = match token {
        Token::Word(text) | Token::Text(text) => text,
        Token::Symbol(symbol) => *symbol,
    };
    ApiError::bad(format!("The condition is invalid at {text:?}."))
}

fn tokenize(text: &str) -> Result<Vec<Token>> {
    const SYMBOLS: [&str; 9] = ["!=", "<>", "<=", ">=", "=", "<", ">", "(", ")"];
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
            found.push(Token::Symbol(symbol));
            rest = rest.get(symbol.len()..).unwrap_or_default();
        } else if first == ',' {
            found.push(Token::Symbol(","));
            rest = rest.get(1..).unwrap_or_default();
        } else if first == '\'' || first == '"' {
            let (inside, after) = rest
                .get(1..)
                .and_then(|rest| rest.split_once(first))
                .ok_or_else(|| ApiError::bad("The condition has an unterminated string."))?;
            found.push(Token::Text(inside.to_owned()));
            rest = after;
        } else {
            let ends = |c: char| c.is_whitespace() || "=<>!(),'\"".contains(c);
            // Skips the first character so that a lone `!` becomes a word and the loop ends.
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

/// Parses an expression.
pub(super) fn parse(text: &str) -> Result<Condition> {
    let mut parser = Parser {
        tokens: tokenize(text)?.into_iter().peekable(),
        depth: 0,
    };
    let condition = parser.expression()?;
    match parser.tokens.next() {
        None => Ok(condition),
        Some(token) => Err(unexpected(&token)),
    }
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    depth: usize,
}

impl Parser {
    fn next(&mut self) -> Result<Token> {
        self.tokens
            .next()
            .ok_or_else(|| ApiError::bad("The condition is incomplete."))
    }

    /// Consumes the next token if it is this keyword.
    fn keyword(&mut self, word: &str) -> bool {
        self.tokens.next_if(|token| token.is(word)).is_some()
    }

    fn expect(&mut self, symbol: &'static str) -> Result<()> {
        match self.next()? {
            Token::Symbol(found) if found == symbol => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    fn expression(&mut self) -> Result<Condition> {
        let mut parts = vec![self.conjunction()?];
        while self.keyword("OR") {
            parts.push(self.conjunction()?);
        }
        Ok(Condition::Any(parts))
    }

    fn conjunction(&mut self) -> Result<Condition> {
        let mut parts = vec![self.term()?];
        while self.keyword("AND") {
            parts.push(self.term()?);
        }
        Ok(Condition::All(parts))
    }

    fn term(&mut self) -> Result<Condition> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ApiError::bad("The condition is nested too deeply."));
        }
        let condition = if self.keyword("NOT") {
            Condition::Not(Box::new(self.term()?))
        } else if self.tokens.next_if_eq(&Token::Symbol("(")).is_some() {
            let inside = self.expression()?;
            self.expect(")")?;
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
            ApiError::bad(format!("The condition has an unknown field {name:?}."))
        })?;
        if self.keyword("NOT") {
            let inside = self.list_or_pattern(field)?;
            return Ok(Condition::Not(Box::new(inside)));
        }
        let Some(Token::Symbol(symbol)) = self
            .tokens
            .next_if(|token| matches!(token, Token::Symbol(_)))
        else {
            return self.list_or_pattern(field);
        };
        let comparison = match symbol {
            "=" | "!=" | "<>" => Comparison::Equal,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            other => return Err(unexpected(&Token::Symbol(other))),
        };
        let value = self.value()?;
        // Equality also accepts patterns.
        let condition = if comparison == Comparison::Equal && value.contains(['*', '?']) {
            Condition::Like(field, value)
        } else {
            Condition::Compare(field, comparison, value)
        };
        Ok(match symbol {
            "!=" | "<>" => Condition::Not(Box::new(condition)),
            _ => condition,
        })
    }

    /// `LIKE 'a%'`, `IN ('a', 'b')` or `RANGE ('a', 'b')`.
    fn list_or_pattern(&mut self, field: Field) -> Result<Condition> {
        if self.keyword("LIKE") {
            let pattern = self.value()?.replace('%', "*").replace('_', "?");
            return Ok(Condition::Like(field, pattern));
        }
        let range = self.keyword("RANGE");
        if !range && !self.keyword("IN") {
            let token = self.next()?;
            return Err(unexpected(&token));
        }
        self.expect("(")?;
        let mut values = vec![self.value()?];
        while self.tokens.next_if_eq(&Token::Symbol(",")).is_some() {
            values.push(self.value()?);
        }
        self.expect(")")?;
        if !range {
            let is = |value| Condition::Compare(field, Comparison::Equal, value);
            return Ok(Condition::Any(values.into_iter().map(is).collect()));
        }
        let Ok([from, to]) = <[String; 2]>::try_from(values) else {
            return Err(ApiError::bad("RANGE requires two values."));
        };
        Ok(Condition::All(vec![
            Condition::Compare(field, Comparison::GreaterOrEqual, from),
            Condition::Compare(field, Comparison::LessOrEqual, to),
        ]))
    }

    fn value(&mut self) -> Result<String> {
        match self.next()? {
            Token::Word(text) | Token::Text(text) => Ok(text.to_lowercase()),
            other @ Token::Symbol(_) => Err(unexpected(&other)),
        }
    }
}
