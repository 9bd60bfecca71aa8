//! Parses and validates a rule. `parse_effect` does the same for `then`.

use std::str::FromStr;
use std::sync::Arc;

use axum::http::Method;
use globset::{GlobBuilder, GlobMatcher};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::parse_effect::RawEffect;
use super::rule::{Rule, Trigger};
use crate::domain::CONTROL_PREFIX;

const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT",
];

/// An invalid rule. The message names the field.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct BadRule(pub(super) String);

pub(super) type Result<T> = std::result::Result<T, BadRule>;

pub(super) fn bad<T>(field: &str, reason: impl std::fmt::Display) -> Result<T> {
    Err(BadRule(format!("{field}: {reason}")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    #[serde(rename = "match", default)]
    matcher: RawMatcher,
    #[serde(default, deserialize_with = "unsigned")]
    nth: Option<u64>,
    #[serde(default, deserialize_with = "unsigned")]
    every: Option<u64>,
    probability: Option<f64>,
    #[serde(default, deserialize_with = "unsigned")]
    seed: Option<u64>,
    #[serde(default, deserialize_with = "unsigned")]
    times: Option<u64>,
    then: RawEffect,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMatcher {
    method: Option<String>,
    path: Option<String>,
}

/// A non-negative integer. The error of serde, "invalid number", does not say what is expected.
pub(super) fn unsigned<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<u64>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        value => match value.as_u64() {
            Some(number) => Ok(Some(number)),
            None => Err(D::Error::custom(format!(
                "{value} is not a non-negative integer"
            ))),
        },
    }
}

impl FromStr for Rule {
    type Err = BadRule;

    fn from_str(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| BadRule(format!("the rule is not valid JSON: {error}")))?;
        Self::try_from(value)
    }
}

impl TryFrom<Value> for Rule {
    type Error = BadRule;

    fn try_from(value: Value) -> Result<Self> {
        let Value::Object(source) = value else {
            return Err(BadRule(format!(
                "a rule must be a JSON object, not {value}"
            )));
        };
        let raw = parse_fields(&source)?;
        Ok(Self {
            method: parse_method(raw.matcher.method.as_deref())?,
            path: parse_path(raw.matcher.path.as_deref())?,
            trigger: parse_trigger(&raw)?,
            times: positive("times", raw.times)?,
            effect: Arc::new(raw.then.parse()?),
            source,
        })
    }
}

/// Parses one rule or a list of rules.
pub(crate) fn rules(value: Value) -> Result<Vec<Rule>> {
    let Value::Array(values) = value else {
        return Rule::try_from(value).map(|rule| vec![rule]);
    };
    let numbered = |(number, value)| {
        Rule::try_from(value).map_err(|BadRule(reason)| BadRule(format!("rule {number}: {reason}")))
    };
    (1..).zip(values).map(numbered).collect()
}

fn parse_fields(source: &Map<String, Value>) -> Result<RawRule> {
    // serde would also accept an array and assign its elements to the fields by position.
    for name in ["match", "then"] {
        if source.get(name).is_some_and(|value| !value.is_object()) {
            return bad(name, "must be a JSON object");
        }
    }
    let value = Value::Object(source.clone());
    serde_path_to_error::deserialize(value).map_err(|error| {
        let field = error.path().to_string();
        let reason = error.into_inner();
        BadRule(match field.as_str() {
            "." => reason.to_string(),
            field => format!("{field}: {reason}"),
        })
    })
}

fn parse_method(method: Option<&str>) -> Result<Option<Method>> {
    let Some(name) = method.filter(|name| *name != "*") else {
        return Ok(None);
    };
    let name = name.to_ascii_uppercase();
    match Method::from_str(&name) {
        Ok(method) if METHODS.contains(&name.as_str()) => Ok(Some(method)),
        _ => bad("match.method", format!("{name:?} is not an HTTP method")),
    }
}

