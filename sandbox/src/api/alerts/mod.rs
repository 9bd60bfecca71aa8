//! Alerts, their types and statistics.

mod response;
mod statistics;
mod types;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, patch};
use serde::Deserialize;
use serde_json::{Map, Value};

use self::response::{AlertResponse, Created, List};
use super::JsonLine;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::extract::{Body, Path};
use crate::lists::{Directions, Params};
use crate::state::State;
use crate::store::alerts::{self, FILTERS, NewAlert, severity_rank};
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route(
            "/api/alert_manager/v1/alerts",
            get(list).post(create).delete(dismiss_matching),
        )
        .route(
            "/api/alert_manager/v1/alerts/{id}",
            get(read).delete(dismiss),
        )
        .route(
            "/api/alert_manager/v1/alerts/{id}/false_positive",
            patch(mark_false_positive),
        )
        .merge(types::router())
        .merge(statistics::router())
}

/// The id in a path. An invalid UUID is a 400 in this service.
fn parse_alert_id(text: &str) -> Result<Id> {
    text.parse()
        .map_err(|_| ApiError::bad(format!("id: {text:?} is not a valid UUID.")))
}

async fn list(world: World, caller: Caller, params: Params) -> Result<JsonLine<List>> {
    caller.require_token()?;
    let request = params.page_request("alerts", FILTERS, Directions::Both)?;
    let page = world.store.alerts(&caller, &request, world.clock.now())?;
    Ok(JsonLine(page.into()))
}

#[derive(Deserialize)]
struct Create {
    id: Option<Id>,
    #[serde(rename = "type")]
    kind: String,
    category: Option<String>,
    severity: Option<String>,
    // The platform documents it as required, but its own client does not send it.
    details: Option<Map<String, Value>>,
    context: Option<Map<String, Value>>,
    #[serde(rename = "createdAt")]
    created_at: Option<String>,
    #[serde(rename = "tenantID")]
    tenant_id: Option<String>,
    affinity: Option<String>,
    #[serde(rename = "_source")]
    source: Option<String>,
    #[serde(rename = "_sourceTimeStamp")]
    source_time_stamp: Option<i64>,
}

/// The details that alerts of a type must have.
fn required_details(kind: &str) -> &'static [&'static str] {
    match kind {
        "NoBackupForXDays" => &["resourceId", "planId", "daysPassed"],
        "MaliciousEmailDetectedGreatHorn"
        | "MaliciousEmailDetectedPerceptionPointError"
        | "MaliciousEmailDetectedPerceptionPointWarning" => &[
            "resource",
            "emailSubject",
            "scanResult",
            "emailFrom",
            "detectionCategory",
        ],
        _ => &[],
    }
}

async fn create(
    world: World,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<JsonLine<Created>> {
    caller.require_token()?;
    if body.kind.is_empty() {
        return Err(ApiError::bad("type: must not be empty."));
    }
    let mut details = body.details.unwrap_or_default();
    details.extend(body.context.unwrap_or_default());
    if let Some(missing) = required_details(&body.kind)
        .iter()
        .find(|name| !details.contains_key(**name))
    {
        return Err(ApiError::bad(format!(
            "details: alerts of type {} require {missing}.",
            body.kind
        )));
    }
    let received_at = alerts::nanos(world.clock.now());
    let created_at = match &body.created_at {
        None => received_at,
        Some(text) => text
            .parse::<jiff::Timestamp>()
            .ok()
            .and_then(|at| i64::try_from(at.as_nanosecond()).ok())
            .ok_or_else(|| ApiError::bad(format!("createdAt: {text:?} is not a valid time.")))?,
    };
    let id = body.id.unwrap_or_else(Id::random);
    let new = NewAlert {
        id,
        tenant_number: 0,
        kind: body.kind,
        severity: body.severity.as_deref().map(severity_rank).transpose()?,
        category: body.category,
        affinity: body.affinity.unwrap_or_default(),
        source: body.source,
        source_time_stamp: body.source_time_stamp,
        details,
        created_at,
        received_at,
    };
    world
        .store
        .raise_alert(&caller, body.tenant_id.as_deref(), new)?;
    Ok(JsonLine(Created { id }))
}

async fn read(
    world: World,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<JsonLine<AlertResponse>> {
    caller.require_token()?;
    let deleted = params.flag("show_deleted")?;
    let id = parse_alert_id(&id)?;
    let alert = world.store.alert(&caller, id, deleted, world.clock.now())?;
    Ok(JsonLine(alert.into()))
}

async fn dismiss_matching(world: World, caller: Caller, params: Params) -> Result<StatusCode> {
    caller.require_token()?;
    world
        .store
        .dismiss(&caller, &params, None, world.clock.now())?;
    Ok(StatusCode::NO_CONTENT)
}

async fn dismiss(world: World, caller: Caller, Path(id): Path<String>) -> Result<StatusCode> {
    caller.require_token()?;
    let id = parse_alert_id(&id)?;
    world
        .store
        .dismiss(&caller, &Params::default(), Some(id), world.clock.now())?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct FalsePositive {
    #[serde(rename = "falsePositive")]
    false_positive: bool,
}

async fn mark_false_positive(
    world: World,
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body<FalsePositive>,
) -> Result<StatusCode> {
    caller.require_token()?;
    let id = parse_alert_id(&id)?;
    world
        .store
        .mark_alert(&caller, id, body.false_positive, world.clock.now())?;
    Ok(StatusCode::NO_CONTENT)
}
