//! How a rule is written in JSON, and all that can be wrong with one; `then` has what it does.

use std::str::FromStr;
use std::sync::Arc;

use axum::http::Method;
use globset::{GlobBuilder, GlobMatcher};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::parse_effect::EffectForm;
use super::rule::{Rule, When};
use crate::domain::CONTROL_PREFIX;

const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT",
];

/// What is wrong with a rule: the field and why.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct BadRule(pub(super) String);

pub(super) type Result<T> = std::result::Result<T, BadRule>;

pub(super) fn bad<T>(field: &str, why: impl std::fmt::Display) -> Result<T> {
    Err(BadRule(format!("{field}: {why}")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(rename = "match", default)]
    calls: Calls,
    #[serde(default, deserialize_with = "whole")]
    nth: Option<u64>,
    #[serde(default, deserialize_with = "whole")]
    every: Option<u64>,
    probability: Option<f64>,
    #[serde(default, deserialize_with = "whole")]
    seed: Option<u64>,
    #[serde(default, deserialize_with = "whole")]
    times: Option<u64>,
    then: EffectForm,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Calls {
    method: Option<String>,
    path: Option<String>,
}

/// A whole number. serde's own words for what is none are "invalid number".
pub(super) fn whole<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<u64>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        value => match value.as_u64() {
            Some(number) => Ok(Some(number)),
            None => Err(D::Error::custom(format!(
                "{value} is no whole number from 0 up"
            ))),
        },
    }
}

impl FromStr for Rule {
    type Err = BadRule;

    fn from_str(text: &str) -> Result<Rule> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| BadRule(format!("a rule is a JSON object: {error}")))?;
        Rule::try_from(value)
    }
}

impl TryFrom<Value> for Rule {
    type Error = BadRule;

    fn try_from(value: Value) -> Result<Rule> {
        let Value::Object(given) = value else {
            return Err(BadRule(format!("a rule is a JSON object, not {value}")));
        };
        let form = parsed(&given)?;
        Ok(Rule {
            method: method(form.calls.method.as_deref())?,
            path: path(form.calls.path.as_deref())?,
            when: when(&form)?,
            times: counted("times", form.times)?,
            then: Arc::new(form.then.checked()?),
            given,
        })
    }
}

/// Reads all the rules of a call: one, or a list of them.
pub(crate) fn rules(value: Value) -> Result<Vec<Rule>> {
    let Value::Array(values) = value else {
        return Rule::try_from(value).map(|rule| vec![rule]);
    };
    let numbered = |(number, value)| {
        Rule::try_from(value).map_err(|BadRule(why)| BadRule(format!("rule {number}: {why}")))
    };
    (1..).zip(values).map(numbered).collect()
}

fn parsed(given: &Map<String, Value>) -> Result<Form> {
    // A list would be taken for the fields in their order.
    for name in ["match", "then"] {
        if given.get(name).is_some_and(|value| !value.is_object()) {
            return bad(name, "not a JSON object");
        }
    }
    let value = Value::Object(given.clone());
    serde_path_to_error::deserialize(value).map_err(|error| {
        let field = error.path().to_string();
        let why = error.into_inner();
        BadRule(match field.as_str() {
            "." => why.to_string(),
            field => format!("{field}: {why}"),
        })
    })
}

fn method(given: Option<&str>) -> Result<Option<Method>> {
    let Some(name) = given.filter(|name| *name != "*") else {
        return Ok(None);
    };
    let name = name.to_ascii_uppercase();
    match Method::from_str(&name) {
        Ok(method) if METHODS.contains(&name.as_str()) => Ok(Some(method)),
        _ => bad("match.method", format!("{name:?} is no HTTP method")),
    }
}

fn path(given: Option<&str>) -> Result<Option<GlobMatcher>> {
    const FIELD: &str = "match.path";
    let Some(glob) = given else {
        return Ok(None);
    };
    if !["/", "**", "{"].iter().any(|begin| glob.starts_with(begin)) {
        return bad(
            FIELD,
            format!("{glob:?} begins with neither / nor **, so no path is like it"),
        );
    }
    if glob.contains('?') {
        return bad(
            FIELD,
            "the query is not looked at, leave out ? and what follows",
        );
    }
    if glob.starts_with(CONTROL_PREFIX.trim_end_matches('/')) {
        return bad(FIELD, "control calls meet no rule");
    }
    match GlobBuilder::new(glob).literal_separator(true).build() {
        Ok(glob) => Ok(Some(glob.compile_matcher())),
        Err(error) => bad(FIELD, error),
    }
}

