//! API clients, which sign in with an id and a secret.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

use super::{Store, document, tenants, users};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, CallerKind, Grant, Id, Result, Right};
use crate::secrets;

/// An API client in the database, without its secret.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub id: Id,
    /// The client's tenant. It has access to this tenant and its descendants.
    pub tenant_id: Id,
    /// `api_client`, `managed_client` or, from older tools, `agent`.
    pub kind: String,
    /// A JSON object for the creator's use.
    pub data: Value,
    /// The client's role in its tenant.
    pub role: Option<String>,
    /// `client_secret_basic`, `client_secret_post` or `none`.
    pub auth_method: String,
    /// The redirect URIs of the authorization code flow.
    pub redirect_uris: Vec<String>,
    /// The application that created the client.
    pub origin_id: Option<String>,
    /// `enabled` or `disabled`.
    pub status: String,
    pub created_at: Timestamp,
    /// The user or client that created this client.
    pub created_by: Id,
    /// The time at which the client last got a token.
    pub last_access_at: Option<Timestamp>,
    /// The IP address of that request.
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

/// Finds a client that is not deleted.
pub(crate) fn find(db: &Connection, id: Id) -> Result<Option<Client>> {
    Ok(db
        .prepare_cached(&format!("{SELECT} WHERE id = ? AND deleted_at IS NULL"))?
        .query_row([id], from_row)
        .optional()?)
}

/// Creates the caller for a client.
///
/// # Errors
/// 401 if the client or its tenant is disabled.
pub(crate) fn caller(db: &Connection, client: &Client) -> Result<Caller> {
    if client.status != "enabled" {
        return Err(ApiError::Unauthorized(
            "The API client is disabled.".to_owned(),
        ));
    }
    users::ensure_tenant_is_active(db, client.tenant_id)?;
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
        kind: CallerKind::Client,
        name: client.id.to_string(),
        tenant_id: client.tenant_id,
        grants,
        bearer: true,
    })
}

/// A client to create.
#[derive(Debug)]
pub(crate) struct NewClient {
    /// The client's tenant.
    pub tenant_id: Id,
    /// `api_client`, `managed_client` or `agent`.
    pub kind: String,
    /// A JSON object for the creator's use.
    pub data: Value,
    /// `client_secret_basic`, `client_secret_post` or `none`.
    pub auth_method: String,
    /// The redirect URIs of the authorization code flow.
    pub redirect_uris: Vec<String>,
    /// The application that creates the client.
    pub origin_id: Option<String>,
}

/// A change to a client. `None` means unchanged.
#[derive(Debug, Default)]
pub(crate) struct ClientChange {
    pub data: Option<Value>,
    /// `enabled` or `disabled`.
    pub status: Option<String>,
    pub redirect_uris: Option<Vec<String>>,
    pub origin_id: Option<String>,
}

/// Finds a client that the caller has the right to access.
fn visible(db: &Connection, caller: &Caller, id: Id, right: Right) -> Result<Client> {
    let client =
        find(db, id)?.ok_or_else(|| ApiError::NotFound(format!("There is no API client {id}.")))?;
    require_right(db, caller, &client, right)?;
    Ok(client)
}

/// Checks that the caller has the right in the client's tenant. All clients can read themselves.
fn require_right(db: &Connection, caller: &Caller, client: &Client, right: Right) -> Result<()> {
    if caller.id == client.id && right == Right::View {
        return Ok(());
    }
    let tenant = tenants::find_any(db, client.tenant_id)?
        .ok_or_else(|| tenants::no_such(client.tenant_id))?;
    tenants::require_right(db, caller, &tenant, right)
}

/// The clients of a tenant that are not deleted.
pub(crate) fn of_tenant(db: &Connection, tenant: Id) -> Result<Vec<Client>> {
    Ok(db
        .prepare_cached(&format!(
            "{SELECT} WHERE tenant_id = ? AND deleted_at IS NULL ORDER BY number"
        ))?
        .query_map([tenant], from_row)?
        .collect::<rusqlite::Result<_>>()?)
}

