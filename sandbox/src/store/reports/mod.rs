//! Reports and their files.
//!
//! A file holds the figures of the moment it was asked for. It is written at once and shown as saved a while later:
//! nothing runs in between that an end of the process could lose.

pub(crate) mod format;

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::format::{Contents, Format, TenantUsage};
use super::period::{Period, midnight};
use super::tenants::{self, Tenant};
use super::usage;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Code, Id, Result, TenantKind};

/// Whose usage a report is about.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    /// The tenant's alone.
    Itself,
    /// Its children's, partners, folders and customers.
    DirectPartners,
    /// All partners', folders' and customers' below.
    AllPartners,
    /// All customers' below.
    AllCustomers,
    /// The tenant's and everybody's below, units included.
    Accounts,
}

/// What the figures of a report are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Span {
    /// Those at the end of a period.
    Whole(Period),
    /// Those of each day, both included.
    Daily(Date, Date),
}

/// What a report is to contain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// The tenant it starts from.
    pub tenant_id: Id,
    /// Whose usage.
    pub level: Level,
    /// Of which time.
    pub span: Span,
    /// Leave out what is not used.
    pub hide_zero_usage: bool,
    /// With article numbers.
    pub show_skus: bool,
}

/// A report as it was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// UUID.
    pub id: Id,
    /// The tenant it is about.
    pub tenant_id: Id,
    /// Grows with updates.
    pub version: i64,
    /// The rest of the answer: parameters, schedule and so on.
    pub document: Value,
}

/// A file of a report.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// UUID.
    pub id: Id,
    /// The format.
    pub format: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// From when on it can be had.
    pub ready_at: Timestamp,
    /// Gzipped, in bytes.
    pub size: i64,
}

/// Collects the figures of a report.
pub(crate) fn contents(db: &Connection, wanted: &Wanted, parameters: &Value) -> Result<Contents> {
    let tenant = tenants::find(db, wanted.tenant_id)?;
    let tenants = covered(db, tenant, wanted.level)?;
    let mut usages = Vec::new();
    for (date, period) in periods(wanted.span) {
        for tenant in &tenants {
            let mut figures = usage::of_tenant(db, tenant, period)?;
            if wanted.hide_zero_usage {
                figures.retain(|figure| figure.absolute.total() != 0 || figure.delta.total() != 0);
            }
            usages.push(TenantUsage {
                tenant: tenant.clone(),
                date,
                figures,
            });
        }
    }
    Ok(Contents {
        parameters: parameters.clone(),
        storage_owner: root(db)?,
        show_skus: wanted.show_skus,
        tenants: usages,
    })
}

/// The tenants of a level. Personal tenants are nobody's to report on.
fn covered(db: &Connection, tenant: Tenant, level: Level) -> Result<Vec<Tenant>> {
    if level == Level::Itself {
        return Ok(vec![tenant]);
    }
    let mut below = tenants::descendants(db, &tenant)?;
    below.retain(|other| {
        let sold_to = matches!(
            other.kind,
            TenantKind::Partner | TenantKind::Folder | TenantKind::Customer
        );
        match level {
            Level::Itself => false,
            Level::DirectPartners => sold_to && other.parent_id == tenant.id,
            Level::AllPartners => sold_to,
            Level::AllCustomers => other.kind == TenantKind::Customer,
            Level::Accounts => other.owner_id.is_none(),
        }
    });
    if level == Level::Accounts {
        below.insert(0, tenant);
    }
    Ok(below)
}

fn periods(span: Span) -> Vec<(Option<Date>, Period)> {
    match span {
        Span::Whole(period) => vec![(None, period)],
        Span::Daily(first, last) => first
            .series(jiff::Span::new().days(1))
            .take_while(|day| *day <= last)
            .map(|day| {
                let period = Period {
                    start: midnight(day),
                    end: midnight(day.tomorrow().unwrap_or(day)),
                };
                (Some(day), period)
            })
            .collect(),
    }
}

