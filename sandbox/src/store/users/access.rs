//! Access to users.

use rusqlite::Connection;

use super::row::{User, find_any, no_such};
use crate::domain::{Caller, Id, Result, Right};
use crate::store::tenants;

/// Finds a user that is not deleted and that the caller has the right to access.
pub(super) fn visible(db: &Connection, caller: &Caller, id: Id, right: Right) -> Result<User> {
    let user = find_any(db, id)?
        .filter(|user| user.deleted_at.is_none())
        .ok_or_else(|| no_such(id))?;
    require_right(db, caller, &user, right)?;
    Ok(user)
}

/// Checks that the caller has the right in the user's tenant. All users can read themselves.
pub(super) fn require_right(
    db: &Connection,
    caller: &Caller,
    user: &User,
    right: Right,
) -> Result<()> {
    if caller.id == user.id && right == Right::View {
        return Ok(());
    }
    let tenant =
        tenants::find_any(db, user.tenant_id)?.ok_or_else(|| tenants::no_such(user.tenant_id))?;
    tenants::require_right(db, caller, &tenant, right)?;
    if right == Right::Manage {
        tenants::ensure_not_locked(caller, &tenant)?;
    }
    Ok(())
}
