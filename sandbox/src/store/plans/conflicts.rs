//! Plans that are in one another's way: on one machine only one enabled plan can have a policy of a type.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::ROOT;
use super::applications::matching;
use super::policies::{self, Policy};
use crate::domain::{Id, Result};

/// Policies of another plan that are in the way on a machine.
#[derive(Debug)]
pub(super) struct Conflict {
    /// The policy that cannot be enabled, as `id@type`.
    subject: String,
    other_plan: Id,
    other_policy: String,
    machine: Id,
    group: Option<Id>,
}

/// What is in the way of a plan on a machine.
pub(super) fn of(
    db: &Connection,
    plan: &[Policy],
    machine: Id,
    origin: Id,
) -> Result<Vec<Conflict>> {
    let own = plan.first().map_or(Id::NIL, |root| root.id);
    let others = matching(
        db,
        "a.resource_id = ?1 AND a.plan_id <> ?2 AND a.enabled = 1 AND p.enabled = 1",
        [machine, own],
    )?;
    let mut conflicts = Vec::new();
    for application in others {
        for other in policies::plan(db, application.plan_id)? {
            let in_the_way = |policy: &&Policy| {
                policy.policy_type == other.policy_type
                    && policy.policy_type != ROOT
                    && policy.enabled
            };
            let Some(subject) = plan.iter().find(in_the_way).filter(|_| other.enabled) else {
                continue;
            };
            conflicts.push(Conflict {
                subject: format!("{}@{}", subject.id, subject.policy_type),
                other_plan: application.plan_id,
                other_policy: format!("{}@{}", other.id, other.policy_type),
                machine,
                group: Some(origin).filter(|origin| *origin != machine),
            });
        }
    }
    Ok(conflicts)
}

/// The conflicts as an issue of a severity.
pub(super) fn issue(plan: Id, conflicts: &[Conflict]) -> impl Fn(&str) -> Value {
    let conflicts: Vec<Value> = conflicts
        .iter()
        .map(|conflict| {
            let mut resource = json!({ "id": conflict.machine, "type": "resource.machine" });
            if let (Some(group), Some(resource)) = (conflict.group, resource.as_object_mut()) {
                resource.insert("group_id".to_owned(), group.into());
            }
            json!({
                "subject_policy": conflict.subject,
                "targets": [{
                    "root_policy_id": conflict.other_plan,
                    "policies": [conflict.other_policy],
                    "resources": [resource],
                }],
            })
        })
        .collect();
    let context = json!({ "subject_root_policy_id": plan, "conflicts": conflicts });
    move |severity| {
        json!({
            "severity": severity,
            "link": if severity == "error" { "" } else { "policy_apply" },
            "error": {
                "code": "MultipleApplicationsWithPolicyTypesError",
                "domain": "PolicyManagement",
                "message": "Another plan with policies of the same types is applied to the machine.",
                "context": context,
            },
        })
    }
}
