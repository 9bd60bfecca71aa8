//! The initial data of a world. The same seed creates the same data: ids are derived from names.

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
use crate::store::contact::{ContactChange, Email};
use crate::store::tenants::{self, NewTenant, Tenant};
use crate::store::users::{self, NewUser, admin_id};
use crate::world::World;
use crate::{secrets, store};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// The parameters of a seed.
#[derive(Clone, Debug)]
pub(crate) struct SeedOptions {
    pub seed: Seed,
    pub admin_login: String,
    /// The hash of the administrator's password.
    pub admin_password: String,
    /// The time that all times in the data are relative to.
    pub now: Timestamp,
}

/// The id of the root tenant.
pub(crate) fn root_id() -> Id {
    Id::named("tenant root")
}

/// The id of the partner that the administrator belongs to.
pub(crate) fn partner_id() -> Id {
    Id::named("tenant partner")
}

/// The administrator after a start.
#[derive(Debug)]
pub(crate) struct Administrator {
    pub login: String,
    /// The password, if this start set it.
    pub new_password: Option<String>,
}

/// Seeds an empty state, and sets the administrator's password if one is given.
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
                let login = options.admin_login.as_deref().unwrap_or("admin");
                let seed_options = SeedOptions {
                    seed: options.seed.unwrap_or_default(),
                    admin_login: login.to_owned(),
                    admin_password: hash.clone(),
                    now,
                };
                seed(tx, &seed_options)?;
                seed_options.admin_login
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
            let missing = || ApiError::platform(Code::Internal, "The state has not been seeded.");
            let login = store::meta(tx, "admin_login")?.ok_or_else(missing)?;
            let password = store::meta(tx, "admin_password")?.ok_or_else(missing)?;
            // A state of an older version does not say what its seed was.
            let existing = store::meta(tx, "seed")?.and_then(|seed| seed.parse().ok());
            Store::clear(tx)?;
            let options = SeedOptions {
                seed: existing.or(options.seed).unwrap_or_default(),
                admin_login: login,
                admin_password: password,
                now,
            };
            seed(tx, &options)?;
            store::set_meta(tx, "admin_password", &options.admin_password)
        })
    })?;
    world.request_log.clear();
    world.faults.restore();
    Ok(())
}

/// Seeds an empty state.
fn seed(db: &Connection, options: &SeedOptions) -> Result<()> {
    let partner = seed_base(db, options)?;
    match options.seed {
        Seed::Tenants(number) => bulk::seed(db, &partner, options, number),
        Seed::Empty => catalogue::enable_catalogue(db, options, |_| true),
        Seed::Demo => demo::seed(db, &partner, options),
        Seed::Partner => partner::seed(db, &partner, options),
    }
}

/// Adds the common base of all worlds: the root, a partner below it, and its administrator. Returns the partner.
fn seed_base(db: &Connection, options: &SeedOptions) -> Result<Tenant> {
    // Older than everything below it.
    let created_at = days_ago(options, 400);
    let root = NewTenant::named(root_id(), TenantKind::Root, "Sandbox Platform");
    let root = tenants::insert(db, None, &root, created_at)?;
    let partner = NewTenant::named(partner_id(), TenantKind::Partner, "Sandbox Partner");
    let partner = tenants::insert(db, Some(&root), &partner, created_at)?;
    // The root and the first partner are in production.
    for tenant in [&root, &partner] {
        db.execute(
            "UPDATE pricing SET mode = 'production', production_start_date = ? WHERE tenant_id = ?",
            params![created_at, tenant.id],
        )?;
    }
    let admin = NewUser {
        password: Some(options.admin_password.clone()),
        contact: contact("Ada", "Admin", "admin@example.com"),
        ..NewUser::named(admin_id(), &options.admin_login)
    };
    let admin = users::insert(db, &partner, &admin, created_at)?;
    users::grant(
        db,
        admin.id,
        partner.id,
        "partner_admin",
        root.id,
        created_at,
    )?;
    store::set_meta(db, "admin_login", &options.admin_login)?;
    store::set_meta(db, "seed", &options.seed.to_string())?;
    Ok(partner)
}

/// The contact fields of a person.
pub(crate) fn contact(first: &str, last: &str, email: &str) -> ContactChange {
    ContactChange {
        firstname: Some(first.to_owned()),
        lastname: Some(last.to_owned()),
        email: Email::try_from(email.to_owned()).ok(),
        ..ContactChange::default()
    }
}

/// The time this many days before the seed.
pub(super) fn days_ago(options: &SeedOptions, days: i64) -> Timestamp {
    options.now.plus_millis(-days * DAY_MILLIS)
}

/// The id of an object of this kind and name.
pub(super) fn id_of(kind: &str, name: &str) -> Id {
    Id::named(&format!("{kind} {name}"))
}

/// Adds a user with a role in the tenant. The login is the e-mail address.
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
        ..NewUser::named(id_of("user", &login), &login)
    };
    let user = users::insert(db, tenant, &new, now)?;
    users::grant(db, user.id, tenant.id, role, tenant.id, now)?;
    Ok(())
}
