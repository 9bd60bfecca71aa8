//! Offering items of tenants.

use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right, TenantKind};
use crate::http::extract::{Body, LenientBool, LenientInt, PathId, Query};
use crate::lists;
use crate::state::State;
use crate::store::offering_items::{self, Change, Offered, Quota};
use crate::store::tenants::{self};
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/tenants/offering_items", get(of_subtree))
        .route("/api/2/tenants/{id}/offering_items", get(list).put(set))
        .route(
            "/api/2/tenants/{id}/offering_items/available_for_child",
            get(available_for_child),
        )
}

/// An offering item as it goes over the wire.
#[derive(Debug, Serialize)]
pub(crate) struct OfferingItem {
    application_id: Id,
    name: &'static str,
    edition: Option<&'static str>,
    usage_name: &'static str,
    tenant_id: Id,
    updated_at: Timestamp,
    deleted_at: Option<Timestamp>,
    status: u8,
    locked: bool,
    #[serde(rename = "type")]
    item_type: &'static str,
    // Clients read it unguarded, so it stands there as null too.
    infra_id: Option<Id>,
    measurement_unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<Quota>,
}

impl OfferingItem {
    /// The item as the tenant has it.
    pub(crate) fn of(tenant_id: Id, offered: &Offered) -> Self {
        let item = offered.item;
        Self {
            application_id: item.application_id,
            name: &item.name,
            edition: item.edition,
            usage_name: item.usage_name,
            tenant_id,
            updated_at: offered.updated_at,
            deleted_at: None,
            status: u8::from(offered.on),
            locked: false,
            item_type: item.item_type.as_str(),
            infra_id: offered.infra_id,
            measurement_unit: item.unit.as_str(),
            quota: offered.visible_quota(),
        }
    }
}

/// A list of offering items.
#[derive(Debug, Serialize)]
pub(crate) struct OfferingItems {
    pub(super) timestamp: Timestamp,
    pub(super) items: Vec<OfferingItem>,
}

impl OfferingItems {
    /// The items of one tenant as they are now.
    pub(crate) fn of(tenant_id: Id, offered: &[Offered], now: Timestamp) -> Self {
        Self {
            timestamp: now,
            items: offered
                .iter()
                .map(|offered| OfferingItem::of(tenant_id, offered))
                .collect(),
        }
    }
}

/// Which items are asked for. What is not given is not asked about; of editions `standard` is meant then.
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
    fn check(&self) -> Result<()> {
        if let Some(LenientInt(status)) = self.status
            && !matches!(status, 0 | 1)
        {
            return Err(ApiError::bad(format!("status is 0 or 1, not {status}.")));
        }
        match self.item_type.as_deref() {
            None | Some("count" | "feature" | "infra") => Ok(()),
            Some(other) => Err(ApiError::bad(format!(
                "type is count, feature or infra, not {other:?}."
            ))),
        }
    }

    fn infra(&self) -> Result<Option<Id>> {
        let Some(text) = &self.infra_uuid else {
            return Ok(None);
        };
        text.parse()
            .map(Some)
            .map_err(|_| ApiError::bad(format!("infra_uuid: {text:?} is no UUID.")))
    }

    fn fits(&self, offered: &Offered, infra: Option<Id>) -> bool {
        let item = offered.item;
        let usage_names = self.usage_names.as_deref();
        sold_in(self.edition.as_deref(), item.edition)
            && usage_names.is_none_or(|names| names.split(',').any(|name| name == item.usage_name))
            && self
                .status
                .is_none_or(|status| offered.on == (status.0 == 1))
            && self
                .item_type
                .as_deref()
                .is_none_or(|wanted| wanted == item.item_type.as_str())
            && infra.is_none_or(|id| offered.infra_id == Some(id))
    }
}

