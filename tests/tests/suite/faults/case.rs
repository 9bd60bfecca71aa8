//! One case: an example, one of its requests and a fault.

use std::{collections::BTreeMap, fmt, fs};

use serde_json::{Value, json};
use tests::{Outcome, TestHome, examples};

use super::{
    expected::{self, Expected},
    fault::Fault,
    plan::Place,
    proxy,
    request::Request,
};

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) example: &'static str,
    pub(crate) request: Request,
    pub(crate) is_first: bool,
    pub(crate) fault: Fault,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}, {:?}", self.example, self.request, self.fault)
    }
}

impl Case {
    /// Runs it.
    ///
    /// # Errors
    /// If something is not as expected.
    pub(crate) fn run(&self, place: &Place) -> Result<(), String> {
        place.before();
        let expected = expected::of(
            self.example,
            &self.request,
            self.fault,
            place.customer_token(),
        );
        let url = match self.fault {
            Fault::Refused => proxy::before(&self.request, self.is_first, place.sandbox.host()),
            _ => place.sandbox.url.clone(),
        };
        let home = place.home(&url);
        let before = home.contents();
        if let Some(rule) = self.rule() {
            place.sandbox.control("POST", "/_sandbox/faults", &rule);
        }
        place.sandbox.skip();

        let outcome = home
            .example(self.example)
            .input(place.input())
            .env(
                "CYBER_PLATFORM_READ_TIMEOUT_SECONDS",
                self.fault.read_timeout(),
            )
            .env("CYBER_PLATFORM_WAIT_SECONDS", "20")
            .end();

        let rules = place.sandbox.get("/_sandbox/faults");
        place
            .sandbox
            .control("DELETE", "/_sandbox/faults", &Value::Null);
        let report = |why: &str| format!("{why}; expected {expected:?}\n{outcome}");
        let hits = rules["items"][0]["met"].as_u64().unwrap_or_default();
        if self.fault != Fault::Refused && hits == 0 {
            return Err(report("the fault did not happen"));
        }
        check_end(&outcome, expected).map_err(|why| report(&why))?;
        let log = place.sandbox.new_calls();
        check_created_once(&log).map_err(|why| report(&why))?;
        self.check_progress(&log, &outcome)
            .map_err(|why| report(&why))?;
        check_files(&home, &before).map_err(|why| report(&why))
    }

    /// If something was changed before the error, an example of several steps says what is done and how to continue.
    fn check_progress(&self, log: &[Value], outcome: &Outcome) -> Result<(), String> {
        let source = fs::read_to_string(&examples::named(self.example).source);
        let has_steps = source.expect("the source is text").contains(".steps(");
        let changed = log.iter().any(|call| {
            let acted = call["status"].as_u64().is_some_and(|it| it < 300);
            // A new token is not a change.
            let is_token = call["path"] == "/api/2/idp/token";
            call["method"] != "GET" && !is_token && acted && call["fault"].is_null()
        });
        let says = |kind: &str| outcome.stderr.lines().any(|line| line.starts_with(kind));
        if has_steps && changed && says("error: ") && !(says("done: ") && says("next: ")) {
            return Err("it did not say what is done and how to continue".to_owned());
        }
        Ok(())
    }

    fn rule(&self) -> Option<Value> {
        let mut rule = json!({
            "match": { "method": self.request.method, "path": self.request.path },
            "then": self.fault.then()?,
        });
        // All others happen once.
        if self.fault != Fault::Status500 {
            rule["nth"] = self.request.turn.into();
        }
        Some(rule)
    }
}

fn check_end(outcome: &Outcome, expected: Expected) -> Result<(), String> {
    let code = match expected {
        Expected::Succeeds => 0,
        Expected::Fails(_) => 1,
    };
    if outcome.code != Some(code) {
        return Err(format!("it did not end with {code}"));
    }
    let lines = |kind: &str| {
        let lines = outcome.stderr.lines();
        lines.filter(|line| line.starts_with(kind)).count()
    };
    let errors = (lines("error: "), lines("help: "));
    if errors != (code as usize, code as usize) {
        return Err(format!("{errors:?} lines of error and help"));
    }
    match expected {
        // An example that continues with the next tenant reports the reason as a warning.
        Expected::Fails(reason) if !outcome.stderr.contains(reason) => {
            Err(format!("it did not report {reason:?}"))
        }
        _ => Ok(()),
    }
}

/// Checks that no call that creates something was processed twice.
fn check_created_once(log: &[Value]) -> Result<(), String> {
    let mut created = BTreeMap::new();
    for call in log {
        let text = |key: &str| call[key].as_str().unwrap_or_default().to_owned();
        let (method, path) = (text("method"), text("path"));
        let acted = call["status"]
            .as_u64()
            .is_some_and(|it| (200..300).contains(&it));
        // A success that a fault has faked.
        let faked = call["fault"].is_number() && text("response_body").contains("Please sign in");
        if method == "POST" && acted && !faked && !path.contains("/idp/") {
            *created.entry(path).or_insert(0) += 1;
        }
    }
    match created.into_iter().find(|(_, times)| *times > 1) {
        Some((path, times)) => Err(format!("POST {path} was processed {times} times")),
        None => Ok(()),
    }
}

/// Checks that all files are complete, and that there are no others.
fn check_files(home: &TestHome, before: &BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    for (name, content) in home.contents() {
        let known = before.contains_key(&name) || name.ends_with(".csv") || name.ends_with(".json");
        if !known && !name.ends_with(".lock") {
            return Err(format!("{name} is left behind"));
        }
        if name.ends_with(".json") && serde_json::from_slice::<Value>(&content).is_err() {
            return Err(format!("{name} is not valid JSON"));
        }
        let content: Value = serde_json::from_slice(&content).unwrap_or_default();
        if name.ends_with(".json") && !is_response(&content) {
            return Err(format!("{name} holds an unexpected response"));
        }
    }
    Ok(())
}

/// Whether JSON is a response or a list of items of one, not what a fault has sent.
fn is_response(content: &Value) -> bool {
    match content {
        Value::Array(items) => !items.is_empty() && items.iter().all(Value::is_object),
        other => other.is_object(),
    }
}
