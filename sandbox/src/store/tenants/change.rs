//! What changes tenants, and the rules of it.

use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};

use super::{
    NewTenant, Tenant, View, ensure_enabled, ensure_not_locked, find, find_any, insert, no_such,
    path_end, require_access, require_right, require_writable, searchable, view,
};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Code, Id, Result, Right, TenantKind};
use crate::secrets;
use crate::store::{Store, contact, offering_items, users};

/// What may change in a tenant. `None`: it stays as it is.
#[derive(Debug, Default)]
pub(crate) struct Change {
    /// The version that the caller knows.
    pub version: i64,
    /// A new name.
    pub name: Option<String>,
    /// Another kind.
    pub kind: Option<TenantKind>,
    /// Another place in the tree.
    pub parent_id: Option<Id>,
    /// `default`, `enterprise`, …
    pub customer_type: Option<String>,
    /// Free text, or none.
    pub customer_id: Option<Option<String>>,
    /// Free text, or none.
    pub internal_tag: Option<Option<String>>,
    /// `en`, …
    pub language: Option<String>,
    /// Contact fields to put in.
    pub contact: Map<String, Value>,
    /// On or off.
    pub enabled: Option<bool>,
    /// Whether the caller's tenant locks it, or lets go.
    pub locked: Option<bool>,
    /// Support access.
    pub ancestral_access: Option<bool>,
    /// The identity provider of its users.
    pub default_idp_id: Option<Id>,
}

fn ensure_name_is_free(db: &Connection, parent: Id, name: &str, but: Option<Id>) -> Result<()> {
    if name_taken(db, parent, name, but)? {
        return Err(ApiError::about(
            Code::NameConflict,
            parent,
            format!("There is a tenant {name:?} under tenant {parent} already."),
        ));
    }
    Ok(())
}

fn name_taken(db: &Connection, parent: Id, name: &str, but: Option<Id>) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM tenants WHERE parent_id = ?1 AND name = ?2
                 AND id <> parent_id AND id <> ifnull(?3, '') AND owner_id IS NULL
                 AND deleted_at IS NULL)",
        )?
        .query_row(params![parent, name, but], |row| row.get(0))?)
}

fn ensure_version(tenant: &Tenant, known: i64) -> Result<()> {
    if tenant.version == known {
        return Ok(());
    }
    Err(ApiError::about(
        Code::VersionMismatch,
        tenant.id,
        format!("The version is {}, the call knows {known}.", tenant.version),
    ))
}

fn ensure_kind_fits(kind: TenantKind, parent: &Tenant) -> Result<()> {
    if kind.may_be_under(parent.kind) && parent.owner_id.is_none() {
        return Ok(());
    }
    Err(ApiError::about(
        Code::BusinessRules,
        parent.id,
        format!(
            "A tenant of kind {} cannot be under one of kind {}.",
            kind.as_str(),
            parent.kind.as_str()
        ),
    ))
}

