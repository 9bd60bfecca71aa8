//! What changes users: made, changed, deleted, restored.

use rusqlite::{Connection, params};
use serde_json::{Map, Value};

use super::roles::{Policy, policies};
use super::{NewUser, User, by_login, insert, searchable, visible};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Code, Id, Result, Right};
use crate::secrets;
use crate::store::{Store, contact, tenants};

/// What may change in a user. `None`: it stays as it is.
#[derive(Debug, Default)]
pub(crate) struct Change {
    /// The version that the caller knows.
    pub version: i64,
    /// Another login.
    pub login: Option<String>,
    /// Contact fields to put in.
    pub contact: Map<String, Value>,
    /// On or off.
    pub enabled: Option<bool>,
    /// `en`, …
    pub language: Option<String>,
    /// Which it gets.
    pub notifications: Option<Value>,
    /// `["buyer"]` or none.
    pub business_types: Option<Value>,
    /// The identity provider.
    pub idp_id: Option<Id>,
    /// The id there.
    pub external_id: Option<String>,
    /// When it is to be disabled.
    pub disable_after: Option<Timestamp>,
}

fn ensure_login_is_free(db: &Connection, login: &str, but: Option<Id>) -> Result<()> {
    match by_login(db, login)? {
        Some(user) if Some(user.id) != but => {
            Err(ApiError::Conflict(format!("The login {login} is taken.")))
        }
        _ => Ok(()),
    }
}

fn ensure_version(user: &User, known: i64) -> Result<()> {
    if user.version == known {
        return Ok(());
    }
    Err(ApiError::about(
        Code::VersionMismatch,
        user.id,
        format!("The version is {}, the call knows {known}.", user.version),
    ))
}

impl Store {
    /// Whether a login is free; 409 if it is taken.
    pub(crate) fn check_login(&self, login: &str) -> Result<()> {
        self.read(|db| ensure_login_is_free(db, login, None))
    }

    /// Makes a user, not yet activated.
    pub(crate) fn create_user(
        &self,
        caller: &Caller,
        tenant: Id,
        new: &NewUser,
        now: Timestamp,
    ) -> Result<User> {
        self.write(|tx| {
            let tenant = tenants::require_writable(tx, caller, tenant)?;
            tenants::ensure_enabled(tx, &tenant)?;
            if tenant.owner_id.is_some() {
                let info = "A personal tenant has its owner and no other user.";
                return Err(ApiError::about(Code::BusinessRules, tenant.id, info));
            }
            ensure_login_is_free(tx, &new.login, None)?;
            insert(tx, &tenant, new, now)
        })
    }

    /// Changes a user, all of it or nothing.
    pub(crate) fn update_user(
        &self,
        caller: &Caller,
        id: Id,
        change: &Change,
        now: Timestamp,
    ) -> Result<(User, Vec<Policy>)> {
        self.write(|tx| {
            let mut user = visible(tx, caller, id, Right::Manage)?;
            ensure_version(&user, change.version)?;
            if user.id == caller.id && change.enabled == Some(false) {
                return Err(ApiError::denied("A user cannot disable itself."));
            }
            if let Some(login) = &change.login {
                ensure_login_is_free(tx, login, Some(id))?;
                user.login.clone_from(login);
            }
            if !change.contact.is_empty() {
                contact::merge(&mut user.contact, &change.contact, now)?;
            }
            tx.prepare_cached(
                "UPDATE users SET login = ?, login_key = ?, contact = ?, search = ?,
                     enabled = ifnull(?, enabled), language = ifnull(?, language),
                     notifications = ifnull(?, notifications),
                     business_types = ifnull(?, business_types), idp_id = ifnull(?, idp_id),
                     external_id = ifnull(?, external_id),
                     disable_after = ifnull(?, disable_after),
                     version = version + 1, updated_at = ?
                 WHERE id = ?",
            )?
            .execute(params![
                user.login,
                user.login.to_lowercase(),
                serde_json::to_string(&user.contact)?,
                searchable(&user.login, &user.contact),
                change.enabled,
                change.language,
                change.notifications.as_ref().map(Value::to_string),
                change.business_types.as_ref().map(Value::to_string),
                change.idp_id,
                change.external_id,
                change.disable_after,
                now,
                id,
            ])?;
            Ok((visible(tx, caller, id, Right::View)?, policies(tx, id)?))
        })
    }

    /// Deletes a disabled user, softly, and ends its tokens.
    pub(crate) fn delete_user(
        &self,
        caller: &Caller,
        id: Id,
        version: i64,
        now: Timestamp,
    ) -> Result<()> {
        self.write(|tx| {
            let user = visible(tx, caller, id, Right::Manage)?;
            if user.enabled {
                return Err(ApiError::bad(format!("Disable user {id} first.")));
            }
            ensure_version(&user, version)?;
            tx.execute(
                "UPDATE users SET deleted_at = ?1, updated_at = ?1, version = version + 1
                 WHERE id = ?2",
                params![now, id],
            )?;
            tx.execute(
                "UPDATE tenants SET deleted_at = ?1 WHERE owner_id = ?2 AND deleted_at IS NULL",
                params![now, id],
            )?;
            tx.execute("DELETE FROM tokens WHERE user_id = ?", [id])?;
            Ok(())
        })
    }
}

/// Brings back the users that were deleted with a tenant, with new logins where `force` allows.
pub(crate) fn restore(
    db: &Connection,
    tenants: &(&String, String),
    deleted_at: Timestamp,
    force: bool,
) -> Result<()> {
    let gone: Vec<(Id, String)> = db
        .prepare_cached(
            "SELECT id, login FROM users WHERE deleted_at = ?1 AND tenant_id IN
                 (SELECT id FROM tenants WHERE path >= ?2 AND path < ?3)",
        )?
        .query_map(params![deleted_at, tenants.0, tenants.1], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    for (id, login) in gone {
        let mut free = login.clone();
        while by_login(db, &free)?.is_some() {
            if !force {
                return Err(ApiError::Conflict(format!(
                    "The login {login} has been taken meanwhile."
                )));
            }
            free = format!("{login}_{}", secrets::random(6)?);
        }
        db.execute(
            "UPDATE users SET deleted_at = NULL, login = ?, login_key = ? WHERE id = ?",
            params![free, free.to_lowercase(), id],
        )?;
    }
    Ok(())
}
