//! The rules for changes to tenants.

use rusqlite::{Connection, params};

use super::access::require_right;
use super::row::{Tenant, find};
use crate::domain::{ApiError, Caller, Code, Id, Result, Right, TenantKind};
use crate::store::offering_items;

/// Rejects a name that another child of the parent has. `except`: the tenant to rename.
pub(super) fn ensure_name_is_free(
    db: &Connection,
    parent: Id,
    name: &str,
    except: Option<Id>,
) -> Result<()> {
    if is_name_taken(db, parent, name, except)? {
        return Err(ApiError::about(
            Code::NameConflict,
            parent,
            format!("Tenant {parent} already has a child with the name {name:?}."),
        ));
    }
    Ok(())
}

/// Whether another child of the parent has this name.
pub(super) fn is_name_taken(
    db: &Connection,
    parent: Id,
    name: &str,
    except: Option<Id>,
) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM tenants WHERE parent_id = ?1 AND name = ?2
                 AND id <> parent_id AND id <> ifnull(?3, '') AND owner_id IS NULL
                 AND deleted_at IS NULL)",
        )?
        .query_row(params![parent, name, except], |row| row.get(0))?)
}

/// Rejects a stale version (optimistic locking).
pub(super) fn ensure_version(tenant: &Tenant, known: i64) -> Result<()> {
    if tenant.version == known {
        return Ok(());
    }
    Err(ApiError::about(
        Code::VersionMismatch,
        tenant.id,
        format!("The current version is {}, not {known}.", tenant.version),
    ))
}

/// Rejects a kind that the parent cannot have as a child.
pub(super) fn ensure_kind_fits(kind: TenantKind, parent: &Tenant) -> Result<()> {
    if kind.may_be_under(parent.kind) && parent.owner_id.is_none() {
        return Ok(());
    }
    Err(ApiError::about(
        Code::BusinessRules,
        parent.id,
        format!(
            "A {} tenant cannot be a child of a {} tenant.",
            kind.as_str(),
            parent.kind.as_str()
        ),
    ))
}

/// Rejects a parent that is disabled or has a disabled ancestor.
pub(crate) fn ensure_enabled(db: &Connection, parent: &Tenant) -> Result<()> {
    let mut step = parent.clone();
    loop {
        if !step.enabled {
            return Err(ApiError::about(
                Code::ParentDisabled,
                step.id,
                format!(
                    "Tenant {} is disabled: nothing can be created in it.",
                    step.id
                ),
            ));
        }
        if step.parent_id == step.id {
            return Ok(());
        }
        step = find(db, step.parent_id)?;
    }
}

/// Checks the rules of a move. `tenant` has its old path and its new kind.
pub(super) fn ensure_can_move(
    db: &Connection,
    caller: &Caller,
    tenant: &Tenant,
    to: &Tenant,
) -> Result<()> {
    let reject = |code, info: String| Err(ApiError::about(code, tenant.id, info));
    if to.path.starts_with(&tenant.path) {
        return reject(
            Code::MoveUnderChild,
            format!("Tenant {} is a descendant of the tenant to move.", to.id),
        );
    }
    if tenant.kind == TenantKind::Unit || matches!(to.kind, TenantKind::Customer | TenantKind::Unit)
    {
        return reject(
            Code::MoveWithinCustomer,
            "Units cannot be moved, and no tenant can be moved into a customer.".to_owned(),
        );
    }
    if ensure_enabled(db, to).is_err() {
        return reject(
            Code::MoveUnderDisabled,
            format!("Tenant {} or one of its ancestors is disabled.", to.id),
        );
    }
    if let Some(owner) = tenant.lock_owner_id {
        let owner = find(db, owner)?;
        if !to.path.starts_with(&owner.path) {
            return reject(
                Code::TargetWithoutLockOwner,
                format!(
                    "Tenant {} holds the lock, but the target is not below it.",
                    owner.id
                ),
            );
        }
    }
    let offered = offering_items::available_for_child(db, to.id, tenant.kind)?;
    let missing = offering_items::of_tenant(db, tenant.id)?
        .into_iter()
        .filter(|item| item.on)
        .find(|item| {
            !offered.iter().any(|offer| {
                offer.item.position == item.item.position && offer.infra_id == item.infra_id
            })
        });
    match missing {
        Some(item) => reject(
            Code::ItemsUnavailableAtTarget,
            format!("Tenant {} does not offer {}.", to.id, item.item.name),
        ),
        None => require_right(db, caller, to, Right::Manage),
    }
}

/// Rejects changes that callers cannot make to their own tenant: they would lock themselves out.
///
/// `action` is a past participle, for example "moved".
pub(super) fn ensure_not_own_tenant(caller: &Caller, tenant: &Tenant, action: &str) -> Result<()> {
    if caller.tenant_id != tenant.id
        && caller
            .grant_over(&tenant.path)
            .is_some_and(|grant| grant.tenant_id != tenant.id)
    {
        return Ok(());
    }
    Err(ApiError::about(
        Code::AccessDenied,
        tenant.id,
        format!("The caller's own tenant cannot be {action}."),
    ))
}

/// Rejects a new kind that the tenant's children do not fit.
pub(super) fn ensure_children_fit(db: &Connection, tenant: &Tenant) -> Result<()> {
    let kinds: Vec<String> = db
        .prepare_cached(
            "SELECT DISTINCT kind FROM tenants
             WHERE parent_id = ?1 AND id <> ?1 AND deleted_at IS NULL",
        )?
        .query_map([tenant.id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for kind in kinds.iter().filter_map(|kind| TenantKind::parse(kind)) {
        ensure_kind_fits(kind, tenant)?;
    }
    Ok(())
}
