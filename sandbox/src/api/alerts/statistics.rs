//! Counts of alerts, and the worst alert of each resource.

use axum::Router;
use axum::routing::get;
use serde::{Serialize, Serializer};

use super::response::{AlertResponse, rfc3339};
use crate::api::{Items, JsonLine};
use crate::domain::{ApiError, Caller, Result};
use crate::lists::{Filter, Op, Params};
use crate::state::State;
use crate::store::alerts::{Alert, SEVERITIES, severity_name};
use crate::world::World;

pub(super) fn router() -> Router<State> {
    Router::new()
        .route("/api/alert_manager/v1/stats", get(stats))
        .route("/api/alert_manager/v1/count", get(count))
        .route(
            "/api/alert_manager/v1/resource_status",
            get(resource_status),
        )
}

/// All alerts that the caller can see: the most severe first, then the newest.
fn visible_alerts(world: &World, caller: &Caller) -> Result<Vec<Alert>> {
    world
        .store
        .all_alerts(caller, &Params::default(), world.clock.now())
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified_at: Option<String>,
}

async fn stats(world: World, caller: Caller) -> Result<JsonLine<Stats>> {
    caller.require_token()?;
    let alerts = visible_alerts(&world, &caller)?;
    Ok(JsonLine(Stats {
        count: alerts.len(),
        modified_at: alerts
            .iter()
            .map(|alert| alert.updated_at)
            .max()
            .map(rfc3339),
    }))
}

/// Values by name, serialized as an object in this order.
#[derive(Debug)]
struct Named<T>(Vec<(String, T)>);

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The number of alerts, and the same number by type, severity or category.
#[derive(Debug, Serialize)]
struct Counts {
    total: usize,
    #[serde(flatten)]
    breakdown: Option<Breakdown>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Breakdown {
    Types(Named<usize>),
    Severities(Named<usize>),
    SeveritiesAndTypes(Named<SeverityCounts>),
    Categories(Named<usize>),
}

#[derive(Debug, Serialize)]
struct SeverityCounts {
    total: usize,
    types: Named<usize>,
}

#[derive(Debug, Serialize)]
struct TenantCounts {
    #[serde(flatten)]
    counts: Counts,
    id: String,
    locator: String,
}

#[derive(Debug, Serialize)]
struct CountResponse {
    #[serde(flatten)]
    counts: Counts,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenants: Option<Vec<TenantCounts>>,
}

/// The breakdown that a query requests.
#[derive(Clone, Copy)]
enum Grouping {
    None,
    Types,
    Severities,
    SeveritiesAndTypes,
    Categories,
}

impl Grouping {
    fn parse(params: &Params) -> Result<Self> {
        let types = params.flag("embed_types")?;
        let severities = params.flag("embed_severities")?;
        match (types, severities, params.flag("embed_categories")?) {
            (false, false, true) => Ok(Self::Categories),
            (_, _, true) => Err(ApiError::bad(
                "embed_categories cannot be combined with embed_types or embed_severities.",
            )),
            (true, true, false) => Ok(Self::SeveritiesAndTypes),
            (true, false, false) => Ok(Self::Types),
            (false, true, false) => Ok(Self::Severities),
            (false, false, false) => Ok(Self::None),
        }
    }

    fn count(self, alerts: &[&Alert]) -> Counts {
        let breakdown = match self {
            Self::None => None,
            Self::Types => Some(Breakdown::Types(count_by(alerts, |alert| &alert.kind))),
            Self::Severities => Some(Breakdown::Severities(by_severity(alerts, |own| own.len()))),
            Self::SeveritiesAndTypes => {
                let counts = by_severity(alerts, |own| SeverityCounts {
                    total: own.len(),
                    types: count_by(own, |alert| &alert.kind),
                });
                Some(Breakdown::SeveritiesAndTypes(counts))
            }
            Self::Categories => {
                let counts = count_by(alerts, |alert| &alert.category);
                Some(Breakdown::Categories(counts))
            }
        };
        Counts {
            total: alerts.len(),
            breakdown,
        }
    }
}

/// Counts the alerts by a name, in the order in which the names first occur.
fn count_by(alerts: &[&Alert], name: fn(&Alert) -> &str) -> Named<usize> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for alert in alerts {
        let name = name(alert);
        match counts.iter_mut().find(|(known, _)| known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name.to_owned(), 1)),
        }
    }
    Named(counts)
}

