//! Conflicts between plans: a machine can have only one enabled policy of each type.

use rusqlite::Connection;

use super::ROOT;
use super::applications::matching;
use super::policies::{self, Policy};
use crate::domain::{Id, Result};

/// A policy that cannot be enabled on a machine because of a policy of another plan.
#[derive(Debug)]
pub(crate) struct Conflict {
    /// The policy that cannot be enabled.
    pub policy_id: Id,
    pub other_plan_id: Id,
    pub other_policy_id: Id,
    /// The type of both policies.
    pub policy_type: String,
    pub machine_id: Id,
    /// The group through which the plan was to be applied.
    pub group_id: Option<Id>,
}

/// The conflicts of a plan with the enabled plans of a machine.
pub(super) fn find(
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
            let conflicts_with = |policy: &&Policy| {
                policy.policy_type == other.policy_type
                    && policy.policy_type != ROOT
                    && policy.enabled
            };
            let Some(policy) = plan.iter().find(conflicts_with).filter(|_| other.enabled) else {
                continue;
            };
            conflicts.push(Conflict {
                policy_id: policy.id,
                other_plan_id: application.plan_id,
                other_policy_id: other.id,
                policy_type: other.policy_type,
                machine_id: machine,
                group_id: Some(origin).filter(|origin| *origin != machine),
            });
        }
    }
    Ok(conflicts)
}