impl Store {
    /// Creates an API client with the caller's current role. Returns the client and its secret.
    pub(crate) fn create_client(
        &self,
        caller: &Caller,
        new: &NewClient,
        now: Timestamp,
    ) -> Result<(Client, String)> {
        let secret = secrets::random(52)?;
        let hash = secrets::hash(&secret)?;
        self.write(|tx| {
            let tenant = tenants::require_access(tx, caller, new.tenant_id, Right::Manage)?;
            tenants::ensure_enabled(tx, &tenant)?;
            let id = Id::random();
            tx.execute(
                "INSERT INTO clients (id, tenant_id, type, data, role, token_endpoint_auth_method,
                     secret, redirect_uris, origin_id, created_at, created_by)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    id,
                    tenant.id,
                    new.kind,
                    new.data.to_string(),
                    caller.grant_over(&tenant.path).map(|grant| &grant.role),
                    new.auth_method,
                    hash,
                    serde_json::to_string(&new.redirect_uris)?,
                    new.origin_id,
                    now,
                    caller.id,
                ],
            )?;
            Ok((visible(tx, caller, id, Right::View)?, secret))
        })
    }

    /// Reads one client.
    pub(crate) fn client(&self, caller: &Caller, id: Id) -> Result<Client> {
        self.read(|db| visible(db, caller, id, Right::View))
    }

    /// Reads the clients of a tenant.
    pub(crate) fn clients_of(&self, caller: &Caller, tenant: Id) -> Result<Vec<Client>> {
        self.read(|db| {
            tenants::require_access(db, caller, tenant, Right::View)?;
            of_tenant(db, tenant)
        })
    }

    /// Reads the clients that the caller can see, or those with these ids.
    pub(crate) fn clients(
        &self,
        caller: &Caller,
        ids: Option<&[Id]>,
        allow_deleted: bool,
    ) -> Result<Vec<Client>> {
        self.read(|db| {
            let all: Vec<Client> = db
                .prepare_cached(&format!(
                    "{SELECT} WHERE ?1 OR deleted_at IS NULL ORDER BY number"
                ))?
                .query_map([allow_deleted], from_row)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(all
                .into_iter()
                .filter(|client| ids.is_none_or(|ids| ids.contains(&client.id)))
                .filter(|client| require_right(db, caller, client, Right::View).is_ok())
                .collect())
        })
    }

    /// Changes a client. Its tokens are invalid while it is disabled.
    pub(crate) fn update_client(
        &self,
        caller: &Caller,
        id: Id,
        change: &ClientChange,
    ) -> Result<Client> {
        let redirect_uris = change
            .redirect_uris
            .as_ref()
            .map(serde_json::to_string)
            .transpose()?;
        self.write(|tx| {
            visible(tx, caller, id, Right::Manage)?;
            tx.execute(
                "UPDATE clients SET data = ifnull(?, data), status = ifnull(?, status),
                     redirect_uris = ifnull(?, redirect_uris), origin_id = ifnull(?, origin_id)
                 WHERE id = ?",
                params![
                    change.data.as_ref().map(Value::to_string),
                    change.status,
                    redirect_uris,
                    change.origin_id,
                    id,
                ],
            )?;
            visible(tx, caller, id, Right::View)
        })
    }

    /// Marks a client as deleted and revokes its tokens.
    pub(crate) fn delete_client(&self, caller: &Caller, id: Id, now: Timestamp) -> Result<()> {
        self.write(|tx| {
            visible(tx, caller, id, Right::Manage)?;
            tx.execute(
                "UPDATE clients SET deleted_at = ? WHERE id = ?",
                params![now, id],
            )?;
            tx.execute("DELETE FROM tokens WHERE client_id = ?", [id])?;
            Ok(())
        })
    }
}
