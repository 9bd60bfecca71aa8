//! Usage reports: asked for, made in a while, fetched.

use std::io::Read;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use flate2::read::GzDecoder;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Items;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Code, Id, Result, Right};
use crate::http::extract::{Body, LenientBool, Path, PathId, Query, VersionQuery, parse_id};
use crate::state::State;
use crate::store::period::{Period, midnight};
use crate::store::reports::format::Format;
use crate::store::reports::{self, Level, Report, Span, Stored, Wanted};
use crate::store::tenants;
use crate::world::World;

/// How long the platform works on a report, shortened: nobody wants to wait its two minutes here.
const WORK_MILLIS: i64 = 4_000;
/// A daily report has as many lines per item.
const MOST_DAYS: i32 = 366;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/reports", post(create))
        .route("/api/2/reports/{id}", get(read).delete(remove))
        .route("/api/2/reports/{id}/stored", get(stored))
        .route(
            "/api/2/reports/{id}/stored/{stored_report_id}",
            get(download),
        )
        .route("/api/2/tenants/{id}/reports", get(of_tenant))
}

#[derive(Debug, Deserialize)]
struct Create {
    parameters: Parameters,
    schedule: Schedule,
    result_action: ResultAction,
    // Declared as required, but clients that save a report send none.
    recipients: Option<Vec<Id>>,
    generation_date: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Parameters {
    tenant_id: Id,
    level: Level,
    kind: Kind,
    formats: Option<Vec<Format>>,
    period: Option<Dates>,
    hide_zero_usage: Option<LenientBool>,
    show_skus: Option<LenientBool>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
enum Kind {
    #[serde(rename = "usage_current")]
    Current,
    #[serde(rename = "usage_summary")]
    Summary,
    #[serde(rename = "usage_daily")]
    Daily,
    #[serde(rename = "usage_breakdown")]
    Breakdown,
}

/// Two days, both included.
#[derive(Debug, Deserialize)]
struct Dates {
    start: String,
    end: String,
}

#[derive(Debug, Deserialize)]
struct Schedule {
    #[serde(rename = "type")]
    schedule_type: ScheduleType,
    enabled: Option<LenientBool>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
enum ScheduleType {
    Once,
    Monthly,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
enum ResultAction {
    Save,
    Send,
}

impl Create {
    /// What the platform has and the sandbox has not, told as such.
    fn check_simulated(&self) -> Result<()> {
        let missing = |what: &str| {
            Err(ApiError::NotImplemented(format!(
                "{what} is documented by the platform and not simulated by this sandbox yet."
            )))
        };
        if self.schedule.schedule_type == ScheduleType::Monthly {
            return missing("A report with the schedule monthly");
        }
        if self.result_action == ResultAction::Send {
            return missing("A report that is sent");
        }
        if self.parameters.kind == Kind::Breakdown {
            return missing("A report of the kind usage_breakdown");
        }
        match self.formats().iter().find(|format| !format.is_made()) {
            Some(format) => missing(&format!("A report in the format {}", format.as_str())),
            None => Ok(()),
        }
    }

    fn formats(&self) -> Vec<Format> {
        match &self.parameters.formats {
            Some(formats) if !formats.is_empty() => formats.clone(),
            _ => vec![Format::CsvV2_0],
        }
    }

    /// The days it is about: those given, else the month so far.
    fn days(&self, today: Date) -> Result<(Date, Date)> {
        let Some(period) = &self.parameters.period else {
            return Ok((today.first_of_month(), today));
        };
        let start = day("period.start", &period.start)?;
        let end = day("period.end", &period.end)?;
        if start > end {
            return Err(ApiError::bad(format!(
                "The period ends on {end}, before {start}."
            )));
        }
        if end > today {
            return Err(ApiError::bad(format!(
                "The period ends in the future, on {end}."
            )));
        }
        Ok((start, end))
    }

    fn span(&self, (start, end): (Date, Date), now: Timestamp) -> Result<Span> {
        let whole = Period {
            start: midnight(start),
            end: midnight(end.tomorrow().unwrap_or(end)).min(now),
        };
        match self.parameters.kind {
            Kind::Daily if (end - start).get_days() >= MOST_DAYS => Err(ApiError::bad(format!(
                "A daily report has at most {MOST_DAYS} days."
            ))),
            Kind::Daily => Ok(Span::Daily(start, end)),
            // Whatever period is given, this kind is about now.
            Kind::Current => Ok(Span::Whole(Period::of_month(now))),
            _ => Ok(Span::Whole(whole)),
        }
    }
}

fn day(field: &str, text: &str) -> Result<Date> {
    let refused = || ApiError::bad(format!("{field}: {text:?} is no date such as 2026-01-31."));
    if text.len() != "2026-01-31".len() {
        return Err(refused());
    }
    text.parse().map_err(|_| refused())
}

async fn create(world: World, caller: Caller, Body(body): Body<Create>) -> Result<Json<Value>> {
    caller.require_token()?;
    let now = world.clock.now();
    let today = now.civil().date();
    let days = body.days(today)?;
    let generation_date = match &body.generation_date {
        Some(_) if body.schedule.schedule_type != ScheduleType::Once => {
            return Err(ApiError::bad(
                "generation_date goes with the schedule once only.",
            ));
        }
        Some(text) => day("generation_date", text)?,
        None => today,
    };
    let recipients = body.recipients.clone().unwrap_or_default();
    if body.result_action == ResultAction::Save && !recipients.is_empty() {
        return Err(ApiError::bad(
            "recipients go with the result_action send only.",
        ));
    }
    let wanted = Wanted {
        tenant_id: body.parameters.tenant_id,
        level: body.parameters.level,
        span: body.span(days, now)?,
        hide_zero_usage: body.parameters.hide_zero_usage.is_some_and(|flag| flag.0),
        show_skus: body.parameters.show_skus.is_some_and(|flag| flag.0),
    };
    let parameters = json!({
        "kind": body.parameters.kind,
        "tenant_id": wanted.tenant_id,
        "level": wanted.level,
        "formats": body.formats(),
        "period": { "start": days.0.to_string(), "end": days.1.to_string() },
        "hide_zero_usage": wanted.hide_zero_usage,
        "show_skus": wanted.show_skus,
    });
    let contents = world.store.read(|db| {
        tenants::require_access(db, &caller, wanted.tenant_id, Right::Manage)?;
        body.check_simulated()?;
        reports::contents(db, &wanted, &parameters)
    })?;
    let files = body
        .formats()
        .into_iter()
        .map(|format| Ok((format, contents.file(format)?)))
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(|error| unwritable(&error))?;
    let report = Report {
        id: Id::random(),
        tenant_id: wanted.tenant_id,
        version: 1,
        document: json!({
            "parameters": parameters,
            "schedule": {
                "type": "once",
                "enabled": body.schedule.enabled.is_none_or(|flag| flag.0),
            },
            "result_action": "save",
            "recipients": recipients,
            "generation_date": generation_date.to_string(),
        }),
    };
    let ready_at = now.plus_millis(world.clock.work(WORK_MILLIS));
    world
        .store
        .write(|tx| reports::create(tx, &report, &files, now, ready_at))?;
    Ok(Json(shown(report)))
}

fn unwritable(error: &std::io::Error) -> ApiError {
    ApiError::platform(
        Code::Internal,
        format!("The report cannot be written: {error}."),
    )
}

fn shown(report: Report) -> Value {
    let mut answer = json!({ "id": report.id, "version": report.version });
    if let (Some(answer), Value::Object(rest)) = (answer.as_object_mut(), report.document) {
        answer.extend(rest);
    }
    answer
}

/// The report, if the caller has this right over the tenant it is about.
fn require_access(
    db: &rusqlite::Connection,
    caller: &Caller,
    id: Id,
    right: Right,
) -> Result<Report> {
    let report = reports::find(db, id)?;
    tenants::require_access(db, caller, report.tenant_id, right)?;
    Ok(report)
}

async fn read(world: World, caller: Caller, PathId(id): PathId) -> Result<Json<Value>> {
    caller.require_token()?;
    let report = world
        .store
        .read(|db| require_access(db, &caller, id, Right::View))?;
    Ok(Json(shown(report)))
}

async fn remove(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Query(query): Query<VersionQuery>,
) -> Result<StatusCode> {
    caller.require_token()?;
    world.store.write(|tx| {
        let report = require_access(tx, &caller, id, Right::Manage)?;
        reports::delete(tx, &report, query.version.0)
    })?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Serialize)]
struct ShownFile {
    id: Id,
    report_format: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<i64>,
    created_at: Timestamp,
    status: &'static str,
}

impl ShownFile {
    fn at(now: Timestamp, stored: Stored) -> ShownFile {
        let saved = stored.ready_at <= now;
        ShownFile {
            id: stored.id,
            report_format: stored.format,
            size: saved.then_some(stored.size),
            created_at: stored.created_at,
            status: if saved { "saved" } else { "in_progress" },
        }
    }
}

async fn stored(
    world: World,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Json<Items<ShownFile>>> {
    caller.require_token()?;
    let now = world.clock.now();
    let files = world.store.read(|db| {
        let report = require_access(db, &caller, id, Right::View)?;
        reports::stored(db, report.id)
    })?;
    let items = files
        .into_iter()
        .map(|stored| ShownFile::at(now, stored))
        .collect();
    Ok(Json(Items { items }))
}

async fn download(
    world: World,
    caller: Caller,
    Path((report_id, stored_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    caller.require_token()?;
    let (report_id, stored_id) = (parse_id(&report_id)?, parse_id(&stored_id)?);
    let now = world.clock.now();
    let gzipped = world.store.read(|db| {
        let report = require_access(db, &caller, report_id, Right::View)?;
        reports::file(db, report.id, stored_id, now)
    })?;
    let mut response = if accepts_gzip(&headers) {
        let encoding = [(header::CONTENT_ENCODING, "gzip")];
        (encoding, gzipped).into_response()
    } else {
        let mut plain = Vec::new();
        GzDecoder::new(gzipped.as_slice())
            .read_to_end(&mut plain)
            .map_err(|error| unwritable(&error))?;
        plain.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    Ok(response)
}

/// Does the client take gzip? Named with a weight of zero it says that it does not.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
            let refused = parts.any(|part| {
                let weight = part
                    .strip_prefix("q=")
                    .and_then(|weight| weight.parse::<f32>().ok());
                weight == Some(0.0)
            });
            named && !refused
        })
}

async fn of_tenant(
    world: World,
    caller: Caller,
    PathId(tenant_id): PathId,
) -> Result<Json<Items<Id>>> {
    caller.require_token()?;
    let items = world.store.read(|db| {
        let tenant = tenants::require_access(db, &caller, tenant_id, Right::View)?;
        reports::of_tenant(db, tenant.id)
    })?;
    Ok(Json(Items { items }))
}
