//! Protection plans: trees of policies, and the machines that they are applied to.
//!
//! A plan is its root policy, of the type `policy.protection.total`, and children that say what it does. It belongs to
//! a tenant and can be applied to the machines of that tenant and those below. A run is a span of time in the row of
//! the application: whether it goes on, how far it has come and what became of it is computed when someone looks.

pub(crate) mod applications;
mod conflicts;
pub(crate) mod policies;
pub(crate) mod runs;
mod schedule;
pub(crate) mod schema;
mod status;
pub(crate) mod statuses;

pub(crate) use self::status::due;
pub(crate) use self::status::status_of;

use rusqlite::types::Value as Sql;

use super::tenants::path_end;
use crate::clock::Timestamp;
use crate::domain::Caller;
use crate::lists::Condition;

/// The type of a plan's root.
pub(crate) const ROOT: &str = "policy.protection.total";
/// The type of a policy that backs machines up.
pub(crate) const BACKUP: &str = "policy.backup.machine";

/// A time as this service writes it.
pub(crate) fn stamp(at: Timestamp) -> String {
    format!("{at}Z")
}

/// What a caller sees: the tenants it has rights over and all below, by the column with their paths.
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
