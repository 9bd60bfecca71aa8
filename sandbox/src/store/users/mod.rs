//! Users: what one is, and who may see it.

pub(crate) mod activation;
mod callers;
pub(crate) mod change;
pub(crate) mod list;
pub(crate) mod roles;

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value, json};

use super::Store;
use super::contact::{self, Contact};
use super::tenants::{self, DEFAULT_IDP, NewTenant, Tenant};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right, TenantKind};

pub(crate) use self::callers::{Me, caller, check_home, with_password};
pub(crate) use self::roles::{Policy, grant, policies};

/// The administrator that every seed begins with.
pub(crate) fn admin_id() -> Id {
    Id::named("user admin")
}

/// A user as the state has it.
#[derive(Clone, Debug)]
pub(crate) struct User {
    /// UUID.
    pub id: Id,
    /// The tenant it belongs to.
    pub tenant_id: Id,
    /// A unit of its own, for users of customers and units.
    pub personal_tenant_id: Option<Id>,
    /// Unique among the living, whatever the case.
    pub login: String,
    /// The contact, a JSON object.
    pub contact: Contact,
    /// Whether it has set a password.
    pub activated: bool,
    /// A disabled user cannot sign in.
    pub enabled: bool,
    /// `en`, …
    pub language: String,
    /// Which notifications it gets, a list of names.
    pub notifications: Value,
    /// `["buyer"]` or none.
    pub business_types: Value,
    /// The identity provider.
    pub idp_id: Id,
    /// The id there.
    pub external_id: Option<String>,
    /// Who made it, an application.
    pub origin_id: Option<String>,
    /// Its id there.
    pub origin_external_id: Option<String>,
    /// When it will be disabled.
    pub disable_after: Option<Timestamp>,
    /// Whether the terms were accepted.
    pub terms_accepted: bool,
    /// One more with each update.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

const SELECT: &str = "
    SELECT u.id, u.tenant_id, u.personal_tenant_id, u.login, u.contact, u.activated, u.enabled,
           u.language, u.notifications, u.business_types, u.idp_id, u.external_id, u.origin_id,
           u.origin_external_id, u.disable_after, u.terms_accepted, u.version, u.created_at,
           u.updated_at, u.deleted_at
    FROM users u";

fn from_row(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(0)?,
        tenant_id: row.get(1)?,
        personal_tenant_id: row.get(2)?,
        login: row.get(3)?,
        contact: document(row, 4)?,
        activated: row.get(5)?,
        enabled: row.get(6)?,
        language: row.get(7)?,
        notifications: document(row, 8)?,
        business_types: document(row, 9)?,
        idp_id: row.get(10)?,
        external_id: row.get(11)?,
        origin_id: row.get(12)?,
        origin_external_id: row.get(13)?,
        disable_after: row.get(14)?,
        terms_accepted: row.get(15)?,
        version: row.get(16)?,
        created_at: row.get(17)?,
        updated_at: row.get(18)?,
        deleted_at: row.get(19)?,
    })
}

/// A JSON document in a text column.
pub(crate) fn document<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Text,
            Box::new(error),
        )
    })
}

impl User {
    /// Whether it may sign in at this moment, its tenants aside.
    pub(crate) fn active(&self, now: Timestamp) -> bool {
        self.enabled && self.deleted_at.is_none() && self.disable_after.is_none_or(|end| now < end)
    }
}

/// The user of this id, deleted or not.
pub(crate) fn find_any(db: &Connection, id: Id) -> Result<Option<User>> {
    Ok(db
        .prepare_cached(&format!("{SELECT} WHERE u.id = ?"))?
        .query_row([id], from_row)
        .optional()?)
}

/// The living user of this login.
pub(crate) fn by_login(db: &Connection, login: &str) -> Result<Option<User>> {
    Ok(db
        .prepare_cached(&format!(
            "{SELECT} WHERE u.login_key = ? AND u.deleted_at IS NULL"
        ))?
        .query_row([login.to_lowercase()], from_row)
        .optional()?)
}

/// What a new user is made of.
#[derive(Debug)]
pub(crate) struct NewUser {
    /// Its id.
    pub id: Id,
    /// Its login.
    pub login: String,
    /// Hash of its password: it is activated then.
    pub password: Option<String>,
    /// Contact fields.
    pub contact: Map<String, Value>,
    /// On by default.
    pub enabled: bool,
    /// The tenant's if none.
    pub language: Option<String>,
    /// The platform's default if none.
    pub notifications: Option<Value>,
    /// None by default.
    pub business_types: Option<Value>,
    /// The identity provider.
    pub idp_id: Option<Id>,
    /// The id there.
    pub external_id: Option<String>,
    /// Who made it, an application.
    pub origin_id: Option<String>,
    /// Its id there.
    pub origin_external_id: Option<String>,
    /// When it is to be disabled.
    pub disable_after: Option<Timestamp>,
}