/// The rules of a move. `tenant` is where it was and has its new kind already.
fn ensure_can_move(db: &Connection, caller: &Caller, tenant: &Tenant, to: &Tenant) -> Result<()> {
    let refuse = |code, info: String| Err(ApiError::about(code, tenant.id, info));
    if to.path.starts_with(&tenant.path) {
        return refuse(
            Code::MoveUnderChild,
            format!("Tenant {} is below it.", to.id),
        );
    }
    if tenant.kind == TenantKind::Unit || matches!(to.kind, TenantKind::Customer | TenantKind::Unit)
    {
        return refuse(
            Code::MoveWithinCustomer,
            "Units stay where they are, and nothing moves into a customer.".to_owned(),
        );
    }
    if ensure_enabled(db, to).is_err() {
        return refuse(
            Code::MoveUnderDisabled,
            format!("Tenant {} is disabled, or one above it.", to.id),
        );
    }
    if let Some(owner) = tenant.lock_owner_id {
        let owner = find(db, owner)?;
        if !to.path.starts_with(&owner.path) {
            return refuse(
                Code::TargetWithoutLockOwner,
                format!(
                    "Tenant {} holds the lock and is not above the target.",
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
        Some(item) => refuse(
            Code::ItemsUnavailableAtTarget,
            format!("Tenant {} does not offer {}.", to.id, item.item.name),
        ),
        None => require_right(db, caller, to, Right::Manage),
    }
}

/// What a caller may not do to the tenant it belongs to: it would lock itself out.
fn ensure_not_own_tenant(caller: &Caller, tenant: &Tenant, what: &str) -> Result<()> {
    if caller.tenant_id != tenant.id
        && caller
            .grant_over(&tenant.path)
            .is_some_and(|g| g.tenant_id != tenant.id)
    {
        return Ok(());
    }
    Err(ApiError::about(
        Code::AccessDenied,
        tenant.id,
        format!("A caller's own tenant cannot be {what} by it."),
    ))
}

impl Store {
    /// Makes a tenant.
    pub(crate) fn create_tenant(
        &self,
        caller: &Caller,
        parent: Id,
        new: &NewTenant,
        now: Timestamp,
    ) -> Result<View> {
        self.write(|tx| {
            let parent = require_access(tx, caller, parent, Right::Manage)?;
            ensure_kind_fits(new.kind, &parent)?;
            ensure_enabled(tx, &parent)?;
            ensure_name_is_free(tx, parent.id, &new.name, None)?;
            let tenant = insert(tx, Some(&parent), new, now)?;
            view(tx, tenant, now)
        })
    }

    /// Changes a tenant, all of it or nothing.
    pub(crate) fn update_tenant(
        &self,
        caller: &Caller,
        id: Id,
        change: &Change,
        now: Timestamp,
    ) -> Result<View> {
        self.write(|tx| {
            let before = require_writable(tx, caller, id)?;
            ensure_version(&before, change.version)?;
            let mut tenant = before.clone();
            if let Some(kind) = change.kind.filter(|kind| *kind != before.kind) {
                ensure_not_own_tenant(caller, &before, "made another kind")?;
                tenant.kind = kind;
            }
            let parent = change.parent_id.unwrap_or(before.parent_id);
            if parent != before.parent_id {
                ensure_not_own_tenant(caller, &before, "moved")?;
            }
            if change
                .enabled
                .is_some_and(|enabled| enabled != before.enabled)
            {
                ensure_not_own_tenant(caller, &before, "enabled or disabled")?;
            }
            if change
                .locked
                .is_some_and(|lock| lock != before.lock_owner_id.is_some())
            {
                ensure_not_own_tenant(caller, &before, "locked or unlocked")?;
            }
            if tenant.kind != before.kind || parent != before.parent_id {
                let target = find(tx, parent)?;
                if parent != before.parent_id {
                    ensure_can_move(tx, caller, &tenant, &target)?;
                }
                ensure_kind_fits(tenant.kind, &target)?;
                ensure_children_fit(tx, &tenant)?;
                tenant.path = format!("{}{}/", target.path, tenant.number);
                tenant.parent_id = target.id;
            }
            if let Some(name) = &change.name {
                tenant.name.clone_from(name);
            }
            if tenant.name != before.name || tenant.parent_id != before.parent_id {
                ensure_name_is_free(tx, tenant.parent_id, &tenant.name, Some(id))?;
            }
            set(&mut tenant.customer_type, &change.customer_type);
            set(&mut tenant.customer_id, &change.customer_id);
            set(&mut tenant.internal_tag, &change.internal_tag);
            set(&mut tenant.language, &change.language);
            set(&mut tenant.enabled, &change.enabled);
            set(&mut tenant.ancestral_access, &change.ancestral_access);
            set(&mut tenant.default_idp_id, &change.default_idp_id);
            match change.locked {
                Some(true) => tenant.lock_owner_id = Some(caller.tenant_id),
                Some(false) => tenant.lock_owner_id = None,
                None => {}
            }
            if !change.contact.is_empty() {
                contact::merge(&mut tenant.contact, &change.contact, now)?;
            }
            save(tx, &before, &tenant, now)?;
            view(tx, find(tx, id)?, now)
        })
    }

    /// Deletes a disabled tenant and all below it, softly.
    pub(crate) fn delete_tenant(
        &self,
        caller: &Caller,
        id: Id,
        version: i64,
        now: Timestamp,
    ) -> Result<()> {
        self.write(|tx| {
            let tenant = require_writable(tx, caller, id)?;
            ensure_not_own_tenant(caller, &tenant, "deleted")?;
            if tenant.enabled {
                let number = tenant.number.to_string();
                return Err(ApiError::Platform {
                    code: Code::DeleteEnabled,
                    info: format!("Disable tenant {id} first."),
                    context: json!({ "id": number }),
                });
            }
            ensure_version(&tenant, version)?;
            let range = (&tenant.path, path_end(&tenant.path));
            for sql in [
                "UPDATE users SET deleted_at = ?1 WHERE deleted_at IS NULL AND tenant_id IN
                     (SELECT id FROM tenants WHERE path >= ?2 AND path < ?3)",
                "UPDATE clients SET deleted_at = ?1 WHERE deleted_at IS NULL AND tenant_id IN
                     (SELECT id FROM tenants WHERE path >= ?2 AND path < ?3)",
                "UPDATE tenants SET deleted_at = ?1, updated_at = ?1, version = version + 1
                     WHERE deleted_at IS NULL AND path >= ?2 AND path < ?3",
            ] {
                tx.execute(sql, params![now, range.0, range.1])?;
            }
            Ok(())
        })
    }

    /// Brings a deleted tenant back, with all that went with it.
    ///
    /// A name or login that has been taken meanwhile: 409, or with `force` a new one.
    pub(crate) fn restore_tenant(
        &self,
        caller: &Caller,
        id: Id,
        force: bool,
        now: Timestamp,
    ) -> Result<()> {
        self.write(|tx| {
            let tenant = find_any(tx, id)?.ok_or_else(|| no_such(id))?;
            require_right(tx, caller, &tenant, Right::Manage)?;
            ensure_not_locked(caller, &tenant)?;
            let Some(deleted_at) = tenant.deleted_at else {
                return Err(ApiError::Conflict(format!("Tenant {id} is not deleted.")));
            };
            // What it was in must be there to take it.
            find(tx, tenant.parent_id)?;
            let mut name = tenant.name.clone();
            while name_taken(tx, tenant.parent_id, &name, Some(id))? {
                if !force {
                    ensure_name_is_free(tx, tenant.parent_id, &name, Some(id))?;
                }
                name = format!("{} ({})", tenant.name, secrets::random(6)?);
            }
            let range = (&tenant.path, path_end(&tenant.path));
            users::change::restore(tx, &range, deleted_at, force)?;
            for sql in [
                "UPDATE clients SET deleted_at = NULL WHERE deleted_at = ?1 AND tenant_id IN
                     (SELECT id FROM tenants WHERE path >= ?2 AND path < ?3)",
                "UPDATE tenants SET deleted_at = NULL, updated_at = ?4, version = version + 1
                     WHERE deleted_at = ?1 AND path >= ?2 AND path < ?3",
            ] {
                let mut statement = tx.prepare(sql)?;
                if statement.parameter_count() == 3 {
                    statement.execute(params![deleted_at, range.0, range.1])?;
                } else {
                    statement.execute(params![deleted_at, range.0, range.1, now])?;
                }
            }
            let search = searchable(&name, tenant.customer_id.as_deref(), &tenant.contact);
            tx.execute(
                "UPDATE tenants SET name = ?, search = ? WHERE id = ?",
                params![name, search, id],
            )?;
            Ok(())
        })
    }
}

fn set<T: Clone>(field: &mut T, change: &Option<T>) {
    if let Some(value) = change {
        field.clone_from(value);
    }
}

/// A new kind must suit what is in the tenant.
fn ensure_children_fit(db: &Connection, tenant: &Tenant) -> Result<()> {
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

fn save(db: &Connection, before: &Tenant, tenant: &Tenant, now: Timestamp) -> Result<()> {
    db.prepare_cached(
        "UPDATE tenants SET parent_id = ?, kind = ?, name = ?, customer_type = ?, customer_id = ?,
             internal_tag = ?, language = ?, contact = ?, search = ?, enabled = ?,
             lock_owner_id = ?, ancestral_access = ?, default_idp_id = ?,
             version = version + 1, updated_at = ?
         WHERE id = ?",
    )?
    .execute(params![
        tenant.parent_id,
        tenant.kind.as_str(),
        tenant.name,
        tenant.customer_type,
        tenant.customer_id,
        tenant.internal_tag,
        tenant.language,
        serde_json::to_string(&tenant.contact)?,
        searchable(&tenant.name, tenant.customer_id.as_deref(), &tenant.contact),
        tenant.enabled,
        tenant.lock_owner_id,
        tenant.ancestral_access,
        tenant.default_idp_id,
        now,
        tenant.id,
    ])?;
    if before.path != tenant.path {
        db.execute(
            "UPDATE tenants SET path = ?1 || substr(path, length(?2) + 1)
             WHERE path >= ?2 AND path < ?3",
            params![tenant.path, before.path, path_end(&before.path)],
        )?;
    }
    Ok(())
}
