//! Access tokens.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Store, clients, tenants, users};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Grant, Id, Result};
use crate::secrets;

/// The lifetime of an access token, in milliseconds.
const LIFETIME: i64 = 7_200_000;
/// The lifetime of a refresh token, in milliseconds.
const REFRESH_LIFETIME: i64 = 14 * 86_400_000;

/// An access token, from which its claims are built.
#[derive(Debug)]
pub(crate) struct Issued {
    pub id: Id,
    /// The caller that the token authenticates.
    pub caller: Caller,
    pub expires_at: Timestamp,
    /// The refresh token that was issued with it.
    pub refresh: Option<String>,
}

/// Limits a caller to one tenant and its descendants.
fn limit_to(db: &Connection, mut caller: Caller, scope: Id) -> Result<Caller> {
    let tenant = tenants::find(db, scope)
        .map_err(|_| ApiError::Unauthorized("The tenant of the token was deleted.".to_owned()))?;
    caller.grants = caller
        .grant_over(&tenant.path)
        .map(|grant| Grant {
            tenant_id: tenant.id,
            path: tenant.path.clone(),
            ..grant.clone()
        })
        .into_iter()
        .collect();
    Ok(caller)
}

/// Finds the caller of a token.
///
/// # Errors
/// 401 if the token is unknown, was revoked or has expired.
fn token_caller(db: &Connection, token: Id, now: Timestamp) -> Result<Caller> {
    let unauthorized =
        || ApiError::Unauthorized("The access token has expired or was revoked.".into());
    let row = find(db, token)?.ok_or_else(unauthorized)?;
    if now >= row.expires_at {
        return Err(unauthorized());
    }
    let caller = match (row.client_id, row.user_id) {
        (Some(id), _) => clients::caller(db, &clients::find(db, id)?.ok_or_else(unauthorized)?)?,
        (None, Some(id)) => {
            let user = users::find_any(db, id)?.ok_or_else(unauthorized)?;
            users::caller(db, &user, true, now)?
        }
        (None, None) => return Err(unauthorized()),
    };
    match row.scope_id {
        Some(scope) => limit_to(db, caller, scope),
        None => Ok(caller),
    }
}

impl Store {
    /// Finds the caller of a token.
    ///
    /// # Errors
    /// 401 if the token is unknown, was revoked or has expired.
    pub(crate) fn authenticate_token(&self, token: Id, now: Timestamp) -> Result<Caller> {
        self.read(|db| token_caller(db, token, now))
    }
}

/// A token in the database.
struct Row {
    parent_id: Option<Id>,
    client_id: Option<Id>,
    user_id: Option<Id>,
    scope_id: Option<Id>,
    expires_at: Timestamp,
    refresh: bool,
}

fn find(db: &Connection, token: Id) -> Result<Option<Row>> {
    Ok(db
        .prepare_cached(
            "SELECT parent_id, client_id, user_id, scope_id, expires_at, refresh IS NOT NULL
             FROM tokens WHERE id = ?",
        )?
        .query_row([token], |row| {
            Ok(Row {
                parent_id: row.get(0)?,
                client_id: row.get(1)?,
                user_id: row.get(2)?,
                scope_id: row.get(3)?,
                expires_at: row.get(4)?,
                refresh: row.get(5)?,
            })
        })
        .optional()?)
}

fn insert(db: &Connection, row: &Row, now: Timestamp) -> Result<Issued> {
    // Delete expired tokens, so that the table stays small.
    db.execute(
        "DELETE FROM tokens WHERE (refresh IS NULL AND expires_at <= ?1) OR expires_at <= ?2",
        params![now, now.plus_millis(LIFETIME - REFRESH_LIFETIME)],
    )?;
    let id = Id::random();
    let refresh = row.refresh.then(|| secrets::random(52)).transpose()?;
    db.execute(
        "INSERT INTO tokens (id, parent_id, client_id, user_id, scope_id, refresh, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
        params![
            id,
            row.parent_id,
            row.client_id,
            row.user_id,
            row.scope_id,
            refresh.as_deref().map(secrets::fingerprint),
            row.expires_at,
        ],
    )?;
    Ok(Issued {
        id,
        caller: token_caller(db, id, now)?,
        expires_at: row.expires_at,
        refresh,
    })
}

/// Finds the client with this id and secret; `None` if they are wrong.
fn client_with_secret(db: &Connection, id: &str, secret: &str) -> Result<Option<clients::Client>> {
    let Ok(id) = id.parse() else {
        return Ok(None);
    };
    let Some(client) = clients::find(db, id)? else {
        return Ok(None);
    };
    let hash: String = db
        .prepare_cached("SELECT secret FROM clients WHERE id = ?")?
        .query_row([client.id], |row| row.get(0))?;
    Ok(secrets::matches(secret, &hash).then_some(client))
}

