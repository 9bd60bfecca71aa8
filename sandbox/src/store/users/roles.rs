//! Roles of users in tenants, which the API calls access policies.

use rusqlite::{Connection, params};

use super::access::visible;
use super::row::User;
use crate::catalogue;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Code, Id, Result, Right, TenantKind};
use crate::store::{Store, applications, tenants};

/// A role of a user in a tenant.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub id: Id,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub user_id: Id,
    /// The tenant of the caller who assigned the role.
    pub issuer_id: Id,
    /// The tenant in which the user has the role.
    pub tenant_id: Id,
    /// For example `backup_user`.
    pub role_id: String,
}

/// The roles of a user.
pub(crate) fn policies(db: &Connection, user: Id) -> Result<Vec<Policy>> {
    Ok(db
        .prepare_cached(
            "SELECT id, version, created_at, updated_at, user_id, issuer_id, tenant_id, role_id
             FROM policies WHERE user_id = ? ORDER BY created_at, rowid",
        )?
        .query_map([user], |row| {
            Ok(Policy {
                id: row.get(0)?,
                version: row.get(1)?,
                created_at: row.get(2)?,
                updated_at: row.get(3)?,
                user_id: row.get(4)?,
                issuer_id: row.get(5)?,
                tenant_id: row.get(6)?,
                role_id: row.get(7)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?)
}

/// A role to assign to a user.
#[derive(Debug)]
pub(crate) struct NewPolicy {
    /// The tenant in which the user gets the role.
    pub tenant_id: Id,
    /// For example `backup_user`.
    pub role_id: String,
    /// The id of the existing role, if it is kept.
    pub id: Id,
}

/// Assigns a role in a seed, with a reproducible id and without checking any rule.
pub(crate) fn grant(
    db: &Connection,
    user: Id,
    tenant: Id,
    role: &str,
    issuer: Id,
    now: Timestamp,
) -> Result<Id> {
    let id = Id::named(&format!("policy {role} of {user} over {tenant}"));
    db.execute(
        "INSERT INTO policies (id, user_id, tenant_id, role_id, issuer_id, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
        params![id, user, tenant, role, issuer, now, now],
    )?;
    Ok(id)
}

/// The tenant kinds and the application that a role requires; `None` if there is no such role.
fn role(name: &str) -> Option<(&'static [TenantKind], Option<Id>)> {
    use TenantKind::{Customer, Folder, Partner, Root, Unit};
    const ALL: &[TenantKind] = &[Root, Partner, Folder, Customer, Unit];
    Some(match name {
        "root_admin" => (&[Root], None),
        "partner_admin" => (&[Partner, Folder], None),
        "company_admin" => (&[Customer], None),
        "unit_admin" => (&[Unit], None),
        "readonly_admin" | "accounts_admin" | "accounts_ro_admin" => (ALL, None),
        "protection_admin"
        | "protection_ro_admin"
        | "cyber_admin"
        | "security_analyst"
        | "restore_operator"
        | "backup_admin"
        | "monitoring_admin" => (ALL, Some(catalogue::BACKUP)),
        "backup_user" => (&[Customer, Unit], Some(catalogue::BACKUP)),
        "sync_share_admin" => (ALL, Some(catalogue::FILES)),
        "sync_share_user" | "sync_share_guest" => (&[Customer, Unit], Some(catalogue::FILES)),
        "notary_admin" => (ALL, Some(catalogue::NOTARY)),
        "notary_user" => (&[Customer, Unit], Some(catalogue::NOTARY)),
        "pds_operator" | "pds_support" => (ALL, Some(catalogue::SHIPPING)),
        "hci_admin" => (&[Partner], Some(catalogue::HCI)),
        "omnivoice_admin"
        | "omnivoice_user"
        | "greathorn_admin"
        | "greathorn_user"
        | "greathorn_analyst"
        | "greathorn_client_manager" => (ALL, None),
        _ => return None,
    })
}

/// Checks that the caller can assign this role to the user.
fn ensure_can_grant(
    db: &Connection,
    caller: &Caller,
    user: &User,
    policy: &NewPolicy,
) -> Result<()> {
    let name = policy.role_id.as_str();
    let Some((kinds, application)) = role(name) else {
        return Err(ApiError::bad(format!(
            "role_id: there is no role {name:?}."
        )));
    };
    let tenant = tenants::require_access(db, caller, policy.tenant_id, Right::Manage)?;
    let reject = |info: String| Err(ApiError::about(Code::BusinessRules, tenant.id, info));
    if !kinds.contains(&tenant.kind) {
        return reject(format!(
            "The role {name} cannot be assigned in a {} tenant.",
            tenant.kind.as_str()
        ));
    }
    let home = tenants::find(db, user.tenant_id)?;
    if !tenant.path.starts_with(&home.path) {
        return reject(format!(
            "Tenant {} is neither the user's tenant nor below it.",
            tenant.id
        ));
    }
    // A personal tenant has the applications of its parent.
    let mut subscriber = tenant.clone();
    while subscriber.owner_id.is_some() {
        subscriber = tenants::find(db, subscriber.parent_id)?;
    }
    match application {
        Some(id) if !applications::has(db, subscriber.id, id)? => reject(format!(
            "The role {name} requires an application that tenant {} does not have.",
            subscriber.id
        )),
        _ => Ok(()),
    }
}

impl Store {
    /// The roles of a user.
    pub(crate) fn policies(&self, caller: &Caller, id: Id) -> Result<Vec<Policy>> {
        self.read(|db| {
            visible(db, caller, id, Right::View)?;
            policies(db, id)
        })
    }

    /// Replaces all roles of a user. A role that does not change keeps its id.
    pub(crate) fn set_policies(
        &self,
        caller: &Caller,
        id: Id,
        new: &[NewPolicy],
        now: Timestamp,
    ) -> Result<Vec<Policy>> {
        self.write(|tx| {
            let user = visible(tx, caller, id, Right::Manage)?;
            for policy in new {
                ensure_can_grant(tx, caller, &user, policy)?;
            }
            let old_policies = policies(tx, id)?;
            tx.execute("DELETE FROM policies WHERE user_id = ?", [id])?;
            for policy in new {
                let unchanged = old_policies.iter().find(|old| {
                    old.id == policy.id
                        && old.tenant_id == policy.tenant_id
                        && old.role_id == policy.role_id
                });
                tx.execute(
                    "INSERT INTO policies
                         (id, user_id, tenant_id, role_id, issuer_id, version, created_at, updated_at)
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    params![
                        unchanged.map_or_else(Id::random, |old| old.id),
                        id,
                        policy.tenant_id,
                        policy.role_id,
                        unchanged.map_or(caller.tenant_id, |old| old.issuer_id),
                        unchanged.map_or(1, |old| old.version),
                        unchanged.map_or(now, |old| old.created_at),
                        unchanged.map_or(now, |old| old.updated_at),
                    ],
                )?;
            }
            policies(tx, id)
        })
    }
}
