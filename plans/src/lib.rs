//! What several plan examples share: finding the machine and the plan in an answer, and telling its issues.

mod find;

use common::{Failure, list, plain, text, texts, warn};
use serde_json::Value;

pub use find::{application, plan_by_id};

/// The first machine in a list of resources.
///
/// # Errors
/// A [`Failure`] where there is none.
pub fn first_machine(resources: &Value) -> Result<&Value, Failure> {
    list(resources, "items")?.first().ok_or_else(|| {
        Failure::new(
            "the customer has no machine",
            "Install an agent with a registration token of the customer; in the sandbox a machine comes a few seconds \
             after `cargo run -p agent --bin get_agent_installation_token`.",
        )
    })
}

/// The first policy in a list of plans, or of plans applied to machines. An item of the one list is `{policy: […]}`, of
/// the other `[{policy: {…}}, …]`, or `{policy: {…}}` on some pages of the vendor's guide; some hold no policy at all.
///
/// # Errors
/// A [`Failure`] where the answer has no list.
pub fn first_policy(answer: &Value) -> Result<Option<&Value>, Failure> {
    Ok(policies(answer)?.next())
}

/// The first policy of each item in such a list.
fn policies(answer: &Value) -> Result<impl Iterator<Item = &Value>, Failure> {
    Ok(list(answer, "items")?.iter().filter_map(|item| match item {
        Value::Array(items) => items.iter().find_map(policy_of),
        item => policy_of(item),
    }))
}

fn policy_of(item: &Value) -> Option<&Value> {
    match item.get("policy")? {
        Value::Array(policies) => policies.first(),
        Value::Null => None,
        policy => Some(policy),
    }
}

/// The id of the plan that a policy belongs to: its first parent's if it has one, else its own.
///
/// # Errors
/// A [`Failure`] where it has neither.
pub fn plan_id(policy: &Value) -> Result<&str, Failure> {
    match texts(policy, "parent_ids")?.first() {
        Some(parent) => Ok(parent),
        None => text(policy, "id"),
    }
}

/// The error for a machine to which no plan is applied.
#[must_use]
pub fn nothing_applied(machine: &str) -> Failure {
    Failure::new(
        format!("no plan is applied to machine {machine}"),
        "Run `cargo run -p plans --bin apply_plan` first: it applies one.",
    )
}

/// Tells the issues in an answer, if any: a success may come with some.
///
/// # Errors
/// A [`Failure`] that tells those for which it was not done after all.
pub fn tell_issues(answer: &Value) -> Result<(), Failure> {
    let (blocking, others) = issues(answer);
    for issue in others {
        warn(&issue);
    }
    if blocking.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        format!("the platform reports: {}", blocking.join("; ")),
        "Resolve what the platform tells above, then run it again.",
    ))
}

/// The issues in an answer, a line each: those for which it was not done, and the others.
fn issues(answer: &Value) -> (Vec<String>, Vec<String>) {
    let issues = answer.get("issues").and_then(Value::as_array);
    let (blocking, others): (Vec<&Value>, Vec<&Value>) =
        issues.into_iter().flatten().partition(|it| is_blocking(it));
    (
        blocking.into_iter().map(told).collect(),
        others.into_iter().map(told).collect(),
    )
}

/// Whether an issue has prevented what was asked for. One without a severity has if it is about no other action.
fn is_blocking(issue: &Value) -> bool {
    let field = |name| issue.get(name).and_then(Value::as_str).unwrap_or_default();
    match field("severity") {
        "error" | "critical" => true,
        "ok" | "warning" => false,
        _ => field("link").is_empty(),
    }
}

/// An issue on one line, as far as the platform has words for it.
fn told(issue: &Value) -> String {
    let error = issue.get("error");
    let field = |name| error.and_then(|error| error.get(name)?.as_str());
    let text = match (field("code"), field("message")) {
        (Some(code), Some(message)) => format!("{code}, {message}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => issue.to_string(),
    };
    plain(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_is_found_in_each_form_of_a_list() {
        let policy = json!({"id": "p"});
        for items in [
            json!([{"policy": [policy, {"id": "child"}]}]),
            json!([{"policy": []}, {"policy": [policy]}]),
            json!([{"policy": null}, {}, null, {"policy": [policy]}]),
            json!([[{"policy": policy}, {"policy": {"id": "child"}}]]),
            json!([[], [{"policy": policy}]]),
            json!([{"policy": policy}]),
        ] {
            let answer = json!({"items": items});
            assert_eq!(first_policy(&answer).unwrap(), Some(&policy), "{answer}");
        }
    }

    #[test]
    fn there_may_be_no_policy() {
        for answer in [
            json!({}),
            json!({"items": null}),
            json!({"items": [null, 1, "x", [], [[]], {}, {"policy": []}]}),
        ] {
            assert_eq!(first_policy(&answer).unwrap(), None, "{answer}");
        }
        assert!(first_policy(&json!([])).is_err());
    }

    #[test]
    fn a_plan_is_known_by_its_parent_or_by_itself() {
        for parents in [json!(null), json!([])] {
            assert_eq!(
                plan_id(&json!({"id": "p", "parent_ids": parents})).unwrap(),
                "p"
            );
        }
        assert_eq!(plan_id(&json!({"id": "p"})).unwrap(), "p");
        assert_eq!(
            plan_id(&json!({"id": "p", "parent_ids": ["q", "r"]})).unwrap(),
            "q"
        );
        for wrong in [json!({}), json!({"id": 1}), json!({"parent_ids": [1]})] {
            assert!(plan_id(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn issues_block_or_do_not() {
        for (issue, blocks) in [
            (json!({"severity": "critical", "link": ""}), true),
            (json!({"severity": "error"}), true),
            (json!({"severity": "", "link": ""}), true),
            (json!({"severity": "", "link": "backup"}), false),
            (json!({"severity": "warning", "link": ""}), false),
            (json!({"severity": "ok"}), false),
        ] {
            assert_eq!(is_blocking(&issue), blocks, "{issue}");
        }
        for nothing in [json!(null), json!({}), json!({"issues": null}), json!([])] {
            assert!(tell_issues(&nothing).is_ok(), "{nothing}");
        }
    }

    #[test]
    fn all_that_blocks_is_told() {
        let answer = json!({"issues": [
            {"severity": "error", "error": {"code": "One", "message": "First.\nerror: forged"}},
            {"severity": "warning", "error": {"code": "Two"}},
            {"severity": "critical", "error": {"code": "Three"}},
            {"severity": "error", "link": ""},
        ]});
        let (blocking, others) = issues(&answer);
        assert_eq!(
            blocking,
            [
                "One, First. error: forged",
                "Three",
                r#"{"severity":"error","link":""}"#
            ]
        );
        assert_eq!(others, ["Two"]);
    }
}
