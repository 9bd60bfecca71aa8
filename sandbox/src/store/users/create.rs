//! Creating users.

use rusqlite::{Connection, params};

use super::row::{User, by_login, find_any, no_such, searchable};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Code, Id, Result, TenantKind};
use crate::store::Store;
use crate::store::contact::{Contact, ContactChange};
use crate::store::tenants::{self, DEFAULT_IDP, NewTenant, Tenant};

/// The notifications of a new user.
const DEFAULT_NOTIFICATIONS: [&str; 3] = ["quota", "reports", "backup_daily_report"];

/// A user to create.
#[derive(Debug)]
pub(crate) struct NewUser {
    pub id: Id,
    pub login: String,
    /// The hash of the password. A user with a password is activated.
    pub password: Option<String>,
    /// The given contact fields.
    pub contact: ContactChange,
    pub enabled: bool,
    /// Default: the tenant's language.
    pub language: Option<String>,
    /// Default: those of the platform.
    pub notifications: Option<Vec<String>>,
    /// Default: none.
    pub business_types: Option<Vec<String>>,
    /// Default: the platform's identity provider.
    pub idp_id: Option<Id>,
    /// The user's id at the identity provider.
    pub external_id: Option<String>,
    /// The application that creates the user.
    pub origin_id: Option<String>,
    /// The user's id in that application.
    pub origin_external_id: Option<String>,
    /// The time at which the user is disabled automatically.
    pub disable_after: Option<Timestamp>,
}

impl NewUser {
    /// An enabled user without optional fields.
    pub(crate) fn named(id: Id, login: &str) -> Self {
        Self {
            id,
            login: login.to_owned(),
            password: None,
            contact: ContactChange::default(),
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

/// Inserts a user and, in customers and units, its personal tenant, without checking any rule.
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
    let contact_id = Id::named(&format!("contact of {}", new.id));
    let contact = Contact::new(contact_id, &new.contact, now);
    let notifications = match &new.notifications {
        Some(names) => serde_json::to_string(names)?,
        None => serde_json::to_string(&DEFAULT_NOTIFICATIONS)?,
    };
    let business_types = new.business_types.as_deref().unwrap_or_default();
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
        notifications,
        serde_json::to_string(business_types)?,
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

/// Rejects a login that another user has. `except`: the user to rename.
pub(super) fn ensure_login_is_free(db: &Connection, login: &str, except: Option<Id>) -> Result<()> {
    match by_login(db, login)? {
        Some(user) if Some(user.id) != except => {
            Err(ApiError::Conflict(format!("The login {login} is taken.")))
        }
        _ => Ok(()),
    }
}

impl Store {
    /// Checks that a login is available.
    ///
    /// # Errors
    /// 409 if another user has it.
    pub(crate) fn check_login(&self, login: &str) -> Result<()> {
        self.read(|db| ensure_login_is_free(db, login, None))
    }

    /// Creates a user that is not activated yet.
    pub(crate) fn create_user(
        &self,
        caller: &Caller,
        tenant: Id,
        new: &NewUser,
        now: Timestamp,
    ) -> Result<User> {
        self.write(|tx| {
            let tenant = tenants::require_writable(tx, caller, tenant)?;
            tenants::ensure_enabled(tx, &tenant)?;
            if tenant.owner_id.is_some() {
                let info = "A personal tenant cannot have users other than its owner.";
                return Err(ApiError::about(Code::BusinessRules, tenant.id, info));
            }
            ensure_login_is_free(tx, &new.login, None)?;
            insert(tx, &tenant, new, now)
        })
    }
}
