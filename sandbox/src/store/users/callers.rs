//! Who of the users is calling.

use rusqlite::Connection;

use super::roles::Policy;
use super::{User, by_login, find_any, policies};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, CallerKind, Grant, Id, Result, Right};
use crate::secrets;
use crate::store::pricing::{self, Pricing};
use crate::store::tenants::Tenant;
use crate::store::{Store, tenants};

/// What a user's roles let it do.
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

/// Refuses who belongs to a tenant that is disabled or deleted, or has such a one above it.
pub(crate) fn check_home(db: &Connection, home: Id) -> Result<()> {
    let mut id = home;
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

/// A user who is calling.
pub(crate) fn caller(db: &Connection, user: &User, bearer: bool, now: Timestamp) -> Result<Caller> {
    if !user.active(now) {
        return Err(ApiError::Unauthorized(
            "The account is disabled.".to_owned(),
        ));
    }
    check_home(db, user.tenant_id)?;
    Ok(Caller {
        id: user.id,
        kind: CallerKind::User,
        name: user.login.clone(),
        tenant_id: user.tenant_id,
        grants: grants(db, user.id)?,
        bearer,
    })
}

/// The user with this login, if the password is theirs.
pub(crate) fn with_password(db: &Connection, login: &str, password: &str) -> Result<Option<User>> {
    let Some(user) = by_login(db, login)? else {
        return Ok(None);
    };
    let kept: Option<String> = db
        .prepare_cached("SELECT password FROM users WHERE id = ?")?
        .query_row([user.id], |row| row.get(0))?;
    Ok(kept
        .is_some_and(|kept| secrets::matches(password, &kept))
        .then_some(user))
}

impl Store {
    /// Who signs a call with login and password; 401 if nobody.
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

/// Who is calling, and from where.
#[derive(Debug)]
pub(crate) struct Me {
    /// The user, unless it is a client.
    pub user: Option<User>,
    /// The user's roles.
    pub policies: Vec<Policy>,
    /// The tenant it belongs to.
    pub tenant: Tenant,
    /// Whether that pays.
    pub pricing: Pricing,
}

impl Store {
    /// Who is calling, and from where.
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
