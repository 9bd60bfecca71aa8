//! The worlds a fresh state starts with. Same seed, same world: ids come from names.

pub(crate) mod demo;
mod history;
mod machines;
mod plans;

use rusqlite::Connection;

use crate::clock::Moment;
use crate::error::Result;
use crate::id::Id;
use crate::store::tenants::{self, Kind, NewTenant, Tenant};
use crate::store::users::{self, NewUser};
use crate::{Seed, store};

/// What a world is made from.
#[derive(Clone, Debug)]
pub(crate) struct Seeding {
    /// Which world.
    pub seed: Seed,
    /// A demo world of so many tenants.
    pub tenants: Option<u32>,
    /// The administrator's login.
    pub admin_login: String,
    /// Hash of the administrator's password.
    pub admin_password: String,
    /// The moment that all times in it are relative to.
    pub now: Moment,
}

/// The platform's top.
pub(crate) fn root_id() -> Id {
    Id::named("tenant root")
}

/// The partner that the administrator belongs to.
pub(crate) fn partner_id() -> Id {
    Id::named("tenant partner")
}

/// The administrator.
pub(crate) fn admin_id() -> Id {
    Id::named("user admin")
}

/// Puts a world in an empty state.
pub(crate) fn seed(db: &Connection, seeding: &Seeding) -> Result<()> {
    let partner = base(db, seeding)?;
    match (seeding.tenants, seeding.seed) {
        (Some(tenants), _) => demo::many(db, &partner, seeding, tenants),
        (None, Seed::Empty) => demo::empty(db, seeding),
        (None, Seed::Demo) => demo::seed(db, &partner, seeding),
        (None, Seed::Partner) => demo::partner(db, &partner, seeding),
    }
}

/// What stands in every world: the root, a partner under it, and its administrator.
fn base(db: &Connection, seeding: &Seeding) -> Result<Tenant> {
    // Older than all that is under it.
    let now = demo::born(seeding, 400);
    let root = NewTenant::named(root_id(), Kind::Root, "Sandbox Platform");
    let root = tenants::insert(db, None, &root, now)?;
    let partner = NewTenant::named(partner_id(), Kind::Partner, "Sandbox Partner");
    let partner = tenants::insert(db, Some(&root), &partner, now)?;
    // Who runs the platform and its first partner pays for it already.
    for tenant in [&root, &partner] {
        db.execute(
            "UPDATE pricing SET mode = 'production', production_start_date = ? WHERE tenant_id = ?",
            rusqlite::params![now, tenant.id],
        )?;
    }
    let admin = NewUser {
        password: Some(seeding.admin_password.clone()),
        contact: contact("Ada", "Admin", "admin@example.com"),
        ..NewUser::named(admin_id(), &seeding.admin_login)
    };
    let admin = users::insert(db, &partner, &admin, now)?;
    users::grant(db, admin.id, partner.id, "partner_admin", root.id, now)?;
    store::set_meta(db, "admin_login", &seeding.admin_login)?;
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
