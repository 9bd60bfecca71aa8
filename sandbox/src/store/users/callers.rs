//! Users as callers.

use rusqlite::Connection;

use super::roles::{Policy, policies};
use super::row::{User, by_login, find_any};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, CallerKind, Grant, Id, Result, Right};
use crate::secrets;
use crate::store::pricing::{self, Pricing};
use crate::store::tenants::Tenant;
use crate::store::{Store, tenants};

/// The rights that a user's roles give.
fn grants(db: &Connection, user: Id) -> Result<Vec<Grant>> {
    let rows: Vec<(Id, String, String)> = db
        .prepare_cached(
            "SELECT t.id, t.path, p.role_id FROM policies p JOIN tenants t ON t.id = p.tenant_id
             WHERE p.user_id = ? AND t.deleted_at IS NULL ORDER BY p.created_at, p.id",
        )?
        .query_map([user], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(rows
        .into_iter()
        .filter_map(|(tenant_id, path, role)| {
            Right::of(&role).map(|right| Grant {
                tenant_id,
                path,
                role,
                right,
            })
        })
        .collect())
}

/// Rejects callers whose tenant, or one of its ancestors, is disabled or deleted.
pub(crate) fn ensure_tenant_is_active(db: &Connection, tenant: Id) -> Result<()> {
    let mut id = tenant;
    loop {
        let tenant = tenants::find_any(db, id)?
            .filter(|tenant| tenant.enabled && tenant.deleted_at.is_none())
            .ok_or_else(|| {
                ApiError::Unauthorized("The account's tenant is disabled or deleted.".to_owned())
            })?;
        if tenant.parent_id == tenant.id {
            return Ok(());
        }
        id = tenant.parent_id;
    }
}

/// Creates the caller for a user.
///
/// # Errors
/// 401 if the user cannot sign in.
pub(crate) fn caller(db: &Connection, user: &User, bearer: bool, now: Timestamp) -> Result<Caller> {
    if !user.is_active(now) {
        return Err(ApiError::Unauthorized(
            "The account is disabled.".to_owned(),
        ));
    }
    ensure_tenant_is_active(db, user.tenant_id)?;
    Ok(Caller {
        id: user.id,
        kind: CallerKind::User,
        name: user.login.clone(),
        tenant_id: user.tenant_id,
        grants: grants(db, user.id)?,
        bearer,
    })
}

/// Finds the user with this login and password.
pub(crate) fn with_password(db: &Connection, login: &str, password: &str) -> Result<Option<User>> {
    let Some(user) = by_login(db, login)? else {
        return Ok(None);
    };
    let hash: Option<String> = db
        .prepare_cached("SELECT password FROM users WHERE id = ?")?
        .query_row([user.id], |row| row.get(0))?;
    Ok(hash
        .is_some_and(|hash| secrets::matches(password, &hash))
        .then_some(user))
}

impl Store {
    /// Finds the caller with this login and password.
    ///
    /// # Errors
    /// 401 if the login or password is wrong, or if the user cannot sign in.
    pub(crate) fn authenticate_user(
        &self,
        login: &str,
        password: &str,
        now: Timestamp,
    ) -> Result<Caller> {
        self.read(|db| match with_password(db, login, password)? {
            Some(user) => caller(db, &user, false, now),
            None => Err(ApiError::Unauthorized(
                "There is no user with this login and password.".to_owned(),
            )),
        })
    }
}

/// The caller, for `GET /users/me`.
#[derive(Debug)]
pub(crate) struct Me {
    /// The user; `None` for an API client.
    pub user: Option<User>,
    /// The user's roles.
    pub policies: Vec<Policy>,
    /// The caller's tenant.
    pub tenant: Tenant,
    /// The pricing of the tenant.
    pub pricing: Pricing,
}

impl Store {
    /// Reads the caller's user, roles and tenant.
    pub(crate) fn me(&self, caller: &Caller, now: Timestamp) -> Result<Me> {
        self.read(|db| {
            let tenant = tenants::find(db, caller.tenant_id)?;
            Ok(Me {
                user: find_any(db, caller.id)?,
                policies: policies(db, caller.id)?,
                pricing: pricing::current(db, tenant.id, now)?,
                tenant,
            })
        })
    }
}
