//! Tenants: the tree, who reaches what in it, and how it changes.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::contact;
pub use super::contact::Contact;
use super::offering_items::{self, Offered};
use super::pricing::{self, Pricing};
use super::{Store, users};
use crate::auth::{Caller, Right};
use crate::clock::Moment;
use crate::error::{Code, Refusal, Result};
use crate::id::Id;
use crate::secrets;

/// The identity provider of every tenant and user, the platform's own.
pub const DEFAULT_IDP: Id = Id::from_u128(0x1111_1111_1111_1111_1111_1111_1111_1111);

/// What a tenant is, and so where it may be.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The platform's top.
    Root,
    /// A reseller or service provider.
    Partner,
    /// A group of tenants.
    Folder,
    /// An organisation with users and machines.
    Customer,
    /// A part of a customer; also a user's personal tenant.
    Unit,
}

impl Kind {
    /// As the platform writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Root => "root",
            Kind::Partner => "partner",
            Kind::Folder => "folder",
            Kind::Customer => "customer",
            Kind::Unit => "unit",
        }
    }

    /// The kind of this name.
    pub fn parse(text: &str) -> Option<Kind> {
        [
            Kind::Root,
            Kind::Partner,
            Kind::Folder,
            Kind::Customer,
            Kind::Unit,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == text)
    }

    /// Whether a tenant of this kind may be directly under one of the other.
    pub fn may_be_under(self, parent: Kind) -> bool {
        match self {
            Kind::Root => false,
            Kind::Partner | Kind::Folder | Kind::Customer => {
                matches!(parent, Kind::Root | Kind::Partner | Kind::Folder)
            }
            Kind::Unit => matches!(parent, Kind::Customer | Kind::Unit),
        }
    }
}

/// A tenant as the state has it.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// UUID.
    pub id: Id,
    /// The legacy integer id.
    pub number: i64,
    /// The tenant above; the root's is its own id.
    pub parent_id: Id,
    /// The numbers from the root down to this one, `/1/1496262/`.
    pub path: String,
    /// What it is.
    pub kind: Kind,
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
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
    /// When it was deleted.
    pub deleted_at: Option<Moment>,
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
        kind: Kind::parse(&kind).ok_or_else(|| unreadable(4, kind))?,
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
pub fn find_any(db: &Connection, id: Id) -> Result<Option<Tenant>> {
    Ok(db
        .prepare_cached(&format!("{SELECT} WHERE t.id = ?"))?
        .query_row([id], from_row)
        .optional()?)
}

/// The tenant of this id, if it is not deleted; else 404.
pub fn find(db: &Connection, id: Id) -> Result<Tenant> {
    find_any(db, id)?
        .filter(|tenant| tenant.deleted_at.is_none())
        .ok_or_else(|| no_such(id))
}

/// 404 with the platform's code for a tenant.
pub fn no_such(id: Id) -> Refusal {
    Refusal::about(Code::NoSuchTenant, id, format!("There is no tenant {id}."))
}

/// The tenant of this id and what is in it, if the caller has the right over it.
///
/// Unknown: 404. Beside the caller's own or above: 403. Behind a tenant that has support access
/// off, for ancestors but the direct parent: 403.
pub fn reach(db: &Connection, caller: &Caller, id: Id, right: Right) -> Result<Tenant> {
    let tenant = find(db, id)?;
    allow(db, caller, &tenant, right)?;
    Ok(tenant)
}

/// As [`reach`] with the right to change, and 403 if another tenant has locked it.
pub fn writable(db: &Connection, caller: &Caller, id: Id) -> Result<Tenant> {
    let tenant = reach(db, caller, id, Right::Manage)?;
    refuse_locked(caller, &tenant)?;
    Ok(tenant)
}

/// Refuses whoever does not belong to the tenant that holds the lock.
pub fn refuse_locked(caller: &Caller, tenant: &Tenant) -> Result<()> {
    match tenant.lock_owner_id {
        Some(owner) if owner != caller.tenant_id => Err(Refusal::about(
            Code::TenantLocked,
            tenant.id,
            format!("Tenant {} is locked by tenant {owner}.", tenant.id),
        )),
        _ => Ok(()),
    }
}

