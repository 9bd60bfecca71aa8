//! Users: logins, passwords, roles, and who of them is calling.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::contact::{self, Contact};
use super::pricing::{self, Pricing};
use super::tenants::{self, DEFAULT_IDP, Kind, NewTenant, Tenant};
use super::{Store, applications};
use crate::auth::{self, Caller, Grant, Right};
use crate::clock::Moment;
use crate::error::{Code, Refusal, Result};
use crate::id::Id;
use crate::outbox::{self, Message};
use crate::{catalogue, secrets, store, world};

/// A user as the state has it.
#[derive(Clone, Debug)]
pub struct User {
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
    pub disable_after: Option<Moment>,
    /// Whether the terms were accepted.
    pub terms_accepted: bool,
    /// One more with each update.
    pub version: i64,
    /// When it was made.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
    /// When it was deleted.
    pub deleted_at: Option<Moment>,
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
pub fn document<T: serde::de::DeserializeOwned>(
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
    pub fn active(&self, now: Moment) -> bool {
        self.enabled && self.deleted_at.is_none() && self.disable_after.is_none_or(|end| now < end)
    }
}

/// The user of this id, deleted or not.
pub fn find_any(db: &Connection, id: Id) -> Result<Option<User>> {
    Ok(db
        .prepare_cached(&format!("{SELECT} WHERE u.id = ?"))?
        .query_row([id], from_row)
        .optional()?)
}

/// The living user of this login.
pub fn by_login(db: &Connection, login: &str) -> Result<Option<User>> {
    Ok(db
        .prepare_cached(&format!(
            "{SELECT} WHERE u.login_key = ? AND u.deleted_at IS NULL"
        ))?
        .query_row([login.to_lowercase()], from_row)
        .optional()?)
}

/// What a new user is made of.
#[derive(Debug)]
pub struct NewUser {
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
    pub disable_after: Option<Moment>,
}

impl NewUser {
    /// An enabled user with nothing but a login.
    pub fn named(id: Id, login: &str) -> NewUser {
        NewUser {
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
pub fn insert(db: &Connection, tenant: &Tenant, new: &NewUser, now: Moment) -> Result<User> {
    let personal = match tenant.kind {
        Kind::Customer | Kind::Unit => Some(Id::named(&format!("personal tenant of {}", new.id))),
        _ => None,
    };
    if let Some(id) = personal {
        let unit = NewTenant {
            owner_id: Some(new.id),
            ..NewTenant::named(id, Kind::Unit, &new.login)
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
pub fn no_such(id: Id) -> Refusal {
    Refusal::NotFound(format!("There is no user {id}."))
}

/// What the search looks through: one line per field, in lower case.
pub fn searchable(login: &str, contact: &Contact) -> String {
    [
        login,
        contact::text(contact, "firstname"),
        contact::text(contact, "lastname"),
        contact::text(contact, "email"),
    ]
    .join("\n")
    .to_lowercase()
}

/// Gives a user of a world a role over a tenant, the same one each time; no rules are asked here.
pub fn grant(
    db: &Connection,
    user: Id,
    tenant: Id,
    role: &str,
    issuer: Id,
    now: Moment,
) -> Result<Id> {
    let id = Id::named(&format!("policy {role} of {user} over {tenant}"));
    db.execute(
        "INSERT INTO policies (id, user_id, tenant_id, role_id, issuer_id, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
        params![id, user, tenant, role, issuer, now, now],
    )?;
    Ok(id)
}

/// What a user's roles let it do.
pub fn grants(db: &Connection, user: Id) -> Result<Vec<Grant>> {
    let rows: Vec<(Id, String, String)> = db
        .prepare_cached(
            "SELECT t.id, t.path, p.role_id FROM policies p JOIN tenants t ON t.id = p.tenant_id
             WHERE p.user_id = ? AND t.deleted_at IS NULL ORDER BY p.created_at, p.id",
        )?
        .query_map([user], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(rows
        .into_iter()
        .filter_map(|(tenant_id, path, role)| {
            Right::of(&role).map(|right| Grant {
                tenant_id,
                path,
                role,
                right,
            })
        })
        .collect())
}

/// Refuses who belongs to a tenant that is disabled or deleted, or has such a one above it.
pub fn check_home(db: &Connection, home: Id) -> Result<()> {
    let mut id = home;
    loop {
        let tenant = tenants::find_any(db, id)?
            .filter(|tenant| tenant.enabled && tenant.deleted_at.is_none())
            .ok_or_else(|| {
                Refusal::Unauthorized("The account's tenant is disabled or deleted.".to_owned())
            })?;
        if tenant.parent_id == tenant.id {
            return Ok(());
        }
        id = tenant.parent_id;
    }
}

/// A user who is calling.
pub fn caller(db: &Connection, user: &User, bearer: bool, now: Moment) -> Result<Caller> {
    if !user.active(now) {
        return Err(Refusal::Unauthorized("The account is disabled.".to_owned()));
    }
    check_home(db, user.tenant_id)?;
    Ok(Caller {
        id: user.id,
        kind: auth::Kind::User,
        name: user.login.clone(),
        tenant_id: user.tenant_id,
        grants: grants(db, user.id)?,
        bearer,
    })
}

/// The user with this login, if the password is theirs.
pub fn with_password(db: &Connection, login: &str, password: &str) -> Result<Option<User>> {
    let Some(user) = by_login(db, login)? else {
        return Ok(None);
    };
    let kept: Option<String> = db
        .prepare_cached("SELECT password FROM users WHERE id = ?")?
        .query_row([user.id], |row| row.get(0))?;
    Ok(kept
        .is_some_and(|kept| secrets::matches(password, &kept))
        .then_some(user))
}

impl Store {
    /// Who signs a call with login and password; 401 if nobody.
    pub fn authenticate_user(&self, login: &str, password: &str, now: Moment) -> Result<Caller> {
        self.read(|db| match with_password(db, login, password)? {
            Some(user) => caller(db, &user, false, now),
            None => Err(Refusal::Unauthorized(
                "There is no user with this login and password.".to_owned(),
            )),
        })
    }
}

/// Brings back the users that were deleted with a tenant, with new logins where `force` allows.
pub fn restore(
    db: &Connection,
    tenants: &(&String, String),
    deleted_at: Moment,
    force: bool,
) -> Result<()> {
    let gone: Vec<(Id, String)> = db
        .prepare_cached(
            "SELECT id, login FROM users WHERE deleted_at = ?1 AND tenant_id IN
                 (SELECT id FROM tenants WHERE path >= ?2 AND path < ?3)",
        )?
        .query_map(params![deleted_at, tenants.0, tenants.1], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    for (id, login) in gone {
        let mut free = login.clone();
        while by_login(db, &free)?.is_some() {
            if !force {
                return Err(Refusal::Conflict(format!(
                    "The login {login} has been taken meanwhile."
                )));
            }
            free = format!("{login}_{}", secrets::random(6)?);
        }
        db.execute(
            "UPDATE users SET deleted_at = NULL, login = ?, login_key = ? WHERE id = ?",
            params![free, free.to_lowercase(), id],
        )?;
    }
    Ok(())
}

/// A role that a user has over a tenant, as the platform answers it.
#[derive(Clone, Debug, Serialize)]
pub struct Policy {
    /// UUID.
    pub id: Id,
    /// Grows with updates.
    pub version: i64,
    /// When it was given.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
    /// Always none: what is replaced is gone.
    pub deleted_at: Option<Moment>,
    /// The user.
    pub trustee_id: Id,
    /// `user`.
    pub trustee_type: &'static str,
    /// The tenant of whoever gave it.
    pub issuer_id: Id,
    /// The tenant it is over.
    pub tenant_id: Id,
    /// `backup_user`, …
    pub role_id: String,
}

/// The roles of a user.
pub fn policies(db: &Connection, user: Id) -> Result<Vec<Policy>> {
    Ok(db
        .prepare_cached(
            "SELECT id, version, created_at, updated_at, user_id, issuer_id, tenant_id, role_id
             FROM policies WHERE user_id = ? ORDER BY created_at, rowid",
        )?
        .query_map([user], |row| {
            Ok(Policy {
                id: row.get(0)?,
                version: row.get(1)?,
                created_at: row.get(2)?,
                updated_at: row.get(3)?,
                deleted_at: None,
                trustee_id: row.get(4)?,
                trustee_type: "user",
                issuer_id: row.get(5)?,
                tenant_id: row.get(6)?,
                role_id: row.get(7)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?)
}

/// Who is calling, and from where.
#[derive(Debug)]
pub struct Me {
    /// The user, unless it is a client.
    pub user: Option<User>,
    /// The user's roles.
    pub policies: Vec<Policy>,
    /// The tenant it belongs to.
    pub tenant: Tenant,
    /// Whether that pays.
    pub pricing: Pricing,
}

impl Store {
    /// Who is calling, and from where.
    pub fn me(&self, caller: &Caller, now: Moment) -> Result<Me> {
        self.read(|db| {
            let tenant = tenants::find(db, caller.tenant_id)?;
            Ok(Me {
                user: find_any(db, caller.id)?,
                policies: policies(db, caller.id)?,
                pricing: pricing::current(db, tenant.id, now)?,
                tenant,
            })
        })
    }

    /// The users of a tenant, and with `below` those of its folders or units.
    pub fn users_of(
        &self,
        caller: &Caller,
        tenant: Id,
        below: bool,
        allow_deleted: bool,
    ) -> Result<Vec<User>> {
        self.read(|db| {
            let top = tenants::reach(db, caller, tenant, Right::View)?;
            let kind = match top.kind {
                Kind::Customer | Kind::Unit => "unit",
                _ => "folder",
            };
            let users = db
                .prepare_cached(&format!(
                    "{SELECT} JOIN tenants t ON t.id = u.tenant_id
                     WHERE (?5 OR u.deleted_at IS NULL)
                     AND (t.id = ?1 OR (?2 AND t.kind = ?3 AND t.path > ?4 AND t.path < ?6))
                     ORDER BY u.login_key, u.number"
                ))?
                .query_map(
                    params![
                        top.id,
                        below,
                        kind,
                        top.path,
                        allow_deleted,
                        tenants::path_end(&top.path)
                    ],
                    from_row,
                )?
                .collect::<rusqlite::Result<_>>()?;
            Ok(users)
        })
    }
}

/// What may change in a user. `None`: it stays as it is.
#[derive(Debug, Default)]
pub struct Change {
    /// The version that the caller knows.
    pub version: i64,
    /// Another login.
    pub login: Option<String>,
    /// Contact fields to put in.
    pub contact: Map<String, Value>,
    /// On or off.
    pub enabled: Option<bool>,
    /// `en`, …
    pub language: Option<String>,
    /// Which it gets.
    pub notifications: Option<Value>,
    /// `["buyer"]` or none.
    pub business_types: Option<Value>,
    /// The identity provider.
    pub idp_id: Option<Id>,
    /// The id there.
    pub external_id: Option<String>,
    /// When it is to be disabled.
    pub disable_after: Option<Moment>,
}

/// A role that a user is to have.
#[derive(Debug)]
pub struct NewPolicy {
    /// The tenant it is over.
    pub tenant_id: Id,
    /// `backup_user`, …
    pub role_id: String,
    /// The one it was before, if it is kept.
    pub id: Id,
}

/// Which users a batch is about.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub enum Selection {
    /// These, if visible.
    Ids(Vec<Id>),
    /// Those of a tenant with these ids in their identity provider.
    External(Id, Vec<String>),
    /// Those of this tenant and of all below.
    Subtree(Id),
}

/// What a batch of users asks for. A cursor carries all of it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Batch {
    /// Which users.
    pub selection: Selection,
    /// Changed after this, in Unix milliseconds.
    pub updated_since: Option<i64>,
    /// Deleted ones too.
    pub allow_deleted: bool,
    /// At most so many.
    pub limit: i64,
    /// Number of the last one already seen.
    pub after: i64,
}

/// An activation mail: whom it goes to and the token in its link.
#[derive(Debug)]
pub struct Mail {
    /// The link in it.
    pub link: String,
    /// Fingerprint of the token in the link.
    pub token: String,
}

fn visible(db: &Connection, caller: &Caller, id: Id, right: Right) -> Result<User> {
    let user = find_any(db, id)?
        .filter(|user| user.deleted_at.is_none())
        .ok_or_else(|| no_such(id))?;
    allow(db, caller, &user, right)?;
    Ok(user)
}

/// A user may look at itself; for the rest the right over its tenant counts.
fn allow(db: &Connection, caller: &Caller, user: &User, right: Right) -> Result<()> {
    if caller.id == user.id && right == Right::View {
        return Ok(());
    }
    let tenant =
        tenants::find_any(db, user.tenant_id)?.ok_or_else(|| tenants::no_such(user.tenant_id))?;
    tenants::allow(db, caller, &tenant, right)?;
    if right == Right::Manage {
        tenants::refuse_locked(caller, &tenant)?;
    }
    Ok(())
}

fn refuse_taken(db: &Connection, login: &str, but: Option<Id>) -> Result<()> {
    match by_login(db, login)? {
        Some(user) if Some(user.id) != but => {
            Err(Refusal::Conflict(format!("The login {login} is taken.")))
        }
        _ => Ok(()),
    }
}

fn refuse_version(user: &User, known: i64) -> Result<()> {
    if user.version == known {
        return Ok(());
    }
    Err(Refusal::about(
        Code::VersionMismatch,
        user.id,
        format!("The version is {}, the call knows {known}.", user.version),
    ))
}

/// The kinds of tenant a role can be over, and the application it needs; `None`: no such role.
fn role(name: &str) -> Option<(&'static [Kind], Option<Id>)> {
    use Kind::{Customer, Folder, Partner, Root, Unit};
    const ALL: &[Kind] = &[Root, Partner, Folder, Customer, Unit];
    Some(match name {
        "root_admin" => (&[Root], None),
        "partner_admin" => (&[Partner, Folder], None),
        "company_admin" => (&[Customer], None),
        "unit_admin" => (&[Unit], None),
        "readonly_admin" | "accounts_admin" | "accounts_ro_admin" => (ALL, None),
        "protection_admin"
        | "protection_ro_admin"
        | "cyber_admin"
        | "security_analyst"
        | "restore_operator"
        | "backup_admin"
        | "monitoring_admin" => (ALL, Some(catalogue::BACKUP)),
        "backup_user" => (&[Customer, Unit], Some(catalogue::BACKUP)),
        "sync_share_admin" => (ALL, Some(catalogue::FILES)),
        "sync_share_user" | "sync_share_guest" => (&[Customer, Unit], Some(catalogue::FILES)),
        "notary_admin" => (ALL, Some(catalogue::NOTARY)),
        "notary_user" => (&[Customer, Unit], Some(catalogue::NOTARY)),
        "pds_operator" | "pds_support" => (ALL, Some(catalogue::SHIPPING)),
        "hci_admin" => (&[Partner], Some(catalogue::HCI)),
        "omnivoice_admin"
        | "omnivoice_user"
        | "greathorn_admin"
        | "greathorn_user"
        | "greathorn_analyst"
        | "greathorn_client_manager" => (ALL, None),
        _ => return None,
    })
}

/// May the caller give this role over this tenant?
fn refuse_role(db: &Connection, caller: &Caller, user: &User, policy: &NewPolicy) -> Result<()> {
    let name = policy.role_id.as_str();
    let Some((kinds, application)) = role(name) else {
        return Err(Refusal::bad(format!("role_id: there is no role {name:?}.")));
    };
    let tenant = tenants::reach(db, caller, policy.tenant_id, Right::Manage)?;
    let refuse = |info: String| Err(Refusal::about(Code::BusinessRules, tenant.id, info));
    if !kinds.contains(&tenant.kind) {
        return refuse(format!(
            "The role {name} cannot be over a tenant of kind {}.",
            tenant.kind.as_str()
        ));
    }
    let home = tenants::find(db, user.tenant_id)?;
    if !tenant.path.starts_with(&home.path) {
        return refuse(format!(
            "Tenant {} is not the user's, nor below it.",
            tenant.id
        ));
    }
    // A personal tenant has what the tenant above it has.
    let mut served = tenant.clone();
    while served.owner_id.is_some() {
        served = tenants::find(db, served.parent_id)?;
    }
    match application {
        Some(id) if !applications::has(db, served.id, id)? => refuse(format!(
            "The role {name} needs an application that tenant {} does not have.",
            served.id
        )),
        _ => Ok(()),
    }
}

impl Store {
    /// Whether a login is free; 409 if it is taken.
    pub fn check_login(&self, login: &str) -> Result<()> {
        self.read(|db| refuse_taken(db, login, None))
    }

    /// Makes a user, not yet activated.
    pub fn create_user(
        &self,
        caller: &Caller,
        tenant: Id,
        new: &NewUser,
        now: Moment,
    ) -> Result<User> {
        self.write(|tx| {
            let tenant = tenants::writable(tx, caller, tenant)?;
            tenants::refuse_disabled(tx, &tenant)?;
            if tenant.owner_id.is_some() {
                let info = "A personal tenant has its owner and no other user.";
                return Err(Refusal::about(Code::BusinessRules, tenant.id, info));
            }
            refuse_taken(tx, &new.login, None)?;
            insert(tx, &tenant, new, now)
        })
    }

    /// One user and its roles.
    pub fn user(
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
            allow(db, caller, &user, Right::View)?;
            Ok((user, policies(db, id)?))
        })
    }

    /// Changes a user, all of it or nothing.
    pub fn update_user(
        &self,
        caller: &Caller,
        id: Id,
        change: &Change,
        now: Moment,
    ) -> Result<(User, Vec<Policy>)> {
        self.write(|tx| {
            let mut user = visible(tx, caller, id, Right::Manage)?;
            refuse_version(&user, change.version)?;
            if user.id == caller.id && change.enabled == Some(false) {
                return Err(Refusal::denied("A user cannot disable itself."));
            }
            if let Some(login) = &change.login {
                refuse_taken(tx, login, Some(id))?;
                user.login.clone_from(login);
            }
            if !change.contact.is_empty() {
                contact::merge(&mut user.contact, &change.contact, now)?;
            }
            tx.prepare_cached(
                "UPDATE users SET login = ?, login_key = ?, contact = ?, search = ?,
                     enabled = ifnull(?, enabled), language = ifnull(?, language),
                     notifications = ifnull(?, notifications),
                     business_types = ifnull(?, business_types), idp_id = ifnull(?, idp_id),
                     external_id = ifnull(?, external_id),
                     disable_after = ifnull(?, disable_after),
                     version = version + 1, updated_at = ?
                 WHERE id = ?",
            )?
            .execute(params![
                user.login,
                user.login.to_lowercase(),
                serde_json::to_string(&user.contact)?,
                searchable(&user.login, &user.contact),
                change.enabled,
                change.language,
                change.notifications.as_ref().map(Value::to_string),
                change.business_types.as_ref().map(Value::to_string),
                change.idp_id,
                change.external_id,
                change.disable_after,
                now,
                id,
            ])?;
            Ok((visible(tx, caller, id, Right::View)?, policies(tx, id)?))
        })
    }

    /// Deletes a disabled user, softly, and ends its tokens.
    pub fn delete_user(&self, caller: &Caller, id: Id, version: i64, now: Moment) -> Result<()> {
        self.write(|tx| {
            let user = visible(tx, caller, id, Right::Manage)?;
            if user.enabled {
                return Err(Refusal::bad(format!("Disable user {id} first.")));
            }
            refuse_version(&user, version)?;
            tx.execute(
                "UPDATE users SET deleted_at = ?1, updated_at = ?1, version = version + 1
                 WHERE id = ?2",
                params![now, id],
            )?;
            tx.execute(
                "UPDATE tenants SET deleted_at = ?1 WHERE owner_id = ?2 AND deleted_at IS NULL",
                params![now, id],
            )?;
            tx.execute("DELETE FROM tokens WHERE user_id = ?", [id])?;
            Ok(())
        })
    }

    /// Puts an activation mail in the outbox; the link of an earlier one works no more.
    pub fn send_activation(&self, caller: &Caller, id: Id, mail: &Mail, now: Moment) -> Result<()> {
        self.write(|tx| {
            let user = visible(tx, caller, id, Right::Manage)?;
            let home = tenants::find(tx, user.tenant_id)?;
            let below = caller.tenant_id != home.id && caller.right_over(&home.path).is_some();
            if !below {
                return Err(Refusal::denied(
                    "Activation mails go to users of tenants below the caller's own.",
                ));
            }
            let recipient = contact::text(&user.contact, "email");
            if recipient.is_empty() {
                return Err(Refusal::bad("The user has no e-mail address."));
            }
            tx.execute(
                "UPDATE users SET activation = ? WHERE id = ?",
                params![mail.token, id],
            )?;
            outbox::put(
                tx,
                &Message {
                    kind: "activation",
                    recipient,
                    user_id: id,
                    subject: "Activate your account",
                    body: &format!(
                        "Hello {},\n\nyour login is {}. Set a password to activate your account:\n{}\n",
                        contact::text(&user.contact, "firstname"),
                        user.login,
                        mail.link
                    ),
                    link: &mail.link,
                },
                now,
            )
        })
    }

    /// The login that an activation link is for; 404 if it was used or is none.
    pub fn activation(&self, token: &str) -> Result<String> {
        self.read(|db| Ok(awaiting(db, token)?.login))
    }

    /// Sets the password of whoever the activation link is for. The link is used up.
    pub fn activate(&self, token: &str, password: &str, now: Moment) -> Result<String> {
        self.write(|tx| {
            let user = awaiting(tx, token)?;
            set_password(tx, user.id, password, now)?;
            Ok(user.login)
        })
    }

    /// Sets a user's password and so activates it.
    pub fn set_password(&self, caller: &Caller, id: Id, password: &str, now: Moment) -> Result<()> {
        self.write(|tx| {
            visible(tx, caller, id, Right::Manage)?;
            set_password(tx, id, password, now)
        })
    }

    /// The roles of a user.
    pub fn policies(&self, caller: &Caller, id: Id) -> Result<Vec<Policy>> {
        self.read(|db| {
            visible(db, caller, id, Right::View)?;
            policies(db, id)
        })
    }

    /// Replaces all roles of a user. One that is kept keeps its id.
    pub fn set_policies(
        &self,
        caller: &Caller,
        id: Id,
        wanted: &[NewPolicy],
        now: Moment,
    ) -> Result<Vec<Policy>> {
        self.write(|tx| {
            let user = visible(tx, caller, id, Right::Manage)?;
            for policy in wanted {
                refuse_role(tx, caller, &user, policy)?;
            }
            let before = policies(tx, id)?;
            tx.execute("DELETE FROM policies WHERE user_id = ?", [id])?;
            for policy in wanted {
                let kept = before.iter().find(|old| {
                    old.id == policy.id
                        && old.tenant_id == policy.tenant_id
                        && old.role_id == policy.role_id
                });
                tx.execute(
                    "INSERT INTO policies
                         (id, user_id, tenant_id, role_id, issuer_id, version, created_at, updated_at)
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    params![
                        kept.map_or_else(Id::random, |old| old.id),
                        id,
                        policy.tenant_id,
                        policy.role_id,
                        kept.map_or(caller.tenant_id, |old| old.issuer_id),
                        kept.map_or(1, |old| old.version),
                        kept.map_or(now, |old| old.created_at),
                        kept.map_or(now, |old| old.updated_at),
                    ],
                )?;
            }
            policies(tx, id)
        })
    }

    /// A page of users with their roles, and where it goes on.
    pub fn users(
        &self,
        caller: &Caller,
        batch: &Batch,
    ) -> Result<(Vec<(User, Vec<Policy>)>, Option<Batch>)> {
        self.read(|db| {
            let (mut low, mut high) = ("/".to_owned(), "0".to_owned());
            let (mut ids, mut external) = (None, None);
            match &batch.selection {
                Selection::Subtree(id) => {
                    let top = tenants::reach(db, caller, *id, Right::View)?;
                    high = tenants::path_end(&top.path);
                    low = top.path;
                }
                Selection::External(tenant, wanted) => {
                    let top = tenants::reach(db, caller, *tenant, Right::View)?;
                    high = tenants::path_end(&top.path);
                    low = top.path;
                    external = Some(serde_json::to_string(wanted)?);
                }
                Selection::Ids(wanted) => ids = Some(serde_json::to_string(wanted)?),
            }
            let mut statement = db.prepare_cached(&format!(
                "{SELECT} JOIN tenants t ON t.id = u.tenant_id
                 WHERE t.path >= ?1 AND t.path < ?2 AND u.number > ?3
                 AND (?4 OR u.deleted_at IS NULL) AND u.updated_at > ?5
                 AND (?6 IS NULL OR u.id IN (SELECT value FROM json_each(?6)))
                 AND (?7 IS NULL OR u.external_id IN (SELECT value FROM json_each(?7)))
                 ORDER BY u.number"
            ))?;
            let mut rows = statement.query(params![
                low,
                high,
                batch.after,
                batch.allow_deleted,
                batch.updated_since.unwrap_or(i64::MIN),
                ids,
                external,
            ])?;
            let limit = usize::try_from(batch.limit).unwrap_or(usize::MAX);
            let mut page: Vec<(User, Vec<Policy>)> = Vec::new();
            let mut next = None;
            while let Some(row) = rows.next()? {
                let user = from_row(row)?;
                // What is out of reach is left out, not refused.
                if allow(db, caller, &user, Right::View).is_err() {
                    continue;
                }
                if page.len() == limit {
                    if let Some((last, _)) = page.last() {
                        let after = db.query_row(
                            "SELECT number FROM users WHERE id = ?",
                            [last.id],
                            |row| row.get(0),
                        )?;
                        next = Some(Batch {
                            after,
                            ..batch.clone()
                        });
                    }
                    break;
                }
                let policies = policies(db, user.id)?;
                page.push((user, policies));
            }
            Ok((page, next))
        })
    }
}

fn awaiting(db: &Connection, token: &str) -> Result<User> {
    db.prepare_cached(&format!(
        "{SELECT} WHERE u.activation = ? AND u.deleted_at IS NULL"
    ))?
    .query_row([secrets::fingerprint(token)], from_row)
    .optional()?
    .ok_or_else(|| Refusal::NotFound("The activation link was used, or never sent.".to_owned()))
}

fn set_password(db: &Connection, user: Id, password: &str, now: Moment) -> Result<()> {
    db.execute(
        "UPDATE users SET password = ?, activated = 1, activation = NULL, terms_accepted = 1,
             version = version + 1, updated_at = ? WHERE id = ?",
        params![secrets::hash(password)?, now, user],
    )?;
    // Where the sandbox's own administrator gets a new password, a reset keeps that.
    if user == world::admin_id() {
        let kept: String =
            db.query_row("SELECT password FROM users WHERE id = ?", [user], |row| {
                row.get(0)
            })?;
        store::set_meta(db, "admin_password", &kept)?;
    }
    Ok(())
}
