//! Failure on demand: rules that say which calls go wrong, and how. They are data, refused when misspelt, and counted.
//!
//! The set of rules is here. `rule` defines one, `parse` and `parse_effect` read one from JSON, `apply` applies one to a
//! response, and `wire` cuts a connection.

mod apply;
mod parse;
mod parse_effect;
mod rule;
pub(crate) mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::Method;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value};

pub use self::parse::BadRule;
pub(crate) use self::parse::rules;
pub use self::rule::Rule;
use self::rule::When;
pub(crate) use self::rule::{Disconnect, Effect};

/// The rule that a call has met.
#[derive(Clone, Debug)]
pub(crate) struct FaultHit {
    /// Its number.
    pub(crate) id: u64,
    /// What it does.
    pub(crate) then: Arc<Effect>,
}

/// All rules, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Faults {
    /// Those of the command line, which a reset leads back to.
    given: Vec<Rule>,
    armed: Mutex<ActiveRules>,
}

#[derive(Debug, Default)]
struct ActiveRules {
    rules: Vec<ActiveRule>,
    last: u64,
}

/// A rule at work.
#[derive(Debug)]
struct ActiveRule {
    id: u64,
    rule: Rule,
    /// How many calls it matched.
    seen: u64,
    /// How often it acted.
    met: u64,
    chance: Option<ChaCha8Rng>,
}

impl Faults {
    /// Rules to begin with.
    pub(crate) fn new(given: Vec<Rule>) -> Faults {
        let faults = Faults {
            given,
            armed: Mutex::default(),
        };
        faults.restore();
        faults
    }

    /// The rule that this call meets: the oldest whose turn it is. All that match count the call.
    pub(crate) fn hit(&self, method: &Method, path: &str) -> Option<FaultHit> {
        let mut first = None;
        for counted in &mut self.armed().rules {
            if counted.rule.matches(method, path) && counted.takes() && first.is_none() {
                counted.met += 1;
                first = Some(FaultHit {
                    id: counted.id,
                    then: Arc::clone(&counted.rule.then),
                });
            }
        }
        first
    }

    /// Adds rules; answers how each stands.
    pub(crate) fn add(&self, rules: Vec<Rule>) -> Vec<Value> {
        let mut armed = self.armed();
        rules.into_iter().map(|rule| armed.add(rule)).collect()
    }

    /// Adds a rule; answers its number.
    pub(crate) fn add_one(&self, rule: Rule) -> u64 {
        let mut armed = self.armed();
        armed.add(rule);
        armed.last
    }

    /// All rules as they stand.
    pub(crate) fn list(&self) -> Vec<Value> {
        self.armed().rules.iter().map(ActiveRule::shown).collect()
    }

    /// How often a rule acted; `None` if there is none of this number.
    pub(crate) fn met(&self, id: u64) -> Option<u64> {
        let armed = self.armed();
        let rule = armed.rules.iter().find(|counted| counted.id == id)?;
        Some(rule.met)
    }

    /// Takes one away; false if there is none of this number.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut armed = self.armed();
        let before = armed.rules.len();
        armed.rules.retain(|counted| counted.id != id);
        armed.rules.len() < before
    }

    /// Takes all away.
    pub(crate) fn clear(&self) {
        self.armed().rules.clear();
    }

    /// Back to those of the command line, counted from the beginning.
    pub(crate) fn restore(&self) {
        let mut armed = self.armed();
        *armed = ActiveRules::default();
        for rule in &self.given {
            armed.add(rule.clone());
        }
    }

    // Nothing in here can be left half done.
    fn armed(&self) -> MutexGuard<'_, ActiveRules> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ActiveRules {
    fn add(&mut self, rule: Rule) -> Value {
        self.last += 1;
        let chance = match rule.when {
            When::Chance { seed, .. } => Some(ChaCha8Rng::seed_from_u64(seed)),
            _ => None,
        };
        let counted = ActiveRule {
            id: self.last,
            rule,
            seen: 0,
            met: 0,
            chance,
        };
        let shown = counted.shown();
        self.rules.push(counted);
        shown
    }
}

