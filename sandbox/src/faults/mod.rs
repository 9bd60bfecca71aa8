//! Fault injection: rules that make calls fail.
//!
//! This module holds the active rules. `rule` defines a rule, `parse` and `parse_effect` parse it from JSON, `apply`
//! applies it to a response, and `wire` closes connections.

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
use self::rule::Trigger;
pub(crate) use self::rule::{Disconnect, Effect};

/// A rule that applies to a call.
#[derive(Clone, Debug)]
pub(crate) struct FaultHit {
    /// The id of the rule.
    pub(crate) id: u64,
    pub(crate) effect: Arc<Effect>,
}

/// A rule, and how many times it matched and was applied.
#[derive(Clone, Debug)]
pub(crate) struct RuleStatus {
    pub(crate) id: u64,
    /// The rule as it was given.
    pub(crate) source: Map<String, Value>,
    /// The number of matching calls.
    pub(crate) seen: u64,
    /// The number of calls to which the rule was applied.
    pub(crate) hits: u64,
}

/// All rules, in the order in which they were added.
#[derive(Debug)]
pub(crate) struct Faults {
    /// The rules of the command line, which a reset restores.
    initial: Vec<Rule>,
    active: Mutex<ActiveRules>,
}

#[derive(Debug, Default)]
struct ActiveRules {
    rules: Vec<ActiveRule>,
    last_id: u64,
}

/// A rule with its counters.
#[derive(Debug)]
struct ActiveRule {
    id: u64,
    rule: Rule,
    /// The number of matching calls.
    seen: u64,
    /// The number of calls to which it was applied.
    hits: u64,
    random: Option<ChaCha8Rng>,
}

impl Faults {
    /// Starts with the rules of the command line.
    pub(crate) fn new(initial: Vec<Rule>) -> Self {
        let faults = Self {
            initial,
            active: Mutex::default(),
        };
        faults.restore();
        faults
    }

    /// The oldest rule that applies to a call. All matching rules count the call.
    pub(crate) fn hit(&self, method: &Method, path: &str) -> Option<FaultHit> {
        let mut first = None;
        for active in &mut self.active().rules {
            if active.rule.matches(method, path) && active.count_and_check() && first.is_none() {
                active.hits += 1;
                first = Some(FaultHit {
                    id: active.id,
                    effect: Arc::clone(&active.rule.effect),
                });
            }
        }
        first
    }

    /// Adds rules. Returns their status.
    pub(crate) fn add(&self, rules: Vec<Rule>) -> Vec<RuleStatus> {
        let mut active = self.active();
        rules.into_iter().map(|rule| active.add(rule)).collect()
    }

    /// Adds a rule. Returns its id.
    pub(crate) fn add_one(&self, rule: Rule) -> u64 {
        let mut active = self.active();
        active.add(rule);
        active.last_id
    }

    /// The status of all rules.
    pub(crate) fn list(&self) -> Vec<RuleStatus> {
        self.active().rules.iter().map(ActiveRule::status).collect()
    }

    /// The number of calls to which a rule was applied; `None` if there is no such rule.
    pub(crate) fn hits(&self, id: u64) -> Option<u64> {
        let active = self.active();
        let rule = active.rules.iter().find(|rule| rule.id == id)?;
        Some(rule.hits)
    }

    /// Removes a rule; `false` if there is no such rule.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut active = self.active();
        let before = active.rules.len();
        active.rules.retain(|rule| rule.id != id);
        active.rules.len() < before
    }

    /// Removes all rules.
    pub(crate) fn clear(&self) {
        self.active().rules.clear();
    }

    /// Restores the rules of the command line and resets the counters.
    pub(crate) fn restore(&self) {
        let mut active = self.active();
        *active = ActiveRules::default();
        for rule in &self.initial {
            active.add(rule.clone());
        }
    }

    // A panic cannot leave the rules half-changed.
    fn active(&self) -> MutexGuard<'_, ActiveRules> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ActiveRules {
    fn add(&mut self, rule: Rule) -> RuleStatus {
        self.last_id += 1;
        let random = match rule.trigger {
            Trigger::Random { seed, .. } => Some(ChaCha8Rng::seed_from_u64(seed)),
            _ => None,
        };
        let active = ActiveRule {
            id: self.last_id,
            rule,
            seen: 0,
            hits: 0,
            random,
        };
        let status = active.status();
        self.rules.push(active);
        status
    }
}

impl ActiveRule {
    /// Counts a matching call. Returns whether the rule applies to it.
    fn count_and_check(&mut self) -> bool {
        self.seen += 1;
        let applies = match self.rule.trigger {
            Trigger::Always => true,
            Trigger::Nth(nth) => self.seen == nth,
            Trigger::Every(every) => self.seen.is_multiple_of(every),
            Trigger::Random { probability, .. } => self
                .random
                .as_mut()
                .is_some_and(|random| random.random_bool(probability)),
        };
        applies && self.rule.times.is_none_or(|times| self.hits < times)
    }

    fn status(&self) -> RuleStatus {
        RuleStatus {
            id: self.id,
            source: self.rule.source.clone(),
            seen: self.seen,
            hits: self.hits,
        }
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

    /// The ids of the rules that apply to the first `calls` calls, 0 for none.
    fn hits(faults: &Faults, calls: usize) -> Vec<u64> {
        let hit = |_| faults.hit(&Method::GET, "/a").map_or(0, |hit| hit.id);
        (0..calls).map(hit).collect()
    }

    #[test]
    fn nth_every_times_and_probability_select_calls() {
        let then = json!({ "status": 503 });
        for (rule, expected) in [
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
                hits(&faults(std::slice::from_ref(&rule)), 6),
                expected,
                "{rule}"
            );
        }
    }

    #[test]
    fn probability_is_reproducible() {
        let random = |seed: u64| {
            let then = json!({ "status": 503 });
            let rule = json!({ "probability": 0.5, "seed": seed, "then": then });
            hits(&faults(&[rule]), 16)
        };
        // Fixed values: a new version of the generator must not silently change the tests of users.
        assert_eq!(random(7), [1, 1, 0, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0]);
        assert_eq!(random(7), random(7));
        assert_ne!(random(7), random(8));
    }

    #[test]
    fn the_oldest_rule_applies_and_all_count() {
        let then = json!({ "status": 503 });
        let faults = faults(&[
            json!({ "then": then, "nth": 2 }),
            json!({ "then": then, "every": 2 }),
        ]);
        assert_eq!(hits(&faults, 4), [0, 1, 0, 2]);
        let counts: Vec<_> = faults
            .list()
            .iter()
            .map(|rule| (rule.seen, rule.hits))
            .collect();
        assert_eq!(counts, [(4, 1), (4, 1)]);
        assert!(faults.remove(1) && !faults.remove(1));
        assert_eq!(hits(&faults, 2), [0, 2]);
        faults.clear();
        assert_eq!(hits(&faults, 2), [0, 0]);
        faults.restore();
        assert_eq!(hits(&faults, 2), [0, 1]);
    }
}
