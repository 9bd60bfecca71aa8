//! The pricing settings of tenants: trial, production and currency.
//!
//! A customer's trial ends after one full calendar month. Nothing is written at that time: reads after it return
//! "production".

use jiff::civil::Date;
use rusqlite::{Connection, Transaction, params};
use serde::{Deserialize, Serialize};

use super::period::midnight;
use super::tenants::Tenant;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Code, Id, Result};

/// The pricing mode.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// Usage is not billed yet.
    Trial,
    /// Usage is billed.
    Production,
    /// Billing is stopped.
    Suspended,
}

impl Mode {
    fn as_str(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Production => "production",
            Self::Suspended => "suspended",
        }
    }
}

/// A currency code of ISO 4217.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Currency {
    Aud,
    Brl,
    Cad,
    Eur,
    Cny,
    Gbp,
    Jpy,
    Kzt,
    Nzd,
    Rub,
    Usd,
    Zar,
}

/// The pricing settings of a tenant at one time.
#[derive(Clone, Debug)]
pub(crate) struct Pricing {
    pub mode: Mode,
    /// `None`: the data center's default currency.
    pub currency: Option<String>,
    /// The time of the last change in Unix milliseconds.
    pub version: i64,
    /// The start of production, which is in the future during a trial.
    pub production_start_date: Option<Timestamp>,
}

/// Inserts the pricing of a new tenant, in trial mode. A unit inherits the pricing of its parent.
pub(crate) fn start_trial(db: &Connection, tenant: Id, now: Timestamp) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO pricing (tenant_id, mode, currency, version, production_start_date)
         SELECT t.id,
             CASE t.kind WHEN 'unit' THEN p.mode ELSE 'trial' END,
             CASE t.kind WHEN 'unit' THEN p.currency END,
             ?2,
             CASE t.kind WHEN 'unit' THEN p.production_start_date WHEN 'customer' THEN ?3 END
         FROM tenants t LEFT JOIN pricing p ON p.tenant_id = t.parent_id
         WHERE t.id = ?1",
    )?
    .execute(params![tenant, now, end_of_trial(now)])?;
    Ok(())
}

/// The first day after one full calendar month after `start`.
fn end_of_trial(start: Timestamp) -> Timestamp {
    let next_month = |date: Date| {
        let last = date.last_of_month();
        last.tomorrow().unwrap_or(last)
    };
    let date = start.civil().date();
    if date.day() == 1 {
        return midnight(next_month(date));
    }
    midnight(next_month(next_month(date)))
}

/// The current pricing of a tenant.
pub(crate) fn current(db: &Connection, tenant: Id, now: Timestamp) -> Result<Pricing> {
    let (mode, pricing): (String, Pricing) = db
        .prepare_cached(
            "SELECT mode, currency, version, production_start_date FROM pricing WHERE tenant_id = ?",
        )?
        .query_row([tenant], |row| {
            let pricing = Pricing {
                mode: Mode::Production,
                currency: row.get(1)?,
                version: row.get(2)?,
                production_start_date: row.get(3)?,
            };
            Ok((row.get(0)?, pricing))
        })?;
    let production_start = pricing.production_start_date.filter(|start| *start <= now);
    Ok(match (mode.as_str(), production_start) {
        ("suspended", _) => Pricing {
            mode: Mode::Suspended,
            ..pricing
        },
        ("trial", None) => Pricing {
            mode: Mode::Trial,
            ..pricing
        },
        // The automatic switch to production changes the version.
        ("trial", Some(start)) => Pricing {
            version: pricing.version.max(start.millis()),
            ..pricing
        },
        _ => pricing,
    })
}

/// A change to the pricing. `None` means unchanged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    /// The version that the caller last read.
    pub version: i64,
    pub mode: Option<Mode>,
    /// `Some(None)` removes the currency.
    pub currency: Option<Option<Currency>>,
}

/// Changes the pricing of a tenant and its units.
pub(crate) fn update(
    tx: &Transaction<'_>,
    tenant: &Tenant,
    change: Change,
    now: Timestamp,
) -> Result<Pricing> {
    let old = current(tx, tenant.id, now)?;
    if change.version != old.version {
        let info = format!(
            "The current version is {}, not {}.",
            old.version, change.version
        );
        return Err(ApiError::about(Code::VersionMismatch, tenant.id, info));
    }
    let mode = change.mode.unwrap_or(old.mode);
    if mode == Mode::Trial && old.mode != Mode::Trial {
        let info = format!(
            "The mode cannot be changed from {} to trial.",
            old.mode.as_str()
        );
        return Err(ApiError::about(Code::BusinessRules, tenant.id, info));
    }
    let start = match (old.mode, mode) {
        // A switch during a month is effective immediately, even though the whole month is billed.
        (Mode::Trial, Mode::Production) => Some(now),
        _ => old.production_start_date,
    };
    let currency = match change.currency {
        Some(currency) => currency.map(|currency| format!("{currency:?}").to_uppercase()),
        None => old.currency,
    };
    let new = Pricing {
        mode,
        currency,
        version: now.millis().max(old.version + 1),
        production_start_date: start,
    };
    let last = super::tenants::path_end(&tenant.path);
    tx.prepare_cached(
        "UPDATE pricing SET mode = ?2, currency = ?3, version = ?4, production_start_date = ?5
         WHERE tenant_id = ?1 OR tenant_id IN
             (SELECT id FROM tenants WHERE kind = 'unit' AND ?6 = 'customer' AND path > ?7 AND path < ?8)",
    )?
    .execute(params![
        tenant.id,
        new.mode.as_str(),
        new.currency,
        new.version,
        new.production_start_date,
        tenant.kind.as_str(),
        tenant.path,
        last
    ])?;
    Ok(new)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn trial_ends_after_one_full_calendar_month() {
        let end = |day: Date| end_of_trial(midnight(day)).civil().date();
        assert_eq!(end(date(2026, 3, 1)), date(2026, 4, 1));
        assert_eq!(end(date(2026, 3, 2)), date(2026, 5, 1));
        assert_eq!(end(date(2026, 12, 31)), date(2027, 2, 1));
        assert_eq!(end(date(2027, 1, 30)), date(2027, 3, 1));
    }
}