impl NewUser {
    /// An enabled user with nothing but a login.
    pub(crate) fn named(id: Id, login: &str) -> Self {
        Self {
            id,
            login: login.to_owned(),
            password: None,
            contact: Map::new(),
            enabled: true,
            language: None,
            notifications: None,
            business_types: None,
            idp_id: None,
            external_id: None,
            origin_id: None,
            origin_external_id: None,
            disable_after: None,
        }
    }
}

/// Puts a user in a tenant, with a personal tenant where there is one; no rules are asked here.
pub(crate) fn insert(
    db: &Connection,
    tenant: &Tenant,
    new: &NewUser,
    now: Timestamp,
) -> Result<User> {
    let personal = match tenant.kind {
        TenantKind::Customer | TenantKind::Unit => {
            Some(Id::named(&format!("personal tenant of {}", new.id)))
        }
        _ => None,
    };
    if let Some(id) = personal {
        let unit = NewTenant {
            owner_id: Some(new.id),
            ..NewTenant::named(id, TenantKind::Unit, &new.login)
        };
        tenants::insert(db, Some(tenant), &unit, now)?;
    }
    let contact = contact::new(
        Id::named(&format!("contact of {}", new.id)),
        &new.contact,
        now,
    )?;
    let default_notifications = json!(["quota", "reports", "backup_daily_report"]);
    db.prepare_cached(
        "INSERT INTO users (id, tenant_id, personal_tenant_id, login, login_key, password, contact,
             search, activated, enabled, language, notifications, business_types, idp_id,
             external_id, origin_id, origin_external_id, disable_after, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        new.id,
        tenant.id,
        personal,
        new.login,
        new.login.to_lowercase(),
        new.password,
        serde_json::to_string(&contact)?,
        searchable(&new.login, &contact),
        new.password.is_some(),
        new.enabled,
        new.language.as_deref().unwrap_or(&tenant.language),
        new.notifications
            .as_ref()
            .unwrap_or(&default_notifications)
            .to_string(),
        new.business_types
            .as_ref()
            .map_or_else(|| "[]".to_owned(), Value::to_string),
        new.idp_id.unwrap_or(DEFAULT_IDP),
        new.external_id,
        new.origin_id,
        new.origin_external_id,
        new.disable_after,
        now,
        now,
    ])?;
    find_any(db, new.id)?.ok_or_else(|| no_such(new.id))
}

/// 404 for a user.
pub(crate) fn no_such(id: Id) -> ApiError {
    ApiError::NotFound(format!("There is no user {id}."))
}

/// What the search looks through: one line per field, in lower case.
pub(crate) fn searchable(login: &str, contact: &Contact) -> String {
    [
        login,
        contact::text(contact, "firstname"),
        contact::text(contact, "lastname"),
        contact::text(contact, "email"),
    ]
    .join("\n")
    .to_lowercase()
}

fn visible(db: &Connection, caller: &Caller, id: Id, right: Right) -> Result<User> {
    let user = find_any(db, id)?
        .filter(|user| user.deleted_at.is_none())
        .ok_or_else(|| no_such(id))?;
    require_right(db, caller, &user, right)?;
    Ok(user)
}

/// A user may look at itself; for the rest the right over its tenant counts.
fn require_right(db: &Connection, caller: &Caller, user: &User, right: Right) -> Result<()> {
    if caller.id == user.id && right == Right::View {
        return Ok(());
    }
    let tenant =
        tenants::find_any(db, user.tenant_id)?.ok_or_else(|| tenants::no_such(user.tenant_id))?;
    tenants::require_right(db, caller, &tenant, right)?;
    if right == Right::Manage {
        tenants::ensure_not_locked(caller, &tenant)?;
    }
    Ok(())
}

impl Store {
    /// One user and its roles.
    pub(crate) fn user(
        &self,
        caller: &Caller,
        id: Id,
        allow_deleted: bool,
    ) -> Result<(User, Vec<Policy>)> {
        self.read(|db| {
            let user = match find_any(db, id)? {
                Some(user) if allow_deleted || user.deleted_at.is_none() => user,
                _ => return Err(no_such(id)),
            };
            require_right(db, caller, &user, Right::View)?;
            Ok((user, policies(db, id)?))
        })
    }
}
