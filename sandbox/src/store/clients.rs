//! API clients and the tokens of clients and users.

use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::Value;

use super::users::{self, document};
use super::{Store, tenants};
use crate::auth::{Caller, Grant, Kind, Right};
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::id::Id;

/// An API client as the state has it. Its secret is kept as a hash only.
#[derive(Clone, Debug)]
pub struct Client {
    /// UUID.
    pub id: Id,
    /// The tenant it belongs to, and below which it works.
    pub tenant_id: Id,
    /// `api_client`, `managed_client`; older tools send `agent`.
    pub kind: String,
    /// Whatever its maker wants to keep, a JSON object.
    pub data: Value,
    /// The role it has over its tenant.
    pub role: Option<String>,
    /// `client_secret_basic`, `client_secret_post` or `none`.
    pub auth_method: String,
    /// Addresses for the browser flow.
    pub redirect_uris: Value,
    /// Who made it, an application.
    pub origin_id: Option<String>,
    /// `enabled` or `disabled`.
    pub status: String,
    /// When it was made.
    pub created_at: Moment,
    /// The user who made it.
    pub created_by: Id,
    /// When it last got a token.
    pub last_access_at: Option<Moment>,
    /// From where.
    pub last_access_from_ip: Option<String>,
}

const SELECT: &str = "
    SELECT id, tenant_id, type, data, role, token_endpoint_auth_method, redirect_uris, origin_id,
           status, created_at, created_by, last_access_at, last_access_from_ip
    FROM clients";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Client> {
    Ok(Client {
        id: row.get(0)?,
        tenant_id: row.get(1)?,
        kind: row.get(2)?,
        data: document(row, 3)?,
        role: row.get(4)?,
        auth_method: row.get(5)?,
        redirect_uris: document(row, 6)?,
        origin_id: row.get(7)?,
        status: row.get(8)?,
        created_at: row.get(9)?,
        created_by: row.get(10)?,
        last_access_at: row.get(11)?,
        last_access_from_ip: row.get(12)?,
    })
}

/// The client of this id, if it is not deleted.
pub fn find(db: &Connection, id: Id) -> Result<Option<Client>> {
    Ok(db
        .prepare_cached(&format!("{SELECT} WHERE id = ? AND deleted_at IS NULL"))?
        .query_row([id], from_row)
        .optional()?)
}

/// A client that is calling; 401 if it is disabled.
pub fn caller(db: &Connection, client: &Client) -> Result<Caller> {
    if client.status != "enabled" {
        return Err(Refusal::Unauthorized(
            "The API client is disabled.".to_owned(),
        ));
    }
    users::check_home(db, client.tenant_id)?;
    let home = tenants::find(db, client.tenant_id)?;
    let grants = client
        .role
        .iter()
        .filter_map(|role| {
            Right::of(role).map(|right| Grant {
                tenant_id: home.id,
                path: home.path.clone(),
                role: role.clone(),
                right,
            })
        })
        .collect();
    Ok(Caller {
        id: client.id,
        kind: Kind::Client,
        name: client.id.to_string(),
        tenant_id: client.tenant_id,
        grants,
        bearer: true,
    })
}

/// Narrows a caller to one tenant and what is below it.
fn narrow(db: &Connection, mut caller: Caller, scope: Id) -> Result<Caller> {
    let tenant = tenants::find(db, scope).map_err(|_| {
        Refusal::Unauthorized("The tenant that the token is for is gone.".to_owned())
    })?;
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

/// Whom a token speaks for at this moment; 401 if it is unknown, revoked or too old.
pub fn token_caller(db: &Connection, token: Id, now: Moment) -> Result<Caller> {
    let refused = || Refusal::Unauthorized("The access token has expired or was revoked.".into());
    let row: Option<(Option<Id>, Option<Id>, Option<Id>, Moment)> = db
        .prepare_cached("SELECT client_id, user_id, scope_id, expires_at FROM tokens WHERE id = ?")?
        .query_row([token], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let (client, user, scope, expires_at) = row.ok_or_else(refused)?;
    if now >= expires_at {
        return Err(refused());
    }
    let caller = match (client, user) {
        (Some(id), _) => caller(db, &find(db, id)?.ok_or_else(refused)?)?,
        (None, Some(id)) => {
            let user = users::find_any(db, id)?.ok_or_else(refused)?;
            users::caller(db, &user, true, now)?
        }
        (None, None) => return Err(refused()),
    };
    match scope {
        Some(scope) => narrow(db, caller, scope),
        None => Ok(caller),
    }
}

impl Store {
    /// Who signs a call with this token; 401 if nobody.
    pub fn authenticate_token(&self, token: Id, now: Moment) -> Result<Caller> {
        self.read(|db| token_caller(db, token, now))
    }
}