/// Whether an item passes the edition filter: without one `standard` is meant, `*` is all of them, and what belongs
/// to no edition passes always.
fn sold_in(wanted: Option<&str>, edition: Option<&str>) -> bool {
    let wanted = wanted.unwrap_or("standard");
    wanted == "*" || edition.is_none_or(|edition| edition == wanted)
}

async fn list(
    world: World,
    caller: Caller,
    PathId(tenant_id): PathId,
    Query(filter): Query<Filter>,
) -> Result<Json<OfferingItems>> {
    filter.check()?;
    let infra = filter.infra()?;
    let mut items = world.store.read(|db| {
        let tenant = tenants::require_access(db, &caller, tenant_id, Right::View)?;
        match filter.available_only {
            Some(LenientBool(true)) => offering_items::allowed(db, &tenant),
            _ => offering_items::of_tenant(db, tenant.id),
        }
    })?;
    items.retain(|offered| filter.fits(offered, infra));
    Ok(Json(OfferingItems::of(
        tenant_id,
        &items,
        world.clock.now(),
    )))
}

/// The items of a whole subtree. The cursor carries the filters.
#[derive(Debug, Deserialize)]
struct OfSubtree {
    subtree_root_tenant_id: Option<Id>,
    usage_names: Option<String>,
    editions: Option<String>,
    offering_items: Option<String>,
    updated_since: Option<String>,
    limit: Option<LenientInt>,
    after: Option<String>,
}

/// What a page starts from, and where the one before it ended.
#[derive(Debug, Deserialize, Serialize)]
struct Page {
    root: Id,
    usage_names: Option<String>,
    editions: Option<String>,
    offering_items: Option<String>,
    updated_since: Option<i64>,
    last: Option<Row>,
}

/// The place of an item: depth and path of its tenant, its place in the catalogue, its storage.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
struct Row(usize, String, usize, Option<Id>);

impl Page {
    fn first(query: OfSubtree) -> Result<Self> {
        let root = query
            .subtree_root_tenant_id
            .ok_or_else(|| ApiError::bad("subtree_root_tenant_id is missing."))?;
        let since = query.updated_since.as_deref();
        Ok(Self {
            root,
            usage_names: query.usage_names,
            editions: query.editions,
            offering_items: query.offering_items,
            updated_since: since
                .map(|text| Timestamp::parse_field("updated_since", text).map(Timestamp::millis))
                .transpose()?,
            last: None,
        })
    }

    fn fits(&self, offered: &Offered) -> bool {
        let item = offered.item;
        let among = |list: &Option<String>, name: &str| {
            list.as_deref()
                .is_none_or(|list| list.split(',').any(|one| one == name || one == "*"))
        };
        among(&self.usage_names, item.usage_name)
            && among(&self.offering_items, &item.name)
            && item
                .edition
                .is_none_or(|edition| among(&self.editions, edition))
            && self
                .updated_since
                .is_none_or(|since| offered.updated_at.millis() > since)
    }
}

#[derive(Debug, Serialize)]
struct PageOfItems {
    timestamp: Timestamp,
    items: Vec<OfferingItem>,
    paging: lists::Paging,
}

async fn of_subtree(
    world: World,
    caller: Caller,
    Query(query): Query<OfSubtree>,
) -> Result<Json<PageOfItems>> {
    let limit = match query.limit {
        None => 5000,
        Some(LenientInt(limit)) => usize::try_from(limit.max(0)).unwrap_or(usize::MAX),
    };
    if limit == 0 {
        return Err(ApiError::bad("limit: less than 1."));
    }
    let mut page = match query.after.as_deref() {
        Some(cursor) => lists::decode_cursor(cursor)?,
        None => Page::first(query)?,
    };
    let tenants = world.store.read(|db| {
        let root = tenants::require_access(db, &caller, page.root, Right::View)?;
        offering_items::of_subtree(db, root)
    })?;
    let mut items = Vec::new();
    let mut last = None;
    let mut is_last_page = true;
    for (tenant, offered) in tenants {
        let depth = tenant.path.matches('/').count();
        for offered in offered.iter().filter(|offered| page.fits(offered)) {
            let position = offered.item.position;
            let row = Row(depth, tenant.path.clone(), position, offered.infra_id);
            if page.last.as_ref().is_some_and(|seen| row <= *seen) {
                continue;
            }
            if items.len() == limit {
                is_last_page = false;
                break;
            }
            items.push(OfferingItem::of(tenant.id, offered));
            last = Some(row);
        }
    }
    page.last = last;
    let after = if is_last_page {
        None
    } else {
        Some(lists::encode_cursor(&page)?)
    };
    Ok(Json(PageOfItems {
        timestamp: world.clock.now(),
        items,
        paging: lists::paging(after),
    }))
}

