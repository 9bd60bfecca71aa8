//! Users.

mod access;
pub(crate) mod activation;
mod callers;
pub(crate) mod change;
mod create;
pub(crate) mod list;
pub(crate) mod roles;
mod row;

use self::access::require_right;
use super::Store;
use crate::domain::{Caller, Id, Result, Right};

pub(crate) use self::callers::{caller, ensure_tenant_is_active, with_password};
pub(crate) use self::create::{NewUser, insert};
pub(crate) use self::roles::{Policy, grant, policies};
pub(crate) use self::row::{User, admin_id, by_login, find_any, no_such};

impl Store {
    /// Reads one user and its roles.
    pub(crate) fn user(
        &self,
        caller: &Caller,
        id: Id,
        allow_deleted: bool,
    ) -> Result<(User, Vec<Policy>)> {
        self.read(|db| {
            let user = match find_any(db, id)? {
                Some(user) if allow_deleted || user.deleted_at.is_none() => user,
                _ => return Err(no_such(id)),
            };
            require_right(db, caller, &user, Right::View)?;
            Ok((user, policies(db, id)?))
        })
    }
}
