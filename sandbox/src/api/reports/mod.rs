//! Usage reports: create, poll and download.

mod create;

use std::io::Read;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use flate2::read::GzDecoder;
use serde::Serialize;

use self::create::Create;
use super::Items;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Code, Id, Result, Right};
use crate::http::extract::{Body, Path, PathId, Query, VersionQuery, parse_id};
use crate::state::State;
use crate::store::reports::{self, Parameters, Report, ResultAction, Schedule, StoredFile};
use crate::store::tenants;
use crate::world::World;

/// How long the sandbox takes to create a report at speed 1. The platform takes about two minutes.
const WORK_MILLIS: i64 = 4_000;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/reports", post(create))
        .route("/api/2/reports/{id}", get(read).delete(remove))
        .route("/api/2/reports/{id}/stored", get(list_files))
        .route(
            "/api/2/reports/{id}/stored/{stored_report_id}",
            get(download),
        )
        .route("/api/2/tenants/{id}/reports", get(list_of_tenant))
}
#[derive(Debug, Serialize)]
struct ReportResponse {
    id: Id,
    version: i64,
    parameters: Parameters,
    schedule: Schedule,
    result_action: ResultAction,
    recipients: Vec<Id>,
    generation_date: String,
}

impl From<Report> for ReportResponse {
    fn from(report: Report) -> Self {
        Self {
            id: report.id,
            version: report.version,
            parameters: report.details.parameters,
            schedule: report.details.schedule,
            result_action: report.details.result_action,
            recipients: report.details.recipients,
            generation_date: report.details.generation_date,
        }
    }
}

async fn create(
    world: World,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<Json<ReportResponse>> {
    caller.require_token()?;
    let now = world.clock.now();
    let (details, timeframe) = body.validate(now)?;
    let contents = world.store.read(|db| {
        tenants::require_access(db, &caller, body.tenant_id(), Right::Manage)?;
        body.ensure_simulated()?;
        reports::contents(db, &details.parameters, timeframe)
    })?;
    let files = details
        .parameters
        .formats
        .iter()
        .map(|format| Ok((*format, contents.file(*format)?)))
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(|error| file_error(&error))?;
    let report = Report {
        id: Id::random(),
        tenant_id: body.tenant_id(),
        version: 1,
        details,
    };
    let ready_at = now.plus_millis(world.clock.work(WORK_MILLIS));
    world
        .store
        .write(|tx| reports::create(tx, &report, &files, now, ready_at))?;
    Ok(Json(report.into()))
}

fn file_error(error: &std::io::Error) -> ApiError {
    ApiError::platform(
        Code::Internal,
        format!("Cannot write or read the file of the report: {error}."),
    )
}

/// Finds a report if the caller has this right over its tenant.
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

async fn read(world: World, caller: Caller, PathId(id): PathId) -> Result<Json<ReportResponse>> {
    caller.require_token()?;
    let report = world
        .store
        .read(|db| require_access(db, &caller, id, Right::View))?;
    Ok(Json(report.into()))
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

/// A file of a report.
#[derive(Debug, Serialize)]
struct FileResponse {
    id: Id,
    report_format: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<i64>,
    created_at: Timestamp,
    status: &'static str,
}

impl FileResponse {
    fn new(file: StoredFile, now: Timestamp) -> Self {
        let is_ready = file.ready_at <= now;
        Self {
            id: file.id,
            report_format: file.format,
            size: is_ready.then_some(file.size),
            created_at: file.created_at,
            status: if is_ready { "saved" } else { "in_progress" },
        }
    }
}

async fn list_files(
    world: World,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Json<Items<FileResponse>>> {
    caller.require_token()?;
    let now = world.clock.now();
    let files = world.store.read(|db| {
        let report = require_access(db, &caller, id, Right::View)?;
        reports::files(db, report.id)
    })?;
    let items = files
        .into_iter()
        .map(|file| FileResponse::new(file, now))
        .collect();
    Ok(Json(Items { items }))
}

async fn download(
    world: World,
    caller: Caller,
    Path((report_id, file_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    caller.require_token()?;
    let (report_id, file_id) = (parse_id(&report_id)?, parse_id(&file_id)?);
    let now = world.clock.now();
    let gzipped = world.store.read(|db| {
        let report = require_access(db, &caller, report_id, Right::View)?;
        reports::content(db, report.id, file_id, now)
    })?;
    let mut response = if accepts_gzip(&headers) {
        let encoding = [(header::CONTENT_ENCODING, "gzip")];
        (encoding, gzipped).into_response()
    } else {
        let mut plain = Vec::new();
        GzDecoder::new(gzipped.as_slice())
            .read_to_end(&mut plain)
            .map_err(|error| file_error(&error))?;
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

/// Whether the client accepts gzip. A weight of zero excludes it.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let is_gzip = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
            let is_excluded = parts.any(|part| {
                let weight = part
                    .strip_prefix("q=")
                    .and_then(|weight| weight.parse::<f32>().ok());
                weight == Some(0.0)
            });
            is_gzip && !is_excluded
        })
}

async fn list_of_tenant(
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
