//! Alerts, their types and their numbers.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::extract::{Body, Path};
use crate::lists::{Op, Params, Test, Ways};
use crate::state::State;
use crate::store::alerts::{self, Alert, FILTERS, NewAlert, SEVERITIES, Type, rank};
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route(
            "/api/alert_manager/v1/alerts",
            get(list).post(create).delete(dismiss),
        )
        .route(
            "/api/alert_manager/v1/alerts/{id}",
            get(read).delete(dismiss_one),
        )
        .route(
            "/api/alert_manager/v1/alerts/{id}/false_positive",
            patch(mark),
        )
        .route("/api/alert_manager/v1/types", get(types).post(register))
        .route(
            "/api/alert_manager/v1/types/{id}",
            get(one_type).delete(unregister),
        )
        .route("/api/alert_manager/v1/categories", get(categories))
        .route("/api/alert_manager/v1/stats", get(stats))
        .route("/api/alert_manager/v1/count", get(count))
        .route(
            "/api/alert_manager/v1/resource_status",
            get(resource_status),
        )
}

/// An answer as the alert manager writes it: one line, with its end.
struct Line(Value);

impl IntoResponse for Line {
    fn into_response(self) -> Response {
        let body = format!("{}\n", self.0);
        ([(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}

/// The alert that a path names; what is no UUID is bad input here.
fn alert_id(text: &str) -> Result<Id> {
    text.parse()
        .map_err(|_| ApiError::bad(format!("id: {text:?} is no UUID.")))
}

async fn list(world: World, caller: Caller, params: Params) -> Result<Line> {
    caller.require_token()?;
    let asked = params.asked("alerts", FILTERS, Ways::Both)?;
    let page = world.store.alerts(&caller, &asked, world.clock.now())?;
    let mut cursors = Map::new();
    for (way, cursor) in [("before", page.before), ("after", page.after)] {
        cursors.extend(cursor.map(|cursor| (way.to_owned(), cursor.into())));
    }
    Ok(Line(
        json!({ "items": page.items, "paging": { "cursors": cursors } }),
    ))
}

#[derive(Deserialize)]
struct Create {
    id: Option<Id>,
    #[serde(rename = "type")]
    kind: String,
    category: Option<String>,
    severity: Option<String>,
    // Declared as required, but the vendor's own client sends none.
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

/// What the alerts of some types have to tell.
fn required(kind: &str) -> &'static [&'static str] {
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

async fn create(world: World, caller: Caller, Body(body): Body<Create>) -> Result<Line> {
    caller.require_token()?;
    if body.kind.is_empty() {
        return Err(ApiError::bad("type: empty."));
    }
    let mut details = body.details.unwrap_or_default();
    details.extend(body.context.unwrap_or_default());
    if let Some(missing) = required(&body.kind)
        .iter()
        .find(|name| !details.contains_key(**name))
    {
        return Err(ApiError::bad(format!(
            "details: {missing} is missing, which {} needs.",
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
            .ok_or_else(|| ApiError::bad(format!("createdAt: {text:?} is not a time.")))?,
    };
    let id = body.id.unwrap_or_else(Id::random);
    let new = NewAlert {
        id,
        tenant: 0,
        kind: body.kind,
        severity: body.severity.as_deref().map(rank).transpose()?,
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
    Ok(Line(json!({ "id": id })))
}

async fn read(
    world: World,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Line> {
    caller.require_token()?;
    let deleted = params.flag("show_deleted")?;
    let id = alert_id(&id)?;
    world
        .store
        .alert(&caller, id, deleted, world.clock.now())
        .map(Line)
}

async fn dismiss(world: World, caller: Caller, params: Params) -> Result<StatusCode> {
    caller.require_token()?;
    world
        .store
        .dismiss(&caller, &params, None, world.clock.now())?;
    Ok(StatusCode::NO_CONTENT)
}

async fn dismiss_one(world: World, caller: Caller, Path(id): Path<String>) -> Result<StatusCode> {
    caller.require_token()?;
    let id = alert_id(&id)?;
    world
        .store
        .dismiss(&caller, &Params::default(), Some(id), world.clock.now())?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Mark {
    #[serde(rename = "falsePositive")]
    false_positive: bool,
}

async fn mark(
    world: World,
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body<Mark>,
) -> Result<StatusCode> {
    caller.require_token()?;
    let id = alert_id(&id)?;
    world
        .store
        .mark_alert(&caller, id, body.false_positive, world.clock.now())?;
    Ok(StatusCode::NO_CONTENT)
}

async fn types(world: World, caller: Caller, params: Params) -> Result<Line> {
    caller.require_token()?;
    let mut types = world.store.alert_types()?;
    let categories = params.all("category");
    types.retain(|one| categories.is_empty() || categories.contains(&one.category.as_str()));
    let systems = params.all("os_type");
    for system in &systems {
        crate::http::extract::one_of("os_type", system, &["ios", "linux", "macos", "windows"])?;
    }
    types.retain(|one| {
        let supported = one.document.get("supportedOS").and_then(Value::as_array);
        systems.iter().all(|system| {
            supported.is_none_or(|all| all.iter().any(|known| known.as_str() == Some(system)))
        })
    });
    for order in params
        .all("order")
        .iter()
        .flat_map(|all| all.split(','))
        .rev()
    {
        let test = order.trim().trim_end_matches(')');
        let (way, column) = test.split_once('(').unwrap_or(("asc", test));
        crate::http::extract::one_of("order", way, &["asc", "desc"])?;
        match column {
            "id" => types.sort_by(|one, other| one.id.cmp(&other.id)),
            "severity" => types.sort_by_key(|one| one.severity),
            "category" => types.sort_by(|one, other| one.category.cmp(&other.category)),
            _ => {
                return Err(ApiError::bad(format!(
                    "order: {column:?} is not one of id, severity, category."
                )));
            }
        }
        if way == "desc" {
            types.reverse();
        }
    }
    let items: Vec<Value> = types.into_iter().map(|one| one.document).collect();
    Ok(Line(json!({ "items": items })))
}

async fn one_type(world: World, caller: Caller, Path(id): Path<String>) -> Result<Line> {
    caller.require_token()?;
    let found = world
        .store
        .alert_types()?
        .into_iter()
        .find(|one| one.id == id);
    let missing = || ApiError::NotFound(format!("There is no alert type {id}."));
    found.map(|one| Line(one.document)).ok_or_else(missing)
}

#[derive(Deserialize)]
struct Types {
    items: Vec<Value>,
}

async fn register(world: World, caller: Caller, Body(body): Body<Types>) -> Result<StatusCode> {
    caller.require_token()?;
    let types = body
        .items
        .into_iter()
        .map(new_type)
        .collect::<Result<Vec<_>>>()?;
    world.store.register_alert_types(&caller, &types)?;
    Ok(StatusCode::NO_CONTENT)
}

fn new_type(mut document: Value) -> Result<Type> {
    let fields = document
        .as_object_mut()
        .ok_or_else(|| ApiError::bad("items: a type is an object."))?;
    for (name, default) in [
        ("enabled", json!(true)),
        ("contextKeys", json!([])),
        ("searchableDetails", json!([])),
        ("supportedOS", json!(["ios", "linux", "macos", "windows"])),
    ] {
        fields.entry(name).or_insert(default);
    }
    let text = |name: &str| {
        let text = fields
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty());
        text.map(str::to_owned)
            .ok_or_else(|| ApiError::bad(format!("items: a type needs the text {name}.")))
    };
    let (id, category, severity) = (text("id")?, text("category")?, rank(&text("severity")?)?);
    let enabled = fields.get("enabled").and_then(Value::as_bool);
    let enabled = enabled.ok_or_else(|| ApiError::bad("items: enabled is true or false."))?;
    Ok(Type {
        id,
        enabled,
        severity,
        category,
        document,
    })
}

async fn unregister(world: World, caller: Caller, Path(id): Path<String>) -> Result<StatusCode> {
    caller.require_token()?;
    world.store.unregister_alert_type(&caller, &id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn categories(world: World, caller: Caller, params: Params) -> Result<Line> {
    caller.require_token()?;
    let with_disabled = params.flag("include_disabled")?;
    let types = world.store.alert_types()?;
    let mut names: Vec<&str> = types.iter().map(|one| one.category.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let items: Vec<Value> = names
        .into_iter()
        .filter_map(|name| {
            let enabled = types.iter().any(|one| one.category == name && one.enabled);
            match (enabled, with_disabled) {
                (true, _) => Some(json!({ "name": name })),
                (false, true) => Some(json!({ "name": name, "disabled": true })),
                (false, false) => None,
            }
        })
        .collect();
    Ok(Line(json!({ "items": items })))
}

async fn stats(world: World, caller: Caller) -> Result<Line> {
    caller.require_token()?;
    let alerts = world
        .store
        .all_alerts(&caller, &Params::default(), world.clock.now())?;
    let last = alerts
        .iter()
        .filter_map(|alert| alert.shown.get("updatedAt")?.as_str())
        .max();
    let mut answer = json!({ "count": alerts.len() });
    if let (Some(answer), Some(last)) = (answer.as_object_mut(), last) {
        answer.insert("modifiedAt".to_owned(), last.into());
    }
    Ok(Line(answer))
}

/// What counts are broken down by.
#[derive(Clone, Copy)]
struct By {
    types: bool,
    severities: bool,
    categories: bool,
}

async fn count(world: World, caller: Caller, params: Params) -> Result<Line> {
    caller.require_token()?;
    let by = By {
        types: params.flag("embed_types")?,
        severities: params.flag("embed_severities")?,
        categories: params.flag("embed_categories")?,
    };
    if by.categories && (by.types || by.severities) {
        return Err(ApiError::bad(
            "embed_categories goes with embed_types and embed_severities never.",
        ));
    }
    let all = world
        .store
        .all_alerts(&caller, &Params::default(), world.clock.now())?;
    let mut answer = counted(&all.iter().collect::<Vec<_>>(), by);
    if params.flag("embed_tenants")? {
        let mut tenants: Vec<(i64, &str)> = all
            .iter()
            .map(|alert| (alert.tenant, alert.path.as_str()))
            .collect();
        tenants.sort_unstable();
        tenants.dedup();
        let tenants: Vec<Value> = tenants
            .into_iter()
            .map(|(number, path)| {
                let own: Vec<&Alert> = all.iter().filter(|alert| alert.tenant == number).collect();
                let mut counts = counted(&own, by);
                counts.insert("id".to_owned(), number.to_string().into());
                counts.insert("locator".to_owned(), path.into());
                Value::Object(counts)
            })
            .collect();
        answer.insert("tenants".to_owned(), tenants.into());
    }
    Ok(Line(Value::Object(answer)))
}

fn counted(alerts: &[&Alert], by: By) -> Map<String, Value> {
    let tally = |of: &[&Alert], name: fn(&Alert) -> &str| {
        let mut counts = Map::new();
        for alert in of {
            let count = counts.entry(name(alert)).or_insert(json!(0));
            *count = json!(count.as_i64().unwrap_or(0) + 1);
        }
        Value::Object(counts)
    };
    let each = |shown: &dyn Fn(&[&Alert]) -> Value| {
        // There is no counter for what is ok.
        let severities = (0_i64..).zip(SEVERITIES).skip(1);
        Value::Object(
            severities
                .map(|(rank, name)| {
                    let own: Vec<&Alert> = alerts
                        .iter()
                        .copied()
                        .filter(|alert| alert.severity == rank)
                        .collect();
                    ((*name).to_owned(), shown(&own))
                })
                .collect(),
        )
    };
    let mut answer = Map::new();
    answer.insert("total".to_owned(), alerts.len().into());
    let (name, counts) = match by {
        By {
            categories: true, ..
        } => ("categories", tally(alerts, |alert| &alert.category)),
        By {
            types: true,
            severities: true,
            ..
        } => (
            "severitiesAndTypes",
            each(&|own| json!({ "total": own.len(), "types": tally(own, |alert| &alert.kind) })),
        ),
        By { types: true, .. } => ("types", tally(alerts, |alert| &alert.kind)),
        By {
            severities: true, ..
        } => ("severities", each(&|own| own.len().into())),
        _ => return answer,
    };
    answer.insert(name.to_owned(), counts);
    answer
}

async fn resource_status(world: World, caller: Caller, params: Params) -> Result<Line> {
    caller.require_token()?;
    let with_alert = params.flag("embed_alert")?;
    // The most severe come first, the newest of them before the others.
    let all = world
        .store
        .all_alerts(&caller, &Params::default(), world.clock.now())?;
    let resource = |alert: &Alert| {
        let id = alert.shown.get("details")?.get("resourceId")?.as_str()?;
        Some(id.to_owned())
    };
    let mut asked = Vec::new();
    for text in params.all("id") {
        asked.push(Test::parse("id", text, &[Op::Or])?.values);
    }
    if params.all("id").is_empty() {
        let mut known: Vec<String> = all.iter().filter_map(resource).collect();
        known.sort_unstable();
        known.dedup();
        asked = known.into_iter().map(|id| vec![id]).collect();
    }
    let items: Vec<Value> = asked
        .into_iter()
        .map(|ids| {
            let worst = all.iter().find(|alert| {
                resource(alert)
                    .is_some_and(|id| ids.iter().any(|one| one.eq_ignore_ascii_case(&id)))
            });
            let severity = worst.map_or("ok", |alert| alerts::severity(alert.severity));
            let mut item = json!({ "id": ids.first(), "severity": severity });
            if let (true, Some(item), Some(worst)) = (with_alert, item.as_object_mut(), worst) {
                item.insert("alert".to_owned(), worst.shown.clone());
            }
            item
        })
        .collect();
    Ok(Line(json!({ "items": items })))
}
