//! Roles: which there are, over what, and who has them.

use rusqlite::{Connection, params};
use serde::Serialize;

use super::{User, visible};
use crate::catalogue;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Code, Id, Result, Right, TenantKind};
use crate::store::tenants::{self};
use crate::store::{Store, applications};

/// A role that a user has over a tenant, as the platform answers it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Policy {
    /// UUID.
    pub id: Id,
    /// Grows with updates.
    pub version: i64,
    /// When it was given.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Always none: what is replaced is gone.
    pub deleted_at: Option<Timestamp>,
    /// The user.
    pub trustee_id: Id,
    /// `user`.
    pub trustee_type: &'static str,
    /// The tenant of whoever gave it.
    pub issuer_id: Id,
    /// The tenant it is over.
    pub tenant_id: Id,
    /// `backup_user`, …
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
                deleted_at: None,
                trustee_id: row.get(4)?,
                trustee_type: "user",
                issuer_id: row.get(5)?,
                tenant_id: row.get(6)?,
                role_id: row.get(7)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?)
}

/// A role that a user is to have.
#[derive(Debug)]
pub(crate) struct NewPolicy {
    /// The tenant it is over.
    pub tenant_id: Id,
    /// `backup_user`, …
    pub role_id: String,
    /// The one it was before, if it is kept.
    pub id: Id,
}

/// Gives a user of a world a role over a tenant, the same one each time; no rules are asked here.
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

/// The kinds of tenant a role can be over, and the application it needs; `None`: no such role.
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

/// May the caller give this role over this tenant?
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
    let refuse = |info: String| Err(ApiError::about(Code::BusinessRules, tenant.id, info));
    if !kinds.contains(&tenant.kind) {
        return refuse(format!(
            "The role {name} cannot be over a tenant of kind {}.",
            tenant.kind.as_str()
        ));
    }
    let home = tenants::find(db, user.tenant_id)?;
    if !tenant.path.starts_with(&home.path) {
        return refuse(format!(
            "Tenant {} is not the user's, nor below it.",
            tenant.id
        ));
    }
    // A personal tenant has what the tenant above it has.
    let mut served = tenant.clone();
    while served.owner_id.is_some() {
        served = tenants::find(db, served.parent_id)?;
    }
    match application {
        Some(id) if !applications::has(db, served.id, id)? => refuse(format!(
            "The role {name} needs an application that tenant {} does not have.",
            served.id
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

    /// Replaces all roles of a user. One that is kept keeps its id.
    pub(crate) fn set_policies(
        &self,
        caller: &Caller,
        id: Id,
        wanted: &[NewPolicy],
        now: Timestamp,
    ) -> Result<Vec<Policy>> {
        self.write(|tx| {
            let user = visible(tx, caller, id, Right::Manage)?;
            for policy in wanted {
                ensure_can_grant(tx, caller, &user, policy)?;
            }
            let before = policies(tx, id)?;
            tx.execute("DELETE FROM policies WHERE user_id = ?", [id])?;
            for policy in wanted {
                let kept = before.iter().find(|old| {
                    old.id == policy.id
                        && old.tenant_id == policy.tenant_id
                        && old.role_id == policy.role_id
                });
                tx.execute(
                    "INSERT INTO policies
                         (id, user_id, tenant_id, role_id, issuer_id, version, created_at, updated_at)
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    params![
                        kept.map_or_else(Id::random, |old| old.id),
                        id,
                        policy.tenant_id,
                        policy.role_id,
                        kept.map_or(caller.tenant_id, |old| old.issuer_id),
                        kept.map_or(1, |old| old.version),
                        kept.map_or(now, |old| old.created_at),
                        kept.map_or(now, |old| old.updated_at),
                    ],
                )?;
            }
            policies(tx, id)
        })
    }
}
