//! Changing tenants.

use rusqlite::{Connection, params};

use super::row::searchable;
use super::rules::{
    ensure_can_move, ensure_children_fit, ensure_kind_fits, ensure_name_is_free,
    ensure_not_own_tenant, ensure_version,
};
use super::{Tenant, View, find, path_end, require_writable, view};
use crate::clock::Timestamp;
use crate::domain::{Caller, Id, Result, TenantKind};
use crate::store::Store;
use crate::store::contact::ContactChange;

/// A change to a tenant. `None` means unchanged.
#[derive(Debug, Default)]
pub(crate) struct Change {
    /// The version that the caller last read.
    pub version: i64,
    pub name: Option<String>,
    pub kind: Option<TenantKind>,
    /// The new parent.
    pub parent_id: Option<Id>,
    /// For example `default` or `enterprise`.
    pub customer_type: Option<String>,
    /// `Some(None)` removes it.
    pub customer_id: Option<Option<String>>,
    /// `Some(None)` removes it.
    pub internal_tag: Option<Option<String>>,
    pub language: Option<String>,
    /// The contact fields to set.
    pub contact: Option<ContactChange>,
    pub enabled: Option<bool>,
    /// Whether the caller's tenant locks or unlocks the tenant.
    pub locked: Option<bool>,
    pub ancestral_access: Option<bool>,
    pub default_idp_id: Option<Id>,
}

impl Store {
    /// Changes a tenant.
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
                ensure_not_own_tenant(caller, &before, "changed to another kind")?;
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
            if let Some(contact) = &change.contact {
                tenant.contact.merge(contact, now);
            }
            save(tx, &before, &tenant, now)?;
            view(tx, find(tx, id)?, now)
        })
    }
}

/// Sets a field if the change has a value.
fn set<T: Clone>(field: &mut T, change: &Option<T>) {
    if let Some(value) = change {
        field.clone_from(value);
    }
}

/// Writes a tenant and, if it was moved, the paths of its descendants.
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