impl ActiveRule {
    /// Counts a call that matches. Is it this rule's turn?
    fn takes(&mut self) -> bool {
        self.seen += 1;
        let turn = match self.rule.when {
            When::Always => true,
            When::Nth(nth) => self.seen == nth,
            When::Every(every) => self.seen.is_multiple_of(every),
            When::Chance { probability, .. } => self
                .chance
                .as_mut()
                .is_some_and(|chance| chance.random_bool(probability)),
        };
        turn && self.rule.times.is_none_or(|times| self.met < times)
    }

    fn shown(&self) -> Value {
        let mut shown = Map::new();
        shown.insert("id".to_owned(), self.id.into());
        shown.extend(self.rule.given.clone());
        shown.insert("seen".to_owned(), self.seen.into());
        shown.insert("met".to_owned(), self.met.into());
        Value::Object(shown)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(rules: &[Value]) -> Faults {
        let rules = rules.iter().cloned();
        Faults::new(rules.map(|rule| Rule::try_from(rule).unwrap()).collect())
    }

    /// Which of so many calls meet which rule, 0 for none.
    fn met(faults: &Faults, calls: usize) -> Vec<u64> {
        let meet = |_| faults.hit(&Method::GET, "/a").map_or(0, |met| met.id);
        (0..calls).map(meet).collect()
    }

    #[test]
    fn a_rule_has_its_turns() {
        let then = json!({ "status": 503 });
        for (rule, turns) in [
            (json!({ "then": then }), [1, 1, 1, 1, 1, 1]),
            (json!({ "then": then, "times": 2 }), [1, 1, 0, 0, 0, 0]),
            (json!({ "then": then, "nth": 3 }), [0, 0, 1, 0, 0, 0]),
            (json!({ "then": then, "every": 2 }), [0, 1, 0, 1, 0, 1]),
            (
                json!({ "then": then, "every": 2, "times": 1 }),
                [0, 1, 0, 0, 0, 0],
            ),
            (json!({ "then": then, "probability": 0 }), [0; 6]),
            (json!({ "then": then, "probability": 1 }), [1; 6]),
        ] {
            assert_eq!(
                met(&faults(std::slice::from_ref(&rule)), 6),
                turns,
                "{rule}"
            );
        }
    }

    #[test]
    fn chance_is_the_same_each_time() {
        let chance = |seed: u64| {
            let then = json!({ "status": 503 });
            let rule = json!({ "probability": 0.5, "seed": seed, "then": then });
            met(&faults(&[rule]), 16)
        };
        // Written down, so that a new version of the generator does not change anybody's tests unnoticed.
        assert_eq!(chance(7), [1, 1, 0, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0]);
        assert_eq!(chance(7), chance(7));
        assert_ne!(chance(7), chance(8));
    }

    #[test]
    fn the_oldest_rule_acts_and_all_count() {
        let then = json!({ "status": 503 });
        let faults = faults(&[
            json!({ "then": then, "nth": 2 }),
            json!({ "then": then, "every": 2 }),
        ]);
        assert_eq!(met(&faults, 4), [0, 1, 0, 2]);
        let counts: Vec<_> = faults
            .list()
            .iter()
            .map(|rule| (rule["seen"].as_u64(), rule["met"].as_u64()))
            .collect();
        assert_eq!(counts, [(Some(4), Some(1)), (Some(4), Some(1))]);
        assert!(faults.remove(1) && !faults.remove(1));
        assert_eq!(met(&faults, 2), [0, 2]);
        faults.clear();
        assert_eq!(met(&faults, 2), [0, 0]);
        faults.restore();
        assert_eq!(met(&faults, 2), [0, 1]);
    }
}
