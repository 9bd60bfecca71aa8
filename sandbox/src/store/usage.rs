//! The usage of tenants.
//!
//! A row contains the usage of a tenant at one time and its growth per day. The usage at any other time is computed
//! from it, in steps of half an hour because the platform's figures are updated that rarely. Partners have no rows: their
//! usage is the sum of their descendants' usage.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::offering_items::{self, Offered, infra_key, parse_infra_key};
use super::period::Period;
use super::tenants::{self, Tenant};
use crate::catalogue::Item;
use crate::clock::Timestamp;
use crate::domain::{Id, Result};

/// An amount, split into production and trial.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Amount {
    /// The usage of tenants in production.
    pub production: i64,
    /// The usage of tenants in trial.
    pub trial: i64,
}

impl Amount {
    /// The sum of both.
    pub(crate) fn total(self) -> i64 {
        self.production + self.trial
    }
}

/// The usage of one offering item.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    /// The enabled item.
    pub offered: Offered,
    /// The usage at the end of the period; for consumables, the total since the beginning.
    pub absolute: Amount,
    /// The increase in the period.
    pub delta: Amount,
}

impl Figure {
    /// The billed amount: the increase for consumables, and the usage at the end of the period for other items.
    pub(crate) fn effective(&self) -> Amount {
        if self.offered.item.is_consumable() {
            self.delta
        } else {
            self.absolute
        }
    }
}

/// The usage of a tenant and its descendants, for each of its enabled items.
pub(crate) fn of_tenant(db: &Connection, tenant: &Tenant, period: Period) -> Result<Vec<Figure>> {
    let last = tenants::path_end(&tenant.path);
    let mut rows = db.prepare_cached(
        "SELECT u.application_id, u.name, u.infra_id,
             p.mode = 'trial' AND (p.production_start_date IS NULL OR p.production_start_date > ?2) AS in_trial,
             sum(u.base_value + u.daily_growth * max(0, ?2 / 1800000 - u.since / 1800000) / 48),
             sum(u.base_value + u.daily_growth * max(0, ?1 / 1800000 - u.since / 1800000) / 48)
         FROM tenants t
         JOIN usages u ON u.tenant_id = t.id
         JOIN pricing p ON p.tenant_id = t.id
         JOIN offering_items o ON o.tenant_id = t.id AND o.application_id = u.application_id
             AND o.name = u.name AND o.infra_id = u.infra_id AND o.status = 1
         WHERE t.path >= ?3 AND t.path < ?4 AND t.deleted_at IS NULL
         GROUP BY 1, 2, 3, 4",
    )?;
    let mut rows = rows.query(params![period.start, period.end, tenant.path, last])?;
    let mut totals: HashMap<(Id, String, Option<Id>), (Amount, Amount)> = HashMap::new();
    while let Some(row) = rows.next()? {
        let key = (
            row.get(0)?,
            row.get(1)?,
            parse_infra_key(&row.get::<_, String>(2)?),
        );
        let (at_end, at_start): (i64, i64) = (row.get(4)?, row.get(5)?);
        let (absolute, delta) = totals.entry(key).or_default();
        let growth = at_end - at_start;
        if row.get(3)? {
            absolute.trial = at_end;
            delta.trial = growth;
        } else {
            absolute.production = at_end;
            delta.production = growth;
        }
    }
    let items = offering_items::of_tenant(db, tenant.id)?.into_iter();
    Ok(items
        .filter(|offered| offered.on)
        .map(|offered| {
            let item = offered.item;
            let key = (item.application_id, item.name.clone(), offered.infra_id);
            let (absolute, delta) = totals.get(&key).copied().unwrap_or_default();
            Figure {
                offered,
                absolute,
                delta,
            }
        })
        .collect())
}

/// The current usage of one item by a tenant and its descendants.
pub(crate) fn of_item(
    db: &Connection,
    tenant: &Tenant,
    item: &Item,
    infra_id: Option<Id>,
    now: Timestamp,
) -> Result<i64> {
    let figures = of_tenant(db, tenant, Period::of_month(now))?;
    Ok(figures
        .iter()
        .find(|figure| {
            figure.offered.item.position == item.position && figure.offered.infra_id == infra_id
        })
        .map_or(0, |figure| figure.effective().total()))
}

/// Inserts the usage of an item: the value at one time and its growth per day.
pub(crate) fn seed(
    db: &Connection,
    tenant: Id,
    (item, infra_id): (&Item, Option<Id>),
    (base_value, daily_growth): (i64, i64),
    since: Timestamp,
) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO usages (tenant_id, application_id, name, infra_id, base_value, daily_growth, since)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        tenant,
        item.application_id,
        item.name,
        infra_key(infra_id),
        base_value,
        daily_growth,
        since
    ])?;
    Ok(())
}
