//! The tenant row.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::clock::Timestamp;
use crate::domain::{ApiError, Code, Id, Result, TenantKind};
use crate::store::contact::Contact;
use crate::store::document;

/// The platform's identity provider, which every tenant and user has by default.
pub(crate) const DEFAULT_IDP: Id = Id::from_u128(0x1111_1111_1111_1111_1111_1111_1111_1111);

/// A tenant in the database.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub id: Id,
    /// The integer id of the older API versions.
    pub number: i64,
    /// The parent tenant. The root tenant is its own parent.
    pub parent_id: Id,
    /// The numbers of the tenants from the root to this one, for example `/1/1496262/`.
    pub path: String,
    pub kind: TenantKind,
    /// Unique among the children of a parent that are not deleted.
    pub name: String,
    /// `default`, `enterprise`, …
    pub customer_type: String,
    /// Free text for the partner's own bookkeeping.
    pub customer_id: Option<String>,
    /// Free text, up to 256 characters.
    pub internal_tag: Option<String>,
    /// The language code, for example `en`.
    pub language: String,
    pub contact: Contact,
    /// Users and clients of a disabled tenant cannot sign in.
    pub enabled: bool,
    /// Incremented by each update.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
    /// The user, if this is a personal tenant.
    pub owner_id: Option<Id>,
    /// The integer id of the brand.
    pub brand_id: Option<i64>,
    /// The UUID of the brand.
    pub brand_uuid: Id,
    /// Whether the tenant has its own brand.
    pub brand_enabled: bool,
    /// The identity provider of the tenant's users.
    pub default_idp_id: Id,
    /// The tenant that holds the update lock. Only its callers can change a locked tenant.
    pub lock_owner_id: Option<Id>,
    /// Whether ancestors above the parent have access (support access).
    pub ancestral_access: bool,
    /// The status of multi-factor authentication, for example `disabled`.
    pub mfa_status: String,
    /// Whether the tenant has children that are not personal tenants.
    pub has_children: bool,
}

pub(super) const SELECT: &str = "
    SELECT t.id, t.number, t.parent_id, t.path, t.kind, t.name, t.customer_type, t.customer_id,
           t.internal_tag, t.language, t.contact, t.enabled, t.version, t.created_at, t.updated_at,
           t.deleted_at, t.owner_id, t.brand_id, t.brand_uuid, t.brand_enabled, t.default_idp_id,
           t.lock_owner_id, t.ancestral_access, t.mfa_status,
           EXISTS (SELECT 1 FROM tenants c WHERE c.parent_id = t.id AND c.id <> t.id
                   AND c.deleted_at IS NULL AND c.owner_id IS NULL)
    FROM tenants t";

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Tenant> {
    let invalid = |column: usize, message: String| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Text,
            message.into(),
        )
    };
    let kind: String = row.get(4)?;
    Ok(Tenant {
        id: row.get(0)?,
        number: row.get(1)?,
        parent_id: row.get(2)?,
        path: row.get(3)?,
        kind: TenantKind::parse(&kind).ok_or_else(|| invalid(4, kind))?,
        name: row.get(5)?,
        customer_type: row.get(6)?,
        customer_id: row.get(7)?,
        internal_tag: row.get(8)?,
        language: row.get(9)?,
        contact: document(row, 10)?,
        enabled: row.get(11)?,
        version: row.get(12)?,
        created_at: row.get(13)?,
        updated_at: row.get(14)?,
        deleted_at: row.get(15)?,
        owner_id: row.get(16)?,
        brand_id: row.get(17)?,
        brand_uuid: row.get(18)?,
        brand_enabled: row.get(19)?,
        default_idp_id: row.get(20)?,
        lock_owner_id: row.get(21)?,
        ancestral_access: row.get(22)?,
        mfa_status: row.get(23)?,
        has_children: row.get(24)?,
    })
}

/// Finds a tenant, including deleted ones.
pub(crate) fn find_any(db: &Connection, id: Id) -> Result<Option<Tenant>> {
    Ok(db
        .prepare_cached(&format!("{SELECT} WHERE t.id = ?"))?
        .query_row([id], from_row)
        .optional()?)
}

/// Finds a tenant that is not deleted.
///
/// # Errors
/// 404 if there is no such tenant.
pub(crate) fn find(db: &Connection, id: Id) -> Result<Tenant> {
    find_any(db, id)?
        .filter(|tenant| tenant.deleted_at.is_none())
        .ok_or_else(|| no_such(id))
}

/// The error for an unknown tenant: 404 with the platform's code.
pub(crate) fn no_such(id: Id) -> ApiError {
    ApiError::about(Code::NoSuchTenant, id, format!("There is no tenant {id}."))
}

/// The descendants of a tenant that are not deleted, level by level.
pub(crate) fn descendants(db: &Connection, tenant: &Tenant) -> Result<Vec<Tenant>> {
    let mut found = db
        .prepare_cached(&format!(
            "{SELECT} WHERE t.path > ?1 AND t.path < ?2 AND t.deleted_at IS NULL
             ORDER BY length(t.path) - length(replace(t.path, '/', '')), t.path"
        ))?
        .query_map([&tenant.path, &path_end(&tenant.path)], from_row)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    found.retain(|below| below.id != tenant.id);
    Ok(found)
}

/// The upper bound of the paths that start with this path. In ASCII, `0` follows `/`.
pub(crate) fn path_end(path: &str) -> String {
    let mut end = path.to_owned();
    end.pop();
    end.push('0');
    end
}

/// The number of slashes in a path, by which lists are ordered: the root's is 2.
pub(crate) fn depth(path: &str) -> i64 {
    i64::try_from(path.matches('/').count()).unwrap_or(i64::MAX)
}

/// The text that the search looks through: one line per field, in lowercase.
pub(crate) fn searchable(name: &str, customer_id: Option<&str>, contact: &Contact) -> String {
    [
        name,
        customer_id.unwrap_or(""),
        &contact.firstname,
        &contact.lastname,
        contact.email.as_str(),
    ]
    .join("\n")
    .to_lowercase()
}
