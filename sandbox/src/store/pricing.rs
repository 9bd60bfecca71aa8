//! Trial and production: the pricing settings of a tenant.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::error::Result;
use crate::id::Id;

/// Whether a tenant pays.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Nothing is billed yet.
    Trial,
    /// Usage is billed.
    Production,
    /// Billing is stopped.
    Suspended,
}

/// What a tenant's own object shows of its pricing.
#[derive(Clone, Copy, Debug)]
pub struct Pricing {
    /// Trial, production or suspended.
    pub mode: Mode,
    /// When production began, or in trial will begin by itself.
    pub production_start_date: Option<Moment>,
}

/// Puts a new tenant in trial.
pub fn start_trial(db: &Connection, tenant: Id, now: Moment) -> Result<()> {
    db.execute(
        "INSERT INTO pricing (tenant_id, mode, version) VALUES (?, 'trial', ?)",
        params![tenant, now.millis()],
    )?;
    Ok(())
}

/// The pricing of a tenant as it is now.
pub fn current(db: &Connection, tenant: Id, _now: Moment) -> Result<Pricing> {
    let (mode, production_start_date): (String, _) = db
        .prepare_cached("SELECT mode, production_start_date FROM pricing WHERE tenant_id = ?")?
        .query_row([tenant], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mode = match mode.as_str() {
        "trial" => Mode::Trial,
        "suspended" => Mode::Suspended,
        _ => Mode::Production,
    };
    Ok(Pricing {
        mode,
        production_start_date,
    })
}
