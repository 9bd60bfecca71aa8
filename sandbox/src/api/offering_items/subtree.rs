//! The offering items of a tenant and its descendants, page by page.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::response::OfferingItem;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::http::extract::{LenientInt, Query};
use crate::lists::{self, Paging};
use crate::store::offering_items::{self, Offered};
use crate::store::tenants;
use crate::world::World;

#[derive(Debug, Deserialize)]
pub(super) struct SubtreeQuery {
    subtree_root_tenant_id: Option<Id>,
    usage_names: Option<String>,
    editions: Option<String>,
    offering_items: Option<String>,
    updated_since: Option<String>,
    limit: Option<LenientInt>,
    after: Option<String>,
}

/// The content of a cursor: the filters, and the last item of the previous page.
#[derive(Debug, Deserialize, Serialize)]
struct Cursor {
    root: Id,
    usage_names: Option<String>,
    editions: Option<String>,
    offering_items: Option<String>,
    updated_since: Option<i64>,
    last: Option<Position>,
}

/// The position of an item in the list: depth and path of its tenant, position in the catalogue, and storage.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
struct Position(usize, String, usize, Option<Id>);

impl Cursor {
    fn first(query: SubtreeQuery) -> Result<Self> {
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

    fn matches(&self, offered: &Offered) -> bool {
        let item = offered.item;
        let contains = |list: &Option<String>, name: &str| {
            list.as_deref()
                .is_none_or(|list| list.split(',').any(|one| one == name || one == "*"))
        };
        contains(&self.usage_names, item.usage_name)
            && contains(&self.offering_items, &item.name)
            && item
                .edition
                .is_none_or(|edition| contains(&self.editions, edition))
            && self
                .updated_since
                .is_none_or(|since| offered.updated_at.millis() > since)
    }
}

#[derive(Debug, Serialize)]
pub(super) struct ItemPage {
    timestamp: Timestamp,
    items: Vec<OfferingItem>,
    paging: Paging,
}

pub(super) async fn of_subtree(
    world: World,
    caller: Caller,
    Query(query): Query<SubtreeQuery>,
) -> Result<Json<ItemPage>> {
    let limit = match query.limit {
        None => 5000,
        Some(LenientInt(limit)) => usize::try_from(limit.max(0)).unwrap_or(usize::MAX),
    };
    if limit == 0 {
        return Err(ApiError::bad("limit: must be at least 1."));
    }
    let mut cursor = match query.after.as_deref() {
        Some(after) => lists::decode_cursor(after)?,
        None => Cursor::first(query)?,
    };
    let tenants = world.store.read(|db| {
        let root = tenants::require_access(db, &caller, cursor.root, Right::View)?;
        offering_items::of_subtree(db, root)
    })?;
    let mut items = Vec::new();
    let mut last = None;
    let mut is_last_page = true;
    for (tenant, offered) in tenants {
        let depth = tenant.path.matches('/').count();
        for offered in offered.iter().filter(|offered| cursor.matches(offered)) {
            let index = offered.item.position;
            let position = Position(depth, tenant.path.clone(), index, offered.infra_id);
            if cursor.last.as_ref().is_some_and(|last| position <= *last) {
                continue;
            }
            if items.len() == limit {
                is_last_page = false;
                break;
            }
            items.push(OfferingItem::of(tenant.id, offered));
            last = Some(position);
        }
    }
    cursor.last = last;
    let after = if is_last_page {
        None
    } else {
        Some(lists::encode_cursor(&cursor)?)
    };
    Ok(Json(ItemPage {
        timestamp: world.clock.now(),
        items,
        paging: lists::paging(after),
    }))
}