fn parse_path(glob: Option<&str>) -> Result<Option<GlobMatcher>> {
    const FIELD: &str = "match.path";
    let Some(glob) = glob else {
        return Ok(None);
    };
    if !["/", "**", "{"]
        .iter()
        .any(|prefix| glob.starts_with(prefix))
    {
        return bad(
            FIELD,
            format!("{glob:?} must begin with / or **, otherwise it matches no path"),
        );
    }
    if glob.contains('?') {
        return bad(
            FIELD,
            "the query is not matched; remove the ? and everything after it",
        );
    }
    if glob.starts_with(CONTROL_PREFIX.trim_end_matches('/')) {
        return bad(FIELD, "rules do not apply to control calls");
    }
    match GlobBuilder::new(glob).literal_separator(true).build() {
        Ok(glob) => Ok(Some(glob.compile_matcher())),
        Err(error) => bad(FIELD, error),
    }
}

fn parse_trigger(raw: &RawRule) -> Result<Trigger> {
    if raw.seed.is_some() && raw.probability.is_none() {
        return bad("seed", "requires probability");
    }
    let nth = positive("nth", raw.nth)?;
    let every = positive("every", raw.every)?;
    match (nth, every, raw.probability) {
        (None, None, None) => Ok(Trigger::Always),
        (Some(nth), None, None) => Ok(Trigger::Nth(nth)),
        (None, Some(every), None) => Ok(Trigger::Every(every)),
        (None, None, Some(probability)) if (0.0..=1.0).contains(&probability) => {
            let seed = raw.seed.unwrap_or(0);
            Ok(Trigger::Random { probability, seed })
        }
        (None, None, Some(probability)) => bad(
            "probability",
            format!("{probability} is not between 0 and 1"),
        ),
        _ => bad("nth, every, probability", "give at most one of them"),
    }
}

