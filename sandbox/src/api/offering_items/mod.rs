//! The offering items of tenants.

mod response;
mod subtree;

use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use crate::domain::{ApiError, Caller, Id, Result, Right, TenantKind};
use crate::http::extract::{Body, LenientBool, LenientInt, PathId, Query};
use crate::state::State;
use crate::store::offering_items::{self, Change, Offered};
use crate::store::tenants;
use crate::world::World;

pub(super) use self::response::{OfferingItem, OfferingItems, Quota};

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/tenants/offering_items", get(subtree::of_subtree))
        .route("/api/2/tenants/{id}/offering_items", get(list).put(update))
        .route(
            "/api/2/tenants/{id}/offering_items/available_for_child",
            get(available_for_child),
        )
}

/// Filters. Without `edition`, the list contains the edition `standard`.
#[derive(Debug, Default, Deserialize)]
struct Filter {
    edition: Option<String>,
    usage_names: Option<String>,
    status: Option<LenientInt>,
    #[serde(rename = "type")]
    item_type: Option<String>,
    infra_uuid: Option<String>,
    available_only: Option<LenientBool>,
}

impl Filter {
    /// Rejects invalid values.
    fn validate(&self) -> Result<()> {
        if let Some(LenientInt(status)) = self.status
            && !matches!(status, 0 | 1)
        {
            return Err(ApiError::bad(format!("status: {status} is not 0 or 1.")));
        }
        match self.item_type.as_deref() {
            None | Some("count" | "feature" | "infra") => Ok(()),
            Some(other) => Err(ApiError::bad(format!(
                "type: {other:?} is not one of count, feature, infra."
            ))),
        }
    }

    fn infra(&self) -> Result<Option<Id>> {
        let Some(text) = &self.infra_uuid else {
            return Ok(None);
        };
        text.parse()
            .map(Some)
            .map_err(|_| ApiError::bad(format!("infra_uuid: {text:?} is not a valid UUID.")))
    }

    fn matches(&self, offered: &Offered, infra: Option<Id>) -> bool {
        let item = offered.item;
        let usage_names = self.usage_names.as_deref();
        is_in_edition(self.edition.as_deref(), item.edition)
            && usage_names.is_none_or(|names| names.split(',').any(|name| name == item.usage_name))
            && self
                .status
                .is_none_or(|status| offered.on == (status.0 == 1))
            && self
                .item_type
                .as_deref()
                .is_none_or(|item_type| item_type == item.item_type.as_str())
            && infra.is_none_or(|id| offered.infra_id == Some(id))
    }
}

/// Whether an item matches an edition filter. The default is `standard`; `*` matches all editions. Items without an
/// edition always match.
fn is_in_edition(filter: Option<&str>, edition: Option<&str>) -> bool {
    let filter = filter.unwrap_or("standard");
    filter == "*" || edition.is_none_or(|edition| edition == filter)
}

async fn list(
    world: World,
    caller: Caller,
    PathId(tenant_id): PathId,
    Query(filter): Query<Filter>,
) -> Result<Json<OfferingItems>> {
    filter.validate()?;
    let infra = filter.infra()?;
    let mut items = world.store.read(|db| {
        let tenant = tenants::require_access(db, &caller, tenant_id, Right::View)?;
        match filter.available_only {
            Some(LenientBool(true)) => offering_items::allowed(db, &tenant),
            _ => offering_items::of_tenant(db, tenant.id),
        }
    })?;
    items.retain(|offered| filter.matches(offered, infra));
    Ok(Json(OfferingItems::of(
        tenant_id,
        &items,
        world.clock.now(),
    )))
}

#[derive(Debug, Deserialize)]
struct ChildQuery {
    kind: Option<String>,
    edition: Option<String>,
}

async fn available_for_child(
    world: World,
    caller: Caller,
    PathId(tenant_id): PathId,
    Query(query): Query<ChildQuery>,
) -> Result<Json<OfferingItems>> {
    let kind = match query.kind.as_deref() {
        None => TenantKind::Partner,
        Some(text) => TenantKind::parse(text)
            .filter(|kind| *kind != TenantKind::Root)
            .ok_or_else(|| {
                ApiError::bad(format!("kind: a child cannot have the kind {text:?}."))
            })?,
    };
    let mut items = world.store.read(|db| {
        let tenant = tenants::require_access(db, &caller, tenant_id, Right::View)?;
        offering_items::available_for_child(db, tenant.id, kind)
    })?;
    items.retain(|offered| is_in_edition(query.edition.as_deref(), offered.item.edition));
    Ok(Json(OfferingItems::of(
        tenant_id,
        &items,
        world.clock.now(),
    )))
}

#[derive(Debug, Deserialize)]
struct ItemsPut {
    offering_items: Vec<ItemPut>,
    check_usage: Option<LenientBool>,
}

/// A change of an item. Clients can send items from `GET`: the other fields are ignored.
#[derive(Debug, Deserialize)]
struct ItemPut {
    application_id: Id,
    name: String,
    infra_id: Option<Id>,
    status: Option<LenientInt>,
    quota: Option<QuotaPut>,
}

#[derive(Debug, Deserialize)]
struct QuotaPut {
    value: Option<i64>,
    overage: Option<i64>,
    version: LenientInt,
}

impl TryFrom<ItemPut> for Change {
    type Error = ApiError;

    fn try_from(item: ItemPut) -> Result<Self> {
        let on = match item.status {
            None | Some(LenientInt(1)) => true,
            Some(LenientInt(0)) => false,
            Some(LenientInt(other)) => {
                let name = &item.name;
                return Err(ApiError::bad(format!(
                    "{name}: status: {other} is not 0 or 1."
                )));
            }
        };
        Ok(Self {
            application_id: item.application_id,
            name: item.name,
            infra_id: item.infra_id,
            on,
            quota: item.quota.map(|quota| offering_items::Quota {
                value: quota.value,
                overage: quota.overage,
                version: quota.version.0,
            }),
        })
    }
}

async fn update(
    world: World,
    caller: Caller,
    PathId(tenant_id): PathId,
    Body(body): Body<ItemsPut>,
) -> Result<Json<OfferingItems>> {
    let now = world.clock.now();
    let check_usage = body.check_usage.is_some_and(|flag| flag.0);
    let changes = body
        .offering_items
        .into_iter()
        .map(Change::try_from)
        .collect::<Result<Vec<_>>>()?;
    let items = world.store.write(|tx| {
        let tenant = offering_items::require_configurable(tx, &caller, tenant_id)?;
        offering_items::update(tx, &tenant, &changes, check_usage, now)
    })?;
    Ok(Json(OfferingItems::of(tenant_id, &items, now)))
}
