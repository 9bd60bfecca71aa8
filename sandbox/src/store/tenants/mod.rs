//! Tenants: what one is, and the tree of them.

mod access;
pub(crate) mod change;
pub(crate) mod list;

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value};

use super::Store;
use super::contact;
pub(crate) use super::contact::Contact;
use super::pricing::{self, Pricing};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Code, Id, Result, TenantKind};

use self::access::require_visible;
pub(crate) use self::access::{
    ensure_enabled, ensure_not_locked, require_access, require_right, require_writable, within,
};

/// The identity provider of every tenant and user, the platform's own.
pub(crate) const DEFAULT_IDP: Id = Id::from_u128(0x1111_1111_1111_1111_1111_1111_1111_1111);

/// A tenant as the state has it.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    /// UUID.
    pub id: Id,
    /// The legacy integer id.
    pub number: i64,
    /// The tenant above; the root's is its own id.
    pub parent_id: Id,
    /// The numbers from the root down to this one, `/1/1496262/`.
    pub path: String,
    /// What it is.
    pub kind: TenantKind,
    /// Unique among the living under one parent.
    pub name: String,
    /// `default`, `enterprise`, …
    pub customer_type: String,
    /// Free text for the reseller's own books.
    pub customer_id: Option<String>,
    /// Free text, up to 256 characters.
    pub internal_tag: Option<String>,
    /// `en`, …
    pub language: String,
    /// The contact, a JSON object.
    pub contact: Contact,
    /// Nobody of a disabled tenant can sign in.
    pub enabled: bool,
    /// One more with each update.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// The user whose personal tenant it is.
    pub owner_id: Option<Id>,
    /// The number of its brand.
    pub brand_id: Option<i64>,
    /// The id of its brand.
    pub brand_uuid: Id,
    /// Whether it has a brand of its own.
    pub brand_enabled: bool,
    /// The identity provider of its users.
    pub default_idp_id: Id,
    /// Who locked it; nobody else may change it then.
    pub lock_owner_id: Option<Id>,
    /// Whether ancestors but the direct parent may look inside.
    pub ancestral_access: bool,
    /// `disabled`, …
    pub mfa_status: String,
    /// Whether there is anything below but personal tenants.
    pub has_children: bool,
}