fn positive(field: &str, number: Option<u64>) -> Result<Option<u64>> {
    match number {
        Some(0) => bad(field, "must be at least 1"),
        number => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn matches_method_and_path() {
        let matches = |matcher: Value, method: Method, path: &str| {
            let rule = json!({ "match": matcher, "then": { "status": 500 } });
            Rule::try_from(rule).unwrap().matches(&method, path)
        };
        let path = |glob: &str, path: &str| matches(json!({ "path": glob }), Method::GET, path);
        assert!(matches(json!({}), Method::GET, "/"));
        assert!(matches(json!({ "method": "*" }), Method::PUT, "/"));
        assert!(matches(json!({ "method": "post" }), Method::POST, "/"));
        assert!(!matches(json!({ "method": "POST" }), Method::GET, "/"));
        assert!(path("/api/2/tenants/*", "/api/2/tenants/1"));
        assert!(!path("/api/2/tenants/*", "/api/2/tenants"));
        assert!(!path("/api/2/tenants/*", "/api/2/tenants/1/users"));
        assert!(path("/api/2/tenants/*/users", "/api/2/tenants/1/users"));
        assert!(path("/api/2/**", "/api/2/tenants/1/users"));
        assert!(path("/api/**/users", "/api/2/tenants/1/users"));
        assert!(path("**/users", "/api/2/tenants/1/users"));
        assert!(path("/api/2/{tenants,users}", "/api/2/users"));
        assert!(!path("/api/2/tenants", "/API/2/tenants"));
        assert!(path(
            "/api/policy_management/**",
            "//api/policy_management/v4/x"
        ));
    }

    #[test]
    fn rejects_invalid_rules_and_names_the_field() {
        let then = json!({ "status": 503 });
        for (rule, message) in [
            (json!(1), "a rule must be a JSON object, not 1"),
            (json!({}), "missing field `then`"),
            (json!({ "then": [503] }), "then: must be a JSON object"),
            (
                json!({ "match": "/x", "then": then }),
                "match: must be a JSON object",
            ),
            (
                json!({ "mach": {}, "then": then }),
                "mach: unknown field `mach`",
            ),
            (
                json!({ "match": { "paht": "/" }, "then": then }),
                "match.paht: unknown field `paht`, expected `method` or `path`",
            ),
            (
                json!({ "then": { "statsu": 503 } }),
                "then.statsu: unknown field",
            ),
            (
                json!({ "match": { "method": "FETCH" }, "then": then }),
                "match.method: \"FETCH\" is not an HTTP method",
            ),
            (
                json!({ "match": { "method": 1 }, "then": then }),
                "match.method: invalid type: ",
            ),
            (
                json!({ "match": { "path": "tenants" }, "then": then }),
                "match.path: \"tenants\" must begin with",
            ),
            (
                json!({ "match": { "path": "/a?b=c" }, "then": then }),
                "match.path: the query",
            ),
            (
                json!({ "match": { "path": "/[a" }, "then": then }),
                "match.path: error parsing glob",
            ),
            (
                json!({ "match": { "path": "/_sandbox/**" }, "then": then }),
                "match.path: rules do not apply",
            ),
            (json!({ "nth": 0, "then": then }), "nth: must be at least 1"),
            (
                json!({ "nth": -1, "then": then }),
                "nth: -1 is not a non-negative integer",
            ),
            (
                json!({ "nth": "2", "then": then }),
                "nth: \"2\" is not a non-negative integer",
            ),
            (
                json!({ "every": 0, "then": then }),
                "every: must be at least 1",
            ),
            (
                json!({ "times": 0, "then": then }),
                "times: must be at least 1",
            ),
            (
                json!({ "times": 1.5, "then": then }),
                "times: 1.5 is not a non-negative",
            ),
            (
                json!({ "probability": 1.1, "then": then }),
                "probability: 1.1",
            ),
            (
                json!({ "probability": -0.1, "then": then }),
                "probability: -0.1",
            ),
            (
                json!({ "seed": 7, "then": then }),
                "seed: requires probability",
            ),
            (
                json!({ "nth": 1, "every": 2, "then": then }),
                "nth, every, probability: give at most one",
            ),
            (json!({ "then": {} }), "then: give at least one"),
            (json!({ "then": { "status": 600 } }), "then.status: 600"),
            (json!({ "then": { "status": 100 } }), "then.status: 100"),
            (
                json!({ "then": { "status": "503" } }),
                "then.status: \"503\" is not a non-negative",
            ),
            (
                json!({ "then": { "retry_after": -1 } }),
                "then.retry_after: -1 is",
            ),
            (
                json!({ "then": { "retry_after": "a\nb" } }),
                "then.retry_after: \"a\\nb\" cannot",
            ),
            (
                json!({ "then": { "latency_ms": 600_001 } }),
                "then.latency_ms: more than",
            ),
            (
                json!({ "then": { "reset": "later" } }),
                "then.reset: \"later\" is not",
            ),
            (
                json!({ "then": { "reset": true, "truncate": 1 } }),
                "then.reset: there is no response",
            ),
            (
                json!({ "then": { "reset": true, "status": 500 } }),
                "then.reset: there is no response",
            ),
            (
                json!({ "then": { "reset": "after", "body": {} } }),
                "then.reset: there is no response",
            ),
            (
                json!({ "then": { "truncate": -1 } }),
                "then.truncate: -1 is not a non-negative",
            ),
            (
                json!({ "then": { "truncate": 1, "status": 200 } }),
                "then.truncate: there is no body",
            ),
            (
                json!({ "then": { "status": 204, "body": {} } }),
                "then.body: a response with status 204",
            ),
        ] {
            let error = Rule::try_from(rule.clone()).expect_err(&rule.to_string());
            let text = error.to_string();
            assert!(text.starts_with(message), "{rule}: {text}");
        }
        let list = json!([{ "then": then }, { "then": {} }]);
        let text = rules(list).unwrap_err().to_string();
        assert!(text.starts_with("rule 2: then: give at least"), "{text}");
        let text = "{\"then\":".parse::<Rule>().unwrap_err().to_string();
        assert!(
            text.starts_with("the rule is not valid JSON: EOF"),
            "{text}"
        );
    }
}