/// The tenant that owns the storages.
pub(crate) fn root(db: &Connection) -> Result<Id> {
    let mut row = db.prepare_cached("SELECT id FROM tenants WHERE kind = 'root'")?;
    Ok(row.query_row([], |row| row.get(0))?)
}

/// Keeps a report and its files.
pub(crate) fn create(
    tx: &Transaction<'_>,
    report: &Report,
    files: &[(Format, Vec<u8>)],
    created_at: Timestamp,
    ready_at: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO reports (id, tenant_id, version, document, created_at) VALUES (?, ?, ?, ?, ?)",
    )?
    .execute(params![
        report.id,
        report.tenant_id,
        report.version,
        report.document.to_string(),
        created_at
    ])?;
    for (format, content) in files {
        tx.prepare_cached(
            "INSERT INTO stored_reports (id, report_id, report_format, created_at, ready_at, content)
             VALUES (?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            Id::random(),
            report.id,
            format.as_str(),
            created_at,
            ready_at,
            content
        ])?;
    }
    Ok(())
}

/// The report of this id; else 404.
pub(crate) fn find(db: &Connection, id: Id) -> Result<Report> {
    let found = db
        .prepare_cached("SELECT tenant_id, version, document FROM reports WHERE id = ?")?
        .query_row([id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?))
        })
        .optional()?;
    let Some((tenant_id, version, document)) = found else {
        return Err(ApiError::NotFound(format!("There is no report {id}.")));
    };
    Ok(Report {
        id,
        tenant_id,
        version,
        document: serde_json::from_str(&document)?,
    })
}

/// The reports about a tenant, the oldest first.
pub(crate) fn of_tenant(db: &Connection, tenant: Id) -> Result<Vec<Id>> {
    let mut rows =
        db.prepare_cached("SELECT id FROM reports WHERE tenant_id = ? ORDER BY number")?;
    let rows = rows.query_map([tenant], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The files of a report, in the order of the formats asked for.
pub(crate) fn stored(db: &Connection, report: Id) -> Result<Vec<Stored>> {
    let mut rows = db.prepare_cached(
        "SELECT id, report_format, created_at, ready_at, length(content)
         FROM stored_reports WHERE report_id = ? ORDER BY number",
    )?;
    let rows = rows.query_map([report], |row| {
        Ok(Stored {
            id: row.get(0)?,
            format: row.get(1)?,
            created_at: row.get(2)?,
            ready_at: row.get(3)?,
            size: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A file, gzipped; 404 if there is none, or none yet.
pub(crate) fn file(db: &Connection, report: Id, stored: Id, now: Timestamp) -> Result<Vec<u8>> {
    db.prepare_cached(
        "SELECT content FROM stored_reports WHERE id = ? AND report_id = ? AND ready_at <= ?",
    )?
    .query_row(params![stored, report, now], |row| row.get(0))
    .optional()?
    .ok_or_else(|| {
        ApiError::NotFound(format!(
            "Report {report} has no stored report {stored}, or not yet."
        ))
    })
}

/// When the last of the files that are being made will be ready.
pub(crate) fn due(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    let mut row =
        db.prepare_cached("SELECT max(ready_at) FROM stored_reports WHERE ready_at > ?")?;
    Ok(row.query_row([now], |row| row.get(0))?)
}

/// Deletes a report and its files.
pub(crate) fn delete(tx: &Transaction<'_>, report: &Report, version: i64) -> Result<()> {
    if version != report.version {
        let info = format!("The version is {}, not {version}.", report.version);
        return Err(ApiError::about(Code::VersionMismatch, report.id, info));
    }
    tx.execute(
        "DELETE FROM stored_reports WHERE report_id = ?",
        [report.id],
    )?;
    tx.execute("DELETE FROM reports WHERE id = ?", [report.id])?;
    Ok(())
}
