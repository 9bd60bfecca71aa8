//! What tenants use.

use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Items;
use crate::clock::Timestamp;
use crate::domain::{Caller, Id, Result, Right};
use crate::http::extract::{PathId, Query, ids};
use crate::state::State;
use crate::store::offering_items::Quota;
use crate::store::tenants::{self, Tenant};
use crate::store::usage::{self, Figure, Period};
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
    offering_item: ItemOfUsage,
}

#[derive(Debug, Serialize)]
struct ItemOfUsage {
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
            offering_item: ItemOfUsage {
                status: u8::from(offered.on),
                quota: offered.visible_quota(),
            },
        }
    }
}

/// Comma-separated lists; what is not given is not asked about.
#[derive(Debug, Deserialize)]
struct Filter {
    usage_names: Option<String>,
    editions: Option<String>,
}

impl Filter {
    fn fits(&self, figure: &Figure) -> bool {
        let item = figure.offered.item;
        let names = self.usage_names.as_deref();
        let editions = self.editions.as_deref();
        names.is_none_or(|names| names.split(',').any(|name| name == item.usage_name))
            && editions.is_none_or(|wanted| {
                item.edition.is_none_or(|edition| {
                    wanted.split(',').any(|name| name == edition || name == "*")
                })
            })
    }

    fn usages(&self, tenant: &Tenant, period: Period, figures: &[Figure]) -> Vec<Usage> {
        let figures = figures.iter().filter(|figure| self.fits(figure));
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
struct Tenants {
    tenants: String,
}

#[derive(Debug, Serialize)]
struct UsagesOfTenant {
    tenant: Id,
    usages: Vec<Usage>,
}

/// How many tenants one call may ask about, as in the other batches.
const MOST_TENANTS: usize = 100;

async fn of_tenants(
    world: World,
    caller: Caller,
    Query(query): Query<Tenants>,
    Query(filter): Query<Filter>,
) -> Result<Json<Items<UsagesOfTenant>>> {
    let wanted = ids("tenants", &query.tenants, MOST_TENANTS)?;
    let period = Period::of_month(world.clock.now());
    let items = world.store.read(|db| {
        let mut items = Vec::with_capacity(wanted.len());
        for id in wanted {
            let tenant = tenants::require_access(db, &caller, id, Right::View)?;
            let figures = usage::of_tenant(db, &tenant, period)?;
            items.push(UsagesOfTenant {
                tenant: tenant.id,
                usages: filter.usages(&tenant, period, &figures),
            });
        }
        Ok(items)
    })?;
    Ok(Json(Items { items }))
}
