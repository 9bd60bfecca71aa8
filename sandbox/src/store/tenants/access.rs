//! Access to tenants: rights, update locks and support access.

use rusqlite::Connection;
use rusqlite::types::Value;

use super::row::{Tenant, find, find_any, no_such, path_end};
use crate::domain::{ApiError, Caller, Code, Id, Result, Right};
use crate::lists::Condition;

/// Finds a tenant that the caller has a right in.
///
/// # Errors
/// 404 if there is no such tenant; 403 if it is not the caller's tenant or below it, or if support access is turned off
/// for the caller.
pub(crate) fn require_access(
    db: &Connection,
    caller: &Caller,
    id: Id,
    right: Right,
) -> Result<Tenant> {
    let tenant = find(db, id)?;
    require_right(db, caller, &tenant, right)?;
    Ok(tenant)
}

/// Finds a tenant that the caller can change.
///
/// # Errors
/// As for [`require_access`], and 403 if another tenant holds the update lock.
pub(crate) fn require_writable(db: &Connection, caller: &Caller, id: Id) -> Result<Tenant> {
    let tenant = require_access(db, caller, id, Right::Manage)?;
    ensure_not_locked(caller, &tenant)?;
    Ok(tenant)
}

/// Rejects callers outside of the tenant that holds the update lock.
pub(crate) fn ensure_not_locked(caller: &Caller, tenant: &Tenant) -> Result<()> {
    match tenant.lock_owner_id {
        Some(owner) if owner != caller.tenant_id => Err(ApiError::about(
            Code::TenantLocked,
            tenant.id,
            format!("Tenant {} is locked by tenant {owner}.", tenant.id),
        )),
        _ => Ok(()),
    }
}

/// Checks that the caller has the right in this tenant.
pub(crate) fn require_right(
    db: &Connection,
    caller: &Caller,
    tenant: &Tenant,
    right: Right,
) -> Result<()> {
    let denied = || {
        Err(ApiError::about(
            Code::AccessDenied,
            tenant.id,
            format!(
                "{} is not allowed to do this in tenant {}.",
                caller.name, tenant.id
            ),
        ))
    };
    let Some(grant) = caller.grant_over(&tenant.path) else {
        return denied();
    };
    if grant.right < right {
        return denied();
    }
    ensure_support_access(db, grant.tenant_id, tenant.clone())
}

/// Checks that no tenant between this one and `top` has turned support access off.
fn ensure_support_access(db: &Connection, top: Id, mut step: Tenant) -> Result<()> {
    while step.id != top {
        if !step.ancestral_access && step.parent_id != top {
            return Err(ApiError::about(
                Code::AccessDenied,
                step.id,
                format!("Tenant {} has turned off support access.", step.id),
            ));
        }
        if step.parent_id == step.id {
            break;
        }
        step = find_any(db, step.parent_id)?.ok_or_else(|| no_such(step.parent_id))?;
    }
    Ok(())
}

/// Checks that the caller can read the tenant itself. Support access protects only what is inside a tenant, and all
/// callers can read their own tenant.
pub(super) fn require_visible(db: &Connection, caller: &Caller, tenant: &Tenant) -> Result<()> {
    let own = tenant.id == caller.tenant_id || tenant.owner_id == Some(caller.id);
    match caller.grant_over(&tenant.path) {
        Some(grant) if grant.tenant_id == tenant.id => Ok(()),
        Some(grant) => {
            let parent = find_any(db, tenant.parent_id)?.ok_or_else(|| no_such(tenant.id))?;
            ensure_support_access(db, grant.tenant_id, parent)
        }
        None if own => Ok(()),
        None => require_right(db, caller, tenant, Right::View),
    }
}

/// The SQL condition for the tenants `t` inside which the caller has a right.
pub(crate) fn within(db: &Connection, caller: &Caller) -> Result<Condition> {
    let mut sql = Vec::new();
    let mut values = Vec::new();
    for grant in &caller.grants {
        let mut part = "t.path >= ? AND t.path < ?".to_owned();
        let range = |path: &str| [Value::Text(path.to_owned()), Value::Text(path_end(path))];
        values.extend(range(&grant.path));
        let barriers: Vec<String> = db
            .prepare_cached(
                "SELECT path FROM tenants WHERE ancestral_access = 0 AND path > ?1 AND path < ?2
                 AND id <> ?3 AND parent_id <> ?3",
            )?
            .query_map(
                rusqlite::params![grant.path, path_end(&grant.path), grant.tenant_id],
                |row| row.get(0),
            )?
            .collect::<rusqlite::Result<_>>()?;
        for barrier in barriers {
            part.push_str(" AND NOT (t.path >= ? AND t.path < ?)");
            values.extend(range(&barrier));
        }
        sql.push(format!("({part})"));
    }
    if sql.is_empty() {
        return Err(ApiError::denied(format!(
            "{} is not allowed to do this.",
            caller.name
        )));
    }
    Ok(Condition {
        sql: format!("({}) AND t.deleted_at IS NULL", sql.join(" OR ")),
        values,
    })
}
