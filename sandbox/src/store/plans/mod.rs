//! Protection plans: trees of policies, and the machines that they are applied to.
//!
//! A plan consists of a root policy, of type `policy.protection.total`, and child policies that define what it does.
//! It belongs to a tenant and can be applied to the machines of that tenant and its descendants. The row of an
//! application contains the start and the end of the last run; its state and progress are computed from the current time.

pub(crate) mod applications;
mod backup_settings;
pub(crate) mod conflicts;
pub(crate) mod policies;
pub(crate) mod runs;
mod schedule;
pub(crate) mod schema;
pub(crate) mod status;
pub(crate) mod statuses;

pub(crate) use self::status::due;

use rusqlite::types::Value as Sql;

use super::tenants::path_end;
use crate::domain::Caller;
use crate::lists::Condition;

/// The type of the root policy of a plan.
pub(crate) const ROOT: &str = "policy.protection.total";
/// The type of a backup policy.
pub(crate) const BACKUP: &str = "policy.backup.machine";

/// Conditions for the tenants that the caller has rights over, and their descendants. `path` is the column with the path
/// of the tenant.
fn visible(caller: &Caller, path: &str) -> Vec<Condition> {
    caller
        .grants
        .iter()
        .map(|grant| Condition {
            sql: format!("({path} >= ? AND {path} < ?)"),
            values: vec![
                Sql::Text(grant.path.clone()),
                Sql::Text(path_end(&grant.path)),
            ],
        })
        .collect()
}
