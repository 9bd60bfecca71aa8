//! Changing, deleting and restoring users.

use rusqlite::{Connection, params};

use super::access::visible;
use super::create::ensure_login_is_free;
use super::roles::{Policy, policies};
use super::row::{User, by_login, searchable};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Code, Id, Result, Right};
use crate::secrets;
use crate::store::Store;
use crate::store::contact::ContactChange;

/// A change to a user. `None` means unchanged.
#[derive(Debug, Default)]
pub(crate) struct Change {
    /// The version that the caller last read.
    pub version: i64,
    pub login: Option<String>,
    /// The contact fields to set.
    pub contact: Option<ContactChange>,
    pub enabled: Option<bool>,
    pub language: Option<String>,
    /// The names of the notifications.
    pub notifications: Option<Vec<String>>,
    /// `buyer` or nothing.
    pub business_types: Option<Vec<String>>,
    pub idp_id: Option<Id>,
    /// The user's id at the identity provider.
    pub external_id: Option<String>,
    /// The time at which the user is disabled automatically.
    pub disable_after: Option<Timestamp>,
}

/// Rejects a stale version (optimistic locking).
fn ensure_version(user: &User, known: i64) -> Result<()> {
    if user.version == known {
        return Ok(());
    }
    Err(ApiError::about(
        Code::VersionMismatch,
        user.id,
        format!("The current version is {}, not {known}.", user.version),
    ))
}

impl Store {
    /// Changes a user.
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
                return Err(ApiError::denied("Users cannot disable themselves."));
            }
            if let Some(login) = &change.login {
                ensure_login_is_free(tx, login, Some(id))?;
                user.login.clone_from(login);
            }
            if let Some(contact) = &change.contact {
                user.contact.merge(contact, now);
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
                json_text(change.notifications.as_ref())?,
                json_text(change.business_types.as_ref())?,
                change.idp_id,
                change.external_id,
                change.disable_after,
                now,
                id,
            ])?;
            Ok((visible(tx, caller, id, Right::View)?, policies(tx, id)?))
        })
    }

    /// Marks a disabled user as deleted and revokes its tokens.
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
                return Err(ApiError::bad(format!(
                    "Disable user {id} before you delete it."
                )));
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

/// A list as JSON text, for a column.
fn json_text(list: Option<&Vec<String>>) -> Result<Option<String>> {
    Ok(list.map(serde_json::to_string).transpose()?)
}

/// Restores the users that were deleted with the tenants in this range of paths.
///
/// If a login is in use again, `force` changes it; otherwise the call fails with 409.
pub(crate) fn restore(
    db: &Connection,
    paths: &(&String, String),
    deleted_at: Timestamp,
    force: bool,
) -> Result<()> {
    let deleted: Vec<(Id, String)> = db
        .prepare_cached(
            "SELECT id, login FROM users WHERE deleted_at = ?1 AND tenant_id IN
                 (SELECT id FROM tenants WHERE path >= ?2 AND path < ?3)",
        )?
        .query_map(params![deleted_at, paths.0, paths.1], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    for (id, login) in deleted {
        let mut new_login = login.clone();
        while by_login(db, &new_login)?.is_some() {
            if !force {
                return Err(ApiError::Conflict(format!(
                    "The login {login} is in use again."
                )));
            }
            new_login = format!("{login}_{}", secrets::random(6)?);
        }
        db.execute(
            "UPDATE users SET deleted_at = NULL, login = ?, login_key = ? WHERE id = ?",
            params![new_login, new_login.to_lowercase(), id],
        )?;
    }
    Ok(())
}