fn when(form: &Form) -> Result<When> {
    if form.seed.is_some() && form.probability.is_none() {
        return bad("seed", "goes with probability only");
    }
    let nth = counted("nth", form.nth)?;
    let every = counted("every", form.every)?;
    match (nth, every, form.probability) {
        (None, None, None) => Ok(When::Always),
        (Some(nth), None, None) => Ok(When::Nth(nth)),
        (None, Some(every), None) => Ok(When::Every(every)),
        (None, None, Some(probability)) if (0.0..=1.0).contains(&probability) => {
            let seed = form.seed.unwrap_or(0);
            Ok(When::Chance { probability, seed })
        }
        (None, None, Some(probability)) => {
            bad("probability", format!("{probability} is not from 0 to 1"))
        }
        _ => bad("nth, every, probability", "only one of them can be given"),
    }
}

fn counted(field: &str, given: Option<u64>) -> Result<Option<u64>> {
    match given {
        Some(0) => bad(field, "0 is less than 1"),
        given => Ok(given),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rule_says_which_calls() {
        let matches = |calls: Value, method: Method, path: &str| {
            let rule = json!({ "match": calls, "then": { "status": 500 } });
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
    fn a_misspelt_rule_is_refused_and_the_field_named() {
        let then = json!({ "status": 503 });
        for (rule, why) in [
            (json!(1), "a rule is a JSON object, not 1"),
            (json!({}), "missing field `then`"),
            (json!({ "then": [503] }), "then: not a JSON object"),
            (
                json!({ "match": "/x", "then": then }),
                "match: not a JSON object",
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
                "match.method: \"FETCH\" is no HTTP method",
            ),
            (
                json!({ "match": { "method": 1 }, "then": then }),
                "match.method: invalid type: ",
            ),
            (
                json!({ "match": { "path": "tenants" }, "then": then }),
                "match.path: \"tenants\" begins with neither",
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
                "match.path: control calls",
            ),
            (json!({ "nth": 0, "then": then }), "nth: 0 is less than 1"),
            (
                json!({ "nth": -1, "then": then }),
                "nth: -1 is no whole number",
            ),
            (
                json!({ "nth": "2", "then": then }),
                "nth: \"2\" is no whole number",
            ),
            (json!({ "every": 0, "then": then }), "every: 0"),
            (json!({ "times": 0, "then": then }), "times: 0"),
            (
                json!({ "times": 1.5, "then": then }),
                "times: 1.5 is no whole",
            ),
            (
                json!({ "probability": 1.1, "then": then }),
                "probability: 1.1",
            ),
            (
                json!({ "probability": -0.1, "then": then }),
                "probability: -0.1",
            ),
            (json!({ "seed": 7, "then": then }), "seed: goes with"),
            (
                json!({ "nth": 1, "every": 2, "then": then }),
                "nth, every, probability: only one",
            ),
            (json!({ "then": {} }), "then: none of status"),
            (json!({ "then": { "status": 600 } }), "then.status: 600"),
            (json!({ "then": { "status": 100 } }), "then.status: 100"),
            (
                json!({ "then": { "status": "503" } }),
                "then.status: \"503\" is no whole",
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
                "then.reset: there is no",
            ),
            (
                json!({ "then": { "reset": true, "status": 500 } }),
                "then.reset: there is no",
            ),
            (
                json!({ "then": { "reset": "after", "body": {} } }),
                "then.reset: there is no",
            ),
            (
                json!({ "then": { "truncate": -1 } }),
                "then.truncate: -1 is no whole",
            ),
            (
                json!({ "then": { "truncate": 1, "status": 200 } }),
                "then.truncate: there is no",
            ),
            (
                json!({ "then": { "status": 204, "body": {} } }),
                "then.body: an answer of 204",
            ),
        ] {
            let refused = Rule::try_from(rule.clone()).expect_err(&rule.to_string());
            let text = refused.to_string();
            assert!(text.starts_with(why), "{rule}: {text}");
        }
        let list = json!([{ "then": then }, { "then": {} }]);
        let refused = rules(list).unwrap_err().to_string();
        assert!(refused.starts_with("rule 2: then: none of"), "{refused}");
        let text = "{\"then\":".parse::<Rule>().unwrap_err().to_string();
        assert!(text.starts_with("a rule is a JSON object: EOF"), "{text}");
    }
}
