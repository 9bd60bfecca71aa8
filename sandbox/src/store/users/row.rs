//! The user row.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::clock::Timestamp;
use crate::domain::{ApiError, Id, Result};
use crate::store::contact::Contact;
use crate::store::document;

/// The administrator, which every seed creates.
pub(crate) fn admin_id() -> Id {
    Id::named("user admin")
}

/// A user in the database.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub id: Id,
    pub tenant_id: Id,
    /// The user's own unit; only users of customers and units have one.
    pub personal_tenant_id: Option<Id>,
    /// Unique among users that are not deleted, ignoring case.
    pub login: String,
    pub contact: Contact,
    /// Whether the user has set a password.
    pub activated: bool,
    /// Disabled users cannot sign in.
    pub enabled: bool,
    /// The language code, for example `en`.
    pub language: String,
    /// The names of the notifications that the user receives.
    pub notifications: Vec<String>,
    /// `buyer` or nothing.
    pub business_types: Vec<String>,
    /// The user's identity provider.
    pub idp_id: Id,
    /// The user's id at the identity provider.
    pub external_id: Option<String>,
    /// The application that created the user.
    pub origin_id: Option<String>,
    /// The user's id in that application.
    pub origin_external_id: Option<String>,
    /// The time at which the user is disabled automatically.
    pub disable_after: Option<Timestamp>,
    /// Whether the user has accepted the terms of use.
    pub terms_accepted: bool,
    /// Incremented by each update.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

pub(super) const SELECT: &str = "
    SELECT u.id, u.tenant_id, u.personal_tenant_id, u.login, u.contact, u.activated, u.enabled,
           u.language, u.notifications, u.business_types, u.idp_id, u.external_id, u.origin_id,
           u.origin_external_id, u.disable_after, u.terms_accepted, u.version, u.created_at,
           u.updated_at, u.deleted_at
    FROM users u";

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<User> {
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

impl User {
    /// Whether the user can sign in now, if its tenant allows it.
    pub(crate) fn is_active(&self, now: Timestamp) -> bool {
        self.enabled && self.deleted_at.is_none() && self.disable_after.is_none_or(|end| now < end)
    }
}

/// Finds a user, including deleted ones.
pub(crate) fn find_any(db: &Connection, id: Id) -> Result<Option<User>> {
    Ok(db
        .prepare_cached(&format!("{SELECT} WHERE u.id = ?"))?
        .query_row([id], from_row)
        .optional()?)
}

/// Finds a user that is not deleted by its login.
pub(crate) fn by_login(db: &Connection, login: &str) -> Result<Option<User>> {
    Ok(db
        .prepare_cached(&format!(
            "{SELECT} WHERE u.login_key = ? AND u.deleted_at IS NULL"
        ))?
        .query_row([login.to_lowercase()], from_row)
        .optional()?)
}

/// The error for an unknown user: 404.
pub(crate) fn no_such(id: Id) -> ApiError {
    ApiError::NotFound(format!("There is no user {id}."))
}

/// The text that the search looks through: one line per field, in lowercase.
pub(crate) fn searchable(login: &str, contact: &Contact) -> String {
    [
        login,
        &contact.firstname,
        &contact.lastname,
        contact.email.as_str(),
    ]
    .join("\n")
    .to_lowercase()
}