/// Refuses a parent that is disabled, or has a disabled tenant above it.
pub fn refuse_disabled(db: &Connection, parent: &Tenant) -> Result<()> {
    let mut step = parent.clone();
    loop {
        if !step.enabled {
            return Err(Refusal::about(
                Code::ParentDisabled,
                step.id,
                format!("Tenant {} is disabled: nothing can be made in it.", step.id),
            ));
        }
        if step.parent_id == step.id {
            return Ok(());
        }
        step = find(db, step.parent_id)?;
    }
}

/// Whether the caller has the right over what is in this tenant.
pub fn allow(db: &Connection, caller: &Caller, tenant: &Tenant, right: Right) -> Result<()> {
    let refused = || {
        Err(Refusal::about(
            Code::AccessDenied,
            tenant.id,
            format!(
                "{} has no such right over tenant {}.",
                caller.name, tenant.id
            ),
        ))
    };
    let Some(grant) = caller.grant_over(&tenant.path) else {
        return refused();
    };
    if grant.right < right {
        return refused();
    }
    refuse_barriers(db, grant.tenant_id, tenant.clone())
}

/// Refuses if support access is off somewhere from this tenant up to the one the right is over.
fn refuse_barriers(db: &Connection, top: Id, mut step: Tenant) -> Result<()> {
    while step.id != top {
        if !step.ancestral_access && step.parent_id != top {
            return Err(Refusal::about(
                Code::AccessDenied,
                step.id,
                format!("Tenant {} has support access turned off.", step.id),
            ));
        }
        if step.parent_id == step.id {
            break;
        }
        step = find_any(db, step.parent_id)?.ok_or_else(|| no_such(step.parent_id))?;
    }
    Ok(())
}

/// Whether the caller may see the tenant itself: support access turned off hides only what is in
/// it, and everybody may see the tenant they belong to.
fn allow_seeing(db: &Connection, caller: &Caller, tenant: &Tenant) -> Result<()> {
    let own = tenant.id == caller.tenant_id || tenant.owner_id == Some(caller.id);
    match caller.grant_over(&tenant.path) {
        Some(grant) if grant.tenant_id == tenant.id => Ok(()),
        Some(grant) => {
            let parent = find_any(db, tenant.parent_id)?.ok_or_else(|| no_such(tenant.id))?;
            refuse_barriers(db, grant.tenant_id, parent)
        }
        None if own => Ok(()),
        None => allow(db, caller, tenant, Right::View),
    }
}

