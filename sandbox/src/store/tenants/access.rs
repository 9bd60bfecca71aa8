//! Who reaches what in the tree: rights, locks, support access, and tenants that are disabled.

use rusqlite::Connection;
use rusqlite::types::Value;

use super::{Tenant, find, find_any, no_such, path_end};
use crate::domain::{ApiError, Caller, Code, Id, Result, Right};
use crate::lists::Condition;

/// The tenant of this id and what is in it, if the caller has the right over it.
///
/// Unknown: 404. Beside the caller's own or above: 403. Behind a tenant that has support access
/// off, for ancestors but the direct parent: 403.
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

/// As [`require_access`] with the right to change, and 403 if another tenant has locked it.
pub(crate) fn require_writable(db: &Connection, caller: &Caller, id: Id) -> Result<Tenant> {
    let tenant = require_access(db, caller, id, Right::Manage)?;
    ensure_not_locked(caller, &tenant)?;
    Ok(tenant)
}

/// Refuses whoever does not belong to the tenant that holds the lock.
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

/// Refuses a parent that is disabled, or has a disabled tenant above it.
pub(crate) fn ensure_enabled(db: &Connection, parent: &Tenant) -> Result<()> {
    let mut step = parent.clone();
    loop {
        if !step.enabled {
            return Err(ApiError::about(
                Code::ParentDisabled,
                step.id,
                format!("Tenant {} is disabled: nothing can be made in it.", step.id),
            ));
        }
        if step.parent_id == step.id {
            return Ok(());
        }
        step = find(db, step.parent_id)?;
    }
}

/// Whether the caller has the right over what is in this tenant.
pub(crate) fn require_right(
    db: &Connection,
    caller: &Caller,
    tenant: &Tenant,
    right: Right,
) -> Result<()> {
    let refused = || {
        Err(ApiError::about(
            Code::AccessDenied,
            tenant.id,
            format!(
                "{} has no such right over tenant {}.",
                caller.name, tenant.id
            ),
        ))
    };
    let Some(grant) = caller.grant_over(&tenant.path) else {
        return refused();
    };
    if grant.right < right {
        return refused();
    }
    ensure_support_access(db, grant.tenant_id, tenant.clone())
}

/// Refuses if support access is off somewhere from this tenant up to the one the right is over.
fn ensure_support_access(db: &Connection, top: Id, mut step: Tenant) -> Result<()> {
    while step.id != top {
        if !step.ancestral_access && step.parent_id != top {
            return Err(ApiError::about(
                Code::AccessDenied,
                step.id,
                format!("Tenant {} has support access turned off.", step.id),
            ));
        }
        if step.parent_id == step.id {
            break;
        }
        step = find_any(db, step.parent_id)?.ok_or_else(|| no_such(step.parent_id))?;
    }
    Ok(())
}

/// Whether the caller may see the tenant itself: support access turned off hides only what is in
/// it, and everybody may see the tenant they belong to.
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

/// What tenants `t` the caller sees, in SQL: those under its grants, but for what has support access turned off.
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
            "{} has no such right.",
            caller.name
        )));
    }
    Ok(Condition {
        sql: format!("({}) AND t.deleted_at IS NULL", sql.join(" OR ")),
        values,
    })
}
