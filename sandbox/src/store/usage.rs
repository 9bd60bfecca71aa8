//! How much tenants use: figures that grow with the time, and the same ones for the same moment.
//!
//! A row says what a tenant used at one moment and how much it grows in a day. What it uses at another moment is
//! computed in steps of half an hour, so that figures refresh as rarely as the platform's. Partners have no rows of
//! their own: theirs is the sum of all below.

use std::collections::HashMap;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use rusqlite::{Connection, params};

use super::offering_items::{self, Offered, infra, place};
use super::tenants::{self, Tenant};
use crate::catalogue::Item;
use crate::clock::Timestamp;
use crate::domain::{Id, Result};

/// An amount, split by whether those who used it pay.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Amount {
    /// Used by tenants in production.
    pub production: i64,
    /// Used by tenants in trial.
    pub trial: i64,
}

impl Amount {
    /// Used by all.
    pub(crate) fn total(self) -> i64 {
        self.production + self.trial
    }
}

/// What a tenant uses of one of its items.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    /// The item, which is on.
    pub offered: Offered,
    /// What there is, or was ever used up, at the end of the period.
    pub absolute: Amount,
    /// How much of it came in the period.
    pub delta: Amount,
}

impl Figure {
    /// What is billed: consumables for the period, all else as it stands at its end.
    pub(crate) fn effective(&self) -> Amount {
        if self.offered.item.is_consumable() {
            self.delta
        } else {
            self.absolute
        }
    }
}

/// A stretch of time; figures are those of its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Period {
    /// From here on consumables count.
    pub start: Timestamp,
    /// The moment that is looked at.
    pub end: Timestamp,
}

impl Period {
    /// From the first of the month until now.
    pub(crate) fn of_month(now: Timestamp) -> Self {
        Self {
            start: start_of_month(now),
            end: now,
        }
    }
}

/// Midnight of the first day of the month.
pub(crate) fn start_of_month(now: Timestamp) -> Timestamp {
    midnight(now.civil().date().first_of_month())
}

/// The beginning of a day in UTC.
pub(crate) fn midnight(date: Date) -> Timestamp {
    // Dates at the edge of time have no moment; nothing of a world is there.
    TimeZone::UTC
        .to_timestamp(date.to_datetime(Time::midnight()))
        .map_or(Timestamp::from_millis(0), |at| {
            Timestamp::from_millis(at.as_millisecond())
        })
}

/// What a tenant and all below it use, for each of its items that is on.
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
    let mut used: HashMap<(Id, String, Option<Id>), (Amount, Amount)> = HashMap::new();
    while let Some(row) = rows.next()? {
        let key = (row.get(0)?, row.get(1)?, infra(&row.get::<_, String>(2)?));
        let (at_end, at_start): (i64, i64) = (row.get(4)?, row.get(5)?);
        let (absolute, delta) = used.entry(key).or_default();
        let grown = at_end - at_start;
        if row.get(3)? {
            absolute.trial = at_end;
            delta.trial = grown;
        } else {
            absolute.production = at_end;
            delta.production = grown;
        }
    }
    let items = offering_items::of_tenant(db, tenant.id)?.into_iter();
    Ok(items
        .filter(|offered| offered.on)
        .map(|offered| {
            let item = offered.item;
            let key = (item.application_id, item.name.clone(), offered.infra_id);
            let (absolute, delta) = used.get(&key).copied().unwrap_or_default();
            Figure {
                offered,
                absolute,
                delta,
            }
        })
        .collect())
}

/// What a tenant and all below it use of one item now.
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

/// Notes what a tenant uses of an item: so much at one moment, and how much more each day.
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
        place(infra_id),
        base_value,
        daily_growth,
        since
    ])?;
    Ok(())
}
