//! The demo world.

use rusqlite::Connection;

use super::Seeding;
use crate::error::Result;
use crate::store::tenants::Tenant;

/// Puts the demo world under the partner.
pub fn seed(_db: &Connection, _partner: &Tenant, _seeding: &Seeding) -> Result<()> {
    Ok(())
}

/// Puts a world of the size of one real partner account under the partner.
pub fn partner(_db: &Connection, _partner: &Tenant, _seeding: &Seeding) -> Result<()> {
    Ok(())
}