/// One value per severity. The severity `ok` is not counted.
fn by_severity<T>(alerts: &[&Alert], value: impl Fn(&[&Alert]) -> T) -> Named<T> {
    let severities = (0_i64..).zip(SEVERITIES).skip(1);
    let values = severities.map(|(rank, name)| {
        let own: Vec<&Alert> = alerts
            .iter()
            .copied()
            .filter(|alert| alert.severity == rank)
            .collect();
        ((*name).to_owned(), value(&own))
    });
    Named(values.collect())
}

async fn count(world: World, caller: Caller, params: Params) -> Result<JsonLine<CountResponse>> {
    caller.require_token()?;
    let grouping = Grouping::parse(&params)?;
    let alerts = visible_alerts(&world, &caller)?;
    let tenants = params
        .flag("embed_tenants")?
        .then(|| count_by_tenant(&alerts, grouping));
    Ok(JsonLine(CountResponse {
        counts: grouping.count(&alerts.iter().collect::<Vec<_>>()),
        tenants,
    }))
}

fn count_by_tenant(alerts: &[Alert], grouping: Grouping) -> Vec<TenantCounts> {
    let mut tenants: Vec<(i64, &str)> = alerts
        .iter()
        .map(|alert| (alert.tenant_number, alert.tenant_path.as_str()))
        .collect();
    tenants.sort_unstable();
    tenants.dedup();
    tenants
        .into_iter()
        .map(|(number, path)| {
            let own: Vec<&Alert> = alerts
                .iter()
                .filter(|alert| alert.tenant_number == number)
                .collect();
            TenantCounts {
                counts: grouping.count(&own),
                id: number.to_string(),
                locator: path.to_owned(),
            }
        })
        .collect()
}

#[derive(Debug, Serialize)]
struct ResourceStatus {
    id: Option<String>,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    alert: Option<AlertResponse>,
}

async fn resource_status(
    world: World,
    caller: Caller,
    params: Params,
) -> Result<JsonLine<Items<ResourceStatus>>> {
    caller.require_token()?;
    let embed_alert = params.flag("embed_alert")?;
    let alerts = visible_alerts(&world, &caller)?;
    let items = requested_resources(&params, &alerts)?
        .into_iter()
        .map(|ids| {
            // The alerts are sorted by severity, so the first match is the worst.
            let worst = alerts.iter().find(|alert| {
                alert
                    .resource_id()
                    .is_some_and(|resource| ids.iter().any(|id| id.eq_ignore_ascii_case(resource)))
            });
            ResourceStatus {
                severity: worst.map_or("ok", |alert| severity_name(alert.severity)),
                alert: worst.filter(|_| embed_alert).cloned().map(Into::into),
                id: ids.into_iter().next(),
            }
        })
        .collect();
    Ok(JsonLine(Items { items }))
}

/// The resource ids of the query, one list per result; without any, all resources with alerts.
fn requested_resources(params: &Params, alerts: &[Alert]) -> Result<Vec<Vec<String>>> {
    let filters = params.all("id");
    if filters.is_empty() {
        let mut known: Vec<&str> = alerts.iter().filter_map(Alert::resource_id).collect();
        known.sort_unstable();
        known.dedup();
        return Ok(known.into_iter().map(|id| vec![id.to_owned()]).collect());
    }
    filters
        .into_iter()
        .map(|text| Ok(Filter::parse("id", text, &[Op::Or])?.values))
        .collect()
}
