//! One-time tokens, and the sessions that users get for them.

use rusqlite::{Connection, OptionalExtension, params};

use super::users::{self, Policy, User};
use super::{Store, tenants};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::secrets;

/// How long a one-time token can be used.
const TOKEN_LIFE: i64 = 5 * 60_000;
/// How long a session lasts.
const SESSION_LIFE: i64 = 8 * 3_600_000;

/// What a one-time token is for, as the platform writes it, if a user can sign in with it.
const LOGIN: &str = "user_login";

/// How a client says which user it means.
#[derive(Debug)]
pub(crate) enum Named {
    /// By login.
    Login(String),
    /// By UUID.
    Id(Id),
    /// By the id that an identity provider knows.
    External(String),
}

/// The user of this name, if the caller may act for it.
///
/// One that there is not and one out of reach: 403 in the same words, so that nobody learns who else there is.
fn require_access(db: &Connection, caller: &Caller, named: &Named) -> Result<User> {
    let found = match named {
        Named::Login(login) => users::by_login(db, login)?,
        Named::Id(id) => users::find_any(db, *id)?,
        Named::External(external) => {
            let ids: Vec<Id> = db
                .prepare_cached(
                    "SELECT id FROM users WHERE external_id = ? AND deleted_at IS NULL LIMIT 2",
                )?
                .query_map([external], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            // Two of one name cannot be told apart.
            match ids.as_slice() {
                [id] => users::find_any(db, *id)?,
                _ => None,
            }
        }
    };
    let nobody = || ApiError::denied("There is no such user in the caller's tenant or below.");
    let user = found
        .filter(|user| user.deleted_at.is_none())
        .ok_or_else(nobody)?;
    let home = tenants::find(db, user.tenant_id).map_err(|_| nobody())?;
    let grant = caller
        .grant_over(&home.path)
        .filter(|grant| grant.right == Right::Manage)
        .ok_or_else(nobody)?;
    let mut step = home;
    while step.id != grant.tenant_id {
        if !step.ancestral_access {
            let info = format!("Tenant {} has support access turned off.", step.id);
            return Err(ApiError::denied(info));
        }
        step = tenants::find(db, step.parent_id)?;
    }
    Ok(user)
}

impl Store {
    /// A token with which the caller can act once for a user of its tenant or below.
    pub(crate) fn issue_one_time_token(
        &self,
        caller: &Caller,
        named: &Named,
        purpose: &str,
        now: Timestamp,
    ) -> Result<String> {
        self.write(|tx| {
            let user = require_access(tx, caller, named)?;
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
                    now.plus_millis(TOKEN_LIFE)
                ],
            )?;
            Ok(token)
        })
    }

    /// Signs a user in with a one-time token, which is used up: the user, its roles, and the secret of the session.
    ///
    /// A token that was used, is too old, for something else, or none: 401.
    pub(crate) fn sign_in(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<(User, Vec<Policy>, String)> {
        self.write(|tx| {
            let refused = || {
                ApiError::Unauthorized(
                    "The one-time token was used, has expired or is none.".into(),
                )
            };
            let token = secrets::fingerprint(token);
            let user: Option<Id> = tx
                .prepare_cached(
                    "DELETE FROM one_time_tokens WHERE token = ? AND purpose = ? AND expires_at > ?
                     RETURNING user_id",
                )?
                .query_row(params![token, LOGIN, now], |row| row.get(0))
                .optional()?;
            let user = users::find_any(tx, user.ok_or_else(refused)?)?.ok_or_else(refused)?;
            users::caller(tx, &user, false, now)?;
            let cookie = secrets::random(52)?;
            tx.execute("DELETE FROM sessions WHERE expires_at <= ?", [now])?;
            tx.execute(
                "INSERT INTO sessions (cookie, user_id, expires_at) VALUES (?, ?, ?)",
                params![
                    secrets::fingerprint(&cookie),
                    user.id,
                    now.plus_millis(SESSION_LIFE)
                ],
            )?;
            let policies = users::policies(tx, user.id)?;
            Ok((user, policies, cookie))
        })
    }

    /// Whose session it is; 401 if it is over, or the user may not sign in any more.
    pub(crate) fn authenticate_session(&self, cookie: &str, now: Timestamp) -> Result<Caller> {
        self.read(|db| {
            let refused = || ApiError::Unauthorized("The session is over.".to_owned());
            let user: Option<Id> = db
                .prepare_cached("SELECT user_id FROM sessions WHERE cookie = ? AND expires_at > ?")?
                .query_row(params![secrets::fingerprint(cookie), now], |row| row.get(0))
                .optional()?;
            let user = users::find_any(db, user.ok_or_else(refused)?)?.ok_or_else(refused)?;
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