impl Store {
    /// Issues a token for client credentials; `None` if they are wrong.
    pub(crate) fn token_for_client(
        &self,
        id: &str,
        secret: &str,
        ip: &str,
        now: Timestamp,
    ) -> Result<Option<Issued>> {
        self.write(|tx| {
            let Some(client) = client_with_secret(tx, id, secret)? else {
                return Ok(None);
            };
            clients::caller(tx, &client)?;
            tx.execute(
                "UPDATE clients SET last_access_at = ?, last_access_from_ip = ? WHERE id = ?",
                params![now, ip, client.id],
            )?;
            let row = Row {
                parent_id: None,
                client_id: Some(client.id),
                user_id: None,
                scope_id: None,
                expires_at: now.plus_millis(LIFETIME),
                refresh: false,
            };
            insert(tx, &row, now).map(Some)
        })
    }

    /// Issues a token for a login and password; `None` if they are wrong.
    pub(crate) fn token_for_user(
        &self,
        login: &str,
        password: &str,
        refresh: bool,
        now: Timestamp,
    ) -> Result<Option<Issued>> {
        self.write(|tx| {
            let Some(user) = users::with_password(tx, login, password)? else {
                return Ok(None);
            };
            users::caller(tx, &user, true, now)?;
            let row = Row {
                parent_id: None,
                client_id: None,
                user_id: Some(user.id),
                scope_id: None,
                expires_at: now.plus_millis(LIFETIME),
                refresh,
            };
            insert(tx, &row, now).map(Some)
        })
    }

    /// Issues a token for a refresh token, which becomes invalid; `None` if it is unknown or has expired.
    pub(crate) fn token_for_refresh(
        &self,
        refresh: &str,
        now: Timestamp,
    ) -> Result<Option<Issued>> {
        self.write(|tx| {
            let found: Option<(Id, Option<Id>, Timestamp)> = tx
                .prepare_cached("SELECT id, user_id, expires_at FROM tokens WHERE refresh = ?")?
                .query_row([secrets::fingerprint(refresh)], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .optional()?;
            let Some((id, user_id, expires_at)) = found else {
                return Ok(None);
            };
            if now >= expires_at.plus_millis(REFRESH_LIFETIME - LIFETIME) {
                return Ok(None);
            }
            tx.execute("DELETE FROM tokens WHERE id = ?", [id])?;
            let row = Row {
                parent_id: None,
                client_id: None,
                user_id,
                scope_id: None,
                expires_at: now.plus_millis(LIFETIME),
                refresh: true,
            };
            insert(tx, &row, now).map(Some)
        })
    }

    /// Exchanges a base token for a token that is limited to one tenant. Both expire together.
    ///
    /// # Errors
    /// 403 if the caller has no right in the tenant.
    pub(crate) fn token_for_tenant(&self, base: Id, tenant: Id, now: Timestamp) -> Result<Issued> {
        self.write(|tx| {
            let caller = token_caller(tx, base, now)?;
            let tenant = tenants::find(tx, tenant)
                .map_err(|_| ApiError::denied(format!("There is no tenant {tenant}.")))?;
            if caller.grant_over(&tenant.path).is_none() {
                let info = format!("The token has no access to tenant {}.", tenant.id);
                return Err(ApiError::denied(info));
            }
            let base_row = find(tx, base)?
                .ok_or_else(|| ApiError::Unauthorized("The base token was revoked.".to_owned()))?;
            let row = Row {
                parent_id: Some(base),
                scope_id: Some(tenant.id),
                refresh: false,
                ..base_row
            };
            insert(tx, &row, now)
        })
    }

    /// Finds a valid token; `None` if it is invalid or if `asking` has no access to its caller.
    pub(crate) fn inspect_token(
        &self,
        asking: &Caller,
        token: Id,
        now: Timestamp,
    ) -> Result<Option<Issued>> {
        self.read(|db| {
            let Ok(caller) = token_caller(db, token, now) else {
                return Ok(None);
            };
            let home = tenants::find(db, caller.tenant_id)?;
            if asking.id != caller.id && asking.right_over(&home.path).is_none() {
                return Ok(None);
            }
            let expires_at = db.query_row(
                "SELECT expires_at FROM tokens WHERE id = ?",
                [token],
                |row| row.get(0),
            )?;
            Ok(Some(Issued {
                id: token,
                caller,
                expires_at,
                refresh: None,
            }))
        })
    }

    /// Revokes an access token by its id or a refresh token by its text, and the token issued with it.
    ///
    /// Only a client itself can revoke its tokens. Returns `false` if the client's credentials are wrong.
    pub(crate) fn revoke_token(
        &self,
        access: Option<Id>,
        refresh: &str,
        client: Option<(&str, &str)>,
    ) -> Result<bool> {
        self.write(|tx| {
            let client = match client {
                None => None,
                Some((id, secret)) => match client_with_secret(tx, id, secret)? {
                    Some(client) => Some(client.id),
                    None => return Ok(false),
                },
            };
            tx.execute(
                "DELETE FROM tokens WHERE (id = ?1 OR refresh = ?2)
                 AND (client_id IS NULL OR client_id = ?3)",
                params![access, secrets::fingerprint(refresh), client],
            )?;
            Ok(true)
        })
    }
}