/// For a child of which kind, and of which edition.
#[derive(Debug, Deserialize)]
struct ForChild {
    kind: Option<String>,
    edition: Option<String>,
}

async fn available_for_child(
    world: World,
    caller: Caller,
    PathId(tenant_id): PathId,
    Query(query): Query<ForChild>,
) -> Result<Json<OfferingItems>> {
    let kind = match query.kind.as_deref() {
        None => TenantKind::Partner,
        Some(text) => TenantKind::parse(text)
            .filter(|kind| *kind != TenantKind::Root)
            .ok_or_else(|| ApiError::bad(format!("kind: a child cannot be a {text:?}.")))?,
    };
    let mut items = world.store.read(|db| {
        let tenant = tenants::require_access(db, &caller, tenant_id, Right::View)?;
        offering_items::available_for_child(db, tenant.id, kind)
    })?;
    items.retain(|offered| sold_in(query.edition.as_deref(), offered.item.edition));
    Ok(Json(OfferingItems::of(
        tenant_id,
        &items,
        world.clock.now(),
    )))
}

#[derive(Debug, Deserialize)]
struct Set {
    offering_items: Vec<SetItem>,
    check_usage: Option<LenientBool>,
}

/// At least an application and a name; what else `GET` gives may come back and is ignored.
#[derive(Debug, Deserialize)]
struct SetItem {
    application_id: Id,
    name: String,
    infra_id: Option<Id>,
    status: Option<LenientInt>,
    quota: Option<SetQuota>,
}

#[derive(Debug, Deserialize)]
struct SetQuota {
    value: Option<i64>,
    overage: Option<i64>,
    version: LenientInt,
}

impl TryFrom<SetItem> for Change {
    type Error = ApiError;

    fn try_from(item: SetItem) -> Result<Self> {
        let on = match item.status {
            None | Some(LenientInt(1)) => true,
            Some(LenientInt(0)) => false,
            Some(LenientInt(other)) => {
                let name = &item.name;
                return Err(ApiError::bad(format!(
                    "{name}: status is 0 or 1, not {other}."
                )));
            }
        };
        Ok(Self {
            application_id: item.application_id,
            name: item.name,
            infra_id: item.infra_id,
            on,
            quota: item.quota.map(|quota| Quota {
                value: quota.value,
                overage: quota.overage,
                version: quota.version.0,
            }),
        })
    }
}

async fn set(
    world: World,
    caller: Caller,
    PathId(tenant_id): PathId,
    Body(body): Body<Set>,
) -> Result<Json<OfferingItems>> {
    let now = world.clock.now();
    let check_usage = body.check_usage.is_some_and(|flag| flag.0);
    let changes = body
        .offering_items
        .into_iter()
        .map(Change::try_from)
        .collect::<Result<Vec<_>>>()?;
    let items = world.store.write(|tx| {
        let tenant = offering_items::tenant_to_change(tx, &caller, tenant_id)?;
        offering_items::set(tx, &tenant, &changes, check_usage, now)
    })?;
    Ok(Json(OfferingItems::of(tenant_id, &items, now)))
}
