//! The usage of tenants.

use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Items;
use super::offering_items::Quota;
use crate::clock::Timestamp;
use crate::domain::{Caller, Id, Result, Right};
use crate::http::extract::{PathId, Query, ids};
use crate::state::State;
use crate::store::period::Period;
use crate::store::tenants::{self, Tenant};
use crate::store::usage::{self, Figure};
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/tenants/{id}/usages", get(of_tenant))
        .route("/api/2/tenants/usages", get(of_tenants))
}

#[derive(Debug, Serialize)]
struct Usage {
    application_id: Id,
    name: &'static str,
    edition: Option<&'static str>,
    usage_name: &'static str,
    #[serde(rename = "type")]
    item_type: &'static str,
    measurement_unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    infra_id: Option<Id>,
    tenant_id: i64,
    tenant_uuid: Id,
    range_start: Timestamp,
    absolute_value: i64,
    value: i64,
    offering_item: ItemStatus,
}

#[derive(Debug, Serialize)]
struct ItemStatus {
    status: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<Quota>,
}

impl Usage {
    fn of(tenant: &Tenant, period: Period, figure: &Figure) -> Self {
        let offered = figure.offered;
        let item = offered.item;
        Self {
            application_id: item.application_id,
            name: &item.name,
            edition: item.edition,
            usage_name: item.usage_name,
            item_type: item.item_type.as_str(),
            measurement_unit: item.unit.as_str(),
            infra_id: offered.infra_id,
            tenant_id: tenant.number,
            tenant_uuid: tenant.id,
            range_start: period.start,
            absolute_value: figure.absolute.total(),
            value: figure.effective().total(),
            offering_item: ItemStatus {
                status: u8::from(offered.on),
                quota: offered.visible_quota().map(Quota::from),
            },
        }
    }
}

/// Filters, each a comma-separated list.
#[derive(Debug, Deserialize)]
struct Filter {
    usage_names: Option<String>,
    editions: Option<String>,
}

impl Filter {
    fn matches(&self, figure: &Figure) -> bool {
        let item = figure.offered.item;
        let names = self.usage_names.as_deref();
        let editions = self.editions.as_deref();
        names.is_none_or(|names| names.split(',').any(|name| name == item.usage_name))
            && editions.is_none_or(|editions| {
                item.edition.is_none_or(|edition| {
                    editions
                        .split(',')
                        .any(|name| name == edition || name == "*")
                })
            })
    }

    fn usages(&self, tenant: &Tenant, period: Period, figures: &[Figure]) -> Vec<Usage> {
        let figures = figures.iter().filter(|figure| self.matches(figure));
        figures
            .map(|figure| Usage::of(tenant, period, figure))
            .collect()
    }
}

async fn of_tenant(
    world: World,
    caller: Caller,
    PathId(tenant_id): PathId,
    Query(filter): Query<Filter>,
) -> Result<Json<Items<Usage>>> {
    let period = Period::of_month(world.clock.now());
    let items = world.store.read(|db| {
        let tenant = tenants::require_access(db, &caller, tenant_id, Right::View)?;
        let figures = usage::of_tenant(db, &tenant, period)?;
        Ok(filter.usages(&tenant, period, &figures))
    })?;
    Ok(Json(Items { items }))
}

#[derive(Debug, Deserialize)]
struct TenantsQuery {
    tenants: String,
}

#[derive(Debug, Serialize)]
struct TenantUsages {
    tenant: Id,
    usages: Vec<Usage>,
}

/// The maximum number of tenants in one call, as in the other batches.
const MAX_TENANTS: usize = 100;

async fn of_tenants(
    world: World,
    caller: Caller,
    Query(query): Query<TenantsQuery>,
    Query(filter): Query<Filter>,
) -> Result<Json<Items<TenantUsages>>> {
    let ids = ids("tenants", &query.tenants, MAX_TENANTS)?;
    let period = Period::of_month(world.clock.now());
    let items = world.store.read(|db| {
        let mut items = Vec::with_capacity(ids.len());
        for id in ids {
            let tenant = tenants::require_access(db, &caller, id, Right::View)?;
            let figures = usage::of_tenant(db, &tenant, period)?;
            items.push(TenantUsages {
                tenant: tenant.id,
                usages: filter.usages(&tenant, period, &figures),
            });
        }
        Ok(items)
    })?;
    Ok(Json(Items { items }))
}
