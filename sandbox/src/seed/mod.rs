//! The data that a fresh state starts with. The same seed gives the same data: ids come from names.

mod bulk;
mod catalogue;
mod demo;
mod history;
mod machines;
mod partner;
mod plans;
mod usage;

use rusqlite::{Connection, params};

use crate::clock::Timestamp;
use crate::domain::{ApiError, Code, Id, Result, TenantKind};
use crate::settings::{Options, Seed};
use crate::store::Store;
use crate::store::tenants::{self, NewTenant, Tenant};
use crate::store::users::{self, NewUser, admin_id};
use crate::world::World;
use crate::{secrets, store};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// What a world is made from.
#[derive(Clone, Debug)]
pub(crate) struct SeedOptions {
    /// Which world.
    pub seed: Seed,
    /// A demo world of so many tenants.
    pub tenants: Option<u32>,
    /// The administrator's login.
    pub admin_login: String,
    /// Hash of the administrator's password.
    pub admin_password: String,
    /// The moment that all times in it are relative to.
    pub now: Timestamp,
}

/// The platform's top.
pub(crate) fn root_id() -> Id {
    Id::named("tenant root")
}

/// The partner that the administrator belongs to.
pub(crate) fn partner_id() -> Id {
    Id::named("tenant partner")
}

/// The administrator after a start.
#[derive(Debug)]
pub(crate) struct Administrator {
    pub login: String,
    /// The password, if this start has set it.
    pub new_password: Option<String>,
}

/// Seeds a fresh state, and sets the administrator's password if one is given.
pub(crate) fn first_start(
    store: &Store,
    options: &Options,
    now: Timestamp,
) -> Result<Administrator> {
    store.write(|tx| {
        let seeded = store::meta(tx, "admin_login")?;
        let password = match (&options.admin_password, &seeded) {
            (Some(given), _) => given.clone(),
            (None, None) => secrets::random(20)?,
            (None, Some(login)) => {
                return Ok(Administrator {
                    login: login.clone(),
                    new_password: None,
                });
            }
        };
        let hash = secrets::hash(&password)?;
        let login = match seeded {
            Some(login) => {
                tx.execute(
                    "UPDATE users SET password = ?, activated = 1 WHERE id = ?",
                    params![hash, admin_id()],
                )?;
                login
            }
            None => {
                let login = options.admin_login.clone();
                seed(
                    tx,
                    &SeedOptions::new(options, login.clone(), hash.clone(), now),
                )?;
                login
            }
        };
        store::set_meta(tx, "admin_password", &hash)?;
        Ok(Administrator {
            login,
            new_password: Some(password),
        })
    })
}

/// Returns a world to its seed: data, clock, request log and fault rules. The administrator keeps login and password.
pub(crate) fn reset(world: &World, options: &Options) -> Result<()> {
    world.clock.reset(|now| {
        world.store.write(|tx| {
            let missing = || ApiError::platform(Code::Internal, "The state was never seeded.");
            let login = store::meta(tx, "admin_login")?.ok_or_else(missing)?;
            let password = store::meta(tx, "admin_password")?.ok_or_else(missing)?;
            Store::clear(tx)?;
            let options = SeedOptions::new(options, login, password, now);
            seed(tx, &options)?;
            store::set_meta(tx, "admin_password", &options.admin_password)
        })
    })?;
    world.request_log.clear();
    world.faults.restore();
    Ok(())
}

impl SeedOptions {
    fn new(options: &Options, admin_login: String, admin_password: String, now: Timestamp) -> Self {
        Self {
            seed: options.seed,
            tenants: options.tenants,
            admin_login,
            admin_password,
            now,
        }
    }
}

/// Seeds an empty state.
fn seed(db: &Connection, options: &SeedOptions) -> Result<()> {
    let partner = base(db, options)?;
    match (options.tenants, options.seed) {
        (Some(tenants), _) => bulk::seed(db, &partner, options, tenants),
        (None, Seed::Empty) => catalogue::enable_catalogue(db, options, |_| true),
        (None, Seed::Demo) => demo::seed(db, &partner, options),
        (None, Seed::Partner) => partner::seed(db, &partner, options),
    }
}

/// What stands in every world: the root, a partner under it, and its administrator.
fn base(db: &Connection, options: &SeedOptions) -> Result<Tenant> {
    // Older than all that is under it.
    let now = days_ago(options, 400);
    let root = NewTenant::named(root_id(), TenantKind::Root, "Sandbox Platform");
    let root = tenants::insert(db, None, &root, now)?;
    let partner = NewTenant::named(partner_id(), TenantKind::Partner, "Sandbox Partner");
    let partner = tenants::insert(db, Some(&root), &partner, now)?;
    // Who runs the platform and its first partner pays for it already.
    for tenant in [&root, &partner] {
        db.execute(
            "UPDATE pricing SET mode = 'production', production_start_date = ? WHERE tenant_id = ?",
            params![now, tenant.id],
        )?;
    }
    let admin = NewUser {
        password: Some(options.admin_password.clone()),
        contact: contact("Ada", "Admin", "admin@example.com"),
        ..NewUser::named(admin_id(), &options.admin_login)
    };
    let admin = users::insert(db, &partner, &admin, now)?;
    users::grant(db, admin.id, partner.id, "partner_admin", root.id, now)?;
    store::set_meta(db, "admin_login", &options.admin_login)?;
    Ok(partner)
}

/// Contact fields of a person.
pub(crate) fn contact(
    first: &str,
    last: &str,
    email: &str,
) -> serde_json::Map<String, serde_json::Value> {
    [("firstname", first), ("lastname", last), ("email", email)]
        .into_iter()
        .map(|(field, text)| (field.to_owned(), text.into()))
        .collect()
}

/// The time of so many days before the seed.
pub(super) fn days_ago(options: &SeedOptions, days: i64) -> Timestamp {
    options.now.plus_millis(-days * DAY_MILLIS)
}

pub(super) fn named(what: &str, name: &str) -> Id {
    Id::named(&format!("{what} {name}"))
}

pub(super) fn add_person(
    db: &Connection,
    tenant: &Tenant,
    (first, last, role): (&str, &str, &str),
    domain: &str,
    now: Timestamp,
) -> Result<()> {
    let login = format!("{first}.{last}@{domain}").to_lowercase();
    let new = NewUser {
        contact: contact(first, last, &login),
        ..NewUser::named(named("user", &login), &login)
    };
    let user = users::insert(db, tenant, &new, now)?;
    users::grant(db, user.id, tenant.id, role, tenant.id, now)?;
    Ok(())
}
