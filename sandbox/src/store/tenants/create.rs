//! Creating tenants.

use rusqlite::{Connection, params};

use super::row::searchable;
use super::rules::{ensure_enabled, ensure_kind_fits, ensure_name_is_free};
use super::{DEFAULT_IDP, Tenant, View, find, require_access, view};
use crate::clock::Timestamp;
use crate::domain::{Caller, Id, Result, Right, TenantKind};
use crate::store::contact::{Contact, ContactChange};
use crate::store::{Store, pricing};

/// A tenant to create.
#[derive(Debug)]
pub(crate) struct NewTenant {
    pub id: Id,
    pub name: String,
    pub kind: TenantKind,
    /// The given contact fields.
    pub contact: ContactChange,
    pub customer_id: Option<String>,
    pub internal_tag: Option<String>,
    /// Default: `en`.
    pub language: Option<String>,
    pub enabled: bool,
    pub ancestral_access: bool,
    /// The user, for a personal tenant.
    pub owner_id: Option<Id>,
    /// The tenant that locks the new tenant.
    pub lock_owner_id: Option<Id>,
}

impl NewTenant {
    /// An enabled tenant with support access and without optional fields.
    pub(crate) fn named(id: Id, kind: TenantKind, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            kind,
            contact: ContactChange::default(),
            customer_id: None,
            internal_tag: None,
            language: None,
            enabled: true,
            ancestral_access: true,
            owner_id: None,
            lock_owner_id: None,
        }
    }
}

/// Inserts a tenant in trial mode, without checking any rule. Without a parent, it becomes the root tenant.
pub(crate) fn insert(
    db: &Connection,
    parent: Option<&Tenant>,
    new: &NewTenant,
    now: Timestamp,
) -> Result<Tenant> {
    // The root has number 1. The next tenant has a number of realistic size.
    let number: i64 = db.query_row(
        "SELECT CASE ifnull(max(number), 0) WHEN 0 THEN 1 WHEN 1 THEN 1496262
                ELSE max(number) + 1 END FROM tenants",
        [],
        |row| row.get(0),
    )?;
    let parent_path = parent.map_or("/", |parent| parent.path.as_str());
    let contact_id = Id::named(&format!("contact of {}", new.id));
    let contact = Contact::new(contact_id, &new.contact, now);
    db.prepare_cached(
        "INSERT INTO tenants (number, id, parent_id, path, kind, name, customer_id, internal_tag,
             language, contact, search, enabled, created_at, updated_at, owner_id, brand_id,
             brand_uuid, default_idp_id, lock_owner_id, ancestral_access)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        number,
        new.id,
        parent.map_or(new.id, |parent| parent.id),
        format!("{parent_path}{number}/"),
        new.kind.as_str(),
        new.name,
        new.customer_id,
        new.internal_tag,
        new.language.as_deref().unwrap_or("en"),
        serde_json::to_string(&contact)?,
        searchable(&new.name, new.customer_id.as_deref(), &contact),
        new.enabled,
        now,
        now,
        new.owner_id,
        parent.and_then(|parent| parent.brand_id),
        parent.map_or_else(|| Id::named("platform brand"), |parent| parent.brand_uuid),
        parent.map_or(DEFAULT_IDP, |parent| parent.default_idp_id),
        new.lock_owner_id,
        new.ancestral_access,
    ])?;
    pricing::start_trial(db, new.id, now)?;
    find(db, new.id)
}

impl Store {
    /// Creates a tenant.
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
}