const SELECT: &str = "
    SELECT t.id, t.number, t.parent_id, t.path, t.kind, t.name, t.customer_type, t.customer_id,
           t.internal_tag, t.language, t.contact, t.enabled, t.version, t.created_at, t.updated_at,
           t.deleted_at, t.owner_id, t.brand_id, t.brand_uuid, t.brand_enabled, t.default_idp_id,
           t.lock_owner_id, t.ancestral_access, t.mfa_status,
           EXISTS (SELECT 1 FROM tenants c WHERE c.parent_id = t.id AND c.id <> t.id
                   AND c.deleted_at IS NULL AND c.owner_id IS NULL)
    FROM tenants t";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Tenant> {
    let unreadable = |column: usize, what: String| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, what.into())
    };
    let kind: String = row.get(4)?;
    let contact: String = row.get(10)?;
    Ok(Tenant {
        id: row.get(0)?,
        number: row.get(1)?,
        parent_id: row.get(2)?,
        path: row.get(3)?,
        kind: TenantKind::parse(&kind).ok_or_else(|| unreadable(4, kind))?,
        name: row.get(5)?,
        customer_type: row.get(6)?,
        customer_id: row.get(7)?,
        internal_tag: row.get(8)?,
        language: row.get(9)?,
        contact: serde_json::from_str(&contact)
            .map_err(|error| unreadable(10, error.to_string()))?,
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

/// The tenant of this id, deleted or not.
pub(crate) fn find_any(db: &Connection, id: Id) -> Result<Option<Tenant>> {
    Ok(db
        .prepare_cached(&format!("{SELECT} WHERE t.id = ?"))?
        .query_row([id], from_row)
        .optional()?)
}

/// The tenant of this id, if it is not deleted; else 404.
pub(crate) fn find(db: &Connection, id: Id) -> Result<Tenant> {
    find_any(db, id)?
        .filter(|tenant| tenant.deleted_at.is_none())
        .ok_or_else(|| no_such(id))
}

/// 404 with the platform's code for a tenant.
pub(crate) fn no_such(id: Id) -> ApiError {
    ApiError::about(Code::NoSuchTenant, id, format!("There is no tenant {id}."))
}

/// All tenants in the tree below this one, itself and deleted ones left out, level by level.
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

/// The first string after all paths that begin with this one: `0` follows `/`.
pub(crate) fn path_end(path: &str) -> String {
    let mut end = path.to_owned();
    end.pop();
    end.push('0');
    end
}

/// What a new tenant is made of.
#[derive(Debug)]
pub(crate) struct NewTenant {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: TenantKind,
    /// Contact fields.
    pub contact: Map<String, Value>,
    /// Free text.
    pub customer_id: Option<String>,
    /// Free text.
    pub internal_tag: Option<String>,
    /// `en` if none.
    pub language: Option<String>,
    /// On by default.
    pub enabled: bool,
    /// On by default.
    pub ancestral_access: bool,
    /// The user whose personal tenant it is.
    pub owner_id: Option<Id>,
    /// Who locks it at once.
    pub lock_owner_id: Option<Id>,
}

impl NewTenant {
    /// An enabled tenant with nothing but a name.
    pub(crate) fn named(id: Id, kind: TenantKind, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            kind,
            contact: Map::new(),
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

/// Puts a tenant under another, in trial; no rules are asked here. `None`: the root itself.
pub(crate) fn insert(
    db: &Connection,
    parent: Option<&Tenant>,
    new: &NewTenant,
    now: Timestamp,
) -> Result<Tenant> {
    // The root has number 1 and the first tenant below a number that looks like a real one.
    let number: i64 = db.query_row(
        "SELECT CASE ifnull(max(number), 0) WHEN 0 THEN 1 WHEN 1 THEN 1496262
                ELSE max(number) + 1 END FROM tenants",
        [],
        |row| row.get(0),
    )?;
    let above = parent.map_or("/", |parent| parent.path.as_str());
    let contact = contact::new(
        Id::named(&format!("contact of {}", new.id)),
        &new.contact,
        now,
    )?;
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
        format!("{above}{number}/"),
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

/// What the search looks through: one line per field, in lower case.
pub(crate) fn searchable(name: &str, customer_id: Option<&str>, contact: &Contact) -> String {
    [
        name,
        customer_id.unwrap_or(""),
        contact::text(contact, "firstname"),
        contact::text(contact, "lastname"),
        contact::text(contact, "email"),
    ]
    .join("\n")
    .to_lowercase()
}

/// A tenant with what the platform shows beside it.
#[derive(Debug)]
pub(crate) struct View {
    /// The tenant.
    pub tenant: Tenant,
    /// Whether it pays.
    pub pricing: Pricing,
}

fn view(db: &Connection, tenant: Tenant, now: Timestamp) -> Result<View> {
    let pricing = pricing::current(db, tenant.id, now)?;
    Ok(View { tenant, pricing })
}

/// The level in the tree, as SQL counts it: one more than the number of steps.
pub(crate) fn depth(path: &str) -> i64 {
    i64::try_from(path.matches('/').count()).unwrap_or(i64::MAX)
}

impl Store {
    /// One tenant.
    pub(crate) fn tenant(
        &self,
        caller: &Caller,
        id: Id,
        allow_deleted: bool,
        now: Timestamp,
    ) -> Result<View> {
        self.read(|db| {
            let tenant = if allow_deleted {
                find_any(db, id)?.ok_or_else(|| no_such(id))?
            } else {
                find(db, id)?
            };
            require_visible(db, caller, &tenant)?;
            view(db, tenant, now)
        })
    }

    /// One tenant, by the number that older parts of the platform know it by.
    pub(crate) fn tenant_of_number(&self, caller: &Caller, number: i64) -> Result<Tenant> {
        self.read(|db| {
            let tenant = db
                .prepare_cached(&format!(
                    "{SELECT} WHERE t.number = ? AND t.deleted_at IS NULL"
                ))?
                .query_row([number], from_row)
                .optional()?
                .ok_or_else(|| ApiError::NotFound(format!("There is no group {number}.")))?;
            require_visible(db, caller, &tenant)?;
            Ok(tenant)
        })
    }
}
