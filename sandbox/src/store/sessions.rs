//! One-time tokens and the sessions that they start.

use rusqlite::{Connection, OptionalExtension, params};

use super::users::{self, Policy, User};
use super::{Store, tenants};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::secrets;

/// The lifetime of a one-time token, in milliseconds.
const TOKEN_LIFETIME: i64 = 5 * 60_000;
/// The lifetime of a session, in milliseconds.
const SESSION_LIFETIME: i64 = 8 * 3_600_000;

/// The purpose of the one-time tokens that sign a user in.
const LOGIN_PURPOSE: &str = "user_login";

/// A reference to a user.
#[derive(Debug)]
pub(crate) enum UserRef {
    Login(String),
    Id(Id),
    /// The id at the identity provider.
    External(String),
}

/// Finds a user that the caller can impersonate.
///
/// # Errors
/// 403, with the same text for users that do not exist and users of other tenants, to not reveal which users exist.
fn require_access(db: &Connection, caller: &Caller, user: &UserRef) -> Result<User> {
    let found = match user {
        UserRef::Login(login) => users::by_login(db, login)?,
        UserRef::Id(id) => users::find_any(db, *id)?,
        UserRef::External(external) => {
            let ids: Vec<Id> = db
                .prepare_cached(
                    "SELECT id FROM users WHERE external_id = ? AND deleted_at IS NULL LIMIT 2",
                )?
                .query_map([external], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            // An id that two users have is ambiguous.
            match ids.as_slice() {
                [id] => users::find_any(db, *id)?,
                _ => None,
            }
        }
    };
    let denied = || ApiError::denied("There is no such user in the caller's tenant or below it.");
    let user = found
        .filter(|user| user.deleted_at.is_none())
        .ok_or_else(denied)?;
    let home = tenants::find(db, user.tenant_id).map_err(|_| denied())?;
    let grant = caller
        .grant_over(&home.path)
        .filter(|grant| grant.right == Right::Manage)
        .ok_or_else(denied)?;
    let mut step = home;
    while step.id != grant.tenant_id {
        if !step.ancestral_access {
            let info = format!("Tenant {} has turned off support access.", step.id);
            return Err(ApiError::denied(info));
        }
        step = tenants::find(db, step.parent_id)?;
    }
    Ok(user)
}

impl Store {
    /// Issues a one-time token for a user in the caller's tenant or below it.
    pub(crate) fn issue_one_time_token(
        &self,
        caller: &Caller,
        user: &UserRef,
        purpose: &str,
        now: Timestamp,
    ) -> Result<String> {
        self.write(|tx| {
            let user = require_access(tx, caller, user)?;
            if users::caller(tx, &user, false, now).is_err() {
                return Err(ApiError::denied("The user is disabled."));
            }
            let token = secrets::random(40)?;
            tx.execute("DELETE FROM one_time_tokens WHERE expires_at <= ?", [now])?;
            tx.execute(
                "INSERT INTO one_time_tokens (token, user_id, purpose, expires_at) VALUES (?, ?, ?, ?)",
                params![
                    secrets::fingerprint(&token),
                    user.id,
                    purpose,
                    now.plus_millis(TOKEN_LIFETIME)
                ],
            )?;
            Ok(token)
        })
    }

    /// Signs a user in with a one-time token, which becomes invalid. Returns the user, its roles and the session's
    /// secret.
    ///
    /// # Errors
    /// 401 if the token is unknown, was used, has expired or has another purpose.
    pub(crate) fn sign_in(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<(User, Vec<Policy>, String)> {
        self.write(|tx| {
            let unauthorized = || {
                ApiError::Unauthorized(
                    "The one-time token is invalid, has expired or was already used.".into(),
                )
            };
            let token = secrets::fingerprint(token);
            let user: Option<Id> = tx
                .prepare_cached(
                    "DELETE FROM one_time_tokens WHERE token = ? AND purpose = ? AND expires_at > ?
                     RETURNING user_id",
                )?
                .query_row(params![token, LOGIN_PURPOSE, now], |row| row.get(0))
                .optional()?;
            let user =
                users::find_any(tx, user.ok_or_else(unauthorized)?)?.ok_or_else(unauthorized)?;
            users::caller(tx, &user, false, now)?;
            let cookie = secrets::random(52)?;
            tx.execute("DELETE FROM sessions WHERE expires_at <= ?", [now])?;
            tx.execute(
                "INSERT INTO sessions (cookie, user_id, expires_at) VALUES (?, ?, ?)",
                params![
                    secrets::fingerprint(&cookie),
                    user.id,
                    now.plus_millis(SESSION_LIFETIME)
                ],
            )?;
            let policies = users::policies(tx, user.id)?;
            Ok((user, policies, cookie))
        })
    }

    /// Finds the caller of a session.
    ///
    /// # Errors
    /// 401 if the session has ended, or if the user can no longer sign in.
    pub(crate) fn authenticate_session(&self, cookie: &str, now: Timestamp) -> Result<Caller> {
        self.read(|db| {
            let unauthorized = || ApiError::Unauthorized("The session has ended.".to_owned());
            let user: Option<Id> = db
                .prepare_cached("SELECT user_id FROM sessions WHERE cookie = ? AND expires_at > ?")?
                .query_row(params![secrets::fingerprint(cookie), now], |row| row.get(0))
                .optional()?;
            let user =
                users::find_any(db, user.ok_or_else(unauthorized)?)?.ok_or_else(unauthorized)?;
            users::caller(db, &user, false, now)
        })
    }

    /// Ends a session, if there is one.
    pub(crate) fn sign_out(&self, cookie: &str) -> Result<()> {
        self.write(|tx| {
            tx.execute(
                "DELETE FROM sessions WHERE cookie = ?",
                [secrets::fingerprint(cookie)],
            )?;
            Ok(())
        })
    }
}