/// All tenants in the tree below this one, itself and deleted ones left out, level by level.
pub fn descendants(db: &Connection, tenant: &Tenant) -> Result<Vec<Tenant>> {
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
pub fn path_end(path: &str) -> String {
    let mut end = path.to_owned();
    end.pop();
    end.push('0');
    end
}

/// What a new tenant is made of.
#[derive(Debug)]
pub struct NewTenant {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
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
    pub fn named(id: Id, kind: Kind, name: &str) -> NewTenant {
        NewTenant {
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
pub fn insert(
    db: &Connection,
    parent: Option<&Tenant>,
    new: &NewTenant,
    now: Moment,
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
pub fn searchable(name: &str, customer_id: Option<&str>, contact: &Contact) -> String {
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
pub struct View {
    /// The tenant.
    pub tenant: Tenant,
    /// Whether it pays.
    pub pricing: Pricing,
}

fn view(db: &Connection, tenant: Tenant, now: Moment) -> Result<View> {
    let pricing = pricing::current(db, tenant.id, now)?;
    Ok(View { tenant, pricing })
}

/// What may change in a tenant. `None`: it stays as it is.
#[derive(Debug, Default)]
pub struct Change {
    /// The version that the caller knows.
    pub version: i64,
    /// A new name.
    pub name: Option<String>,
    /// Another kind.
    pub kind: Option<Kind>,
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

/// How children are ordered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// As they were made.
    AsIs,
    /// By name.
    Name,
    /// Enabled ones first.
    Status,
}

/// Which tenants a batch is about.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub enum Selection {
    /// These, if visible; and those on the way to them from the caller's own.
    Ids {
        /// Which.
        ids: Vec<Id>,
        /// Whether those on the way are wanted.
        with_path: bool,
    },
    /// Those directly under this one.
    Children(Id),
    /// This one and all below.
    Subtree(Id),
}

/// What a batch of tenants asks for. A cursor carries all of it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Batch {
    /// Which tenants.
    pub selection: Selection,
    /// Changed after this, in Unix milliseconds.
    pub updated_since: Option<i64>,
    /// Deleted ones too.
    pub allow_deleted: bool,
    /// Only those with items of this type that are on.
    pub having: Option<String>,
    /// With their items.
    pub expand: bool,
    /// At most so many.
    pub limit: i64,
    /// Depth and number of the last one already seen.
    pub after: (i64, i64),
}

impl Batch {
    fn wants_items(&self) -> bool {
        self.expand || self.having.is_some()
    }
}

const DEPTH: &str = "(length(t.path) - length(replace(t.path, '/', '')))";

fn refuse_name(db: &Connection, parent: Id, name: &str, but: Option<Id>) -> Result<()> {
    if name_taken(db, parent, name, but)? {
        return Err(Refusal::about(
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

fn refuse_version(tenant: &Tenant, known: i64) -> Result<()> {
    if tenant.version == known {
        return Ok(());
    }
    Err(Refusal::about(
        Code::VersionMismatch,
        tenant.id,
        format!("The version is {}, the call knows {known}.", tenant.version),
    ))
}

fn refuse_kind(kind: Kind, parent: &Tenant) -> Result<()> {
    if kind.may_be_under(parent.kind) && parent.owner_id.is_none() {
        return Ok(());
    }
    Err(Refusal::about(
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
fn refuse_move(db: &Connection, caller: &Caller, tenant: &Tenant, to: &Tenant) -> Result<()> {
    let refuse = |code, info: String| Err(Refusal::about(code, tenant.id, info));
    if to.path.starts_with(&tenant.path) {
        return refuse(
            Code::MoveUnderChild,
            format!("Tenant {} is below it.", to.id),
        );
    }
    if tenant.kind == Kind::Unit || matches!(to.kind, Kind::Customer | Kind::Unit) {
        return refuse(
            Code::MoveWithinCustomer,
            "Units stay where they are, and nothing moves into a customer.".to_owned(),
        );
    }
    if refuse_disabled(db, to).is_err() {
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
        None => allow(db, caller, to, Right::Manage),
    }
}

/// What a caller may not do to the tenant it belongs to: it would lock itself out.
fn refuse_own(caller: &Caller, tenant: &Tenant, what: &str) -> Result<()> {
    if caller.tenant_id != tenant.id
        && caller
            .grant_over(&tenant.path)
            .is_some_and(|g| g.tenant_id != tenant.id)
    {
        return Ok(());
    }
    Err(Refusal::about(
        Code::AccessDenied,
        tenant.id,
        format!("A caller's own tenant cannot be {what} by it."),
    ))
}

impl Store {
    /// Makes a tenant.
    pub fn create_tenant(
        &self,
        caller: &Caller,
        parent: Id,
        new: &NewTenant,
        now: Moment,
    ) -> Result<View> {
        self.write(|tx| {
            let parent = reach(tx, caller, parent, Right::Manage)?;
            refuse_kind(new.kind, &parent)?;
            refuse_disabled(tx, &parent)?;
            refuse_name(tx, parent.id, &new.name, None)?;
            let tenant = insert(tx, Some(&parent), new, now)?;
            view(tx, tenant, now)
        })
    }

    /// One tenant.
    pub fn tenant(
        &self,
        caller: &Caller,
        id: Id,
        allow_deleted: bool,
        now: Moment,
    ) -> Result<View> {
        self.read(|db| {
            let tenant = if allow_deleted {
                find_any(db, id)?.ok_or_else(|| no_such(id))?
            } else {
                find(db, id)?
            };
            allow_seeing(db, caller, &tenant)?;
            view(db, tenant, now)
        })
    }

    /// Changes a tenant, all of it or nothing.
    pub fn update_tenant(
        &self,
        caller: &Caller,
        id: Id,
        change: &Change,
        now: Moment,
    ) -> Result<View> {
        self.write(|tx| {
            let before = writable(tx, caller, id)?;
            refuse_version(&before, change.version)?;
            let mut tenant = before.clone();
            if let Some(kind) = change.kind.filter(|kind| *kind != before.kind) {
                refuse_own(caller, &before, "made another kind")?;
                tenant.kind = kind;
            }
            let parent = change.parent_id.unwrap_or(before.parent_id);
            if parent != before.parent_id {
                refuse_own(caller, &before, "moved")?;
            }
            if change
                .enabled
                .is_some_and(|enabled| enabled != before.enabled)
            {
                refuse_own(caller, &before, "enabled or disabled")?;
            }
            if change
                .locked
                .is_some_and(|lock| lock != before.lock_owner_id.is_some())
            {
                refuse_own(caller, &before, "locked or unlocked")?;
            }
            if tenant.kind != before.kind || parent != before.parent_id {
                let target = find(tx, parent)?;
                if parent != before.parent_id {
                    refuse_move(tx, caller, &tenant, &target)?;
                }
                refuse_kind(tenant.kind, &target)?;
                refuse_strange_children(tx, &tenant)?;
                tenant.path = format!("{}{}/", target.path, tenant.number);
                tenant.parent_id = target.id;
            }
            if let Some(name) = &change.name {
                tenant.name.clone_from(name);
            }
            if tenant.name != before.name || tenant.parent_id != before.parent_id {
                refuse_name(tx, tenant.parent_id, &tenant.name, Some(id))?;
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
    pub fn delete_tenant(&self, caller: &Caller, id: Id, version: i64, now: Moment) -> Result<()> {
        self.write(|tx| {
            let tenant = writable(tx, caller, id)?;
            refuse_own(caller, &tenant, "deleted")?;
            if tenant.enabled {
                let number = tenant.number.to_string();
                return Err(Refusal::Platform {
                    code: Code::DeleteEnabled,
                    info: format!("Disable tenant {id} first."),
                    context: json!({ "id": number }),
                });
            }
            refuse_version(&tenant, version)?;
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
    pub fn restore_tenant(&self, caller: &Caller, id: Id, force: bool, now: Moment) -> Result<()> {
        self.write(|tx| {
            let tenant = find_any(tx, id)?.ok_or_else(|| no_such(id))?;
            allow(tx, caller, &tenant, Right::Manage)?;
            refuse_locked(caller, &tenant)?;
            let Some(deleted_at) = tenant.deleted_at else {
                return Err(Refusal::Conflict(format!("Tenant {id} is not deleted.")));
            };
            // What it was in must be there to take it.
            find(tx, tenant.parent_id)?;
            let mut name = tenant.name.clone();
            while name_taken(tx, tenant.parent_id, &name, Some(id))? {
                if !force {
                    refuse_name(tx, tenant.parent_id, &name, Some(id))?;
                }
                name = format!("{} ({})", tenant.name, secrets::random(6)?);
            }
            let range = (&tenant.path, path_end(&tenant.path));
            users::restore(tx, &range, deleted_at, force)?;
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

    /// The tenants directly under one, personal ones left out.
    pub fn children(
        &self,
        caller: &Caller,
        id: Id,
        order: Order,
        allow_deleted: bool,
        now: Moment,
    ) -> Result<Vec<View>> {
        self.read(|db| {
            reach(db, caller, id, Right::View)?;
            let order = match order {
                Order::AsIs => "t.number",
                Order::Name => "t.name COLLATE NOCASE, t.number",
                Order::Status => "t.enabled DESC, t.name COLLATE NOCASE, t.number",
            };
            let children = db
                .prepare_cached(&format!(
                    "{SELECT} WHERE t.parent_id = ?1 AND t.id <> ?1 AND t.owner_id IS NULL
                     AND (?2 OR t.deleted_at IS NULL) ORDER BY {order}"
                ))?
                .query_map(params![id, allow_deleted], from_row)?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            children
                .into_iter()
                .map(|tenant| view(db, tenant, now))
                .collect()
        })
    }

    /// A page of tenants, level by level, with their items where asked for, and where it goes on.
    pub fn tenants(
        &self,
        caller: &Caller,
        batch: &Batch,
        now: Moment,
    ) -> Result<(Vec<(View, Vec<Offered>)>, Option<Batch>)> {
        self.read(|db| {
            let (low, high, parent, mut ids) = match &batch.selection {
                Selection::Subtree(id) => {
                    let top = reach(db, caller, *id, Right::View)?;
                    (top.path.clone(), path_end(&top.path), None, Vec::new())
                }
                Selection::Children(id) => {
                    let parent = reach(db, caller, *id, Right::View)?;
                    (
                        parent.path.clone(),
                        path_end(&parent.path),
                        Some(*id),
                        Vec::new(),
                    )
                }
                Selection::Ids { ids, .. } => ("/".to_owned(), "0".to_owned(), None, ids.clone()),
            };
            if let Selection::Ids {
                with_path: true, ..
            } = &batch.selection
            {
                add_ways(db, caller, &mut ids)?;
            }
            let wanted = matches!(batch.selection, Selection::Ids { .. })
                .then(|| serde_json::to_string(&ids))
                .transpose()?;
            let mut statement = db.prepare_cached(&format!(
                "{SELECT} WHERE t.path >= ?1 AND t.path < ?2
                 AND (?3 IS NULL OR (t.parent_id = ?3 AND t.id <> ?3))
                 AND (?4 IS NULL OR t.id IN (SELECT value FROM json_each(?4)))
                 AND (?5 OR t.deleted_at IS NULL) AND t.updated_at > ?6
                 AND ({DEPTH}, t.number) > (?7, ?8)
                 ORDER BY {DEPTH}, t.number"
            ))?;
            let mut rows = statement.query(params![
                low,
                high,
                parent,
                wanted,
                batch.allow_deleted,
                batch.updated_since.unwrap_or(i64::MIN),
                batch.after.0,
                batch.after.1,
            ])?;
            let mut page = Vec::new();
            let limit = usize::try_from(batch.limit).unwrap_or(usize::MAX);
            let mut next = None;
            while let Some(row) = rows.next()? {
                let tenant = from_row(row)?;
                // What is out of reach is left out, not refused.
                if allow_seeing(db, caller, &tenant).is_err() {
                    continue;
                }
                let items = if batch.wants_items() {
                    offering_items::of_tenant(db, tenant.id)?
                } else {
                    Vec::new()
                };
                if let Some(kind) = &batch.having
                    && !items
                        .iter()
                        .any(|item| item.on && item.item.item_type.as_str() == kind)
                {
                    continue;
                }
                if page.len() == limit {
                    next = page.last().map(|(last, _): &(View, Vec<Offered>)| Batch {
                        after: (depth(&last.tenant.path), last.tenant.number),
                        ..batch.clone()
                    });
                    break;
                }
                page.push((view(db, tenant, now)?, items));
            }
            Ok((page, next))
        })
    }
}

/// The tenants on the way from the caller's own down to each of these.
fn add_ways(db: &Connection, caller: &Caller, ids: &mut Vec<Id>) -> Result<()> {
    let mut position = 0;
    while let Some(id) = ids.get(position).copied() {
        position += 1;
        if let Some(tenant) = find_any(db, id)?
            && caller.right_over(&tenant.path).is_some()
            && !ids.contains(&tenant.parent_id)
        {
            ids.push(tenant.parent_id);
        }
    }
    Ok(())
}

/// The level in the tree, as SQL counts it: one more than the number of steps.
pub fn depth(path: &str) -> i64 {
    i64::try_from(path.matches('/').count()).unwrap_or(i64::MAX)
}

fn set<T: Clone>(field: &mut T, change: &Option<T>) {
    if let Some(value) = change {
        field.clone_from(value);
    }
}

/// A new kind must suit what is in the tenant.
fn refuse_strange_children(db: &Connection, tenant: &Tenant) -> Result<()> {
    let kinds: Vec<String> = db
        .prepare_cached(
            "SELECT DISTINCT kind FROM tenants
             WHERE parent_id = ?1 AND id <> ?1 AND deleted_at IS NULL",
        )?
        .query_map([tenant.id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for kind in kinds.iter().filter_map(|kind| Kind::parse(kind)) {
        refuse_kind(kind, tenant)?;
    }
    Ok(())
}

fn save(db: &Connection, before: &Tenant, tenant: &Tenant, now: Moment) -> Result<()> {
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
