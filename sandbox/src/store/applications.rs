//! The applications of tenants.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::tenants::{self, Tenant};
use crate::catalogue::{self, APPLICATIONS, Application, PLATFORM};
use crate::domain::{ApiError, Code, Id, Result};

/// The applications of a tenant. Every tenant has the platform itself, which comes first.
pub(crate) fn of_tenant(db: &Connection, tenant: Id) -> Result<Vec<Id>> {
    let mut rows = db.prepare_cached("SELECT application_id FROM bindings WHERE tenant_id = ?")?;
    let bound = rows
        .query_map([tenant], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<Id>>>()?;
    let ids = APPLICATIONS.iter().map(|application| application.id);
    Ok(ids
        .filter(|id| *id == PLATFORM || bound.contains(id))
        .collect())
}

/// Whether the tenant has this application.
pub(crate) fn has(db: &Connection, tenant: Id, application: Id) -> Result<bool> {
    let found = db
        .prepare_cached("SELECT 1 FROM bindings WHERE tenant_id = ? AND application_id = ?")?
        .query_row([tenant, application], |_| Ok(()))
        .optional()?;
    Ok(application == PLATFORM || found.is_some())
}

/// Enables an application, which the parent must have.
pub(crate) fn enable(
    tx: &Transaction<'_>,
    tenant: &Tenant,
    application: &Application,
) -> Result<()> {
    if application.id == PLATFORM {
        return Ok(());
    }
    if application.partners_only && catalogue::uses_items(tenant.kind) {
        let info = format!(
            "A {} cannot have {}.",
            tenant.kind.as_str(),
            application.name
        );
        return Err(ApiError::about(
            Code::ServiceCannotBeEnabled,
            tenant.id,
            info,
        ));
    }
    if !has(tx, tenant.parent_id, application.id)? {
        let info = format!("{} is not enabled for the parent tenant.", application.name);
        return Err(ApiError::about(
            Code::ServiceCannotBeEnabled,
            tenant.id,
            info,
        ));
    }
    add(tx, tenant.id, application.id)
}

/// Disables an application in the tenant and its descendants, and deletes its offering items there.
pub(crate) fn disable(
    tx: &Transaction<'_>,
    tenant: &Tenant,
    application: &Application,
) -> Result<()> {
    if application.id == PLATFORM {
        let info = format!(
            "{} cannot be disabled: every tenant has it.",
            application.name
        );
        return Err(ApiError::about(Code::BusinessRules, tenant.id, info));
    }
    let last = tenants::path_end(&tenant.path);
    for table in ["offering_items", "bindings"] {
        tx.execute(
            &format!(
                "DELETE FROM {table} WHERE application_id = ?1 AND (tenant_id = ?2
                 OR tenant_id IN (SELECT id FROM tenants WHERE path > ?3 AND path < ?4))"
            ),
            params![application.id, tenant.id, tenant.path, last],
        )?;
    }
    Ok(())
}

/// Adds an application to a tenant, if it is missing.
pub(crate) fn add(tx: &Connection, tenant: Id, application: Id) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO bindings (tenant_id, application_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
    )?
    .execute([tenant, application])?;
    Ok(())
}
