//! Reports and their files.
//!
//! A file contains the figures at the time of the request. It is written at once and reported as saved later, so no
//! background work is lost if the process ends.

mod csv;
mod file;
mod json;

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

pub(crate) use self::file::{Contents, Format};

use self::file::TenantUsage;
use super::period::{Period, midnight};
use super::tenants::{self, Tenant};
use super::usage;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Code, Id, Result, TenantKind};

/// The tenants that a report covers.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    /// The tenant alone.
    Itself,
    /// Its child partners, folders and customers.
    DirectPartners,
    /// All partners, folders and customers below it.
    AllPartners,
    /// All customers below it.
    AllCustomers,
    /// The tenant and all tenants below it, including units.
    Accounts,
}

/// The time that the figures of a report are for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Timeframe {
    /// One set of figures, at the end of a period.
    Whole(Period),
    /// One set of figures per day, from the first to the last day.
    Daily(Date, Date),
}

/// What a report contains, as it was requested.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Parameters {
    pub kind: Kind,
    /// The tenant that the report starts from.
    pub tenant_id: Id,
    pub level: Level,
    pub formats: Vec<Format>,
    pub period: Days,
    /// Whether to omit unused items.
    pub hide_zero_usage: bool,
    /// Whether to include SKUs.
    pub show_skus: bool,
}

/// The kinds of usage reports.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Kind {
    #[serde(rename = "usage_current")]
    Current,
    #[serde(rename = "usage_summary")]
    Summary,
    #[serde(rename = "usage_daily")]
    Daily,
    #[serde(rename = "usage_breakdown")]
    Breakdown,
}

/// The first and the last day of a period, such as `2026-01-31`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Days {
    pub start: String,
    pub end: String,
}

/// When and how a report is created.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Schedule {
    #[serde(rename = "type")]
    pub schedule_type: ScheduleType,
    pub enabled: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScheduleType {
    Once,
    Monthly,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResultAction {
    Save,
    Send,
}

/// The part of a report that is stored as JSON.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct ReportDetails {
    pub parameters: Parameters,
    pub schedule: Schedule,
    pub result_action: ResultAction,
    pub recipients: Vec<Id>,
    /// A day such as `2026-01-31`.
    pub generation_date: String,
}
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub id: Id,
    /// The tenant that the report starts from.
    pub tenant_id: Id,
    pub version: i64,
    pub details: ReportDetails,
}

/// A file of a report.
#[derive(Clone, Debug)]
pub(crate) struct StoredFile {
    pub id: Id,
    pub format: String,
    pub created_at: Timestamp,
    /// When the file can be downloaded.
    pub ready_at: Timestamp,
    /// The compressed size in bytes.
    pub size: i64,
}

/// Collects the figures of a report.
pub(crate) fn contents(
    db: &Connection,
    parameters: &Parameters,
    timeframe: Timeframe,
) -> Result<Contents> {
    let tenant = tenants::find(db, parameters.tenant_id)?;
    let tenants = covered_tenants(db, tenant, parameters.level)?;
    let mut usages = Vec::new();
    for (date, period) in periods(timeframe) {
        for tenant in &tenants {
            let mut figures = usage::of_tenant(db, tenant, period)?;
            if parameters.hide_zero_usage {
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
        tenants: usages,
    })
}

/// The tenants of a level. Personal tenants are never covered.
fn covered_tenants(db: &Connection, tenant: Tenant, level: Level) -> Result<Vec<Tenant>> {
    if level == Level::Itself {
        return Ok(vec![tenant]);
    }
    let mut below = tenants::descendants(db, &tenant)?;
    below.retain(|other| {
        let is_sold_to = matches!(
            other.kind,
            TenantKind::Partner | TenantKind::Folder | TenantKind::Customer
        );
        match level {
            Level::Itself => false,
            Level::DirectPartners => is_sold_to && other.parent_id == tenant.id,
            Level::AllPartners => is_sold_to,
            Level::AllCustomers => other.kind == TenantKind::Customer,
            Level::Accounts => other.owner_id.is_none(),
        }
    });
    if level == Level::Accounts {
        below.insert(0, tenant);
    }
    Ok(below)
}

fn periods(timeframe: Timeframe) -> Vec<(Option<Date>, Period)> {
    match timeframe {
        Timeframe::Whole(period) => vec![(None, period)],
        Timeframe::Daily(first, last) => first
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

/// Stores a report and its files.
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
        serde_json::to_string(&report.details)?,
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

/// Finds a report; 404 if there is none.
pub(crate) fn find(db: &Connection, id: Id) -> Result<Report> {
    let found = db
        .prepare_cached("SELECT tenant_id, version, document FROM reports WHERE id = ?")?
        .query_row([id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?))
        })
        .optional()?;
    let Some((tenant_id, version, details)) = found else {
        return Err(ApiError::NotFound(format!("There is no report {id}.")));
    };
    Ok(Report {
        id,
        tenant_id,
        version,
        details: serde_json::from_str(&details)?,
    })
}

/// The reports of a tenant, the oldest first.
pub(crate) fn of_tenant(db: &Connection, tenant: Id) -> Result<Vec<Id>> {
    let mut rows =
        db.prepare_cached("SELECT id FROM reports WHERE tenant_id = ? ORDER BY number")?;
    let rows = rows.query_map([tenant], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The files of a report, in the order of the requested formats.
pub(crate) fn files(db: &Connection, report: Id) -> Result<Vec<StoredFile>> {
    let mut rows = db.prepare_cached(
        "SELECT id, report_format, created_at, ready_at, length(content)
         FROM stored_reports WHERE report_id = ? ORDER BY number",
    )?;
    let rows = rows.query_map([report], |row| {
        Ok(StoredFile {
            id: row.get(0)?,
            format: row.get(1)?,
            created_at: row.get(2)?,
            ready_at: row.get(3)?,
            size: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The content of a file, gzipped; 404 if there is none or it is not ready.
pub(crate) fn content(db: &Connection, report: Id, file: Id, now: Timestamp) -> Result<Vec<u8>> {
    db.prepare_cached(
        "SELECT content FROM stored_reports WHERE id = ? AND report_id = ? AND ready_at <= ?",
    )?
    .query_row(params![file, report, now], |row| row.get(0))
    .optional()?
    .ok_or_else(|| {
        ApiError::NotFound(format!(
            "Report {report} has no stored report {file}, or it is not ready."
        ))
    })
}

/// When the last file in preparation will be ready.
pub(crate) fn due(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    let mut row =
        db.prepare_cached("SELECT max(ready_at) FROM stored_reports WHERE ready_at > ?")?;
    Ok(row.query_row([now], |row| row.get(0))?)
}

/// Deletes a report and its files.
pub(crate) fn delete(tx: &Transaction<'_>, report: &Report, version: i64) -> Result<()> {
    if version != report.version {
        let info = format!(
            "The version of the report is {}, not {version}.",
            report.version
        );
        return Err(ApiError::about(Code::VersionMismatch, report.id, info));
    }
    tx.execute(
        "DELETE FROM stored_reports WHERE report_id = ?",
        [report.id],
    )?;
    tx.execute("DELETE FROM reports WHERE id = ?", [report.id])?;
    Ok(())
}
